"""Two people at one client: neither waits for the other for ever, nothing is done twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from crm.models import Client, RenewalNotice
from crm.services.activity import complete_activity, create_activity, finish_activity
from crm.services.client import change_client, make_client
from crm.services.client_signs import refresh_clients, touch_clients
from crm.services.company import change_company
from crm.services.renewal import tell_renewals
from people.models import User
from tests.base import make_activity, make_cast, make_company, make_contact
from tests.base import make_client as make
from tests.crm.test_company_locks import Meanwhile, when
from timeline.models import Notification

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def client(cast: dict[str, User]) -> Client:
    company = make_company(cast["sales"], owner=cast["sales"])
    contact = make_contact(cast["sales"], owner=cast["sales"], company=company)
    return make(cast["sales"], owner=cast["sales"], company=company, contact=contact)


def test_two_who_make_a_company_a_client_get_the_same_one(
    cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make_company(cast["admin"])
    found: list[Any] = []
    meanwhile = Meanwhile(lambda: found.append(make_client(user=cast["admin"], subject=company)))
    when(monkeypatch, "crm.services.client.create_record", meanwhile)
    mine = make_client(user=cast["sales"], subject=company)
    meanwhile.end()
    assert found == [mine] == list(Client.objects.all())


def test_planning_while_the_company_is_renamed(
    client: Client, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile = Meanwhile(lambda: make_activity(cast["sales"], company=client.company))
    when(monkeypatch, "crm.services.company.reword_clients", meanwhile)
    change_company(user=cast["admin"], company=client.company, values={"name": "Zénith"})
    meanwhile.end()
    client.refresh_from_db()
    assert (client.sort_name, client.next_activity_at is not None) == ("zenith", True)


def test_renaming_while_something_is_done_and_planned_again(
    client: Client, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    activity = make_activity(
        cast["sales"], kind="call", contact=client.contact, company=client.company, recurrence="weekly"
    )
    company = client.company
    meanwhile = Meanwhile(
        lambda: change_company(user=cast["admin"], company=company, values={"name": "Zénith"})
    )
    when(monkeypatch, "crm.services.client_signs._touch", meanwhile)
    following = {"kind": "call", "subject": "Encore", "starts_at": timezone.now() + timedelta(days=1)}
    finish_activity(user=cast["sales"], activity=activity, notes="Fait", following=following, version=None)
    meanwhile.end()
    client.refresh_from_db()
    assert client.sort_name == "zenith"
    assert client.last_contact_at is not None
    assert client.next_activity_at == following["starts_at"]


def test_what_is_done_while_the_client_is_changed_is_not_lost(
    client: Client, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    activity = make_activity(cast["sales"], kind="call", company=client.company)
    meanwhile = Meanwhile(lambda: complete_activity(user=cast["sales"], activity=activity))
    when(monkeypatch, "crm.services.client.change_record", meanwhile)
    change_client(user=cast["admin"], client=client, values={"status": "inactive"})
    meanwhile.end()
    client.refresh_from_db()
    assert client.last_contact_at is not None
    assert {line[0] for line in client.health_lines} == {"start", "status", "contact"}


def test_the_night_does_not_undo_what_is_planned_meanwhile(
    client: Client, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile = Meanwhile(lambda: make_activity(cast["sales"], company=client.company))
    when(monkeypatch, "crm.services.client_signs.judge", meanwhile)
    refresh_clients()
    meanwhile.end()
    client.refresh_from_db()
    assert client.next_activity_at is not None


def test_two_schedulers_tell_of_a_renewal_once(
    client: Client, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    change_client(user=None, client=client, values={"renewal_on": timezone.localdate() + timedelta(days=30)})
    told: list[int] = []
    meanwhile = Meanwhile(lambda: told.append(tell_renewals()))
    when(monkeypatch, "crm.services.renewal._tell", meanwhile)
    assert tell_renewals() == 1
    meanwhile.end()
    assert told == [0]
    assert Notification.objects.filter(kind="client.renewal").count() == 1
    assert RenewalNotice.objects.count() == 3


def test_a_verb_that_fails_leaves_nothing_waiting(client: Client, cast: dict[str, User]) -> None:
    activity = make_activity(cast["sales"])
    activity.owner_id, activity.pk = None, None
    with pytest.raises(ValidationError):
        create_activity(user=None, activity=activity)
    make_activity(cast["sales"], company=client.company)
    touch_clients([client.pk])
    client.refresh_from_db()
    assert client.next_activity_at is not None

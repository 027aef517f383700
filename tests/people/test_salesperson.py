"""Salespeople whom another system knows: found by their address, created to be invited (SPEC Y2)."""

import threading
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from people.models import Invitation, Role, Salesperson, User
from people.services.salesperson import change_salesperson, salesperson_by_email
from people.services.user import change_user
from tests.base import client_of, make_cast
from timeline.models import Event

NUMBER = UUID("0b8f7d9e-3d7c-4a53-9d6a-5f3f6a0f9c11")
HTMX = {"HX-Request": "true", "HX-Target": "list"}


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


def marc(**values: Any) -> User:
    fields = {"email": "Marc.Petit@Source.FR ", "first_name": "Marc", "last_name": "Petit", **values}
    return salesperson_by_email(user=None, **fields)


@pytest.mark.sqlite
def test_an_unknown_salesperson_becomes_an_inactive_member_with_the_sales_role(cast: dict[str, User]) -> None:
    person = marc(phone="06 12 34 56 78", source_id=NUMBER)
    person.refresh_from_db()
    assert (person.email, str(person), person.phone) == ("marc.petit@source.fr", "Marc Petit", "+33612345678")
    assert (person.is_active, person.joined_at, person.status) == (False, None, "to_invite")
    assert person.role == Role.objects.get(slug="sales")
    assert not person.has_usable_password()
    assert person.salesperson.source_id == NUMBER
    assert not Invitation.objects.filter(user=person).exists()
    assert (
        Event.objects.filter(subject_type="people.user", subject_id=person.pk, action="created").count() == 1
    )


@pytest.mark.sqlite
def test_the_same_address_gives_the_same_member_and_changes_nothing(cast: dict[str, User]) -> None:
    person = marc(source_id=NUMBER)
    events = Event.objects.count()
    assert marc(email="marc.petit@source.fr", first_name="Marcel", source_id=NUMBER) == person
    person.refresh_from_db()
    assert (person.first_name, Salesperson.objects.count(), Event.objects.count()) == ("Marc", 1, events)


def test_a_member_who_exists_keeps_role_and_access_and_gets_the_profile(cast: dict[str, User]) -> None:
    person = salesperson_by_email(user=None, email=cast["marketing"].email, source_id=NUMBER)
    person.refresh_from_db()
    assert person == cast["marketing"]
    assert (person.role, person.is_active) == (cast["marketing"].role, True)
    assert person.salesperson.source_id == NUMBER


def test_who_changed_their_address_in_the_source_is_found_by_their_number(cast: dict[str, User]) -> None:
    person = marc(source_id=NUMBER)
    assert marc(email="marc@autre.fr", source_id=NUMBER) == person


def test_a_number_that_another_has_is_not_given_twice(cast: dict[str, User]) -> None:
    first = marc(source_id=NUMBER)
    second = salesperson_by_email(user=None, email=cast["sales"].email, source_id=NUMBER)
    assert (first.salesperson.source_id, second.salesperson.source_id) == (NUMBER, None)


@pytest.mark.parametrize("email", ["", "no address", "a@", "x" * 250 + "@source.fr"])
def test_what_is_no_address_makes_nobody(cast: dict[str, User], email: str) -> None:
    number = User.objects.count()
    with pytest.raises(ValidationError):
        marc(email=email)
    assert User.objects.count() == number


def test_names_that_lack_or_are_too_long_and_a_wrong_phone_do_not_stop_it(cast: dict[str, User]) -> None:
    person = marc(email="jean.dupont@source.fr", first_name="", last_name="", phone="rien")
    assert (str(person), person.phone) == ("Jean Dupont", "")
    assert len(marc(email="long@source.fr", last_name="x" * 500).last_name) == 120


@pytest.mark.django_db(transaction=True)
def test_four_imports_at_once_make_one_member_with_one_profile() -> None:
    make_cast()
    troubles: list[Exception] = []
    found: list[int] = []
    barrier = threading.Barrier(4)

    def ask() -> None:
        try:
            barrier.wait()
            found.append(marc(source_id=NUMBER).pk)
        except Exception as error:
            troubles.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    assert len(set(found)) == 1
    assert Salesperson.objects.filter(user_id=found[0]).count() == 1
    assert (
        Event.objects.filter(subject_type="people.user", subject_id=found[0], action="created").count() == 1
    )


def test_the_team_shows_and_filters_who_is_to_be_invited(cast: dict[str, User]) -> None:
    person = marc()
    change_user(user=cast["admin"], person=cast["am"], values={"is_active": False})
    client = client_of(cast["admin"])
    names = client.get("/settings/team/?status=to_invite", headers=HTMX).content.decode()
    assert "Marc Petit" in names
    assert "Paul Noël" not in names
    inactive = client.get("/settings/team/?status=inactive", headers=HTMX).content.decode()
    assert "Paul Noël" in inactive
    assert "Marc Petit" not in inactive
    page = client.get(person.get_absolute_url()).content.decode()
    assert f"/settings/team/{person.pk}/invitation/" in page
    assert f"/settings/team/{person.pk}/activate/" not in page


def test_inviting_them_opens_the_account_and_sends_the_link(cast: dict[str, User]) -> None:
    person = marc()
    url = f"/settings/team/{person.pk}/invitation/"
    assert client_of(cast["manager"]).post(url).status_code == 403
    client = client_of(cast["admin"])
    assert "marc.petit@source.fr" in client.get(url).content.decode()
    assert client.post(url).status_code == 302
    person.refresh_from_db()
    assert (person.is_active, person.status) == (True, "invited")
    invitation = Invitation.objects.get(user=person)
    assert invitation.is_pending
    actions = Event.objects.filter(subject_type="people.user", subject_id=person.pk).values_list(
        "action", flat=True
    )
    assert {"created", "changed", "invited"} <= set(actions)


def test_only_administrators_change_commission_rates(cast: dict[str, User]) -> None:
    person = cast["sales"]
    with pytest.raises(PermissionDenied):
        change_salesperson(user=cast["manager"], person=person, values={"commission_rate": Decimal(50)})
    change_salesperson(user=cast["admin"], person=person, values={"commission_rate": Decimal("7.5")})
    assert Salesperson.objects.get(user=person).commission_rate == Decimal("7.5")


def test_the_page_of_a_member_shows_what_they_sold_and_do(cast: dict[str, User]) -> None:
    client = client_of(cast["admin"])
    page = client.get(cast["sales"].get_absolute_url())
    tabs = {tab["name"]: tab for tab in page.context["record"]["tabs"]}
    sold = ["quotes", "invoices", "contracts", "activities", "commissions"]
    assert list(tabs) == ["overview", *sold, "targets", "sight"]
    assert tabs["contracts"]["list_url"] == f"/sales/contracts/?owner={cast['sales'].pk}"
    for tab in tabs.values():
        assert client.get(tab["url"]).status_code == 200
        part = client.get(tab["load_url"], headers=HTMX)
        assert part.status_code == 200
        assert "<html" not in part.content.decode()
    targets = client.get(tabs["targets"]["url"])
    assert [tab["name"] for tab in targets.context["record"]["tabs"] if tab["active"]] == ["targets"]


def test_the_contracts_of_somebody_to_invite_show_on_their_page_too(cast: dict[str, User]) -> None:
    person = marc()
    client = client_of(cast["admin"])
    for url in ("/sales/contracts/", "/crm/activities/"):
        assert client.get(f"{url}?owner={person.pk}&within=owner", headers=HTMX).status_code == 200


def test_an_administrator_edits_the_profile(cast: dict[str, User]) -> None:
    url = f"/settings/team/{cast['sales'].pk}/salesperson/"
    assert client_of(cast["sales"]).get(url).status_code == 403
    client = client_of(cast["admin"])
    assert client.get(url).status_code == 200
    form = {"commission_rate": "7,5", "recurring_rate": "", "source_id": str(NUMBER)}
    assert client.post(url, form).status_code == 302
    profile = Salesperson.objects.get(user=cast["sales"])
    assert (profile.commission_rate, profile.source_id) == (Decimal("7.50"), NUMBER)
    assert "7" in client.get(cast["sales"].get_absolute_url()).content.decode()
    stale = {**form, "commission_rate": "9", "version": 0}
    assert client.post(url, {**form, "commission_rate": "101", "version": profile.version}).status_code == 422
    assert client.post(url, {**stale, "version": profile.version}).status_code == 302
    assert client.post(url, {**form, "commission_rate": "3", "version": profile.version}).status_code == 409
    other = f"/settings/team/{cast['sales2'].pk}/salesperson/"
    assert client.post(other, form).status_code == 422  # the number is another's

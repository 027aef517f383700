"""Renewals are told 90, 60 and 30 days before, once each."""

import re
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from crm.models import RenewalNotice
from crm.services import renewal
from crm.services.client import change_client, delete_clients
from crm.services.renewal import tell_renewals
from people.models import User
from tests.base import make_cast, make_client
from timeline.models import JobRun, Notification
from timeline.services.bin import restore_from_bin

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def told() -> list[tuple[str, str]]:
    """Who was told, and in how many days, whatever the language."""
    rows = Notification.objects.filter(kind="client.renewal").order_by("pk")
    days = [re.findall(r"(\d+)\s(?:jours?|days?),", row.text)[-1] for row in rows]
    return [(row.user.email.split("@")[0], day) for row, day in zip(rows, days, strict=True)]


def test_a_salesperson_is_told_three_times_of_a_renewal(cast: dict[str, User]) -> None:
    client = make_client(cast["sales"], owner=cast["sales"], renewal_on=TODAY + timedelta(days=100))
    for day in range(130):
        tell_renewals(TODAY + timedelta(days=day))
    assert [days for _who, days in told()] == ["90", "60", "30"]
    assert {who for who, _days in told()} == {"sales"}
    assert Notification.objects.filter(url=client.get_absolute_url(), by_mail=True).count() == 3
    assert JobRun.objects.filter(func="timeline.jobs.mail_notification").count() == 3


def test_run_twice_it_tells_once(cast: dict[str, User]) -> None:
    make_client(cast["sales"], owner=cast["sales"], renewal_on=TODAY + timedelta(days=60))
    assert [tell_renewals(TODAY), tell_renewals(TODAY), tell_renewals(TODAY + timedelta(days=1))] == [1, 0, 0]
    assert len(told()) == 1


def test_who_comes_late_is_told_the_nearest_only(cast: dict[str, User]) -> None:
    make_client(cast["sales"], owner=cast["sales"], renewal_on=TODAY + timedelta(days=12))
    tell_renewals(TODAY)
    assert [days for _who, days in told()] == ["12"]
    assert set(RenewalNotice.objects.values_list("days", flat=True)) == {90, 60, 30}


def test_another_date_is_told_anew(cast: dict[str, User]) -> None:
    client = make_client(cast["sales"], owner=cast["sales"], renewal_on=TODAY + timedelta(days=20))
    tell_renewals(TODAY)
    change_client(user=cast["sales"], client=client, values={"renewal_on": TODAY + timedelta(days=85)})
    tell_renewals(TODAY)
    assert [days for _who, days in told()] == ["20", "85"]


def test_of_nobodys_client_administrators_are_told(cast: dict[str, User]) -> None:
    make_client(cast["admin"], owner=None, renewal_on=TODAY + timedelta(days=30))
    left = make_client(cast["admin"], owner=cast["sales2"], renewal_on=TODAY + timedelta(days=30))
    User.objects.filter(pk=left.owner_id).update(is_active=False)
    tell_renewals(TODAY)
    assert [who for who, _days in told()] == ["admin", "admin"]


def test_who_left_or_has_no_date_is_not_told_of(cast: dict[str, User]) -> None:
    near = TODAY + timedelta(days=30)
    for fields in ({"status": "churned", "renewal_on": near}, {"status": "inactive", "renewal_on": near}, {}):
        make_client(cast["sales"], owner=cast["sales"], **fields)  # type: ignore[arg-type]
    make_client(cast["sales"], owner=cast["sales"], renewal_on=TODAY - timedelta(days=1))
    make_client(cast["sales"], owner=cast["sales"], renewal_on=TODAY + timedelta(days=91))
    assert tell_renewals(TODAY) == 0


def test_killed_in_the_middle_each_is_told_once(
    cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "BATCH", 1)
    for _ in range(3):
        make_client(cast["sales"], owner=cast["sales"], renewal_on=TODAY + timedelta(days=30))
    right, calls = renewal.notify, []

    def dies(**kwargs: Any) -> int:
        calls.append(kwargs)
        if len(calls) == 2:
            right(**kwargs)
            raise KeyboardInterrupt  # after the notification was written, before its batch is through
        return right(**kwargs)

    monkeypatch.setattr(renewal, "notify", dies)
    with pytest.raises(KeyboardInterrupt):
        tell_renewals(TODAY)
    assert (len(told()), RenewalNotice.objects.count()) == (1, 3)
    assert tell_renewals(TODAY) == 2
    assert len(told()) == 3


def test_what_was_told_stays_told_after_the_bin(cast: dict[str, User]) -> None:
    client = make_client(cast["sales"], owner=cast["sales"], renewal_on=TODAY + timedelta(days=30))
    tell_renewals(TODAY)
    batch = delete_clients(user=cast["sales"], pks=[client.pk])
    restore_from_bin(user=cast["sales"], batch=batch)
    assert tell_renewals(TODAY) == 0


def test_each_reads_it_in_their_language(cast: dict[str, User]) -> None:
    near = TODAY + timedelta(days=30)
    for key, language in (("sales", "fr"), ("sales2", "en")):
        User.objects.filter(pk=cast[key].pk).update(language=language)
        make_client(cast[key], owner=User.objects.get(pk=cast[key].pk), renewal_on=near)
    tell_renewals(TODAY)
    french, english = Notification.objects.order_by("pk").values_list("text", flat=True)
    assert "21/12/2026" in french
    assert "renewal in 30 days" in english


def test_the_command_says_how_many(cast: dict[str, User]) -> None:
    make_client(cast["sales"], owner=cast["sales"], renewal_on=timezone.localdate() + timedelta(days=30))
    out = StringIO()
    call_command("tell_renewals", stdout=out)
    assert out.getvalue().startswith("1")

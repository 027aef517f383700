"""Activities and hostile input: times at the edge of the calendar, odd days, odd series."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from crm.models import Activity
from crm.services.activity import complete_activity
from crm.services.calendar_feed import calendar_of
from people.models import User
from tests.base import client_of, make_activity, make_cast

pytestmark = pytest.mark.django_db
FORM = {
    "kind": "call",
    "subject": "Rappeler Zoé",
    "status": "planned",
    "priority": "medium",
    "duration": "15",
}
ODD_MOMENTS = [
    "0001-01-01T00:00",
    "0999-12-31T09:00",
    "9999-12-31T23:59",
    "2027-02-30T09:00",
    "demain",
    "x" * 400,
]


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.mark.parametrize("moment", ODD_MOMENTS)
def test_a_moment_that_no_calendar_holds_is_said_beside_the_field(cast: dict[str, User], moment: str) -> None:
    hugo = cast["sales"]
    client = client_of(hugo)
    answer = client.post("/crm/activities/new/", {**FORM, "starts_at": moment})
    assert answer.status_code == 422
    assert answer.context["form"].errors["starts_at"]
    api = client.post("/api/v1/activities/", {**FORM, "starts_at": moment}, content_type="application/json")
    assert api.status_code == 400 or api.status_code == 422
    assert not Activity.objects.exists()
    activity = make_activity(hugo)
    told = {"notes": "", "next_kind": "call", "next_subject": "Encore", "next_at": moment}
    assert client.post(f"/crm/activities/{activity.pk}/done/", told).status_code == 422
    activity.refresh_from_db()
    assert activity.status == "planned"


@pytest.mark.parametrize("day", ["0001-01-01", "0500-01-01", "9999-12-31", "x", "2027-02-30"])
def test_many_are_not_moved_to_a_day_that_is_none(cast: dict[str, User], day: str) -> None:
    activity = make_activity(cast["sales"])
    data = {"action": "move", "pk": [activity.pk], "confirm": "1", "day": day}
    assert client_of(cast["sales"]).post("/crm/activities/bulk/", data).status_code == 422
    before = activity.starts_at
    activity.refresh_from_db()
    assert activity.starts_at == before


@pytest.mark.parametrize("day", ["", "x", "2027-02-30", "0001-01-01", "9999-12-31"])
def test_odd_days_in_addresses_show_a_page_all_the_same(cast: dict[str, User], day: str) -> None:
    client = client_of(cast["sales"])
    assert client.get(f"/crm/activities/new/?day={day}").status_code == 200
    assert client.get(f"/crm/activities/new/?starts_at={day}").status_code == 200
    assert client.get(f"/crm/activities/?on_after={day}&on_before={day}").status_code in (200, 422)
    assert client.get(f"/api/v1/activities/?on_after={day}&on_before={day}").status_code in (200, 400, 422)


@pytest.mark.parametrize("recurrence", Activity.Recurrence.values)
def test_a_series_at_the_end_of_the_calendar_ends_there(cast: dict[str, User], recurrence: str) -> None:
    hugo = cast["sales"]
    activity = make_activity(
        hugo, starts_at=datetime(2199, 12, 31, 20, tzinfo=UTC), recurrence=recurrence, reminder=15
    )
    assert complete_activity(user=hugo, activity=activity) is None


def test_a_series_left_alone_for_years_goes_on_from_today(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    activity = make_activity(hugo, starts_at=datetime(1995, 3, 1, 9, tzinfo=UTC), recurrence="daily")
    again = complete_activity(user=hugo, activity=activity)
    assert again is not None
    assert timedelta() < again.starts_at - timezone.now() <= timedelta(days=1)


@pytest.mark.parametrize(
    "subject", ["🚀" * 160, "a\u2028b\u0085c", "BEGIN:VEVENT\\;,:", "=?utf-8?q?x?=", '"']
)
def test_odd_words_pass_through_the_calendar_file(cast: dict[str, User], subject: str) -> None:
    activity = make_activity(
        cast["sales"], subject=subject, notes="Fin\r\nEND:VCALENDAR\nX:1", place="a\\b;c,d"
    )
    body = calendar_of([activity], name=subject)
    (event,) = Calendar.from_ical(body).walk("VEVENT")
    assert str(event["SUMMARY"]).endswith(subject)
    assert (event["DESCRIPTION"], event["LOCATION"]) == ("Fin\nEND:VCALENDAR\nX:1", "a\\b;c,d")
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    body.decode()

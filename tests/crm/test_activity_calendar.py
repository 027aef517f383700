"""The calendar: the right days, the right people, moved by dropping."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from people.models import User
from tests.base import client_of, make_activity, make_cast

pytestmark = pytest.mark.django_db
URL = "/crm/activities/calendar/"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def at(year: int, month: int, day: int, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour, tzinfo=ZoneInfo("Europe/Paris"))


def days_of(answer: Any) -> dict[str, list[str]]:
    return {
        day["date"].isoformat(): [line["activity"].subject for line in day["lines"]]
        for week in answer.context["weeks"]
        for day in week["days"]
        if day["lines"]
    }


def test_a_month_has_whole_weeks_from_monday_and_the_local_days(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    make_activity(hugo, subject="Minuit dix", starts_at=at(2027, 3, 28, 0).replace(minute=10))
    make_activity(hugo, subject="Après le changement d’heure", starts_at=at(2027, 3, 29))
    answer = client_of(hugo).get(f"{URL}?date=2027-03-10")
    weeks = answer.context["weeks"]
    assert (weeks[0]["days"][0]["date"].isoformat(), weeks[-1]["days"][6]["date"].isoformat()) == (
        "2027-03-01",
        "2027-04-04",
    )
    assert weeks[0]["number"] == 9
    assert days_of(answer) == {"2027-03-28": ["Minuit dix"], "2027-03-29": ["Après le changement d’heure"]}
    week = client_of(hugo).get(f"{URL}?view=week&date=2027-03-31")
    assert days_of(week) == {"2027-03-29": ["Après le changement d’heure"]}


def test_full_days_lead_to_the_list_of_exactly_their_rows(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    for hour in range(8, 15):
        make_activity(hugo, starts_at=at(2027, 3, 10, hour))
    client = client_of(hugo)
    answer = client.get(f"{URL}?date=2027-03-10")
    day = next(d for w in answer.context["weeks"] for d in w["days"] if d["lines"])
    assert (len(day["lines"]), day["more"]) == (4, 3)
    assert client.get(day["url"]).context["list"]["count"] == 7


def test_a_manager_looks_at_the_team_and_a_salesperson_at_nobody_else(cast: dict[str, User]) -> None:
    make_activity(cast["sales"], subject="De Hugo", starts_at=at(2027, 3, 10))
    make_activity(cast["stranger"], subject="De Samir", starts_at=at(2027, 3, 10))
    manager = client_of(cast["manager"])
    assert days_of(manager.get(f"{URL}?date=2027-03-10")) == {}
    assert days_of(manager.get(f"{URL}?date=2027-03-10&person={cast['sales'].pk}")) == {
        "2027-03-10": ["De Hugo"]
    }
    assert days_of(manager.get(f"{URL}?date=2027-03-10&person=all")) == {"2027-03-10": ["De Hugo"]}
    ines = client_of(cast["sales2"])
    assert days_of(ines.get(f"{URL}?date=2027-03-10&person={cast['sales'].pk}")) == {}
    assert days_of(ines.get(f"{URL}?date=2027-03-10&person=all")) == {}


@pytest.mark.parametrize(
    "date", ["", "x", "2027-13-45", "0001-01-01", "9999-12-31", "2199-12-31", "1990-01-01"]
)
def test_odd_dates_show_a_calendar_all_the_same(cast: dict[str, User], date: str) -> None:
    for view in ("month", "week", "x"):
        assert client_of(cast["sales"]).get(f"{URL}?view={view}&date={date}").status_code == 200


def test_dropped_on_another_day_it_keeps_its_hour_and_is_taken_back(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    activity = make_activity(hugo, starts_at=at(2027, 3, 26, 14))
    address = f"/crm/activities/{activity.pk}/move/"
    client = client_of(hugo)
    json = {"headers": {"Accept": "application/json"}}
    answer = client.post(address, {"day": "2027-03-29", "version": activity.version}, **json)
    activity.refresh_from_db()
    assert timezone.localtime(activity.starts_at) == at(2027, 3, 29, 14)
    assert client.post(address, {"day": "2027-03-30", "version": 1}, **json).status_code == 409
    assert client.post(address, {"day": "x"}, **json).status_code == 422
    assert client_of(cast["sales2"]).post(address, {"day": "2027-03-30"}, **json).status_code == 404
    assert client.post(answer.json()["undo_url"], headers={"Accept": "text/html"}).status_code == 302
    activity.refresh_from_db()
    assert timezone.localtime(activity.starts_at) == at(2027, 3, 26, 14)


def test_its_cost_does_not_grow_with_the_rows(
    cast: dict[str, User], django_assert_max_num_queries: Any
) -> None:
    hugo = cast["sales"]
    for day in range(1, 28):
        make_activity(hugo, starts_at=at(2027, 3, day))
    client = client_of(hugo)
    client.get(URL)
    with django_assert_max_num_queries(6):
        client.get(f"{URL}?date=2027-03-10")

"""Pages of activities, and what their services keep."""

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from crm.models import Activity, Deal
from crm.services.activity import (
    change_activities,
    change_activity,
    complete_activity,
    delete_activities,
    log_activity,
    move_to_day,
    plan_activity,
    reopen_activity,
)
from crm.services.recurrence import next_start, occurrence
from people.models import User
from tests.base import client_of, make_activity, make_cast, make_company, make_contact, make_deal
from tests.contracts.pages import PageContract
from timeline.models import Event
from timeline.services.bin import restore_from_bin

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")


class TestActivityPages(PageContract):
    """The contract of every module, on activities."""

    model = Activity
    urls = "crm:activity"
    make = staticmethod(make_activity)
    form = {
        "kind": "call",
        "subject": "Rappeler Zoé",
        "status": "planned",
        "priority": "medium",
        "duration": "15",
        "starts_at": "2027-01-12T09:30",
    }
    change = {"place": "12 rue des Lilas"}
    shown = "subject"
    bulk = ("done", "move", "assign", "cancel", "delete")
    list_queries = 11


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def moment(day: int, hour: int = 9, month: int = 1, year: int = 2027) -> datetime:
    return datetime(year, month, day, hour, tzinfo=PARIS)


class TestServices:
    def test_it_takes_over_what_the_deal_and_the_contact_say(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        company = make_company(hugo, owner=hugo)
        contact = make_contact(hugo, owner=hugo, company=company)
        deal = make_deal(hugo, contact=contact)
        activity = make_activity(hugo, deal=deal)
        assert (activity.contact, activity.company) == (contact, company)
        page = client_of(hugo).get(company.get_absolute_url()).content.decode()
        assert activity.subject in page

    def test_the_deal_knows_what_comes_next(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        deal, other = make_deal(hugo), make_deal(hugo)
        late, soon = (make_activity(hugo, deal=deal, starts_at=moment(day)) for day in (20, 12))

        def next_of(one: Deal) -> Any:
            return Deal.objects.get(pk=one.pk).next_activity_at

        assert next_of(deal) == soon.starts_at
        complete_activity(user=hugo, activity=soon)
        assert next_of(deal) == late.starts_at
        change_activity(user=hugo, activity=late, values={"deal": other})
        assert (next_of(deal), next_of(other)) == (None, late.starts_at)
        batch = delete_activities(user=hugo, pks=[late.pk])
        assert next_of(other) is None
        restore_from_bin(user=hugo, batch=batch)
        assert next_of(other) == late.starts_at
        reopen_activity(user=hugo, activity=soon)
        assert next_of(deal) == soon.starts_at
        change_activities(user=hugo, pks=[soon.pk], values={"status": "cancelled"})
        assert next_of(deal) is None

    def test_done_once_and_undone(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        activity = make_activity(hugo)
        complete_activity(user=hugo, activity=activity, values={"notes": "D’accord pour mardi"})
        complete_activity(user=hugo, activity=activity)
        activity.refresh_from_db()
        assert (activity.status, activity.notes) == ("done", "D’accord pour mardi")
        assert activity.done_at is not None
        assert Event.objects.filter(action="done", subject_id=activity.pk).count() == 1
        reopen_activity(user=hugo, activity=activity)
        activity.refresh_from_db()
        assert activity.status == "planned"
        assert Activity.objects.filter(done_at=None).exists()

    def test_what_has_happened_is_logged_at_its_time(self, cast: dict[str, User]) -> None:
        before = timezone.now() - timedelta(hours=3)
        values = {"kind": "call", "subject": "Appel entrant", "starts_at": before, "owner": cast["sales"]}
        activity = log_activity(user=cast["sales"], values=values)
        assert (activity.status, activity.done_at) == ("done", before)

    def test_a_repeated_one_comes_again_until_its_end(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        values = {
            "kind": "call",
            "subject": "Point mensuel",
            "starts_at": moment(31),
            "owner": hugo,
            "recurrence": "monthly",
            "repeat_until": moment(31, month=3).date(),
            "reminder": 15,
        }
        first = plan_activity(user=hugo, values=values)
        second = complete_activity(user=hugo, activity=first)
        assert second is not None
        assert timezone.localtime(second.starts_at) == moment(28, month=2)
        third = complete_activity(user=hugo, activity=second)
        assert third is not None
        assert timezone.localtime(third.starts_at) == moment(31, month=3)
        assert third.remind_at == third.starts_at - timedelta(minutes=15)
        assert complete_activity(user=hugo, activity=third) is None
        reopen_activity(user=hugo, activity=first)
        assert complete_activity(user=hugo, activity=first) is None
        assert Activity.objects.count() == 3

    def test_many_move_to_a_day_and_keep_their_hours(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        ones = [make_activity(hugo, starts_at=moment(12, hour)) for hour in (9, 14)]
        move_to_day(user=hugo, pks=[one.pk for one in ones], day=moment(1, month=7).date())
        hours = [timezone.localtime(one.starts_at) for one in Activity.objects.order_by("pk")]
        assert hours == [moment(1, 9, month=7), moment(1, 14, month=7)]

    def test_nobody_plans_for_people_out_of_reach(self, cast: dict[str, User]) -> None:
        values = {"kind": "task", "subject": "X", "starts_at": moment(12), "owner": cast["stranger"]}
        with pytest.raises(PermissionDenied):
            plan_activity(user=cast["sales"], values=values)
        plan_activity(user=cast["manager"], values={**values, "owner": cast["sales"]})


class TestRecurrence:
    def test_nine_oclock_stays_nine_oclock_when_clocks_change(self) -> None:
        before = moment(27, month=3)  # the clocks go forward on the 28th
        assert timezone.localtime(occurrence(before, "daily", 1)).hour == 9
        assert occurrence(before, "weekly", 1) == moment(3, month=4)
        assert (occurrence(before, "daily", 1) - before) == timedelta(hours=24)
        assert occurrence(before, "daily", 1).utcoffset() == timedelta(hours=2)

    @pytest.mark.parametrize("recurrence", ["daily", "weekly", "monthly", "yearly"])
    def test_the_next_one_is_the_first_after_a_moment(self, recurrence: str) -> None:
        first = moment(31)
        for after in (first, first + timedelta(days=400, hours=5), first + timedelta(days=5000)):
            found = next_start(first, recurrence, after)
            starts = [occurrence(first, recurrence, number) for number in range(5500)]
            assert found == next(start for start in starts if start > after)


class TestDone:
    def test_one_click_on_my_day_and_undone_from_the_toast(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        activity = make_activity(hugo, starts_at=timezone.now() + timedelta(minutes=1))
        late = make_activity(hugo, subject="Oubliée", starts_at=timezone.now() - timedelta(days=3))
        client = client_of(hugo)
        page = client.get("/crm/activities/day/").content.decode()
        assert late.subject in page
        answer = client.post(
            f"/crm/activities/{late.pk}/done/", {"version": late.version}, HTTP_HX_REQUEST="true"
        )
        assert answer.status_code == 204
        assert "dw:saved" in answer["HX-Trigger"]
        assert f"/crm/activities/{late.pk}/reopen/" in answer["HX-Trigger"]
        late.refresh_from_db()
        assert late.status == "done"
        client.post(f"/crm/activities/{late.pk}/reopen/")
        late.refresh_from_db()
        assert late.status == "planned"
        assert activity.status == "planned"

    def test_what_next_is_planned_with_the_same_people(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        contact = make_contact(hugo, owner=hugo)
        activity = make_activity(hugo, contact=contact)
        data = {
            "notes": "Intéressé",
            "next_kind": "meeting",
            "next_subject": "Présenter le devis",
            "next_at": "2027-01-12T10:00",
            "version": activity.version,
        }
        client = client_of(hugo)
        missing = client.post(f"/crm/activities/{activity.pk}/done/", {**data, "next_at": ""})
        assert missing.status_code == 422
        assert client.post(f"/crm/activities/{activity.pk}/done/", data).status_code == 302
        planned = Activity.objects.get(status="planned")
        assert (planned.kind, planned.contact, planned.owner) == ("meeting", contact, hugo)

    def test_undone_it_takes_what_was_planned_with_it_along(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        client = client_of(hugo)

        def finish(**fields: Any) -> tuple[Activity, str]:
            activity = make_activity(hugo, recurrence="weekly", **fields)
            address = f"/crm/activities/{activity.pk}/done/"
            told = {"next_kind": "call", "next_subject": "Encore", "next_at": "2027-02-01T10:00", "notes": ""}
            answer = client.post(address, told, HTTP_HX_REQUEST="true")
            return activity, json.loads(answer["HX-Trigger"])["dw:toast"][-1]["undo_url"]

        first, undo = finish()
        assert Activity.objects.count() == 3  # the next of the series, and the next call
        assert client_of(cast["manager"]).post(undo).status_code == 404
        assert client.post(f"{undo}x").status_code == 404
        client.post(undo)
        assert Activity.objects.get().status == "planned"
        second, undo = finish()
        assert client.post(undo.replace(f"/{second.pk}/", f"/{first.pk}/")).status_code == 404
        call = Activity.objects.get(subject="Encore")
        change_activity(user=hugo, activity=call, values={"place": "Chez eux"})
        client.post(undo)  # what somebody worked on stays
        assert set(Activity.objects.values_list("pk", flat=True)) == {first.pk, second.pk, call.pk}

    def test_who_saved_meanwhile_is_noticed(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        activity = make_activity(hugo)
        change_activity(user=cast["manager"], activity=activity, values={"place": "Ailleurs"})
        data = {"notes": "", "version": activity.version - 1}
        assert client_of(hugo).post(f"/crm/activities/{activity.pk}/done/", data).status_code == 409

    def test_its_page_tells_when_it_reminds_and_repeats(self, cast: dict[str, User]) -> None:
        activity = make_activity(
            cast["sales"], reminder=15, recurrence="weekly", starts_at=timezone.now() + timedelta(days=2)
        )
        facts = client_of(cast["sales"]).get(activity.get_absolute_url()).context["record"]["facts"]
        told = {row["name"]: str(row["html"]) for group in facts for row in group["rows"]}
        assert "15" in told["reminder"]
        assert told["recurrence"] == str(activity.get_recurrence_display())

    def test_a_logged_call_happened_just_now(self, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"])
        form = client.get("/crm/activities/new/?kind=call&status=done").context["form"]
        assert timedelta(0) <= timezone.localtime() - form["starts_at"].initial < timedelta(minutes=5)
        planned = client.get("/crm/activities/new/?kind=meeting").context["form"]
        assert planned["starts_at"].initial > timezone.localtime()

    def test_my_day_looks_ahead_to_the_next_day_with_something_on_it(self, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"])
        make_activity(cast["sales"], subject="Loin", starts_at=timezone.now() + timedelta(days=9))
        make_activity(cast["sales"], subject="Avant", starts_at=timezone.now() + timedelta(days=4))
        last = client.get("/crm/activities/day/").context["groups"][-1]
        assert [row["activity"].subject for row in last["rows"]] == ["Avant"]
        make_activity(cast["sales"], subject="Demain", starts_at=timezone.now() + timedelta(days=1))
        last = client.get("/crm/activities/day/").context["groups"][-1]
        assert [row["activity"].subject for row in last["rows"]] == ["Demain"]
        assert str(last["label"]) in ("Demain", "Tomorrow")

    def test_my_day_is_mine_alone(self, cast: dict[str, User]) -> None:
        make_activity(cast["sales"], subject="De Hugo", starts_at=timezone.now() + timedelta(minutes=1))
        assert "De Hugo" not in client_of(cast["manager"]).get("/crm/activities/day/").content.decode()


class TestPanel:
    def test_it_shows_what_is_planned_within_sight(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        contact = make_contact(hugo, owner=hugo)
        make_activity(hugo, contact=contact, subject="Point projet")
        hidden = make_activity(cast["stranger"], contact=contact, subject="Caché")
        answer = client_of(hugo).get(f"/panels/crm.contact/{contact.pk}/", HTTP_HX_REQUEST="true")
        page = answer.content.decode()
        assert "Point projet" in page
        assert hidden.subject not in page
        assert f"/crm/activities/new/?contact={contact.pk}" in page

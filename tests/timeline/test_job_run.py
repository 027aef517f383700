"""The list of background jobs, the page of one, the page of the schedule, the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from digiweb.job_state import last_tick, scheduler_is_late
from digiweb.schedule import SCHEDULE, entry_named, key_of, tick
from people.models import Role, User
from tests.base import client_of, make_cast, make_role, make_user
from tests.contracts.api import assert_problem, caller
from timeline.models import Event, JobLine, JobRun, ScheduleSlot

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
JOBS = "/api/v1/jobs/"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def make_run(user: User | None = None, **values: Any) -> JobRun:
    values = {
        "label": "Import de salon.csv",
        "func": "crm.jobs.run_contact_import",
        "state": "done",
        **values,
    }
    run = JobRun.objects.create(user=user, **values)
    if run.state in ("done", "failed", "cancelled"):
        JobRun.objects.filter(pk=run.pk).update(started_at=run.created_at, ended_at=run.created_at)
    return run


def shown(user: User, query: str = "?all=1") -> list[str]:
    answer = client_of(user).get(reverse("job_list") + query)
    assert answer.status_code == 200, answer.content
    return [row["label"] for row in answer.context["list"]["rows"]]


def keeper(*actions: str) -> User:
    """Somebody who sees the jobs of everybody and is no administrator."""
    role = make_role("keeper", timeline_job=("all", ["view", *actions]))
    return make_user("keeper", "Kim", "Keeper", role)


class TestList:
    def test_one_sees_ones_own_and_who_may_sees_all(self, cast: dict[str, User]) -> None:
        make_run(cast["sales"], label="Mine")
        make_run(cast["sales2"], label="Hers")
        make_run(label="Of the clock")
        assert shown(cast["sales"]) == ["Mine"]
        assert shown(cast["manager"]) == []
        assert shown(cast["admin"]) == ["Of the clock", "Hers", "Mine"]
        assert shown(keeper()) == ["Of the clock", "Hers", "Mine"]

    def test_filters_search_and_sorts(self, cast: dict[str, User]) -> None:
        admin = cast["admin"]
        make_run(cast["sales"], label="B import", state="running")
        make_run(cast["sales"], label="A import", state="failed", error="The file is empty.")
        make_run(label="C doublons", func="crm.jobs.find_duplicates")
        make_run(cast["sales2"], label="D waits", state="queued")
        assert shown(admin, "?state=live") == ["D waits", "B import"]
        assert shown(admin, "?state=failed") == ["A import"]
        assert shown(admin, "?kind=crm.jobs.find_duplicates") == ["C doublons"]
        assert shown(admin, f"?person={cast['sales'].pk}") == ["A import", "B import"]
        assert shown(admin, "?person=clock") == ["C doublons"]
        assert shown(admin, "?q=import") == ["A import", "B import"]
        assert [label[0] for label in shown(admin, "?sort=name")] == ["A", "B", "C", "D"]
        assert [label[0] for label in shown(admin, "?sort=oldest")] == ["B", "A", "C", "D"]
        JobRun.objects.filter(label="C doublons").update(created_at=timezone.now() - timedelta(days=9))
        week = timezone.localdate() - timedelta(days=7)
        assert shown(admin, f"?created_before={week:%Y-%m-%d}") == ["C doublons"]
        assert "C doublons" not in shown(admin, f"?created_after={week:%Y-%m-%d}")
        page = client_of(admin).get(reverse("job_list") + "?all=1").content.decode()
        assert "The file is empty." in page

    def test_pages_follow_by_key(self, cast: dict[str, User]) -> None:
        for number in range(60):
            make_run(cast["sales"], label=f"Job {number:02}")
        first = client_of(cast["sales"]).get(reverse("job_list") + "?all=1").context["list"]
        assert first["count_text"] == "60"
        rest = client_of(cast["sales"]).get(first["next_url"]).context["list"]
        labels = [row["label"] for row in first["rows"] + rest["rows"]]
        assert labels == [f"Job {number:02}" for number in reversed(range(60))]

    def test_routine_that_went_well_is_shown_when_asked_for(self, cast: dict[str, User]) -> None:
        make_run(label="Mail", func="timeline.jobs.mail_notification", quiet=True)
        make_run(label="Night")
        assert shown(cast["admin"]) == ["Night"]
        assert shown(cast["admin"], "?routine=yes") == ["Night", "Mail"]
        assert shown(cast["admin"], "?kind=timeline.jobs.mail_notification") == ["Mail"]

    def test_a_salesperson_has_no_filter_by_person_and_no_export(self, cast: dict[str, User]) -> None:
        make_run(cast["sales"])
        listed = client_of(cast["sales"]).get(reverse("job_list") + "?all=1").context["list"]
        assert "person" not in listed["filter_form"].fields
        assert listed["exports"] == []
        assert client_of(cast["sales"]).get(reverse("job_list") + "?export=csv").status_code == 403
        text = b"".join(client_of(cast["admin"]).get(reverse("job_list") + "?export=csv"))
        assert "Import de salon.csv" in text.decode()

    def test_without_a_job_it_says_what_comes_here(self, cast: dict[str, User]) -> None:
        page = client_of(cast["sales"]).get(reverse("job_list")).content.decode()
        assert "dw-empty" in page

    def test_what_is_under_way_is_asked_for_again_until_it_has_ended(self, cast: dict[str, User]) -> None:
        run = make_run(cast["sales"], state="running", done=45, total=100)
        other = make_run(cast["sales2"], state="running")
        browser = client_of(cast["sales"], **{"HX-Request": "true"})
        page = client_of(cast["sales"]).get(reverse("job_list") + "?all=1").content.decode()
        assert f"{reverse('job_live')}?run={run.pk}" in page
        assert f'id="job-state-{run.pk}"' in page
        address = f"{reverse('job_live')}?run={run.pk}&run={other.pk}&run=x"
        live = browser.get(address).content.decode()
        assert "45 %" in live
        assert f"#job-state-{other.pk}" not in live
        assert "every 2s" in live
        JobRun.objects.update(state="done")
        ended = browser.get(address).content.decode()
        assert "every 2s" not in ended
        assert f"#job-state-{run.pk}" in ended


class TestPage:
    def test_it_tells_how_it_was_done_and_its_log(self, cast: dict[str, User]) -> None:
        run = make_run(cast["sales"], state="failed", error="The file is empty.")
        JobLine.objects.create(run=run, text="Up to row 1 000", level="info")
        page = client_of(cast["sales"]).get(run.get_absolute_url()).content.decode()
        assert "Hugo Lefèvre" in page
        assert "Up to row 1 000" in page
        assert "The file is empty." in page
        assert reverse("job_retry", args=[run.pk]) in page

    def test_who_only_looks_has_no_buttons(self, cast: dict[str, User]) -> None:
        watcher, steerer = (
            keeper(),
            make_user("boss", "Bo", "Boss", make_role("boss", timeline_job=("all", ["view", "change"]))),
        )
        run = make_run(cast["sales"], state="failed")
        for what in ("job_retry", "job_cancel"):
            address = reverse(what, args=[run.pk])
            assert address not in client_of(watcher).get(run.get_absolute_url()).content.decode()
            assert client_of(watcher).post(address).status_code == 404
        assert client_of(steerer).post(reverse("job_retry", args=[run.pk])).status_code == 302
        run.refresh_from_db()
        assert run.state == "failed"  # there is no such import: its kind said no
        JobRun.objects.update(func="crm.jobs.find_duplicates", kwargs={})
        client_of(steerer).post(reverse("job_retry", args=[run.pk]))
        run.refresh_from_db()
        assert run.state == "queued"
        assert client_of(steerer).post(reverse("job_cancel", args=[run.pk])).status_code == 302
        run.refresh_from_db()
        assert run.state == "cancelled"

    def test_it_is_only_done_again_by_post(self, cast: dict[str, User]) -> None:
        run = make_run(cast["sales"], state="failed")
        assert client_of(cast["sales"]).get(reverse("job_retry", args=[run.pk])).status_code == 405

    def test_a_run_that_waits_says_until_when(self, cast: dict[str, User]) -> None:
        later = timezone.now() + timedelta(minutes=5)
        run = make_run(cast["sales"], state="queued", heartbeat_at=later, error="Aircall n’a pas répondu.")
        page = client_of(cast["sales"]).get(run.get_absolute_url()).content.decode()
        assert timezone.localtime(later).strftime("%H:%M:%S") in page


class TestSchedule:
    def test_each_entry_stands_there_with_its_last_run_and_its_next(self, cast: dict[str, User]) -> None:
        run = make_run(
            func="timeline.jobs.purge_bin", twin_key="schedule-purge_bin", state="failed", error="Disk full"
        )
        answer = client_of(cast["admin"]).get(reverse("schedule"))
        entries = {entry["name"]: entry for entry in answer.context["entries"]}
        assert list(entries) == [entry.name for entry in SCHEDULE]
        assert entries["purge_bin"]["url"] == run.get_absolute_url()
        assert all(entry["next"] > timezone.now() for entry in entries.values())
        page = answer.content.decode()
        assert "Disk full" in page
        assert "run_schedule --once" in page

    def test_it_is_for_those_who_see_all_jobs(self, cast: dict[str, User]) -> None:
        assert client_of(cast["sales"]).get(reverse("schedule")).status_code == 403
        watcher = keeper()
        page = client_of(watcher).get(reverse("schedule")).content.decode()
        address = reverse("schedule_run", args=["purge_bin"])
        assert address not in page
        assert client_of(watcher).post(address).status_code == 403
        assert client_of(cast["admin"]).get(address).status_code == 405
        assert client_of(cast["admin"]).post(reverse("schedule_run", args=["nothing"])).status_code == 404

    def test_an_entry_is_run_now_once_and_its_slots_are_left_alone(self, cast: dict[str, User]) -> None:
        browser, address = client_of(cast["admin"]), reverse("schedule_run", args=["purge_bin"])
        answer = browser.post(address)
        run = JobRun.objects.get()
        assert answer["Location"] == run.get_absolute_url()
        assert (run.user, run.key) == (cast["admin"], "schedule-purge_bin")
        assert browser.post(address)["Location"] == run.get_absolute_url()
        assert JobRun.objects.count() == 1
        assert Event.objects.filter(action="job_started", subject_id=run.pk).count() == 1
        assert not ScheduleSlot.objects.exists()

    def test_what_the_scheduler_does_itself_tells_how_long_and_what_went_wrong(
        self, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        entry = entry_named("give_due_reminders")
        assert entry is not None
        monkeypatch.setattr("crm.services.reminder.give_due_reminders", lambda: 1 / 0)
        assert tick(timezone.now(), [entry]) == ["give_due_reminders"]
        slot = ScheduleSlot.objects.get()
        assert (slot.error, slot.took_ms is not None) == ("ZeroDivisionError", True)
        assert "ZeroDivisionError" in client_of(cast["admin"]).get(reverse("schedule")).content.decode()

    def test_a_scheduler_that_stands_still_is_told_plainly(self, cast: dict[str, User]) -> None:
        assert scheduler_is_late(last_tick())
        admin = client_of(cast["admin"])
        assert admin.get(reverse("schedule")).context["late"]
        assert admin.get("/healthz/ready").json()["background"]["scheduler"] == "late"
        now = timezone.now()
        slot = ScheduleSlot.objects.create(name="recover_jobs", slot=now, fired_at=now - timedelta(minutes=1))
        assert not admin.get(reverse("schedule")).context["late"]
        assert admin.get("/healthz/ready").json()["background"]["scheduler"] == "ok"
        ScheduleSlot.objects.filter(pk=slot.pk).update(fired_at=now - timedelta(minutes=5))
        assert admin.get(reverse("schedule")).context["late"]

    def test_metrics_tell_what_waits_and_when_the_clock_was_looked_at(self, settings: Any) -> None:
        settings.METRICS_ALLOWED_IPS = ["127.0.0.1"]
        make_run(state="queued")
        make_run(state="failed")
        ScheduleSlot.objects.create(name="recover_jobs", slot=timezone.now())
        text = client_of(None).get("/metrics").content.decode()
        assert 'digiweb_job_runs{state="queued"} 1.0' in text
        assert "digiweb_job_runs_failed_day 1.0" in text
        assert "digiweb_job_wait_seconds" in text
        assert "digiweb_schedule_last_tick_timestamp_seconds 1" in text


class TestAPI:
    def test_the_list_is_that_of_the_page(self, cast: dict[str, User]) -> None:
        make_run(cast["sales"], label="Mine", state="failed")
        make_run(cast["sales"], label="Mail", quiet=True)
        make_run(cast["sales2"], label="Hers")
        client = caller(cast["sales"])
        assert [row["label"] for row in client.get(JOBS).json()["results"]] == ["Mine"]
        assert len(client.get(f"{JOBS}?routine=yes").json()["results"]) == 2
        assert [
            row["asked_by"] for row in caller(cast["admin"]).get(f"{JOBS}?state=failed").json()["results"]
        ] == [cast["sales"].pk]
        assert_problem(client.get(f"{JOBS}?state=nothing"), 422)

    def test_one_is_read_with_its_log(self, cast: dict[str, User]) -> None:
        run = make_run(cast["sales"])
        JobLine.objects.create(run=run, text="12 pairs", level="warning")
        told = caller(cast["sales"]).get(f"{JOBS}{run.pk}/").json()
        assert told["kind"] == "crm.jobs.run_contact_import"
        assert [(line["level"], line["text"]) for line in told["lines"]] == [("warning", "12 pairs")]

    def test_one_that_failed_is_done_again_by_those_who_may(self, cast: dict[str, User]) -> None:
        run = make_run(cast["sales"], state="failed", func="crm.jobs.find_duplicates", twin_key="duplicates")
        address = f"{JOBS}{run.pk}/retry/"
        for who in ("sales2", "manager", "stranger"):
            assert_problem(caller(cast[who]).post(address), 404)
        assert_problem(caller(keeper()).post(address), 404)
        assert_problem(caller(cast["sales"], read_only=True).post(address), 403)
        assert caller(cast["sales"]).post(address).json()["state"] == "queued"
        assert_problem(caller(cast["sales"]).post(address), 409)


def test_upgrading_gives_administrators_what_they_could_do_before(cast: dict[str, User]) -> None:
    from importlib import import_module

    from django.apps import apps

    from people.models import Grant

    admin = Role.objects.get(slug="admin")
    Grant.objects.filter(role=admin, module="timeline.job", action__in=("change", "export")).delete()
    import_module("timeline.migrations.0006_job_grants").extend(apps, None)
    found = set(Grant.objects.filter(module="timeline.job").values_list("role__slug", "action", "scope"))
    assert found == {("admin", action, "all") for action in ("view", "change", "export")}


def test_the_keys_of_entries_are_those_of_their_runs() -> None:
    assert key_of(SCHEDULE[0]) == "schedule-recover_jobs"

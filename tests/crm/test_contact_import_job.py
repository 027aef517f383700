"""Imports by real workers: killed, side by side, stopped; the file purged in the end."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from crm.models import (
    Company,
    CompanyAccess,
    Contact,
    ContactImport,
    ContactImportCompany,
    ContactImportRow,
    ContactTag,
    ContactTally,
    ContactTotal,
    ImportTurn,
    Tag,
)
from crm.services.contact_import import cancel_import, purge_files, settle_import, start_import, work_off
from crm.services.contact_import_undo import start_undo
from digiweb.jobs import run_job
from people.models import User
from tests.base import make_cast, make_contact
from tests.crm.imports import NoProgress, go_on, imported, state_of_house, table, uploaded
from timeline.models import Event, EventLink, JobRun, Note

pytestmark = pytest.mark.django_db(transaction=True)


def until(condition: Callable[[], bool], seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail("It did not happen in time")
        time.sleep(0.02)


def ready(user: User, content: str, **settings: Any) -> ContactImport:
    """Set up, and as a person finds it before « Import »."""
    run = uploaded(user, content, **settings)
    ContactImport.objects.filter(pk=run.pk).update(state=ContactImport.State.UPLOADED)
    run.refresh_from_db()
    return run


def cursor_of(run: ContactImport) -> int:
    return ContactImport.objects.values_list("cursor", flat=True).get(pk=run.pk)


def state_of(run: ContactImport) -> str:
    return ContactImport.objects.values_list("state", flat=True).get(pk=run.pk)


def big_file(count: int) -> str:
    """Contacts of some hundred companies, a few twice, a few wrong, a few that are there already."""
    rows = []
    for n in range(count):
        email = "wrong" if n % 97 == 0 else f"p{n % (count - count // 50)}@x.fr"
        rows.append(f"Prénom {n % 300},Nom {n % 700},{email},,Société {n % 400},Chef,Nantes,France,Lead,Web")
    return table(*rows)


@pytest.mark.worker
class TestKilled:
    def test_a_worker_killed_again_and_again_comes_to_the_same_end(self, worker: Any) -> None:
        cast = make_cast()
        me = cast["manager"]
        people = [cast["sales"].pk, cast["sales2"].pk]
        settings = {"on_duplicate": "update", "assign": "round_robin", "people": people, "tags": ["Salon"]}
        content = big_file(20_000)
        for number in (5, 1500, 9999):
            make_contact(me, email=f"p{number}@x.fr", city="Brest", owner=me)
        there = Contact.objects.count()

        run = ready(me, content, **settings)
        process = worker(JOB_LEASE_SECONDS="2")
        start_import(user=me, run=run)
        for kill_at in (1, 4000, 11_000, 16_000):
            until(lambda kill_at=kill_at: cursor_of(run) >= kill_at)  # type: ignore[misc]
            process.kill()
            process = worker(JOB_LEASE_SECONDS="2")
        until(lambda: state_of(run) == "done")
        killed = state_of_house()
        assert JobRun.objects.get(pk=ContactImport.objects.get(pk=run.pk).job_id).state == "done"

        process.kill()
        first = sorted(Contact.objects.values_list("pk", flat=True))[:there]
        self.back_to(first, me)
        go_on(uploaded(me, content, **settings))
        whole = state_of_house()
        for name, value in whole.items():
            assert killed[name] == value, name

    def back_to(self, kept: list[int], me: User) -> None:
        """The house as before the import: nothing but what was there."""
        for model in (
            ContactImportRow,
            ContactImportCompany,
            ContactImport,
            EventLink,
            Event,
            Note,
            ContactTag,
            Tag,
            ContactTally,
            ContactTotal,
        ):
            model.objects.all().delete()
        emails = list(Contact.objects.filter(pk__in=kept).order_by("pk").values_list("email", flat=True))
        Contact.objects.all().delete()
        CompanyAccess.objects.all().delete()
        Company.objects.all().delete()
        for email in emails:
            make_contact(me, email=email, city="Brest", owner=me)

    def test_an_undo_killed_on_its_way_comes_to_the_same_end(self, worker: Any) -> None:
        me = make_cast()["sales"]
        make_contact(me, email="p7@x.fr", city="Brest", owner=me)
        run = imported(me, big_file(3000), on_duplicate="update")
        process = worker(JOB_LEASE_SECONDS="2")
        start_undo(user=me, run=run)
        until(lambda: ContactImport.objects.get(pk=run.pk).undo_cursor > 0)
        process.kill()
        worker(JOB_LEASE_SECONDS="2")
        until(lambda: state_of(run) == "undone")
        run.refresh_from_db()
        assert Contact.objects.get().city == "Brest"
        assert run.undo_report["restored"] == 1
        assert run.undo_report["removed"] == run.created


class TestSideBySide:
    def test_two_imports_of_the_same_people_make_each_contact_once(self) -> None:
        if connection.vendor != "mysql":
            pytest.skip("SQLite has one writer at a time")
        cast = make_cast()
        rows = [f"A{n},B{n},a{n}@x.fr,,,,,,," for n in range(400)]
        runs = [
            uploaded(cast[key], table(*order)) for key, order in (("sales", rows), ("sales2", rows[::-1]))
        ]
        troubles: list[Exception] = []
        barrier = threading.Barrier(2)

        def work(run: ContactImport) -> None:
            try:
                barrier.wait()
                work_off(run_id=run.pk, progress=NoProgress(), size=20)  # type: ignore[arg-type]
            except Exception as error:
                troubles.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=work, args=(run,)) for run in runs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert troubles == []
        assert Contact.objects.count() == 400
        twice = Contact.objects.values("email").annotate(number=Count("pk")).filter(number__gt=1)
        assert list(twice) == []
        assert ImportTurn.objects.count() == 1
        done = ContactImport.objects.order_by("pk")
        assert sum(run.created for run in done) == 400
        assert sum(run.skipped for run in done) == 400


class TestStopped:
    def test_cancelled_on_its_way_it_keeps_what_is_done_and_can_go_on(self, worker: Any) -> None:
        me = make_cast()["sales"]
        run = ready(me, big_file(8000))
        worker()
        start_import(user=me, run=run)
        until(lambda: cursor_of(run) > 0)
        cancel_import(user=me, run=ContactImport.objects.get(pk=run.pk))
        until(lambda: not JobRun.objects.filter(state="running").exists())
        run.refresh_from_db()
        assert run.state == "cancelled"
        assert 0 < run.cursor < 8000
        assert Contact.objects.count() == run.created
        assert run.can_be_undone
        start_import(user=me, run=run)
        until(lambda: state_of(run) == "done")
        run.refresh_from_db()
        assert run.cursor == run.total == 8000
        assert ContactImportRow.objects.filter(run=run).count() == 8000

    def test_a_job_that_failed_leaves_an_import_that_says_so(self) -> None:
        me = make_cast()["sales"]
        run = ready(me, table("A,B,a@b.fr,,,,,,,"))
        start_import(user=me, run=run)
        run.file.storage.delete(run.file.name)
        run_job(run.job_id)
        run = settle_import(run=run)
        assert run.state == "failed"
        assert run.error
        assert not run.can_be_undone

    def test_a_person_who_may_no_longer_create_contacts_imports_none(self) -> None:
        me = make_cast()["sales"]
        run = ready(me, table("A,B,a@b.fr,,,,,,,"))
        start_import(user=me, run=run)
        User.objects.filter(pk=me.pk).update(role=None)
        run_job(run.job_id)
        assert settle_import(run=run).state == "failed"
        assert not Contact.objects.exists()

    def test_two_clicks_start_it_once(self) -> None:
        me = make_cast()["sales"]
        run = ready(me, table("A,B,a@b.fr,,,,,,,"))
        start_import(user=me, run=run)
        with pytest.raises(ValidationError):
            start_import(user=me, run=run)
        assert JobRun.objects.count() == 1


class TestPurge:
    def test_files_go_after_thirty_days_and_reports_stay(self) -> None:
        me = make_cast()["sales"]
        old, new = (imported(me, table(f"A,B,{key}@b.fr,,,,,,,", "A,B,wrong,,,,,,,")) for key in ("a", "b"))
        forgotten = ready(me, table("A,B,c@b.fr,,,,,,,"))
        names = {run.pk: run.file.name for run in (old, new, forgotten)}
        month = timezone.now() - timedelta(days=31)
        ContactImport.objects.filter(pk__in=[old.pk, forgotten.pk]).update(created_at=month)
        assert purge_files() == 2
        storage = new.file.storage
        assert [storage.exists(names[run.pk]) for run in (old, new)] == [False, True]
        assert not storage.exists(names[forgotten.pk])
        assert not ContactImport.objects.filter(pk=forgotten.pk).exists()
        old.refresh_from_db()
        assert not old.file
        assert old.rows.filter(outcome="refused").count() == 1

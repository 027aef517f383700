"""Real workers, killed by kill -9, two schedulers, threads: each stage of an invoice leaves once."""

import threading
import time
from datetime import date, timedelta
from email.header import decode_header, make_header
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from digiweb.jobs import enqueue
from digiweb.schedule import entry_named, tick
from digiweb.slots import ZONE
from sales import jobs
from sales.models import Reminder, ReminderPlan
from sales.services import reminder as verbs
from tests.base import make_cast
from tests.digiweb.test_jobs import until
from tests.sales.reminders import owed
from timeline.models import JobRun, Notification

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]


def by_hand(count: int) -> list[Reminder]:
    """Reminders that somebody sends: they leave on Sundays too."""
    user = make_cast()["sales"]
    made = []
    for _number in range(count):
        invoice = owed(user, late=2)
        one = verbs.claim(invoice.pk, today=timezone.localdate(), user=user, by_hand=True)
        assert one is not None
        made.append(one)
    return made


def states() -> set[str]:
    return set(Reminder.objects.values_list("state", flat=True))


def test_killed_while_the_server_has_it_no_client_hears_it_twice(worker: Any, smtp: Any) -> None:
    reached, take = threading.Event(), smtp.handle_message

    def slow(message: Any) -> None:
        take(message)
        reached.set()
        time.sleep(2)

    smtp.handle_message = slow
    (one,) = by_hand(1)
    first = worker(JOB_LEASE_SECONDS="1")
    assert reached.wait(30)
    first.kill()
    assert states() == {"sending"}
    smtp.handle_message = take
    worker(JOB_LEASE_SECONDS="1")
    until(
        lambda: not JobRun.objects.filter(state__in=("queued", "running"), key=f"reminder-{one.pk}").exists()
    )
    assert len(smtp.messages) == 1
    assert states() == {"sending"}
    # People are told, and it is not sent again by itself.
    Reminder.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    verbs.send_waiting()
    assert states() == {"refused"}
    assert len(smtp.messages) == 1


def test_killed_again_and_again_each_leaves_once(worker: Any, smtp: Any) -> None:
    made = by_hand(6)
    for _kill in range(2):
        before = len(smtp.messages)
        one = worker(JOB_LEASE_SECONDS="1")
        until(lambda before=before: len(smtp.messages) > before)
        one.kill()
    worker(JOB_LEASE_SECONDS="1")
    until(lambda: not Reminder.objects.filter(state="waiting").exists())
    until(lambda: not JobRun.objects.filter(state__in=("queued", "running")).exists())
    # Killed while it spoke to the mail server: whether that one left, nobody knows. It is not sent again by
    # itself; people are told.
    sent = set(Reminder.objects.filter(state="sent").values_list("subject", flat=True))
    doubtful = Reminder.objects.filter(state="sending")
    assert len(sent) + doubtful.count() == len(made)
    assert doubtful.count() <= 2
    doubtful.update(updated_at=timezone.now() - timedelta(hours=1))
    verbs.send_waiting()
    refused = Reminder.objects.filter(state="refused")
    assert Notification.objects.filter(kind=verbs.KIND).count() == refused.count()
    worker(JOB_LEASE_SECONDS="1")
    until(lambda: not JobRun.objects.filter(state__in=("queued", "running")).exists())
    planned = set(Reminder.objects.values_list("subject", flat=True))
    subjects = [str(make_header(decode_header(message["Subject"]))) for message in smtp.messages]
    left = [subject for subject in subjects if subject in planned]
    assert states() <= {"sent", "refused"}
    assert sent <= set(left) <= sent | set(refused.values_list("subject", flat=True))
    assert len(left) == len(set(left))


def test_the_claiming_job_killed_in_the_middle_claims_each_once(
    worker: Any, smtp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_cast()["sales"]
    for _number in range(5):
        owed(user, late=2)
    ReminderPlan.objects.update(leaves_on=date(2000, 1, 1), state="planned")
    monkeypatch.setattr(verbs, "is_working", lambda day: True)
    monkeypatch.setattr(verbs, "CHUNK", 2)
    calls = {"left": 3}
    claim = verbs.claim

    def dying(*args: Any, **kwargs: Any) -> Any:
        calls["left"] -= 1
        if calls["left"] < 0:
            raise KeyboardInterrupt
        return claim(*args, **kwargs)

    monkeypatch.setattr(verbs, "claim", dying)
    working = _next_working_day()
    with pytest.raises(KeyboardInterrupt):
        verbs.send_due(today=working)
    assert Reminder.objects.count() == 2  # the chunk that was not whole is not there
    monkeypatch.setattr(verbs, "claim", claim)
    verbs.send_due(today=working)
    assert verbs.send_due(today=working) == 0
    assert Reminder.objects.count() == 5
    assert JobRun.objects.filter(func=verbs.SEND).count() == 5


def _next_working_day() -> date:
    from sales.working_days import working_day

    return working_day(timezone.localdate() + timedelta(days=1))


def test_eight_at_once_claim_one(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time")
    user = make_cast()["sales"]
    invoice = owed(user, late=2)
    found: list[Any] = []

    def claim() -> None:
        try:
            found.append(verbs.claim(invoice.pk, today=_next_working_day()))
        finally:
            connection.close()

    threads = [threading.Thread(target=claim) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in found if one is not None]) == 1
    assert Reminder.objects.count() == 1


def test_two_schedulers_ask_once() -> None:
    entry = entry_named("send_due_reminders")
    assert entry is not None
    monday = timezone.datetime(2026, 11, 23, 8, 31, tzinfo=ZONE)
    assert tick(monday, [entry]) == ["send_due_reminders"]
    assert tick(monday + timedelta(seconds=20), [entry]) == []
    assert tick(monday - timedelta(days=1), [entry]) == []  # a Sunday
    enqueue(jobs.send_due_reminders, label="again", key="schedule-send_due_reminders")
    assert JobRun.objects.filter(func="sales.jobs.send_due_reminders").count() == 1

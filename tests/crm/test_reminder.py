"""Reminders are given once: however many remind, and wherever they die."""

import threading
import time
from collections import Counter
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone, translation

from crm.models import Activity
from crm.services import reminder
from crm.tables.activity import moment_text
from digiweb.leases import runs
from people.models import User
from tests.base import make_activity, make_cast
from timeline.models import Notification
from timeline.services.notification import notify

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


def make_due(hugo: User, number: int) -> None:
    starts_at = timezone.now() + timedelta(minutes=10)
    for one in range(number):
        make_activity(hugo, subject=f"Rappel {one}", starts_at=starts_at, reminder=15)


def told() -> Counter:
    return Counter(Notification.objects.values_list("subject_id", flat=True))


def test_the_command_tells_how_many(cast: dict[str, User]) -> None:
    make_due(cast["sales"], 2)
    out = StringIO()
    call_command("give_due_reminders", stdout=out)
    assert out.getvalue().strip() == "2"
    assert not Activity.objects.exclude(remind_at=None).exists()


def test_each_reads_the_day_in_their_own_language(cast: dict[str, User]) -> None:
    User.objects.filter(pk=cast["sales2"].pk).update(language="en")
    for person in (cast["sales"], cast["sales2"]):
        make_due(person, 1)
    reminder.give_due_reminders()
    texts = dict(Notification.objects.values_list("user", "text"))
    starts_at = Activity.objects.order_by("pk")[0].starts_at
    for person, language in ((cast["sales"], "fr"), (cast["sales2"], "en")):
        with translation.override(language):
            assert texts[person.pk] == f"{moment_text(starts_at)} · Rappel 0"
    assert len(set(texts.values())) == 2


def test_what_somebody_works_on_is_left_to_them_and_the_others_do_not_wait(cast: dict[str, User]) -> None:
    if connection.vendor == "sqlite":
        return  # it locks no rows
    make_due(cast["sales"], 3)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                list(Activity.objects.select_for_update().order_by("pk")[:1])
                held.set()
                done.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(20)
        assert reminder.give_due_reminders() == 2
    finally:
        done.set()
        thread.join()
    assert reminder.give_due_reminders() == 1


@pytest.mark.parametrize("step", [1, 2, 5])
def test_who_dies_in_the_middle_has_told_nothing_or_all(
    cast: dict[str, User], step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_due(cast["sales"], 5)
    calls: list[Any] = []

    def dies(**given: Any) -> int:
        calls.append(given)
        told = notify(**given)
        if len(calls) == step:
            raise SystemExit  # the power goes after this one was written
        return told

    monkeypatch.setattr(reminder, "notify", dies)
    with pytest.raises(SystemExit):
        reminder.give_due_reminders()
    assert not Notification.objects.exists()
    monkeypatch.setattr(reminder, "notify", notify)
    assert reminder.give_due_reminders() == 5
    assert set(told().values()) == {1}
    assert runs().filter(func="timeline.jobs.mail_notification").count() == 5


def test_several_at_once_share_the_work(cast: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "sqlite":
        return  # one writer at a time there
    monkeypatch.setattr(reminder, "BATCH", 3)
    make_due(cast["sales"], 20)
    given: list[int] = []
    troubles: list[BaseException] = []

    def give() -> None:
        try:
            given.append(reminder.give_due_reminders())
        except BaseException as trouble:
            troubles.append(trouble)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=give) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert sum(given) == 20
    assert set(told().values()) == {1}
    assert len(told()) == 20


@pytest.mark.worker
def test_a_worker_killed_while_it_mails_and_another_one_mail_each_once(
    cast: dict[str, User], worker: Any, smtp: Any
) -> None:
    make_due(cast["sales"], 12)
    reminder.give_due_reminders()
    first = worker(JOB_LEASE_SECONDS="2")
    wait_for(lambda: Notification.objects.exclude(mailed_at=None).exists())
    first.kill()
    sent = Notification.objects.exclude(mailed_at=None).count()
    assert sent < 12
    worker(JOB_LEASE_SECONDS="2")
    wait_for(lambda: not Notification.objects.filter(mailed_at=None).exists())
    texts = Counter(str(message["Subject"]) for message in smtp.messages)
    # Of the one that was being sent when the power went, nobody can know whether the server had it.
    assert len(texts) == 12
    assert sum(texts.values()) - 12 <= 1


def wait_for(true: Any, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)

"""Runs as runs: cut, killed, two at once, the schedule, lines that are kept."""

import json
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from crm.models import Client, Contact
from digiweb.jobs import cancel, recover_runs, run_job
from people.models import User
from sales.models import Contract
from sync.colleague import report
from sync.models import ColleagueRun, ColleagueTurn
from sync.services import colleague_work
from sync.services.colleague_run import start_run
from sync.services.colleague_work import begin_again, purge_runs
from tests.base import make_cast
from tests.fixtures.provider import Server
from tests.sync.importing.conftest import PATH
from tests.sync.importing.prospects import contract, prospect
from timeline.models import Event, JobRun


def many(count: int) -> list[dict[str, Any]]:
    return [prospect(number) for number in range(1, count + 1)]


def cut_after(body: list[Any], part: float) -> Any:
    """Says how long the list is, and hangs up before its end."""

    def answer(handler: Any) -> None:
        text = json.dumps(body).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text[: int(len(text) * part)])
        handler.close_connection = True

    return answer


@pytest.mark.django_db
def test_half_a_body_keeps_what_came_and_the_next_run_mends(cast: dict[str, User], imported: Any) -> None:
    imported([*many(4), prospect(9)])
    run = imported(cut_after(many(8), 0.7))
    assert (run.state, run.complete) == ("partial", False)
    assert run.error
    assert 4 <= Contract.objects.count() < 9
    assert not Contract.objects.filter(absent_since__isnull=False).exists()
    assert run.job.state == "failed"
    run = imported(many(8))
    assert (run.state, run.complete) == ("done", True)
    assert Contract.objects.filter(absent_since=None).count() == 8
    assert Contract.objects.get(absent_since__isnull=False).reference == "CT-9"


@pytest.mark.django_db
def test_a_500_then_a_200_is_one_run(cast: dict[str, User], imported: Any) -> None:
    asked: list[int] = []

    def answer(handler: Any) -> None:
        asked.append(1)
        handler.send(500 if len(asked) == 1 else 200, many(2))

    run = imported(answer)
    assert (run.state, Contract.objects.count(), len(asked)) == ("done", 2, 2)


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"<html>oops</html>", b"\xff\xfe", b"", b"[1, 2", b'{"a": 1}'])
def test_what_is_no_list_is_said_and_nothing_is_touched(
    cast: dict[str, User], imported: Any, body: bytes
) -> None:
    imported(many(2))
    run = imported(lambda handler: handler.send(200, body))
    assert run.state in ("failed", "partial")
    assert run.error
    assert not Contract.objects.filter(absent_since__isnull=False).exists()


@pytest.mark.django_db
def test_an_empty_list_marks_all_as_absent(cast: dict[str, User], imported: Any) -> None:
    imported(many(2))
    run = imported([])
    assert run.counts == {"contract": {"absent": 2}}


@pytest.mark.django_db
def test_without_an_address_there_is_no_run(cast: dict[str, User], client: Any, settings: Any) -> None:
    settings.EXTERNAL_API_URL = ""
    client.force_login(cast["admin"], backend="people.backends.SignInBackend")
    client.post("/sync/runs/start/")
    assert not ColleagueRun.objects.exists()
    assert client.post("/api/v1/sync/runs/").status_code == 422


@pytest.mark.django_db
def test_who_asks_twice_gets_the_run_that_is_under_way(cast: dict[str, User], endpoint: Server) -> None:
    first = start_run(user=cast["admin"])
    assert start_run(user=cast["admin"]) == first
    assert JobRun.objects.filter(func="sync.jobs.import_from_colleague").count() == 1
    assert Event.objects.filter(action="import_started").count() == 1


@pytest.mark.django_db
def test_lines_are_limited_and_counts_are_exact(
    cast: dict[str, User], imported: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "KEPT_LINES", 3)
    run = imported([prospect(n, contract(f"C{n}", montant="x"), telephone="abc") for n in range(1, 6)])
    assert run.lines.count() == 3
    assert run.told["failed"] == 10


@pytest.mark.django_db
def test_old_runs_go(cast: dict[str, User], imported: Any) -> None:
    imported(many(1))
    ColleagueRun.objects.update(created_at=timezone.now() - timedelta(days=91))
    purge_runs()
    assert not ColleagueRun.objects.exists()
    assert Contract.objects.count() == 1


@pytest.mark.django_db
def test_batches_do_not_change_the_result(
    cast: dict[str, User], imported: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colleague_work, "BATCH", 2)
    run = imported([*many(5), prospect(6, contract("CT-1")), prospect(7, email="client1@example.test")])
    assert run.counts["contract"] == {"created": 6, "failed": 1}
    assert Client.objects.count() == 6


@pytest.mark.django_db
def test_a_batch_of_large_prospects_is_a_small_one(
    cast: dict[str, User], imported: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five hundred prospects with a megabyte of junk each are never in memory together."""
    monkeypatch.setattr(colleague_work, "MOST_TEXT", 5_000)
    sizes: list[int] = []
    batch = colleague_work.Batch

    def weighed(run: Any, sellers: Any, elements: Any, **kwargs: Any) -> Any:
        sizes.append(sum(each.size for each in elements))
        return batch(run, sellers, elements, **kwargs)

    monkeypatch.setattr(colleague_work, "Batch", weighed)
    large = [
        prospect(n, junk="x" * 3_000, email=None if n % 2 else f"p{n}@example.test") for n in range(11, 19)
    ]
    run = imported([*large, *many(3)])
    assert max(sizes) < 5_000 + 4_000  # the last one may go beyond
    assert (run.state, run.read, run.counts["contract"]) == ("done", 11, {"created": 11})


# --- Real workers


def slowly(body: list[Any], reached: threading.Event, go_on: threading.Event) -> Any:
    """Sends the list in parts, and waits in the middle until it is told to go on."""

    def answer(handler: Any) -> None:
        text = json.dumps(body).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        half = len(text) // 2
        handler.wfile.write(text[:half])
        handler.wfile.flush()
        reached.set()
        go_on.wait(60)
        handler.wfile.write(text[half:])

    return answer


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_it_goes_on_without_doubles(
    worker: Any, endpoint: Server, settings: Any
) -> None:
    make_cast()
    body = many(1600)
    reached, go_on = threading.Event(), threading.Event()
    endpoint.answers[PATH] = slowly(body, reached, go_on)
    variables = {
        "EXTERNAL_API_URL": settings.EXTERNAL_API_URL,
        "PROVIDERS_PLAIN_HTTP": "1",
        "JOB_LEASE_SECONDS": "3",
    }
    run = start_run(user=None)
    first = worker(**variables)
    assert reached.wait(60)
    until = time.monotonic() + 90
    while not ColleagueRun.objects.filter(pk=run.pk, position__gte=500).exists():
        assert time.monotonic() < until, first.tail(20)
        time.sleep(0.05)
    first.kill()
    go_on.set()
    connection.close()
    half = Contract.objects.count()
    assert 0 < half < 1600
    endpoint.answers[PATH] = body
    JobRun.objects.filter(pk=run.job_id).update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    recover_runs()
    second = worker(**variables)
    while ColleagueRun.objects.get(pk=run.pk).is_live:
        assert time.monotonic() < until + 60, second.tail(20)
        time.sleep(0.1)
    run.refresh_from_db()
    assert (run.state, run.read) == ("done", 1600)
    assert run.counts["contract"] == {"created": 1600}
    assert Contract.objects.count() == Client.objects.count() == Contact.objects.count() == 1600
    assert Event.objects.filter(action="imported", subject_type="sales.contract").count() == 1600


@pytest.mark.django_db
def test_a_run_that_was_overtaken_writes_nothing_more(
    cast: dict[str, User], imported: Any, endpoint: Server
) -> None:
    taken: list[int] = []

    def answer(handler: Any) -> None:
        handler.send(200, many(3))

    original = colleague_work.Import._begin

    def begin(self: Any) -> None:
        original(self)
        ColleagueTurn.objects.update(turn=self.turn + 1)  # another one begins now
        taken.append(1)

    colleague_work.Import._begin = begin  # type: ignore[method-assign]
    try:
        run = imported(answer)
    finally:
        colleague_work.Import._begin = original  # type: ignore[method-assign]
    assert taken
    assert not Contract.objects.exists()
    assert run.job.state == "failed"


@pytest.mark.django_db
def test_a_cancelled_run_is_stopped(cast: dict[str, User], endpoint: Server, imported: Any) -> None:
    run = start_run(user=cast["admin"])
    cancel(run.job)
    imported(many(1))
    run.refresh_from_db()
    assert run.state == "stopped"
    assert Contract.objects.count() == 1


@pytest.mark.django_db
def test_the_command_says_by_its_code_what_came_of_it(
    cast: dict[str, User], endpoint: Server, capsys: Any, redis_connection: Any
) -> None:
    endpoint.answers[PATH] = many(2)
    call_command("sync_colleague")
    assert Contract.objects.count() == 2
    assert ColleagueRun.objects.get().origin == "command"
    endpoint.answers[PATH] = {"a": 1}
    with pytest.raises(SystemExit) as ended:
        call_command("sync_colleague")
    assert ended.value.code == 1


@pytest.mark.django_db
def test_a_job_that_failed_is_done_again_as_the_same_run(
    cast: dict[str, User], endpoint: Server, imported: Any
) -> None:
    run = imported(cut_after(many(8), 0.7))
    assert run.job.state == "failed"
    endpoint.answers[PATH] = many(8)
    begin_again(run.job, cast["admin"])
    JobRun.objects.filter(pk=run.job_id).update(state="queued", attempts=0, heartbeat_at=None)
    run_job(run.job_id)
    run.refresh_from_db()
    assert (run.state, run.read, run.error) == ("done", 8, "")
    assert run.counts["contract"] == {"created": 8}
    assert Contract.objects.count() == 8

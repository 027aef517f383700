"""The rules run in another process: what becomes of a crash, a hang, an end by itself, a fork."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from sales.facturx import checker, validation
from sales.facturx.validation import NotChecked, check
from sales.facturx.xml import write_xml
from tests.sales.invoice_facts import invoice

GOOD = write_xml(invoice())


def pid() -> int:
    process = validation._checker.process
    assert process is not None
    return process.pid


def test_one_process_answers_again_and_again() -> None:
    check(GOOD)
    first = pid()
    for _question in range(5):
        assert check(GOOD).is_valid
    assert pid() == first


def test_one_that_was_killed_is_replaced() -> None:
    check(GOOD)
    first = pid()
    os.kill(first, signal.SIGKILL)
    assert check(GOOD).is_valid
    assert pid() != first


def test_hang_is_a_clear_error_and_the_next_question_is_answered() -> None:
    check(GOOD)
    os.kill(pid(), signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(NotChecked) as caught:
        check(GOOD, seconds=0.5)
    assert caught.value.code == "slow"
    assert time.monotonic() - started < 5
    assert check(GOOD).is_valid


def test_crash_at_every_start_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("import os; os.abort()")
    monkeypatch.setattr(validation, "PROGRAM", broken)
    monkeypatch.setattr(validation, "_checker", validation._Checker())
    with pytest.raises(NotChecked) as caught:
        check(GOOD)
    assert caught.value.code == "broken"


def test_questions_from_many_threads_get_their_own_answers() -> None:
    wrong = write_xml(invoice(notes=()))
    told: dict[int, bool] = {}

    def ask(place: int) -> None:
        told[place] = check(wrong if place % 2 else GOOD).is_valid

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert told == {place: place % 2 == 0 for place in range(12)}


def test_fork_starts_one_of_its_own() -> None:
    """A work horse of RQ is a fork: it must not talk into its parent's pipe."""
    check(GOOD)
    parents = pid()
    child = os.fork()
    if child == 0:  # pragma: no cover
        try:
            fine = check(GOOD).is_valid and pid() != parents
            os.kill(pid(), signal.SIGKILL)
            os._exit(0 if fine else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert check(GOOD).is_valid
    assert pid() == parents


def test_it_ends_when_nobody_is_there_any_more() -> None:
    process = subprocess.Popen(
        [sys.executable, "-I", checker.__file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(20) == 0


def test_it_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "do-not-tell")
    monkeypatch.setattr(validation, "_checker", validation._Checker())
    check(GOOD)
    assert b"do-not-tell" not in Path(f"/proc/{pid()}/environ").read_bytes()


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"<html/>", "flavor"),
        (b"<a", "failed"),
        (b" " * (validation.MOST_BYTES + 1), "large"),
        (GOOD.replace(b"urn:cen.eu:en16931:2017", b"urn:nobody:knows"), "profile"),
    ],
)
def test_what_has_no_rules_is_not_checked(xml: bytes, code: str) -> None:
    with pytest.raises(NotChecked) as caught:
        check(xml)
    assert caught.value.code == code
    assert str(caught.value)


def test_rules_of_france_may_be_left_out() -> None:
    foreign = write_xml(invoice(notes=(), treatment=""))
    assert not check(foreign).is_valid
    assert check(foreign, national=False).is_valid


def test_dtd_does_not_reach_the_rules() -> None:
    hostile = GOOD.replace(b"<rsm:CrossIndustryInvoice ", b"<!DOCTYPE x []><rsm:CrossIndustryInvoice ", 1)
    with pytest.raises(NotChecked):
        check(hostile)


def test_schema_is_checked_too() -> None:
    odd: Any = GOOD.replace(
        b"<ram:TypeCode>380</ram:TypeCode>", b"<ram:TypeCode>380</ram:TypeCode><ram:Odd/>", 1
    )
    finding = next(each for each in check(odd).errors if each.source == "xsd")
    assert "Odd" in finding.text
    assert "{urn" not in finding.text
    assert finding.words not in ("", finding.text)

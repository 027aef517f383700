"""The colleague's system of the demo: believable, the same for the same call, served as it is documented."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings as configured
from stdnum import iban

from scripts.processes import free_port
from sync.colleague import troubles
from sync.colleague.client import ColleagueApi
from sync.colleague.demo_server import Calls, DemoServer
from sync.colleague.make_believe import EVERY, Person, changed, french_iban, invent
from sync.colleague.reading import read_prospect
from tests.sync.colleague.test_document import VALIDATOR

TODAY = date(2026, 11, 21)
KNOWN = [Person("Anne", f"Dupont{each}", f"anne{each}@client.example") for each in range(40)]
SELLERS = [Person("Hugo", "Lefèvre", "sales@digiweb.test"), Person("Inès", "Garnier", "sales2@digiweb.test")]


def moment(number: int) -> datetime:
    return datetime(2026, 11, 21, 8, tzinfo=UTC) + timedelta(hours=number)


def invented() -> list[dict[str, Any]]:
    return invent(known=KNOWN, sellers=SELLERS, today=TODAY)


def test_it_is_the_same_each_time_and_nearly_all_of_it_conforms() -> None:
    found = invented()
    assert json.dumps(found) == json.dumps(invented())
    assert len(found) == 300
    faulty = [each["idProspect"] for each in found if read_prospect(each).faults]
    assert 4 <= len(faulty) <= 12
    assert faulty == [each["idProspect"] for each in found if not VALIDATOR.is_valid(each)] or len(faulty) > 3
    emails = {each["email"] for each in found}
    assert {person.email for person in KNOWN} & emails
    assert {each["commercial"]["email"] for each in found if each["commercial"]} == {
        "sales@digiweb.test",
        "sales2@digiweb.test",
        "camille.reynaud@apporteurs.example",
    }
    numbers = [account["IBAN"] for each in found for account in each["informationsPaiement"]]
    assert sum(iban.is_valid(each) for each in numbers) == len(numbers) - 1
    assert french_iban("30006", 1, 12345678901) == "FR7630006000011234567890189"


def test_some_change_at_each_call_and_every_one_in_time() -> None:
    base = invented()
    assert changed(base, 1, moment) == base
    before, moved = base, set()
    for call in range(2, EVERY + 2):
        now = changed(base, call, moment)
        assert now == changed(base, call, moment)
        differ = [one["idProspect"] for one, other in zip(now, before, strict=True) if one != other]
        assert 10 <= len(differ) <= 14
        for one in now:
            if one["idProspect"] in differ:
                assert one["updatedAt"] == moment(call).isoformat()
        moved |= set(differ)
        before = now
    assert len(moved) == 300


def test_it_remembers_how_often_it_was_asked(tmp_path: Path) -> None:
    path = tmp_path / "calls.json"
    first = Calls(path)
    assert [first.count() for _each in range(3)] == [1, 2, 3]
    again = Calls(path)
    assert again.count() == 4
    assert again.moment_of(2) == first.moment_of(2)
    path.write_text("{broken")
    assert Calls(path).count() == 1


@pytest.fixture
def demo(settings: Any) -> Iterator[DemoServer]:
    server = DemoServer(0, invent=invented, calls=Calls(None), header="Authorization", token="Bearer demo")
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    settings.DEMO_MODE = True
    settings.EXTERNAL_API_URL, settings.EXTERNAL_API_TOKEN = server.url, "Bearer demo"
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.django_db
def test_it_is_read_over_a_real_line_whole_and_in_pages(demo: DemoServer, settings: Any) -> None:
    whole = list(ColleagueApi().prospects())
    assert len(whole) == 300
    settings.EXTERNAL_API_PAGE_SIZE = 70
    api = ColleagueApi()
    assert len(list(api.prospects())) == 300
    assert (api.pages, demo.calls.number) == (5, 2)
    settings.EXTERNAL_API_TOKEN = "Bearer wrong"
    with pytest.raises(troubles.TokenRefused):
        list(ColleagueApi().prospects())
    assert requests.get(demo.url.replace("prospects", "other"), timeout=5).status_code == 404


def test_the_command_serves_this_machine_and_ends_at_once(tmp_path: Path) -> None:
    """In a process of its own, as `make run` starts it."""
    port = free_port()
    env = {**os.environ, "DEMO_MODE": "1", "EXTERNAL_API_TOKEN": "t"}
    env |= {"DJANGO_SETTINGS_MODULE": "digiweb.settings", "ENV_FILE": os.devnull}
    env["DATABASE_URL"] = f"sqlite:///{tmp_path / 'demo.sqlite3'}"
    argv = [sys.executable, "manage.py", "serve_colleague_demo", f"--port={port}", "--prospects=5"]
    process = subprocess.Popen(argv, cwd=configured.BASE_DIR, env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert process.stdout.readline().strip() == f"Serving http://127.0.0.1:{port}/prospects"
        answer = requests.get(f"http://127.0.0.1:{port}/prospects", timeout=5)
        assert answer.status_code == 401
        taken = subprocess.run(
            argv, cwd=configured.BASE_DIR, env=env, capture_output=True, text=True, check=False
        )
        assert taken.returncode == 1
        assert "cannot be used" in taken.stderr
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        assert time.monotonic() - started < 2
    finally:
        process.kill()
        process.wait()

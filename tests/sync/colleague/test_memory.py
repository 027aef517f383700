"""How much memory reading takes: measured in a process of its own, against a list made as it is sent."""

import os
import subprocess
import sys
from typing import Any

from django.conf import settings as configured

from tests.fixtures.provider import Server
from tests.sync.colleague.server import chunked, pieces, prospect

READER = """
import resource, django
django.setup()
from sync.colleague.client import ColleagueApi
from sync.colleague.reading import read_prospect
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
api = ColleagueApi(url="{url}")
contracts = faults = 0
for number, raw in enumerate(api.prospects()):
    reading = read_prospect(raw)
    contracts += len(reading.prospect.contracts)
    faults += len(reading.faults)
    if number == 500:
        before = peak()
print(api.came, contracts, faults, peak() - before)
"""


def test_a_long_list_takes_no_more_memory_than_a_short_one(provider_server: Server) -> None:
    number = 20_000
    provider_server.answers["/list"] = chunked(
        lambda: pieces(prospect(each) for each in range(1, number + 1))
    )
    env: dict[str, Any] = {**os.environ, "DEMO_MODE": "1", "ENV_FILE": os.devnull}
    env |= {"DJANGO_SETTINGS_MODULE": "digiweb.settings", "DATABASE_URL": "sqlite:///nowhere.sqlite3"}
    code = READER.replace("{url}", f"{provider_server.url}/list")
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=configured.BASE_DIR,
        env={**env, "PYTHONPATH": str(configured.BASE_DIR)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    came, contracts, faults, grown = map(int, done.stdout.split())
    assert (came, contracts, faults) == (number, 3 * number, 0)
    assert grown < 12_000, f"{grown} KB more after {number} prospects than after 500"

"""How many queries each page takes, pinned in tests/query_counts.json.

A page that asks the database more often than before fails here. Where more is meant:
`UPDATE_QUERY_COUNTS=1 make test ARGS=tests/test_query_counts.py`, and say why in the commit.
"""

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.base import client_of, make_cast
from tests.url_lines import World, expected
from tests.url_matrix import MATRIX

PINNED = Path(__file__).parent / "query_counts.json"
UPDATE = bool(os.environ.get("UPDATE_QUERY_COUNTS"))
PAGES = sorted(
    name
    for name, line in MATRIX.items()
    if line.method == "GET" and any(200 in expected(line, key) for key in ("admin", "sales"))
)


@pytest.mark.django_db
def test_no_page_asks_the_database_more_often_than_pinned() -> None:
    world = World(make_cast())
    counts: dict[str, int] = {}
    for name in PAGES:
        line = MATRIX[name]
        key = "sales" if 200 in expected(line, "sales") else "admin"
        query = line.query(world) if line.query else "" if name.startswith("api:") else "?all=1"
        address = reverse(name, kwargs=world.arguments(name, line))
        address += query
        client = client_of(world.cast[key])
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
        if response.status_code == 200:
            counts[f"{name} ({key})"] = len(queries)
    if UPDATE:
        PINNED.write_text(json.dumps(counts, indent=1, sort_keys=True) + "\n")
    pinned = json.loads(PINNED.read_text())
    assert counts == pinned

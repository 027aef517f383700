import json
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.base import client_of, make_cast
from tests.url_matrix import MATRIX, World, expected
from tests.test_query_counts import PINNED, PAGES


@pytest.mark.django_db
def test_counts():
    world = World(make_cast())
    counts = {}
    for name in PAGES:
        if "received" not in name:
            continue
        line = MATRIX[name]
        key = "sales" if 200 in expected(line, "sales") else "admin"
        query = line.query(world) if line.query else "?all=1"
        address = reverse(name, kwargs=world.arguments(name, line))
        address += "" if name.startswith("api:") else query
        client = client_of(world.cast[key])
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
        if response.status_code == 200:
            counts[f"{name} ({key})"] = len(queries)
    pinned = json.loads(PINNED.read_text())
    pinned.update(counts)
    PINNED.write_text(json.dumps(pinned, indent=1, sort_keys=True) + "\n")
    print(counts)

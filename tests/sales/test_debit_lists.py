"""Lists of mandates and batches cost the same for one row and for many."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sales.models import DebitBatch
from tests.base import client_of, make_cast
from tests.sales.debits import day_after, debiting_agency, make_mandate

pytestmark = pytest.mark.django_db


def queries(client: Any, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def test_mandates() -> None:
    cast = make_cast()
    client, address = client_of(cast["sales"]), reverse("sales:mandate_list") + "?all=1"
    make_mandate(cast["sales"])
    one = queries(client, address)
    for _turn in range(5):
        make_mandate(cast["sales"])
    assert queries(client, address) == one


def test_batches() -> None:
    cast = make_cast()
    client, address = client_of(cast["admin"]), reverse("sales:debit_batch_list") + "?all=1"
    agency = debiting_agency()

    def make(number: int) -> None:
        DebitBatch.objects.create(
            agency=agency, collect_on=day_after(20), reference=f"PRLV-{number}", approved_by=cast["admin"]
        )

    make(0)
    one = queries(client, address)
    for number in range(1, 6):
        make(number)
    assert queries(client, address) == one

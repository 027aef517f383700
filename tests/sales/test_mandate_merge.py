"""Mandates when two clients become one."""

import pytest

from crm.services.merge import merge_records
from sales.models import Mandate
from sales.services.mandate import mandate_for
from tests.base import make_cast
from tests.sales.debits import make_mandate

pytestmark = pytest.mark.django_db


def test_one_mandate_stays_in_use() -> None:
    cast = make_cast()
    kept, lost = (make_mandate(cast["sales"]) for _turn in range(2))
    assert kept.client_id != lost.client_id
    merge_records(user=cast["admin"], kept=kept.client.company, lost=lost.client.company, take=set())
    found = Mandate.objects.filter(client=kept.client_id)
    assert sorted(found.values_list("status", flat=True)) == ["active", "revoked"]
    assert mandate_for(kept.client_id, kept.agency_id) == kept


def test_the_only_mandate_goes_over() -> None:
    cast = make_cast()
    lost = make_mandate(cast["sales"])
    other = make_mandate(cast["sales"])
    client = other.client
    other.delete()
    merge_records(user=cast["admin"], kept=client.company, lost=lost.client.company, take=set())
    found = Mandate.objects.get()
    assert (found.client_id, found.active_key) == (client.pk, f"{client.pk}-{found.agency_id}")

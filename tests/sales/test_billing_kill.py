"""A worker that dies while it makes recurring invoices: each period once, issued once, no number left out."""

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from sales.models import Invoice
from sales.services.billing_run import ask_to_bill
from sales.services.invoice_verify import verify
from tests.base import make_cast
from tests.crm.test_contact_import_job import until
from tests.sales.billing import make_plan
from tests.sales.invoices import make_buyer

PLANS = 12


@pytest.mark.worker
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_killed_twice_each_period_is_invoiced_once(worker: Any) -> None:
    cast = make_cast()
    start = timezone.localdate().replace(day=1)
    siren = ("552100554", "443061841", "542065479", "775670417", "310880315", "552081317")
    plans = [
        make_plan(
            cast["sales"],
            started_on=start,
            client=make_buyer(cast["sales"], siren=siren[place % 6], name=f"Client {place}"),
        ).pk
        for place in range(PLANS)
    ]
    run = ask_to_bill(user=cast["admin"], pks=plans, until=timezone.localdate(), issue=True)
    process = worker(JOB_LEASE_SECONDS="2")
    until(lambda: Invoice.objects.count() >= PLANS // 3)
    process.kill()
    process = worker(JOB_LEASE_SECONDS="2")
    until(lambda: Invoice.objects.filter(status="issued").count() >= 3)
    process.kill()
    worker(JOB_LEASE_SECONDS="2")

    def state() -> str:
        run.refresh_from_db()
        return str(run.state)

    until(lambda: state() in ("done", "failed"))
    assert run.state == "done", run.error
    numbers = sorted(str(number) for number in Invoice.objects.values_list("number", flat=True))
    assert len(numbers) == PLANS
    assert [int(number[-5:]) for number in numbers] == list(range(1, PLANS + 1))
    assert Invoice.objects.values("once_key").distinct().count() == PLANS
    assert verify().problems == []

"""Closing while others issue and record payments: nothing is dated in closed books, no number is missing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from sales.models import BookEntry, Invoice
from sales.services import invoice_issue
from sales.services.book_verify import wrong_in_books
from sales.services.closing import close_books
from sales.services.invoice_issue import issue_invoice
from sales.services.payment import record_payment
from tests.base import make_cast
from tests.sales.invoices import agency_for_invoices, make_buyer, make_invoice
from tests.sales.test_books import TODAY, check_all_balance
from tests.sales.test_invoice_many import at_once

EACH = 8


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite writes one after the other")
@pytest.mark.django_db(transaction=True)
def test_a_closing_waits_for_who_writes_and_they_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invoice_issue, "write_pdf", lambda *_given: b"%PDF-1.7 stand-in")
    monkeypatch.setattr(invoice_issue, "page_of", lambda *_given, **_named: None)
    monkeypatch.setattr(invoice_issue, "proven", lambda *_given, **_named: b"<xml/>")
    cast = make_cast()
    agency, client = agency_for_invoices(), make_buyer(cast["sales"])
    drafts = [make_invoice(cast["sales"], agency=agency, client=client) for _n in range(2 * EACH)]
    day = TODAY() - timedelta(days=1)
    refused: list[int] = []
    given: dict[str, Any] = {"user": None, "agency": agency, "client": client, "received_on": day}
    given |= {"amount": Decimal(10), "method": "card"}

    def work(place: int) -> None:
        if place == 4:
            close_books(user=None, agency=agency, until=day)
            return
        for turn in range(EACH):
            try:
                if place < 2:
                    issue_invoice(user=None, invoice=drafts[place * EACH + turn], on=day)
                else:
                    record_payment(**given)
            except ValidationError:
                refused.append(place)

    assert at_once(work, 5) == []
    written = BookEntry.objects.filter(source__startswith="invoice").count()
    assert written == Invoice.objects.filter(status="issued").count()
    assert not BookEntry.objects.filter(number=None, entry_on__lte=day).exists()
    assert BookEntry.objects.filter(number=None).count() == 0
    assert BookEntry.objects.count() + len(refused) == 4 * EACH
    assert wrong_in_books(agency) == []
    check_all_balance()

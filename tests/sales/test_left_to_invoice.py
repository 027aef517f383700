"""« Reste à facturer » and « reste à encaisser » of deals and clients, which open their rows."""

import html
import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from people.models import User
from sales.invoice_figures import figures_of, quotes_to_invoice
from sales.models import Invoice, Quote
from sales.services.invoice_credit import cancel_invoice
from sales.services.invoice_issue import issue_invoice
from sales.services.invoice_progress import create_deposit_draft
from sales.services.quote_accepted import accept_quote
from tests.base import client_of, make_cast, make_deal
from tests.sales.invoices import agency_for_invoices, buyer_company
from tests.sales.quotes import LINE, make_sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def quote(cast: dict[str, User]) -> Quote:
    hugo = cast["sales"]
    company = buyer_company(owner=hugo)
    deal = make_deal(hugo, company=company)
    quote = make_sent(hugo, company=company, deal=deal, agency=agency_for_invoices(), lines=[LINE])
    accept_quote(user=None, quote=quote, name="Paul")
    Invoice.objects.filter(status="draft").delete()
    return quote


def panel(user: User, record: Any) -> str:
    address = reverse("panels", args=[record._meta.label_lower, record.pk])
    return client_of(user).get(address, headers={"HX-Request": "true"}).content.decode()


def rows(user: User, page: str, path: str) -> list[int]:
    """The rows that the figure of a panel opens."""
    found = re.search(rf'href="({path}\?[^"]*(?:to_invoice|settlement)[^"]*)"', page)
    assert found, path
    answer = client_of(user).get(html.unescape(found[1]))
    assert answer.status_code == 200
    return [row["pk"] for row in answer.context["list"]["rows"]]


def test_both_figures_stand_on_deal_and_client_and_open_their_rows(
    cast: dict[str, User], quote: Quote
) -> None:
    hugo = cast["sales"]
    deposit = create_deposit_draft(user=hugo, quote=quote, percent=Decimal(30))
    issue_invoice(user=cast["admin"], invoice=deposit)
    for record in (quote.deal, quote.client):
        page = panel(hugo, record)
        assert "700,00" in page
        assert "360,00" in page
        assert rows(hugo, page, reverse("sales:quote_list")) == [quote.pk]
        assert rows(hugo, page, reverse("sales:invoice_list")) == [deposit.pk]


def test_what_is_credited_is_left_to_invoice_again(cast: dict[str, User], quote: Quote) -> None:
    whole = create_deposit_draft(user=cast["sales"], quote=quote, percent=Decimal(100))
    issue_invoice(user=cast["admin"], invoice=whole)
    assert not quotes_to_invoice().exists()
    assert figures_of(cast["sales"], "client", quote.client).to_invoice == 0
    cancel_invoice(user=cast["admin"], invoice=whole, reason="Erreur")
    assert [row["pk"] for row in quotes_to_invoice()] == [quote.pk]
    assert figures_of(cast["sales"], "client", quote.client).to_invoice == quote.net

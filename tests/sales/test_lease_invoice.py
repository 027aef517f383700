"""The invoice of a lease: the lessor buys, the client is where it is delivered."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from pypdfium2 import PdfDocument

from people.models import User
from sales.facturx.reading import xml_of_pdf
from sales.models import Invoice, Quote
from sales.services.invoice_issue import issue_invoice
from sales.services.invoice_progress import create_deposit_draft
from sales.services.lease import ask_lease, change_terms, move_lease
from sales.services.lease_invoice import draft_from_lease
from sales.services.quote_accepted import accept_quote
from tests.base import client_of, make_cast, make_deal
from tests.sales.invoices import agency_for_invoices, buyer_company
from tests.sales.quotes import LINE, make_sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def lessor(cast: dict[str, User]) -> Any:
    company = buyer_company(
        name="LOCAM – Location automobiles matériels",
        siren="310880315",
        vat_number="FR57310880315",
        address="29 rue Léon Blum",
        postcode="42000",
        city="Saint-Étienne",
        email="factures@locam.test",
    )
    change_terms(user=cast["admin"], values={"company": company})
    return company


@pytest.fixture
def quote(cast: dict[str, User]) -> Quote:
    hugo = cast["sales"]
    company = buyer_company(owner=hugo)
    agency = agency_for_invoices()
    quote = make_sent(
        hugo, company=company, deal=make_deal(hugo, company=company), agency=agency, lines=[LINE]
    )
    ask_lease(user=hugo, quote=quote, duration=48, founded_on=date(2015, 1, 5))
    accept_quote(user=None, quote=quote, name="Paul")
    return quote


def delivered(user: User, quote: Quote, to: str = "delivered") -> None:
    for step in ("agreed", "signed", "delivered", "financed"):
        move_lease(user=user, quote=quote, to=step)
        if step == to:
            return


def test_the_lessor_is_invoiced_with_the_client_as_place_of_delivery(
    cast: dict[str, User], lessor: Any, quote: Quote
) -> None:
    delivered(cast["sales"], quote)
    draft = draft_from_lease(user=cast["sales"], quote=quote)
    assert (draft.company, draft.delivery, draft.client, draft.quote) == (
        lessor,
        quote.company,
        quote.client,
        quote,
    )
    assert (draft.net, draft.contract, draft.payment_method) == (quote.net, quote.contract, "lease")
    # Issued: proven by XSD, Schematron and BR-FR on the way.
    invoice = issue_invoice(user=cast["admin"], invoice=draft)
    xml = xml_of_pdf(invoice.seal.pdf.path)[1].decode()
    delivery = xml[xml.index("ShipToTradeParty") :]
    assert quote.company is not None
    assert quote.company.name in delivery[: delivery.index("</ram:ShipToTradeParty")]
    buyer = xml[xml.index("BuyerTradeParty") : xml.index("</ram:BuyerTradeParty")]
    assert "LOCAM" in buyer
    with pytest.raises(ValidationError):
        draft_from_lease(user=cast["sales"], quote=quote)


def test_the_day_of_the_delivery_report_and_the_lessors_file_number_are_on_it(
    cast: dict[str, User], lessor: Any, quote: Quote
) -> None:
    """242 nonies A, I-10°: the day of the service; BT-13: by what the buyer finds its file."""
    hugo, day = cast["sales"], timezone.localdate() - timedelta(days=2)
    move_lease(user=hugo, quote=quote, to="agreed", reference="D2610-96610")
    move_lease(user=hugo, quote=quote, to="signed")
    move_lease(user=hugo, quote=quote, to="delivered", on=day)
    draft = draft_from_lease(user=hugo, quote=quote)
    assert (draft.delivered_on, draft.order_reference) == (day, "D2610-96610")
    Invoice.objects.filter(pk=draft.pk).delete()
    # Afterwards the row tells another day: somebody looks it up.
    move_lease(user=hugo, quote=quote, to="financed")
    assert draft_from_lease(user=hugo, quote=quote).delivered_on is None


def test_the_lessor_reads_that_it_pays_by_transfer(cast: dict[str, User], lessor: Any, quote: Quote) -> None:
    delivered(cast["sales"], quote)
    invoice = issue_invoice(user=cast["admin"], invoice=draft_from_lease(user=cast["sales"], quote=quote))
    document = PdfDocument(invoice.seal.pdf.path)
    text = document[0].get_textpage().get_text_range()
    assert "Virement" in text
    assert "Location (LOCAM)" not in text


def test_who_invoices_a_leased_quote_is_warned_that_the_client_does_not_pay(
    cast: dict[str, User], lessor: Any, quote: Quote
) -> None:
    client, address = client_of(cast["sales"]), reverse("panels", args=["sales.quote", quote.pk])

    def is_warned() -> bool:
        answer = client.get(address, headers={"HX-Request": "true"}).content.decode()
        assert reverse("sales:quote_invoice", args=[quote.pk]) in answer
        return 'id="quote-leased"' in answer

    assert not is_warned()
    delivered(cast["sales"], quote, to="signed")
    assert is_warned()


def test_it_shows_beside_the_lease_the_quote_and_the_invoice(
    cast: dict[str, User], lessor: Any, quote: Quote
) -> None:
    client = client_of(cast["sales"])
    address = reverse("sales:quote_lease_invoice", args=[quote.pk])
    assert address not in client.get(quote.get_absolute_url()).content.decode()
    client.post(address)
    assert not Invoice.objects.exists()
    delivered(cast["sales"], quote, to="financed")
    assert address in client.get(quote.get_absolute_url()).content.decode()
    assert client.post(address).status_code == 302
    draft = Invoice.objects.get()
    page = client.get(quote.get_absolute_url()).content.decode()
    assert draft.get_absolute_url() in page
    assert address not in page
    beside = client.get(draft.get_absolute_url()).content.decode()
    assert f"{quote.get_absolute_url()}#quote-lease" in beside
    client.post(address)
    assert Invoice.objects.count() == 1
    assert client_of(cast["stranger"]).post(address).status_code == 404
    assert client_of(cast["am"]).post(address).status_code == 403


def test_what_stands_in_the_way(cast: dict[str, User], quote: Quote) -> None:
    hugo = cast["sales"]
    with pytest.raises(ValidationError, match=r"delivery|livraison"):
        draft_from_lease(user=hugo, quote=quote)
    delivered(hugo, quote)
    with pytest.raises(ValidationError, match=r"lessor|bailleur"):
        draft_from_lease(user=hugo, quote=quote)
    change_terms(user=cast["admin"], values={"company": buyer_company(name="LOCAM", siren="443061841")})
    deposit = create_deposit_draft(user=hugo, quote=quote, percent=Decimal(30))
    issue_invoice(user=cast["admin"], invoice=deposit)
    with pytest.raises(ValidationError):
        draft_from_lease(user=hugo, quote=quote)

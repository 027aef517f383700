"""Suppliers' files for tests, and the invoices that they become by the service."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from weasyprint import HTML

from digiweb.pdf import About
from people.models import User
from sales.facturx.embed import write_pdf
from sales.facturx.facts import Address, Invoice, Party, Payment
from sales.facturx.xml import write_xml
from sales.models import ReceivedFile, ReceivedInvoice
from sales.services.received_intake import receive_file
from tests.sales.invoice_facts import AGENCY, invoice

SUPPLIER = Party(
    "Hébergeur du Rhône SAS",
    Address(("10 rue de la République",), "69001", "Lyon"),
    siren="552100554",
    vat_number="FR27552100554",
    email="facturation@hebergeur.test",
)
ACCOUNT = Payment(iban="FR7630006000011234567890189", bic="AGRIFRPP", account_name="Hébergeur du Rhône")
_numbers: Callable[[], int] = count(1).__next__


def supplied(**more: Any) -> Invoice:
    """An invoice of a supplier to the agency, under a number of its own."""
    facts = {"seller": SUPPLIER, "buyer": AGENCY, "number": f"HR-{_numbers():05d}", "payment": ACCOUNT}
    return replace(invoice(*more.pop("lines", ())), **{**facts, **more})


def xml_of(**more: Any) -> bytes:
    return write_xml(supplied(**more))


def pdf_of(**more: Any) -> bytes:
    facts = supplied(**more)
    about = About(
        facts.number, facts.seller.name, datetime(2026, 11, 2, 12, tzinfo=timezone.get_current_timezone())
    )
    return write_pdf(HTML(string=f"<h1>Facture {facts.number}</h1>"), write_xml(facts), about)


def upload(content: bytes | None = None, name: str = "facture.xml") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, xml_of() if content is None else content)


def receive(
    user: User | None = None, content: bytes | None = None, name: str = "facture.xml"
) -> ReceivedFile:
    """A file received and read at once."""
    return receive_file(user=user, file=upload(content, name), now=True)


def make_received(
    user: User | None = None, *, content: bytes | None = None, **fields: Any
) -> ReceivedInvoice:
    """A received invoice; `fields` are set afterwards, whatever the service would say."""
    received = receive(user, content)
    assert received.invoice is not None, received.reason
    if fields:
        ReceivedInvoice.objects.filter(pk=received.invoice.pk).update(**fields)
    return ReceivedInvoice.objects.get(pk=received.invoice.pk)


def day(text: str) -> date:
    return date.fromisoformat(text)

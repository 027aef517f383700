"""Columns of invoices."""

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from digiweb.tables import Column, Table, day, escape, link, person
from digiweb.templatetags.digiweb import money
from sales.models import Invoice

DISPUTED = pgettext_lazy("invoice", "Disputed")
COLOURS = {"none": "slate", "pending": "blue", "partly": "amber", "paid": "green"}


def colour_of(invoice: Invoice) -> str:
    """Of the badge: a draft, overdue, or how far it is paid."""
    if invoice.is_draft:
        return "slate"
    return "red" if invoice.is_overdue else COLOURS[invoice.settlement]


def status_text(invoice: Invoice) -> str:
    """In words; a credit note is issued, and that is all there is to it."""
    if invoice.is_credit_note and not invoice.is_draft:
        return pgettext("credit note", "Issued")
    return str(invoice.status_label)


def number_cell(invoice: Invoice) -> SafeString:
    text = escape(str(invoice))
    return SafeString(f'<a class="dw-name" href="{invoice.get_absolute_url()}" title="{text}">{text}</a>')


def status_cell(invoice: Invoice) -> SafeString:
    text = escape(status_text(invoice))
    told = SafeString(f'<span class="dw-badge dw-badge-{colour_of(invoice)}">{text}</span>')
    if not invoice.disputed:
        return told
    word, why = escape(str(DISPUTED)), escape(invoice.disputed)
    return SafeString(f'{told} <span class="dw-badge dw-badge-red" title="{why}">{word}</span>')


def signed(invoice: Invoice, amount: Any) -> Any:
    """What a credit note takes away is below nought where sums are looked at."""
    return amount * invoice.sign


def balance_cell(invoice: Invoice) -> str:
    return "" if invoice.is_draft or not invoice.balance else money(signed(invoice, invoice.balance))


NUMBER = Column("number", _("Number"), cell=number_cell, sort="id", export=lambda i: i.number or "")
ADDRESSEE = Column(
    "addressee",
    _("Client"),
    cell=lambda i: str(i.addressee or ""),
    export=lambda i: str(i.addressee or ""),
    sort="sort_name",
    select_related=("company", "contact"),
)
SUBJECT = Column("subject", _("Subject"))
KIND = Column(
    "kind",
    _("Kind"),
    cell=lambda i: i.get_kind_display(),
    export=lambda i: str(i.get_kind_display()),
    default=False,
)
STATUS = Column("status", _("Status"), cell=status_cell, export=status_text)
NET = Column(
    "net",
    _("Before tax"),
    cell=lambda i: money(signed(i, i.net)),
    export=lambda i: signed(i, i.net),
    align="end",
)
VAT = Column(
    "vat",
    _("VAT"),
    cell=lambda i: money(signed(i, i.vat)),
    export=lambda i: signed(i, i.vat),
    align="end",
    default=False,
)
GROSS = Column(
    "gross",
    _("With tax"),
    cell=lambda i: money(signed(i, i.gross)),
    export=lambda i: signed(i, i.gross),
    sort="gross",
    align="end",
)
BALANCE = Column(
    "balance",
    _("Left to pay"),
    cell=balance_cell,
    export=lambda i: signed(i, i.balance),
    align="end",
)
ISSUED = Column("issued_on", _("Issued on"), sort="issued_key")
DUE = Column("due_on", _("Due on"), sort="due_key")
DELIVERED = Column("delivered_on", _("Date of the service"), default=False)
PAID = Column("paid_on", _("Paid on"), default=False)
SENT = Column("sent_at", pgettext_lazy("invoice", "Sent on"), cell=day("sent_at"), default=False)
OPENED = Column("opened_at", pgettext_lazy("invoice", "Opened on"), cell=day("opened_at"), default=False)
OWNER = Column(
    "owner", _("Salesperson"), cell=person("owner"), export=lambda i: str(i.owner), select_related=("owner",)
)
AGENCY = Column(
    "agency",
    _("Agency"),
    cell=lambda i: str(i.agency),
    export=lambda i: str(i.agency),
    select_related=("agency",),
    default=False,
)
CLIENT = Column(
    "client",
    _("Client file"),
    cell=link("client"),
    export=lambda i: str(i.client or ""),
    select_related=("client", "client__company", "client__contact"),
    default=False,
)
COMPANY = Column("company", _("Company"), cell=link("company"), select_related=("company",), default=False)
CONTACT = Column("contact", _("Contact"), cell=link("contact"), select_related=("contact",), default=False)
DELIVERY = Column(
    "delivery", _("Place of delivery"), cell=link("delivery"), select_related=("delivery",), default=False
)
DEAL = Column("deal", _("Deal"), cell=link("deal"), select_related=("deal",), default=False)
METHOD = Column(
    "payment_method",
    _("Payment method"),
    cell=lambda i: i.get_payment_method_display(),
    export=lambda i: str(i.get_payment_method_display()),
    default=False,
)
TREATMENT = Column("treatment", _("VAT treatment"), cell=lambda i: i.get_treatment_display(), default=False)
LANGUAGE = Column("language", _("Language"), cell=lambda i: i.get_language_display(), default=False)
ORDER = Column("order_reference", _("Client's order number"), default=False)
CREATED = Column("created_at", _("Added on"), cell=day("created_at"), default=False)


class InvoiceTable(Table):
    """The list of invoices (SPEC S4)."""

    columns = (
        NUMBER, ADDRESSEE, SUBJECT, STATUS, GROSS, BALANCE, ISSUED, DUE, OWNER, NET, VAT, KIND, METHOD,
        CLIENT, DEAL, AGENCY, DELIVERED, PAID, SENT, OPENED, CREATED,
    )  # fmt: skip

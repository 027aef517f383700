"""Columns of received invoices."""

from functools import lru_cache
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from digiweb.tables import Column, Table, badge, day, escape, link, person
from digiweb.templatetags.digiweb import icon, money
from sales.models import ReceivedInvoice

STATUS_COLOURS = {
    "received": "slate",
    "checked": "blue",
    "approved": "amber",
    "refused": "red",
    "paid": "green",
}
RULES_COLOURS = {"kept": "green", "broken": "amber", "unasked": "slate"}


def amount_text(invoice: ReceivedInvoice, name: str) -> str:
    """« −120,00 € »; in another currency with its code."""
    currency = "€" if invoice.currency == "EUR" else invoice.currency
    return money(getattr(invoice, name), currency)


def amount(name: str) -> Any:
    """A cell with an amount in the invoice's currency."""

    def cell(invoice: ReceivedInvoice) -> str:
        return escape(amount_text(invoice, name))

    return cell


def number_cell(invoice: ReceivedInvoice) -> SafeString:
    text = escape(invoice.number)
    mark = ""
    if invoice.is_credit_note:
        mark = f' <span class="dw-muted">{escape(_("Credit note"))}</span>'
    return SafeString(
        f'<a class="dw-name" href="{invoice.get_absolute_url()}" title="{text}">{text}</a>{mark}'
    )


def status_cell(invoice: ReceivedInvoice) -> SafeString:
    """The status in words, and a mark on what is late."""
    late = invoice.is_late(timezone.localdate())
    return _status_html(invoice.status, late, get_language() or "")


@lru_cache(maxsize=64)
def _status_html(status: str, late: bool, language: str) -> SafeString:
    mark = ""
    if late:
        text = escape(pgettext("late payment", "Late"))
        mark = f' <span class="dw-flag dw-mark-bad">{icon("clock-exclamation")}{text}</span>'
    label = escape(ReceivedInvoice.Status(status).label)
    return SafeString(f'<span class="dw-badge dw-badge-{STATUS_COLOURS[status]}">{label}</span>{mark}')


def day_of(name: str) -> Any:
    """A cell with a day."""

    def cell(invoice: ReceivedInvoice) -> str:
        value = getattr(invoice, name)
        return escape(date_format(value, "SHORT_DATE_FORMAT")) if value else ""

    return cell


def format_text(invoice: ReceivedInvoice) -> str:
    """« Factur-X, EN 16931 », « UBL »."""
    syntax = "Factur-X" if invoice.is_pdf else invoice.syntax.upper()
    names = {"en16931": "EN 16931", "basicwl": "BASIC WL"}
    profile = names.get(invoice.profile, invoice.profile.upper())
    return ", ".join(part for part in (syntax, profile) if part)


NUMBER = Column("number", gettext_lazy("Number"), cell=number_cell, export=lambda i: i.number)
SUPPLIER = Column("supplier_name", gettext_lazy("Supplier"), sort="sort_name")
SIREN = Column("supplier_siren", gettext_lazy("SIREN"), default=False)
VAT_NUMBER = Column("supplier_vat_number", gettext_lazy("VAT number"), default=False)
KIND = Column(
    "kind",
    gettext_lazy("Kind"),
    cell=lambda i: escape(i.get_kind_display()),
    export=lambda i: str(i.get_kind_display()),
    default=False,
)
ISSUED = Column("issued_on", gettext_lazy("Issued on"), cell=day_of("issued_on"), sort="issued_on")
DUE_ON = Column(
    "due_on", gettext_lazy("Due on"), cell=day_of("due_on"), export=lambda i: i.due_on or "", sort="due_key"
)
NET = Column("net", gettext_lazy("Before tax"), cell=amount("net"), align="end")
VAT = Column("vat", gettext_lazy("VAT"), cell=amount("vat"), align="end", default=False)
GROSS = Column("gross", gettext_lazy("With tax"), cell=amount("gross"), sort="gross", align="end")
DUE = Column("due", gettext_lazy("To pay"), cell=amount("due"), align="end", default=False)
CURRENCY = Column("currency", gettext_lazy("Currency"), default=False)
STATUS = Column(
    "status", gettext_lazy("Status"), cell=status_cell, export=lambda i: str(i.get_status_display())
)
RULES = Column(
    "rules",
    gettext_lazy("Rules of the reform"),
    cell=badge("rules", RULES_COLOURS),
    export=lambda i: str(i.get_rules_display()),
    default=False,
)
COMPANY = Column(
    "company",
    gettext_lazy("Company"),
    cell=link("company"),
    export=lambda i: str(i.company or ""),
    select_related=("company",),
    default=False,
)
ORDER = Column("order_number", gettext_lazy("Our order number"), default=False)
PAID_ON = Column(
    "paid_on",
    gettext_lazy("Paid on"),
    cell=day_of("paid_on"),
    export=lambda i: i.paid_on or "",
    default=False,
)
NOTE = Column("note", gettext_lazy("Note"), default=False)
ADDED = Column("created_at", gettext_lazy("Added on"), cell=day("created_at"), sort="id", default=False)
# On the page of one.
DECIDED = Column("decided_by", gettext_lazy("Decided by"), cell=person("decided_by"))
REFUSAL = Column("refusal", gettext_lazy("Reason of the refusal"), default=False)
FORMAT = Column("syntax", gettext_lazy("Format"), cell=lambda i: escape(format_text(i)))
FILE = Column("name", gettext_lazy("File"), cell=lambda i: escape(f"{i.name} ({filesizeformat(i.size)})"))
SUM = Column(
    "sha256",
    gettext_lazy("Checksum (SHA-256)"),
    cell=lambda i: SafeString(f'<code class="dw-sum">{escape(i.sha256)}</code>'),
)
BY = Column("added_by", gettext_lazy("Added by"), cell=person("added_by"))


class ReceivedInvoiceTable(Table):
    """The list of received invoices."""

    columns = (
        NUMBER, SUPPLIER, ISSUED, DUE_ON, NET, GROSS, STATUS, VAT, DUE, KIND, RULES, COMPANY, SIREN,
        VAT_NUMBER,
        ORDER, CURRENCY, PAID_ON, REFUSAL, NOTE, ADDED,
    )  # fmt: skip

"""Columns of commission statements, of their lines and of rates."""

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from digiweb.tables import Column, Table, badge, day, escape, link, person
from digiweb.templatetags.digiweb import money
from sales.models import CommissionLine, CommissionRate, CommissionStatement

STATUS_COLOURS = {"draft": "slate", "closed": "blue", "paid": "green"}
KIND_COLOURS = {"sale": "green", "correction": "blue", "takeback": "red", "adjustment": "amber"}


def month_text(month: Any) -> str:
    """« octobre 2026 »."""
    return date_format(month, "YEAR_MONTH_FORMAT")


def lines_url(statement: CommissionStatement, *kinds: str) -> str:
    """The rows of a figure of a statement."""
    asked = "".join(f"&kind={kind}" for kind in kinds)
    return f"{reverse('sales:commission_line_list')}?statement={statement.pk}{asked}"


def month_cell(statement: CommissionStatement) -> SafeString:
    text = escape(month_text(statement.month))
    return SafeString(f'<a class="dw-name" href="{statement.get_absolute_url()}">{text}</a>')


def figure(name: str, *kinds: str, minus: bool = False) -> Any:
    """A sum that opens its rows; nothing where it is nought."""

    def cell(statement: CommissionStatement) -> Any:
        amount = getattr(statement, name)
        if not amount and kinds:
            return ""
        text = escape(money(-amount if minus else amount))
        return SafeString(f'<a href="{lines_url(statement, *kinds)}">{text}</a>')

    return cell


def basis_text(rate: CommissionRate) -> str:
    """« 5,00 % », « 150,00 € »."""
    if rate.basis == CommissionRate.Basis.FIXED:
        return money(rate.value)
    return f"{rate.value.normalize():f}".replace(".", ",") + "\u00a0%"


MONTH = Column("month", _("Month"), cell=month_cell, export=lambda s: month_text(s.month), sort="month")
PERSON = Column(
    "person",
    _("Salesperson"),
    cell=person("person"),
    export=lambda s: str(s.person),
    select_related=("person",),
)
EARNED = Column("earned", _("Earned"), cell=figure("earned", "sale", "correction"), align="end")
TAKEN = Column(
    "taken_back",
    _("Taken back"),
    cell=figure("taken_back", "takeback", minus=True),
    export=lambda s: -s.taken_back,
    align="end",
)
ADJUSTED = Column("adjusted", _("By hand"), cell=figure("adjusted", "adjustment"), align="end")
TOTAL = Column("total", _("Total"), cell=figure("total"), sort="total", align="end")
STATUS = Column(
    "status",
    _("Status"),
    cell=badge("status", STATUS_COLOURS),
    export=lambda s: str(s.get_status_display()),
)
NUMBER = Column("number", _("Number"))
CLOSED = Column("closed_at", _("Closed on"), cell=day("closed_at"), default=False)
PAID = Column("paid_on", pgettext_lazy("statement", "Paid on"))
SENT = Column("mailed_at", pgettext_lazy("statement", "Sent on"), cell=day("mailed_at"), default=False)


class CommissionTable(Table):
    """The list of statements."""

    columns = (MONTH, PERSON, EARNED, TAKEN, ADJUSTED, TOTAL, STATUS, NUMBER, PAID, CLOSED, SENT)


# --- Lines


def label_cell(line: CommissionLine) -> SafeString:
    text = escape(line.label)
    url = line.get_absolute_url()
    if line.contract_id:
        url = reverse("sales:contract_detail", args=[line.contract_id])
    elif line.deal_id:
        url = reverse("crm:deal_detail", args=[line.deal_id])
    return SafeString(f'<a class="dw-name" href="{url}" title="{text}">{text}</a>')


LABEL = Column("label", _("Sale"), cell=label_cell)
LINE_MONTH = Column(
    "month",
    _("Month"),
    cell=lambda line: SafeString(f'<a href="{line.get_absolute_url()}">{escape(month_text(line.month))}</a>'),
    export=lambda line: month_text(line.month),
    sort="month",
)
KIND = Column(
    "kind", _("Kind"), cell=badge("kind", KIND_COLOURS), export=lambda line: str(line.get_kind_display())
)
CAUSE = Column(
    "cause",
    _("Cause"),
    cell=lambda line: escape(line.get_cause_display()),
    export=lambda line: str(line.get_cause_display()),
)
SOLD = Column("sold_on", _("Sold on"))
BASE = Column(
    "base", _("Amount before tax"), cell=lambda line: money(line.base) if line.sale else "", align="end"
)
RATE = Column(
    "value", pgettext_lazy("commission", "Rate"), cell=lambda line: escape(line.rate_text), align="end"
)
AMOUNT = Column("amount", _("Commission"), cell=lambda line: money(line.amount), sort="amount", align="end")
CONTRACT = Column(
    "contract", _("Contract"), cell=link("contract"), select_related=("contract",), default=False
)


class CommissionLineTable(Table):
    """The list of lines."""

    columns = (LABEL, LINE_MONTH, PERSON, KIND, SOLD, BASE, RATE, AMOUNT, CAUSE, CONTRACT)


# --- Rates


def rate_cell(rate: CommissionRate) -> SafeString:
    text = escape(str(rate))
    return SafeString(f'<a class="dw-name" href="{rate.get_absolute_url()}" title="{text}">{text}</a>')


NAMED = Column(
    "name",
    pgettext_lazy("commission", "Rate"),
    cell=rate_cell,
    export=lambda rate: str(rate),
    select_related=("offer", "person"),
)
OFFER = Column(
    "offer", _("Offer"), cell=link("offer"), export=lambda rate: str(rate.offer or ""), default=False
)
RATE_PERSON = Column(
    "person", _("Salesperson"), cell=person("person"), export=lambda rate: str(rate.person or ""),
    default=False,
)  # fmt: skip
PART = Column(
    "part",
    pgettext_lazy("commission", "On"),
    cell=lambda rate: escape(rate.get_part_display()),
    export=lambda rate: str(rate.get_part_display()),
)
BASIS = Column(
    "basis",
    _("Basis"),
    cell=lambda rate: escape(rate.get_basis_display()),
    export=lambda rate: str(rate.get_basis_display()),
)
VALUE = Column("value", _("Value"), cell=lambda rate: escape(basis_text(rate)), align="end")
STARTS = Column("starts_on", pgettext_lazy("rate", "From"), sort="starts_on")
ENDS = Column("ends_on", pgettext_lazy("rate", "To"))


class CommissionRateTable(Table):
    """The list of rates."""

    columns = (NAMED, VALUE, BASIS, PART, STARTS, ENDS, OFFER, RATE_PERSON)

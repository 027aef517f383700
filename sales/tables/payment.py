"""Columns of payments (« règlements »)."""

from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from digiweb.tables import Column, Table, day, escape, link, person
from digiweb.templatetags.digiweb import money
from sales.models import Payment

COLOURS = {Payment.Kind.RECEIPT: "green", Payment.Kind.REFUND: "amber", Payment.Kind.RETURN: "red"}


def colour_of(payment: Payment) -> str:
    return "slate" if payment.is_correction else COLOURS[Payment.Kind(payment.kind)]


def day_cell(payment: Payment) -> SafeString:
    text = date_format(payment.received_on, "SHORT_DATE_FORMAT")
    return SafeString(f'<a class="dw-name" href="{payment.get_absolute_url()}">{text}</a>')


def payer_cell(payment: Payment) -> SafeString:
    return SafeString(escape(payment.payer or payment.client or ""))


def kind_cell(payment: Payment) -> SafeString:
    label = escape(payment.status_label)
    return SafeString(f'<span class="dw-badge dw-badge-{colour_of(payment)}">{label}</span>')


def left_cell(payment: Payment) -> Any:
    return money(payment.left) if payment.left else ""


DAY = Column("received_on", _("Date"), cell=day_cell, export=lambda p: p.received_on, sort="received_on")
DAY_FACT = Column("received_on", _("Date"))
PAYER = Column(
    "payer",
    _("Paid by"),
    cell=payer_cell,
    export=lambda p: p.payer or str(p.client or ""),
    sort="sort_name",
    select_related=("client", "client__company", "client__contact"),
)
KIND = Column("kind", _("Kind"), cell=kind_cell, export=lambda p: str(p.status_label))
AMOUNT = Column(
    "amount",
    _("Amount"),
    cell=lambda p: money(p.sign * p.amount),
    export=lambda p: p.sign * p.amount,
    sort="amount",
    align="end",
)
MATCHED = Column(
    "matched",
    pgettext_lazy("payment", "Matched"),
    cell=lambda p: money(p.matched),
    align="end",
    default=False,
)
LEFT = Column("left", _("Left to match"), cell=left_cell, export=lambda p: p.left, align="end")
METHOD = Column(
    "method",
    _("Payment method"),
    cell=lambda p: SafeString(escape(p.get_method_display())),
    export=lambda p: str(p.get_method_display()),
)
REFERENCE = Column("reference", _("Reference"))
LETTER = Column("letter", _("Letter"), cell=lambda p: str(p.letter or ""), select_related=("letter",))
CLIENT = Column(
    "client",
    _("Client file"),
    cell=link("client"),
    export=lambda p: str(p.client or ""),
    select_related=("client", "client__company", "client__contact"),
    default=False,
)
AGENCY = Column(
    "agency",
    _("Agency"),
    cell=lambda p: str(p.agency),
    export=lambda p: str(p.agency),
    select_related=("agency",),
    default=False,
)
OWNER = Column(
    "owner",
    _("Salesperson"),
    cell=person("owner"),
    export=lambda p: str(p.owner or ""),
    select_related=("owner",),
)
NOTE = Column("note", _("Note"), default=False)
CREATED = Column("created_at", _("Added on"), cell=day("created_at"), sort="id", default=False)


class PaymentTable(Table):
    """The list of payments."""

    columns = (
        DAY, PAYER, AMOUNT, LEFT, KIND, METHOD, REFERENCE, LETTER, OWNER, MATCHED, CLIENT, AGENCY, CREATED,
    )  # fmt: skip

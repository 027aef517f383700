"""Columns of payments."""

from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from digiweb.tables import Column, Table, day, escape, link
from digiweb.templatetags.digiweb import icon, money
from sales.models import PaymentRecord

STATUS_COLOURS = {
    "paid": "green",
    "pending": "amber",
    "rejected": "red",
    "refunded": "slate",
    "unknown": "purple",
}


def day_cell(payment: PaymentRecord) -> SafeString:
    text = date_format(payment.paid_on, "SHORT_DATE_FORMAT") if payment.paid_on else _("No date")
    return SafeString(f'<a class="dw-name" href="{payment.get_absolute_url()}">{escape(text)}</a>')


def status_cell(payment: PaymentRecord) -> SafeString:
    """The status in words, and a mark on what is late."""
    late = payment.is_late(timezone.localdate())
    return _status_html(payment.status, str(payment.status_label), late, get_language() or "")


@lru_cache(maxsize=256)
def _status_html(status: str, label: str, late: bool, language: str) -> SafeString:
    colour = STATUS_COLOURS.get(status, "slate")
    mark = ""
    if late:
        text = escape(pgettext("late payment", "Late"))
        mark = f' <span class="dw-flag dw-mark-bad">{icon("clock-exclamation")}{text}</span>'
    return SafeString(f'<span class="dw-badge dw-badge-{colour}">{escape(label)}</span>{mark}')


def contract_cell(payment: PaymentRecord) -> Any:
    return link("contract")(payment)


REFERENCE = Column("reference", gettext_lazy("Reference"))
DAY = Column(
    "paid_on", gettext_lazy("Date"), cell=day_cell, export=lambda p: p.paid_on or "", sort="paid_key"
)
CLIENT = Column(
    "client",
    gettext_lazy("Client"),
    cell=link("client"),
    export=lambda p: str(p.client),
    select_related=("client", "client__company", "client__contact"),
)
CONTRACT = Column(
    "contract",
    gettext_lazy("Contract"),
    cell=contract_cell,
    export=lambda p: str(p.contract or ""),
    select_related=("contract",),
)
AMOUNT = Column("amount", gettext_lazy("Amount"), cell=lambda p: money(p.amount), sort="amount", align="end")
METHOD = Column(
    "method",
    gettext_lazy("Payment method"),
    cell=lambda p: escape(p.get_method_display()),
    export=lambda p: str(p.get_method_display()),
)
STATUS = Column("status", gettext_lazy("Status"), cell=status_cell, export=lambda p: str(p.status_label))
CREATED = Column("created_at", gettext_lazy("Added on"), cell=day("created_at"), sort="id", default=False)


class PaymentRecordTable(Table):
    """The list of payments."""

    columns = (DAY, CLIENT, AMOUNT, STATUS, METHOD, CONTRACT, REFERENCE, CREATED)

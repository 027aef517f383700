"""Columns of quotes."""

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from digiweb.tables import Column, Table, day, escape, link, person
from digiweb.templatetags.digiweb import money
from sales.models import Quote

STATUS_COLOURS = {
    "draft": "slate",
    "sent": "blue",
    "accepted": "green",
    "refused": "red",
    "expired": "amber",
    "replaced": "purple",
}


def colour_of(quote: Quote) -> str:
    """Of the badge: a quote whose last day has passed is shown as expired before the night says so."""
    return STATUS_COLOURS[
        "expired" if quote.status_label == Quote.Status.EXPIRED.label else str(quote.status)
    ]


def number_cell(quote: Quote) -> SafeString:
    text = escape(quote.number)
    return SafeString(f'<a class="dw-name" href="{quote.get_absolute_url()}" title="{text}">{text}</a>')


def status_cell(quote: Quote) -> SafeString:
    return SafeString(
        f'<span class="dw-badge dw-badge-{colour_of(quote)}">{escape(quote.status_label)}</span>'
    )


def addressee_cell(quote: Quote) -> str:
    return escape(str(quote.addressee or ""))


def monthly(value: Any) -> str:
    return money(value) if value else ""


NUMBER = Column("number", _("Number"), cell=number_cell, sort="id")
ADDRESSEE = Column(
    "addressee",
    pgettext_lazy("quote", "For"),
    cell=addressee_cell,
    export=lambda q: str(q.addressee or ""),
    sort="sort_name",
    select_related=("company", "contact"),
)
SUBJECT = Column("subject", _("Subject"))
STATUS = Column("status", _("Status"), cell=status_cell, export=lambda q: str(q.status_label))
NET = Column("net", _("Before tax"), cell=lambda q: money(q.net), sort="net", align="end")
GROSS = Column("gross", _("With tax"), cell=lambda q: money(q.gross), align="end", default=False)
MONTHLY = Column(
    "monthly_net",
    _("By the month"),
    cell=lambda q: monthly(q.monthly_net),
    export=lambda q: q.monthly_net,
    align="end",
)
YEARLY = Column(
    "yearly_net",
    _("By the year"),
    cell=lambda q: monthly(q.yearly_net),
    export=lambda q: q.yearly_net,
    align="end",
    default=False,
)
QUOTED = Column("quoted_on", _("Date"), sort="quoted_key")
UNTIL = Column("valid_until", _("Valid until"), sort="valid_until")
SENT = Column("sent_at", pgettext_lazy("quote", "Sent on"), cell=day("sent_at"), default=False)
OPENED = Column("opened_at", pgettext_lazy("quote", "Opened on"), cell=day("opened_at"), default=False)
ANSWERED = Column(
    "answered_at", pgettext_lazy("quote", "Answered on"), cell=day("answered_at"), default=False
)
OWNER = Column(
    "owner", _("Salesperson"), cell=person("owner"), export=lambda q: str(q.owner), select_related=("owner",)
)
AGENCY = Column(
    "agency",
    _("Agency"),
    cell=lambda q: escape(str(q.agency)),
    export=lambda q: str(q.agency),
    select_related=("agency",),
    default=False,
)
CLIENT = Column(
    "client",
    _("Client"),
    cell=link("client"),
    export=lambda q: str(q.client or ""),
    select_related=("client", "client__company", "client__contact"),
    default=False,
)
COMPANY = Column("company", _("Company"), cell=link("company"), select_related=("company",), default=False)
CONTACT = Column("contact", _("Contact"), cell=link("contact"), select_related=("contact",), default=False)
DEAL = Column("deal", _("Deal"), cell=link("deal"), select_related=("deal",), default=False)
DEPOSIT = Column(
    "deposit_percent",
    _("Deposit (%)"),
    cell=lambda q: f"{q.deposit_percent:g} %".replace(".", ",") if q.deposit_percent else "",
    default=False,
)
TREATMENT = Column("treatment", _("VAT"), cell=lambda q: escape(q.get_treatment_display()), default=False)
LANGUAGE = Column("language", _("Language"), cell=lambda q: escape(q.get_language_display()), default=False)
ORDER = Column("order_reference", _("Client's order number"), default=False)
REFUSED = Column("refusal_reason", _("Reason of the refusal"), default=False)
CREATED = Column("created_at", _("Added on"), cell=day("created_at"), default=False)


class QuoteTable(Table):
    """The list of quotes (SPEC S3)."""

    columns = (
        NUMBER,
        ADDRESSEE,
        SUBJECT,
        STATUS,
        NET,
        MONTHLY,
        QUOTED,
        UNTIL,
        OWNER,
        GROSS,
        YEARLY,
        CLIENT,
        DEAL,
        AGENCY,
        SENT,
        OPENED,
        ANSWERED,
        REFUSED,
        CREATED,
    )

"""Columns of contracts."""

from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from digiweb.tables import Column, Table, day, escape, link, person
from digiweb.templatetags.digiweb import euros, icon, money
from sales.models import Contract

STATUS_COLOURS = {
    "pending": "amber",
    "signed": "blue",
    "validated": "green",
    "terminated": "red",
    "ended": "slate",
    "unknown": "purple",
}


def amount_text(value: Any) -> str:
    """Cents only where there are some."""
    return euros(value) if value == int(value) else money(value)


def status_cell(contract: Contract) -> SafeString:
    """The status in words, those of the source where we do not know it; and that the source lost it."""
    colour = STATUS_COLOURS.get(contract.status, "slate")
    label = escape(contract.status_label)
    title = ""
    if contract.status == Contract.Status.UNKNOWN and contract.status_text:
        words = escape(gettext("As the source says it"))
        title = f' title="{words}"'
    gone = ""
    if contract.absent_since is not None:
        text = escape(absent_text(contract))
        gone = f' <span class="dw-flag dw-mark-warn" title="{text}">{icon("unlink")}<span class="visually-hidden">{text}</span></span>'  # noqa: E501
    return SafeString(f'<span class="dw-badge dw-badge-{colour}"{title}>{label}</span>{gone}')


def absent_text(contract: Contract) -> str:
    """« Absent de la source depuis le 12/11/2026 »; empty where it is there."""
    if contract.absent_since is None:
        return ""
    on = date_format(timezone.localtime(contract.absent_since), "SHORT_DATE_FORMAT")
    return gettext("Absent from the source since %(day)s") % {"day": on}


def reference_cell(contract: Contract) -> SafeString:
    text = escape(contract.reference)
    return SafeString(f'<a class="dw-name" href="{contract.get_absolute_url()}" title="{text}">{text}</a>')


def withdrawal_cell(contract: Contract) -> str:
    if contract.withdrawal_day is None:
        return ""
    return gettext("the %(day)s") % {"day": contract.withdrawal_day}


REFERENCE = Column("reference", _("Reference"), cell=reference_cell, sort="sort_name")
CLIENT = Column(
    "client",
    _("Client"),
    cell=link("client"),
    export=lambda c: str(c.client),
    select_related=("client", "client__company", "client__contact"),
)
OFFER = Column(
    "offer",
    _("Offer"),
    cell=lambda c: escape(str(c.offer)) if c.offer else "",
    export=lambda c: str(c.offer or ""),
    select_related=("offer",),
)
STATUS = Column("status", _("Status"), cell=status_cell, export=lambda c: str(c.status_label))
AMOUNT = Column(
    "amount", _("Amount before tax"), cell=lambda c: amount_text(c.amount), sort="amount", align="end"
)
SIGNED = Column("signed_on", _("Signed on"), sort="signed_key")
VALIDATED = Column("validated_on", _("Validated on"), default=False)
START = Column("starts_on", pgettext_lazy("contract", "Start"))
END = Column("ends_on", pgettext_lazy("contract", "End"), default=False)
METHOD = Column(
    "payment_method",
    _("Payment method"),
    cell=lambda c: escape(c.get_payment_method_display()),
    export=lambda c: c.get_payment_method_display(),
)
WITHDRAWAL = Column(
    "withdrawal_day",
    _("Withdrawal"),
    cell=withdrawal_cell,
    export=lambda c: c.withdrawal_day or "",
)
OWNER = Column(
    "owner",
    _("Salesperson"),
    cell=person("owner"),
    export=lambda c: str(c.owner or ""),
    select_related=("owner",),
)
SUPPLIER = Column("supplier", _("Supplier"), default=False)
KIND = Column("kind", pgettext_lazy("contract", "Type"), default=False)
REASON = Column("termination_reason", _("Reason of the termination"), default=False)
ABSENT = Column("absent_since", _("Absent from the source since"), cell=day("absent_since"), default=False)
CREATED = Column("created_at", _("Added on"), cell=day("created_at"), sort="id", default=False)
CHANGED = Column("updated_at", _("Changed on"), cell=day("updated_at"), default=False)
DESCRIPTION = Column("description", _("Description"), default=False)


class ContractTable(Table):
    """The list of contracts (SPEC S12)."""

    columns = (
        REFERENCE,
        CLIENT,
        OFFER,
        STATUS,
        AMOUNT,
        SIGNED,
        START,
        METHOD,
        WITHDRAWAL,
        OWNER,
        END,
        VALIDATED,
        SUPPLIER,
        KIND,
        REASON,
        ABSENT,
        CREATED,
        CHANGED,
    )

"""Columns of bank details: masked numbers only, on the page as in anything that leaves the house."""

from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, pgettext

from digiweb.countries import country_name
from digiweb.phones import format_phone
from digiweb.tables import Column, Table, badge, day, escape, link, person
from sales.models import BankAccount

STATUS_COLOURS = {"waiting": "amber", "active": "green", "former": "slate", "refused": "red"}


def number_cell(account: BankAccount) -> SafeString:
    text = escape(account.masked)
    return SafeString(f'<a class="dw-name dw-iban" href="{account.get_absolute_url()}">{text}</a>')


def asked_text(account: BankAccount) -> str:
    if account.asked_by is not None:
        return str(account.asked_by)
    return pgettext("source", "Import") if account.source else ""


def asked_cell(account: BankAccount) -> Any:
    return person("asked_by")(account) or escape(asked_text(account))


def called_text(account: BankAccount) -> str:
    """« Mme Martin, 01 42 68 53 00, 21/11/2026 16:05 »; empty where nobody was called."""
    if not account.called or account.called_at is None:
        return ""
    at = date_format(timezone.localtime(account.called_at), "SHORT_DATETIME_FORMAT")
    return f"{account.called}, {format_phone(account.called_number)}, {at}"


NUMBER = Column("masked", gettext_lazy("Number"), cell=number_cell, export=str)
CLIENT = Column(
    "client",
    gettext_lazy("Client"),
    cell=link("client"),
    export=lambda a: str(a.client),
    select_related=("client", "client__company", "client__contact"),
)
HOLDER = Column("holder", gettext_lazy("Account holder"))
COUNTRY = Column(
    "country",
    gettext_lazy("Country of the bank"),
    cell=lambda a: escape(country_name(a.country)),
    export=lambda a: country_name(a.country),
)
STATUS = Column(
    "status",
    gettext_lazy("Status"),
    cell=badge("status", STATUS_COLOURS),
    export=lambda a: str(a.get_status_display()),
)
ASKED = Column(
    "asked_by", gettext_lazy("Asked by"), cell=asked_cell, export=asked_text, select_related=("asked_by",)
)
DECIDED = Column(
    "decided_by",
    gettext_lazy("Decided by"),
    cell=person("decided_by"),
    export=lambda a: str(a.decided_by or ""),
    select_related=("decided_by",),
)
DECIDED_AT = Column("decided_at", gettext_lazy("Decided on"), cell=day("decided_at"), default=False)
CALLED = Column(
    "called",
    gettext_lazy("Called back"),
    cell=lambda a: escape(called_text(a)),
    export=called_text,
    default=False,
)
CREATED = Column("created_at", gettext_lazy("Added on"), cell=day("created_at"), sort="id", default=False)


class BankAccountTable(Table):
    """The list of bank details."""

    columns = (NUMBER, CLIENT, STATUS, HOLDER, COUNTRY, ASKED, DECIDED, DECIDED_AT, CALLED, CREATED)

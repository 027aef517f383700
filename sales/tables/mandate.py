"""Columns of mandates; accounts are masked."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from digiweb.tables import Column, Table, badge, day, escape, link
from sales.models import Mandate

STATUS_COLOURS = {"active": "green", "revoked": "red", "lapsed": "slate"}


def rum_cell(mandate: Mandate) -> SafeString:
    return SafeString(f'<a class="dw-name" href="{mandate.get_absolute_url()}">{escape(mandate.rum)}</a>')


RUM = Column("rum", _("Reference (RUM)"), cell=rum_cell, export=lambda m: m.rum)
CLIENT = Column(
    "client",
    _("Client"),
    cell=link("client"),
    export=lambda m: str(m.client),
    select_related=("client", "client__company", "client__contact"),
    sort="name",
)
AGENCY = Column(
    "agency",
    _("Agency"),
    cell=lambda m: escape(m.agency),
    export=lambda m: str(m.agency),
    select_related=("agency",),
)
ACCOUNT = Column(
    "account",
    _("Bank account"),
    cell=lambda m: SafeString(f'<span class="dw-iban">{escape(m.account.masked)}</span>'),
    export=lambda m: m.account.masked,
    select_related=("account",),
)
SCHEME = Column("scheme", _("Kind"), cell=lambda m: escape(m.get_scheme_display()), export=lambda m: m.scheme)
FREQUENCY = Column(
    "frequency",
    _("Frequency"),
    cell=lambda m: escape(m.get_frequency_display()),
    export=lambda m: m.get_frequency_display(),
    default=False,
)
SIGNED = Column("signed_on", _("Signed on"))
USED = Column("last_used_on", _("Last used on"))
NOTICE = Column("notice_days", _("Announced before (days)"), default=False)
STATUS = Column(
    "status", _("Status"), cell=badge("status", STATUS_COLOURS), export=lambda m: m.get_status_display()
)
REVOKED = Column("revoked_on", _("Revoked on"), default=False)
BECAUSE = Column("revoked_because", _("Revoked because"), default=False)
CREATED = Column("created_at", _("Added on"), cell=day("created_at"), sort="newest", default=False)


class MandateTable(Table):
    """The list of mandates."""

    columns = (
        RUM,
        CLIENT,
        AGENCY,
        ACCOUNT,
        SCHEME,
        STATUS,
        SIGNED,
        USED,
        FREQUENCY,
        NOTICE,
        REVOKED,
        CREATED,
    )

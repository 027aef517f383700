"""Columns of the chart of accounts."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from digiweb.tables import Column, Table, day, escape
from digiweb.templatetags.digiweb import number
from sales.models import Account


def number_cell(account: Account) -> SafeString:
    text = escape(account.number)
    return SafeString(f'<a class="dw-name" href="{account.get_absolute_url()}">{text}</a>')


NUMBER = Column("number", _("Number"), cell=number_cell, export=lambda a: a.number, sort="number")
PLAIN_NUMBER = Column("number", _("Number"))
LABEL = Column("label", _("Label"))
AGENCY = Column(
    "agency",
    _("Agency"),
    cell=lambda a: escape(str(a.agency)),
    export=lambda a: str(a.agency),
    select_related=("agency",),
)
ROLE = Column(
    "role",
    _("Used for"),
    cell=lambda a: escape(a.get_role_display()),
    export=lambda a: str(a.get_role_display()),
)
RATE = Column(
    "vat_rate",
    _("VAT rate"),
    cell=lambda a: "" if a.vat_rate is None else f"{number(a.vat_rate.normalize())} %",
    align="end",
)
CATEGORY = Column(
    "category",
    _("Category of offers"),
    cell=lambda a: escape(a.get_category_display()) if a.category else "",
    export=lambda a: str(a.get_category_display()) if a.category else "",
)


class AccountTable(Table):
    """The list of accounts."""

    columns = (
        NUMBER,
        LABEL,
        ROLE,
        RATE,
        CATEGORY,
        AGENCY,
        Column("created_at", _("Added on"), cell=day("created_at"), sort="id", default=False),
    )

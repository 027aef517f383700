"""Columns of companies."""

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from crm.tables.contact import email_cell, name_cell, phone_cell
from digiweb.phones import format_phone
from digiweb.tables import Column, Table, badge, day, person, tag_list
from digiweb.templatetags.digiweb import money, number

STATUS_COLOURS = {"prospect": "blue", "client": "green", "former": "slate"}


def contacts_cell(company: Any) -> Any:
    if not company.contact_count:
        return ""
    return format_html(
        '<a href="/crm/contacts/?company={}">{}</a>', company.pk, number(company.contact_count)
    )


def website_cell(company: Any) -> Any:
    if not company.website:
        return ""
    shown = company.website.split("://", 1)[-1].rstrip("/")
    return format_html(
        '<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>', company.website, shown
    )


NAME = Column("name", _("Name"), cell=name_cell, export=str, sort="sort_name")
STATUS = Column(
    "status", _("Status"), cell=badge("status", STATUS_COLOURS), export=lambda c: c.get_status_display()
)
INDUSTRY = Column(
    "industry",
    _("Industry"),
    path="get_industry_display",
    cell=lambda c: c.get_industry_display(),
    export=lambda c: c.get_industry_display(),
)
HEADCOUNT = Column(
    "headcount",
    _("Headcount"),
    cell=lambda c: "" if c.headcount is None else number(c.headcount),
    align="end",
)
TURNOVER = Column(
    "turnover",
    _("Turnover"),
    cell=lambda c: "" if c.turnover is None else money(c.turnover),
    align="end",
    default=False,
)
OWNER = Column(
    "owner",
    _("Assigned salesperson"),
    cell=person("owner"),
    export=lambda c: str(c.owner or ""),
    select_related=("owner",),
)
CITY = Column("city", _("Town"))
CONTACTS = Column("contact_count", _("Contacts"), cell=contacts_cell, sort="contact_count", align="end")
PHONE = Column(
    "phone", _("Phone"), cell=phone_cell("phone"), export=lambda c: format_phone(c.phone), default=False
)
EMAIL = Column("email", _("E-mail"), cell=email_cell, default=False)
WEBSITE = Column("website", _("Website"), cell=website_cell, default=False)
TAGS = Column(
    "tags",
    _("Tags"),
    cell=tag_list,
    export=lambda c: ", ".join(tag.name for tag in c.tags.all()),
    prefetch_related=("tags",),
    default=False,
)


class CompanyTable(Table):
    """The list of companies (SPEC C3)."""

    columns = (
        NAME,
        STATUS,
        INDUSTRY,
        CITY,
        HEADCOUNT,
        CONTACTS,
        OWNER,
        Column("created_at", _("Added on"), cell=day("created_at"), sort="id"),
        TURNOVER,
        Column("siren", _("SIREN"), default=False),
        Column("siret", _("SIRET"), default=False),
        Column("vat_number", _("VAT number"), default=False),
        Column("naf_code", _("NAF code"), default=False),
        Column("legal_form", _("Legal form"), default=False),
        Column("legal_manager", _("Manager of the firm"), default=False),
        PHONE,
        EMAIL,
        WEBSITE,
        Column("postcode", _("Postcode"), default=False),
        TAGS,
    )

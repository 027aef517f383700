"""Columns of contacts."""

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models.score_rule import FAIR, GOOD
from digiweb.countries import country_name
from digiweb.phones import format_phone
from digiweb.tables import Column, Table, badge, day, escape, link, person, tag_list

STATUS_COLOURS = {"lead": "slate", "prospect": "blue", "client": "green"}


def name_cell(record: Any) -> SafeString:
    text = escape(record)
    return SafeString(f'<a class="dw-name" href="{record.get_absolute_url()}" title="{text}">{text}</a>')


def email_cell(record: Any) -> str:
    if not record.email:
        return ""
    email = escape(record.email)
    return SafeString(f'<a href="mailto:{email}">{email}</a>')


def phone_cell(name: str) -> Any:
    def cell(record: Any) -> str:
        number = getattr(record, name)
        if not number:
            return ""
        shown = escape(format_phone(number))
        return SafeString(f'<a href="tel:{escape(number)}" class="text-nowrap">{shown}</a>')

    return cell


def score_cell(contact: Any) -> SafeString:
    score = contact.score
    level = "good" if score >= GOOD else "warn" if score >= FAIR else "bad"
    return SafeString(f'<span class="dw-score dw-score-{level}">{score}</span>')


def rating_cell(contact: Any) -> str:
    given = contact.rating
    if not given:
        return ""
    stars = "★" * given + "☆" * (5 - given)
    label = escape(contact.get_rating_display())
    return SafeString(
        f'<span class="dw-stars-text" role="img" aria-label="{label}" title="{label}">{stars}</span>'
    )


def country_cell(obj: Any) -> str:
    return country_name(obj.country)


NAME = Column("name", pgettext_lazy("person", "Name"), cell=name_cell, export=str, sort="sort_name")
EMAIL = Column("email", _("E-mail"), cell=email_cell)
PHONE = Column("phone", _("Phone"), cell=phone_cell("phone"), export=lambda c: format_phone(c.phone))
MOBILE = Column(
    "mobile", _("Mobile"), cell=phone_cell("mobile"), export=lambda c: format_phone(c.mobile), default=False
)
COMPANY = Column(
    "company",
    _("Company"),
    cell=link("company"),
    export=lambda c: str(c.company or ""),
    select_related=("company",),
)
JOB_TITLE = Column("job_title", _("Job title"), default=False)
CITY = Column("city", _("Town"))
STATUS = Column(
    "status", _("Status"), cell=badge("status", STATUS_COLOURS), export=lambda c: c.get_status_display()
)
SCORE = Column("score", _("Quality"), cell=score_cell, sort="score", align="end")
RATING = Column("rating", _("Rating"), cell=rating_cell, export=lambda c: c.rating or "", default=False)
LAST_CONTACT = Column("last_contact_at", _("Last contact"), cell=day("last_contact_at"), default=False)
OWNER = Column(
    "owner",
    _("Assigned salesperson"),
    cell=person("owner"),
    export=lambda c: str(c.owner or ""),
    select_related=("owner",),
)
TAGS = Column(
    "tags",
    _("Tags"),
    cell=tag_list,
    export=lambda c: ", ".join(tag.name for tag in c.tags.all()),
    prefetch_related=("tags",),
    default=False,
)
CREATED = Column("created_at", _("Added on"), cell=day("created_at"), sort="id")
SOURCE = Column("source", _("Source"), default=False)
COUNTRY = Column("country", _("Country"), cell=country_cell, export=country_cell, default=False)


class ContactTable(Table):
    """The list of contacts (SPEC C1)."""

    columns = (
        NAME,
        EMAIL,
        PHONE,
        COMPANY,
        CITY,
        STATUS,
        SCORE,
        OWNER,
        CREATED,
        MOBILE,
        JOB_TITLE,
        SOURCE,
        TAGS,
        RATING,
        LAST_CONTACT,
        Column("first_name", _("First name"), default=False),
        Column("last_name", _("Last name"), default=False),
        Column("postcode", _("Postcode"), default=False),
        COUNTRY,
        Column("siret", _("SIRET"), path="company.siret", default=False, select_related=("company",)),
        Column(
            "legal_manager",
            _("Manager of the firm"),
            path="company.legal_manager",
            default=False,
            select_related=("company",),
        ),
        Column("updated_at", _("Changed on"), cell=day("updated_at"), default=False),
    )

"""Columns of the team."""

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from digiweb.phones import format_phone
from digiweb.tables import Column, Table, day, link
from digiweb.templatetags.digiweb import avatar
from people.models import User

STATUS_COLOURS = {
    "active": "good",
    "invited": "info",
    "to_invite": "warn",
    "inactive": "slate",
    "removed": "slate",
}


def name_cell(person: User) -> Any:
    return format_html(
        '<span class="dw-person-name">{}<a class="dw-name" href="{}" title="{}">{}</a></span>',
        avatar(person),
        person.get_absolute_url(),
        person,
        person,
    )


def status_cell(person: User) -> Any:
    colour = STATUS_COLOURS[person.status]
    return format_html('<span class="dw-badge dw-badge-{}">{}</span>', colour, person.status_label)


def email_cell(person: User) -> Any:
    if person.removed_at:  # a stand-in, at which nobody reads
        return ""
    return format_html('<a href="mailto:{}">{}</a>', person.email, person.email)


def phone_cell(person: User) -> Any:
    if not person.phone:
        return ""
    return format_html(
        '<a href="tel:{}" class="text-nowrap">{}</a>', person.phone, format_phone(person.phone)
    )


NAME = Column("name", pgettext_lazy("person", "Name"), cell=name_cell, export=str, sort="sort_name")
EMAIL = Column("email", _("E-mail"), cell=email_cell, export=lambda p: "" if p.removed_at else p.email)
PHONE = Column("phone", _("Phone"), cell=phone_cell, export=lambda p: format_phone(p.phone), default=False)
ROLE = Column("role", _("Role"), export=lambda p: str(p.role or ""), select_related=("role",))
STATUS = Column("status", _("Status"), cell=status_cell, export=lambda p: p.status_label)
DEPARTMENT = Column(
    "department", _("Department"), export=lambda p: str(p.department or ""), select_related=("department",)
)
MANAGER = Column(
    "manager",
    _("Manager"),
    cell=link("manager"),
    export=lambda p: str(p.manager or ""),
    select_related=("manager",),
)
JOB_TITLE = Column("job_title", _("Job title"), default=False)
START = Column("start_date", _("Start date"), default=False)
CREATED = Column("created_at", _("Added on"), cell=day("created_at"), sort="id")


class UserTable(Table):
    """The team (SPEC T6)."""

    columns = (NAME, EMAIL, ROLE, STATUS, DEPARTMENT, MANAGER, CREATED, PHONE, JOB_TITLE, START)

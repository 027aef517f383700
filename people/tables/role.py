"""Columns of roles."""

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from digiweb.tables import Column, Table
from digiweb.templatetags.digiweb import number
from people.models import Role


def name_cell(role: Role) -> Any:
    return format_html('<a class="dw-name" href="{}">{}</a>', role.get_absolute_url(), role)


def people_cell(role: Any) -> Any:
    if not role.people_count:
        return ""
    return format_html(
        '<a href="/settings/team/?role={}&amp;all=1">{}</a>', role.pk, number(role.people_count)
    )


def mfa_cell(role: Role) -> Any:
    return _("Compulsory") if role.mfa_required else _("Optional")


class RoleTable(Table):
    """Roles with how many people have them (SPEC T2)."""

    columns = (
        Column("name", _("Name"), cell=name_cell, export=str, sort="name"),
        Column("description", _("Description")),
        Column("people", _("People"), cell=people_cell, export=lambda r: r.people_count, align="end"),
        Column(
            "home", _("Home page"), cell=lambda r: r.get_home_display(), export=lambda r: r.get_home_display()
        ),
        Column("mfa_required", _("Second factor"), cell=mfa_cell, export=lambda r: str(mfa_cell(r))),
        Column(
            "api_calls_per_hour",
            _("API calls per hour"),
            cell=lambda r: number(r.api_calls_per_hour),
            align="end",
        ),
    )

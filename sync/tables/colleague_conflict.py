"""Columns of the import's conflicts; what they say of people is masked for who may not see contacts."""

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from digiweb.phones import format_phone
from digiweb.tables import Column, Table, badge, escape
from digiweb.templatetags.digiweb import ago, number

STATE_COLOURS = {"open": "amber", "settled": "green", "gone": "slate"}


def name_cell(conflict: Any) -> Any:
    return format_html('<a class="dw-name" href="{}">{}</a>', conflict.get_absolute_url(), conflict)


def phone_text(conflict: Any) -> str:
    return format_phone(conflict.phone) if conflict.phone else ""


def phone_cell(conflict: Any) -> Any:
    return escape(phone_text(conflict))


class ColleagueConflictTable(Table):
    """The list of conflicts."""

    columns = (
        Column("name", _("Prospect"), cell=name_cell, export=str),
        Column("email", _("E-mail")),
        Column("phone", _("Phone"), cell=phone_cell, export=phone_text),
        Column(
            "reason",
            _("Why"),
            cell=badge("reason", {"email": "blue", "phone": "blue"}),
            export=lambda one: str(one.get_reason_display()),
        ),
        Column("contracts", _("Contracts"), cell=lambda one: number(one.contracts), align="end"),
        Column(
            "state",
            _("State"),
            cell=badge("state", STATE_COLOURS),
            export=lambda one: str(one.get_state_display()),
        ),
        Column("created_at", _("Since"), cell=lambda one: ago(one.created_at), sort="id"),
    )

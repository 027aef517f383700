"""Columns of unknown calls."""

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crm.tables.activity import moment_text
from digiweb.tables import Column, Table, badge, escape, person
from digiweb.templatetags.digiweb import ago

STATE_COLOURS = {"unknown": "amber", "ignored": "slate", "known": "green"}


def number_cell(caller: Any) -> SafeString:
    text = escape(caller)
    return SafeString(
        f'<a class="dw-name text-nowrap" href="{caller.get_absolute_url()}" title="{text}">{text}</a>'
    )


class CallerTable(Table):
    """Numbers whose calls wait for a name."""

    columns = (
        Column("number", _("Number"), cell=number_cell, export=str),
        Column(
            "last_call_at",
            _("Last call"),
            cell=lambda one: ago(one.last_call_at),
            export=lambda one: moment_text(one.last_call_at),
            sort="last_call_at",
        ),
        Column("waiting", _("Calls"), align="end", sort="waiting"),
        Column(
            "last_person",
            _("Answered by"),
            cell=person("last_person"),
            export=lambda one: str(one.last_person or ""),
            select_related=("last_person",),
        ),
        Column(
            "state",
            _("State"),
            cell=badge("state", STATE_COLOURS),
            export=lambda one: str(one.get_state_display()),
            default=False,
        ),
    )

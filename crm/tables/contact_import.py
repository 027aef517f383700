"""Columns of imports."""

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import ContactImport
from digiweb.tables import Column, Table, badge, day, person
from digiweb.templatetags.digiweb import number

STATE_COLOURS = {
    "uploaded": "amber",
    "running": "blue",
    "done": "green",
    "failed": "red",
    "cancelled": "slate",
    "undoing": "blue",
    "undone": "slate",
}


def name_cell(run: Any) -> Any:
    return format_html('<a class="dw-name" href="{}" title="{}">{}</a>', run.get_absolute_url(), run, run)


def figure(name: str) -> Any:
    def cell(run: Any) -> str:
        return number(getattr(run, name)) if run.state != ContactImport.State.UPLOADED else ""

    return cell


class ContactImportTable(Table):
    """The list of imports."""

    columns = (
        Column("name", _("File"), cell=name_cell, export=str),
        Column(
            "state",
            _("State"),
            cell=badge("state", STATE_COLOURS),
            export=lambda run: run.get_state_display(),
        ),
        Column("created", pgettext_lazy("contacts", "Created"), cell=figure("created"), align="end"),
        Column("updated", pgettext_lazy("contacts", "Updated"), cell=figure("updated"), align="end"),
        Column("skipped", _("Duplicates skipped"), cell=figure("skipped"), align="end"),
        Column("refused", pgettext_lazy("rows", "Refused"), cell=figure("refused"), align="end"),
        Column(
            "user",
            _("Imported by"),
            cell=person("user"),
            export=lambda run: str(run.user or ""),
            select_related=("user",),
        ),
        Column("created_at", _("Added on"), cell=day("created_at"), sort="id"),
    )

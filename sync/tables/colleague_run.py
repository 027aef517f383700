"""Columns of the import's runs."""

from datetime import timedelta
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from digiweb.tables import Column, Table, badge, escape
from digiweb.templatetags.digiweb import ago, number

STATE_COLOURS = {
    "waiting": "amber",
    "running": "blue",
    "done": "green",
    "partial": "amber",
    "failed": "bad",
    "stopped": "slate",
}
OUTCOME_COLOURS = {
    "failed": "bad",
    "conflict": "amber",
    "ours": "blue",
    "theirs": "blue",
    "notice": "slate",
    "moved": "slate",
}


def run_cell(run: Any) -> Any:
    return format_html('<a class="dw-name" href="{}">{}</a>', run.get_absolute_url(), run)


def figure(name: str) -> Any:
    def cell(run: Any) -> str:
        return number(getattr(run, name))

    return cell


def length_text(run: Any) -> str:
    """« 12 s », « 3 min »: how long it took, or has taken so far."""
    passed: timedelta | None = run.duration
    if passed is None:
        return ""
    seconds = int(passed.total_seconds())
    if seconds < 60:
        return _("%(count)s s") % {"count": seconds}
    minutes = round(seconds / 60)
    return ngettext("%(count)s min", "%(count)s min", minutes) % {"count": minutes}


class ColleagueRunTable(Table):
    """The list of runs."""

    columns = (
        Column("run", gettext_lazy("Run"), cell=run_cell, export=str),
        Column(
            "state",
            gettext_lazy("State"),
            cell=badge("state", STATE_COLOURS),
            export=lambda run: str(run.get_state_display()),
        ),
        Column(
            "origin",
            gettext_lazy("Started by"),
            cell=lambda run: escape(run.starter),
            export=lambda run: run.starter,
            select_related=("user",),
        ),
        Column("created_at", gettext_lazy("Started on"), cell=lambda run: ago(run.created_at), sort="id"),
        Column("duration", gettext_lazy("Duration"), cell=length_text, export=length_text, align="end"),
        Column("read", gettext_lazy("Prospects read"), cell=figure("read"), align="end"),
        Column("created", pgettext_lazy("contacts", "Created"), cell=figure("created"), align="end"),
        Column("updated", pgettext_lazy("contacts", "Updated"), cell=figure("updated"), align="end"),
        Column("failed", gettext_lazy("Failed"), cell=figure("failed"), align="end"),
        Column("conflicts", gettext_lazy("To settle"), cell=figure("conflicts"), align="end"),
        Column("error", gettext_lazy("What happened"), default=False),
    )

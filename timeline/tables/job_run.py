"""Columns of background jobs."""

from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from digiweb.durations import took_text
from digiweb.tables import Column, Table, escape, person
from digiweb.templatetags.digiweb import ago
from timeline.models import JobRun

COLOURS = {"queued": "slate", "running": "blue", "done": "green", "failed": "red", "cancelled": "amber"}
# Of the reason, what one line of the list shows.
SHOWN = 160
WHO = person("user")


def name_cell(run: JobRun) -> SafeString:
    text = escape(run.label)
    return SafeString(f'<a class="dw-name" href="{run.get_absolute_url()}" title="{text}">{text}</a>')


def state_badge(run: JobRun) -> SafeString:
    return SafeString(
        f'<span class="dw-badge dw-badge-{COLOURS[run.state]}">{escape(run.get_state_display())}</span>'
    )


def state_of(run: JobRun) -> SafeString:
    """The state; of a run under way how far it is, of one that failed why."""
    more = ""
    if run.state == JobRun.State.RUNNING and run.total:
        bar = f'<progress max="100" value="{run.percent}" aria-hidden="true"></progress>'
        more = f"{bar}<span>{run.percent} %</span>"
    elif run.error and run.state in (JobRun.State.FAILED, JobRun.State.QUEUED):
        text = escape(run.error[:SHOWN])
        more = f'<span class="dw-job-why" title="{text}">{text}</span>'
    return state_badge(run) + SafeString(more)


def state_cell(run: JobRun) -> SafeString:
    """The page keeps it up to date (templates/timeline/jobrun/live.html)."""
    return SafeString(f'<span class="dw-job-cell" id="job-state-{run.pk}">{state_of(run)}</span>')


def who_cell(run: JobRun) -> Any:
    return WHO(run) or _("The schedule")


def took_cell(run: JobRun) -> SafeString:
    return SafeString(f'<span id="job-took-{run.pk}">{escape(took_text(run.took))}</span>')


def moment_text(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%d/%m/%Y %H:%M:%S") if moment else ""


class JobRunTable(Table):
    """Background jobs."""

    columns = (
        Column("label", _("Job"), cell=name_cell, export=str, sort="label"),
        Column("state", _("State"), cell=state_cell, export=lambda run: run.get_state_display()),
        Column(
            "user",
            _("Asked by"),
            cell=who_cell,
            export=lambda run: str(run.user or _("The schedule")),
            select_related=("user",),
        ),
        Column(
            "created_at",
            _("Asked on"),
            cell=lambda run: ago(run.created_at),
            export=lambda run: moment_text(run.created_at),
            sort="id",
        ),
        Column("took", _("Duration"), cell=took_cell, export=lambda run: took_text(run.took), align="end"),
        Column(
            "ended_at",
            _("Ended on"),
            cell=lambda run: ago(run.ended_at) if run.ended_at else "",
            export=lambda run: moment_text(run.ended_at),
            default=False,
        ),
        Column(
            "kind",
            _("Kind of job"),
            cell=lambda run: escape(run.kind_label),
            export=lambda run: str(run.kind_label),
            default=False,
        ),
        Column("error", _("Reason"), default=False),
    )

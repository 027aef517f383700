"""Columns of the audit log."""

from typing import Any

from django.apps import apps
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from digiweb.tables import Column, Table
from timeline.models import Event
from timeline.words import change_lines, words_of_action

CHANNELS = {
    "page": _("Page"),
    "api": _("API"),
    "admin": _("Admin site"),
    "job": _("Background job"),
    "system": _("System"),
}


def colon() -> str:
    """French puts a space before it."""
    return pgettext("punctuation", ":")


def at_cell(event: Event) -> Any:
    local = timezone.localtime(event.at)
    return format_html(
        '<time class="text-nowrap" datetime="{}">{} {}</time>',
        local.isoformat(timespec="seconds"),
        date_format(local, "SHORT_DATE_FORMAT"),
        local.strftime("%H:%M:%S"),
    )


def kind_label(event: Event) -> str:
    """What the interface calls the kind of record; the key itself when its table is gone."""
    try:
        return capfirst(str(apps.get_model(event.subject_type)._meta.verbose_name))
    except (LookupError, ValueError):
        return event.subject_type


def named_in_data(event: Event) -> str:
    """What an event without a record is about: the list that was exported, the address that was tried."""
    app, _colon, model = str(event.data.get("list", "")).partition(":")
    try:
        return capfirst(str(apps.get_model(app, model)._meta.verbose_name_plural)) if model else ""
    except LookupError:
        return str(event.data["list"])


def record_cell(event: Event) -> Any:
    """The record, with a link where the page found that the person may see it (`record_url`)."""
    if not event.subject_type:
        return event.data.get("email") or named_in_data(event)
    label = event.subject_label or f"#{event.subject_id}"
    url = getattr(event, "record_url", "")
    name = format_html('<a href="{}">{}</a>', url, label) if url else label
    return format_html('{} <span class="dw-muted">{}</span>', name, kind_label(event))


def record_text(event: Event) -> str:
    if not event.subject_type:
        return str(event.data.get("email") or named_in_data(event))
    return f"{kind_label(event)} #{event.subject_id}{colon()} {event.subject_label}"


def action_cell(event: Event) -> Any:
    return words_of_action(event.action).label


def changes_cell(event: Event) -> Any:
    lines = change_lines(event.subject_type, event.changes)
    if not lines:
        return ""
    return format_html(
        '<details class="dw-event-changes"><summary>{}</summary><dl>{}</dl></details>',
        ngettext("%(count)s value", "%(count)s values", len(lines)) % {"count": len(lines)},
        format_html_join(
            "",
            "<div><dt>{}</dt><dd><s>{}</s> → <b>{}</b></dd></div>",
            ((x["label"], x["before"], x["after"]) for x in lines),
        ),
    )


def changes_text(event: Event) -> str:
    lines = change_lines(event.subject_type, event.changes)
    return "\n".join(f"{line['label']}{colon()} {line['before']} → {line['after']}" for line in lines)


def origin(event: Event) -> str:
    channel = str(CHANNELS.get(event.channel, event.channel))
    return " · ".join(part for part in (channel, event.ip) if part)


class EventTable(Table):
    """The audit log (SPEC T11)."""

    columns = (
        Column(
            "at",
            _("When"),
            cell=at_cell,
            export=lambda event: timezone.localtime(event.at).strftime("%d/%m/%Y %H:%M:%S"),
        ),
        Column(
            "actor",
            _("Who"),
            cell=lambda event: event.actor_name or _("The system"),
            export=lambda event: event.actor_name or str(_("The system")),
        ),
        Column("action", _("Action"), cell=action_cell, export=lambda event: str(action_cell(event))),
        Column("record", _("Record"), cell=record_cell, export=record_text),
        Column("changes", _("Before → after"), cell=changes_cell, export=changes_text),
        Column("origin", _("From"), cell=origin, export=origin),
        Column("request_id", _("Request"), default=False),
    )

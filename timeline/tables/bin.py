"""Columns of the bin."""

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from digiweb.tables import Column, Table, escape, person
from digiweb.templatetags.digiweb import ago
from timeline.models import BinEntry


def label_cell(entry: BinEntry) -> SafeString:
    text = escape(entry.label)
    return SafeString(f'<a class="dw-name" href="{entry.get_absolute_url()}" title="{text}">{text}</a>')


def left_text(entry: Any) -> str:
    """« 12 days left »."""
    days = entry.days_left
    return ngettext("%(count)s day left", "%(count)s days left", days) % {"count": days}


class BinTable(Table):
    """The bin."""

    columns = (
        Column("label", _("Record"), cell=label_cell, export=str),
        Column(
            "kind",
            _("Kind"),
            cell=lambda entry: escape(entry.kind_label),
            export=lambda entry: entry.kind_label,
        ),
        Column(
            "deleted_by",
            _("Deleted by"),
            cell=person("deleted_by"),
            export=lambda entry: str(entry.deleted_by or ""),
            select_related=("deleted_by",),
        ),
        Column("deleted_at", _("Deleted on"), cell=lambda entry: ago(entry.deleted_at), sort="id"),
        Column("left", _("Kept for"), cell=left_text, export=left_text),
    )

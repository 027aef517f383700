"""Columns of documents."""

from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from digiweb.tables import Column, Table, badge, day, escape, person
from digiweb.templatetags.digiweb import icon

SCAN_COLOURS = {"unset": "slate", "waiting": "amber", "clean": "green", "infected": "bad", "failed": "amber"}
SCAN_ICONS = {"waiting": "clock", "infected": "virus", "failed": "alert-triangle"}


def name_cell(document: Any) -> SafeString:
    text = escape(document.name)
    return SafeString(
        f'<span class="dw-kind">{icon(document.type.icon)}'
        f'<a class="dw-name" href="{document.get_absolute_url()}" title="{text}">{text}</a></span>'
    )


def record_cell(document: Any) -> Any:
    record = document.record
    if record is None:
        return ""
    text = escape(record)
    return SafeString(f'<a href="{record.get_absolute_url()}" title="{text}">{text}</a>')


def record_text(document: Any) -> str:
    return str(document.record or "")


def kind_of_record(document: Any) -> str:
    record = document.record
    return capfirst(str(record._meta.verbose_name)) if record is not None else ""


def size_text(document: Any) -> str:
    return filesizeformat(document.size)


NAME = Column("name", gettext_lazy("Name"), cell=name_cell, export=str, sort="sort_name")
# On the page of one, where a link would lead to itself.
PLAIN_NAME = Column("name", gettext_lazy("Name"))
RECORD = Column(
    "record", gettext_lazy("On"), cell=record_cell, export=record_text, prefetch_related=("record",)
)
KIND = Column(
    "kind",
    gettext_lazy("Kind of record"),
    cell=lambda one: escape(kind_of_record(one)),
    export=kind_of_record,
    prefetch_related=("record",),
    default=False,
)
TYPE = Column(
    "type",
    gettext_lazy("Type"),
    cell=lambda one: escape(one.type.label),
    export=lambda one: str(one.type.label),
)
SIZE = Column(
    "size", gettext_lazy("Size"), cell=size_text, export=lambda one: one.size, sort="size", align="end"
)
BY = Column(
    "added_by",
    gettext_lazy("Added by"),
    cell=person("added_by"),
    export=lambda one: str(one.added_by or ""),
    select_related=("added_by",),
)
ADDED = Column("created_at", gettext_lazy("Added on"), cell=day("created_at"))
SCAN = Column(
    "scan",
    gettext_lazy("Virus check"),
    cell=badge("scan", SCAN_COLOURS),
    export=lambda one: str(one.get_scan_display()),
    default=False,
)
PAGES = Column("pages", gettext_lazy("Pages"), align="end", default=False)
SUM = Column("sha256", gettext_lazy("Checksum (SHA-256)"), default=False)


class DocumentTable(Table):
    """The list of documents (SPEC C17)."""

    columns = (NAME, RECORD, TYPE, SIZE, BY, ADDED, KIND, SCAN, PAGES, SUM)

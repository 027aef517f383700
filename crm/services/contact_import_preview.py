"""What an import would do, without doing it: the first rows as they will be stored, and counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.importing.fields import FIELDS
from crm.importing.plan import given_in
from crm.importing.reading import Ready, make_ready
from crm.models import Contact
from crm.services.contact_import_batch import Batch, Plan
from digiweb.phones import format_phone
from digiweb.tables import text_of
from digiweb.tabular import Source

ROWS = 10
# Counted beforehand, so that the page stays quick whatever the size of the file.
COUNTED = 2000
# A full name becomes two fields, a second phone may become a mobile.
_SPLIT = {"full_name": ("first_name", "last_name"), "phone": ("phone", "mobile")}


@dataclass
class PreviewRow:
    number: int
    outcome: str
    cells: list[dict[str, str]]  # {"text", "error"}
    reason: str = ""


@dataclass
class Preview:
    columns: list[dict[str, Any]] = field(default_factory=list)  # {"name", "label"}
    rows: list[PreviewRow] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    skipped: int = 0
    refused: int = 0
    # Rows that were looked at, and whether these are all.
    counted: int = 0
    complete: bool = True


def preview_import(*, plan: Plan, source: Source) -> Preview:
    """Decide the first rows as the import would, and write nothing."""
    rows = [
        make_ready(row, plan.mapping, plan.choices.defaults) for row in islice(source.rows(), COUNTED + 1)
    ]
    complete, rows = len(rows) <= COUNTED, rows[:COUNTED]
    batch = Batch(plan, rows)
    with transaction.atomic():  # an update locks what it meets
        batch.decide()
        transaction.set_rollback(True)
    names = _names(plan, rows[:ROWS])
    labels: dict[str, Any] = {**FIELDS, **plan.mapping.customs}
    return Preview(
        columns=[{"name": name, "label": labels[name].label} for name in names],
        rows=[
            _row(ready, fate.outcome.value, fate.reason, names, plan)
            for ready, fate in zip(rows[:ROWS], batch.fates, strict=False)
        ],
        counted=len(rows),
        complete=complete,
        **{name: batch.counts[name] for name in ("created", "updated", "skipped", "refused")},
    )


def _names(plan: Plan, rows: Sequence[Ready]) -> list[str]:
    mapped = set(plan.mapping.columns.values())
    shown = {part for name in mapped for part in _SPLIT.get(name, (name,))}
    if "mobile" not in mapped and not any(ready.clean.data.get("mobile") for ready in rows):
        shown.discard("mobile")  # no row has a second number, which would go there
    return [name for name in (*FIELDS, *plan.mapping.customs) if name in shown]


def _row(ready: Ready, outcome: str, reason: str, names: list[str], plan: Plan) -> PreviewRow:
    problems = dict(ready.problems)
    for whole, parts in _SPLIT.items():
        if whole in problems and whole not in names:
            problems.setdefault(parts[0], problems[whole])
    data = ready.clean.data
    if outcome == "updated":
        data = given_in(data, ready.values, plan.mapping)
    cells = [{"text": _text(ready, data, name, plan), "error": problems.get(name, "")} for name in names]
    for cell, name in zip(cells, names, strict=True):
        if cell["error"]:
            cell["text"] = _written(ready, name, plan)
    return PreviewRow(ready.number, outcome, cells, problems.get("", "") if outcome == "refused" else reason)


def _text(ready: Ready, data: Mapping[str, Any], name: str, plan: Plan) -> str:
    if name == "tags":
        return ", ".join(ready.clean.tags)
    if name == "note":
        return ready.clean.note
    value = data.get(name, "")
    custom = plan.mapping.customs.get(name)
    if custom:
        return custom_text(custom, value)
    if name in ("phone", "mobile") and value:
        return format_phone(value)
    return str(Contact.Status(value).label) if name == "status" and value else value


def custom_text(field: Any, value: Any) -> str:
    """A custom field's value as the record's page will write it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(text_of(field.typed(value))) if value not in (None, "") else ""


def _written(ready: Ready, name: str, plan: Plan) -> str:
    """What the file has where a value is wrong."""
    wholes = {name, *(whole for whole, parts in _SPLIT.items() if name in parts)}
    texts = [
        ready.values[column]
        for column, mapped in plan.mapping.columns.items()
        if mapped in wholes and column < len(ready.values)
    ]
    return next((text for text in texts if text.strip()), "")[:200]

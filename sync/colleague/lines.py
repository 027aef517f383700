"""A run's counts and lines as a person reads them, personal data hidden from who may not see contacts."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from sync.colleague.faults import EFFECTS, Effect
from sync.colleague.report import KINDS, reason_of
from sync.models import ColleaguePiece, ColleagueRun, ColleagueRunLine

# Columns of the counts, and the lines to which a number of them leads.
COUNTS = (
    ("created", pgettext_lazy("contacts", "Created"), ""),
    ("updated", pgettext_lazy("contacts", "Updated"), "theirs"),
    ("unchanged", gettext_lazy("Unchanged"), ""),
    ("skipped", gettext_lazy("Skipped"), "notice"),
    ("failed", gettext_lazy("Failed"), "failed"),
    ("absent", gettext_lazy("Absent from the source"), "moved"),
    ("back", gettext_lazy("Back in the source"), "moved"),
)

# What came of a replay.
REPLAYED = {
    "done": gettext_lazy("Imported."),
    "same": gettext_lazy("Read again: everything is as it was."),
    "failed": gettext_lazy("Read again: what follows still fails."),
    "seen": gettext_lazy("A later run has read this prospect since: nothing was changed."),
}
# What the name of a record is made of.
NAMED_BY = {
    "crm.client": ("company", "contact"),
    "sales.subscription": ("client__company", "client__contact"),
}


def may_see_people(user: Any) -> bool:
    """Whether the texts of prospects, who are nobody's yet, are theirs to read: who sees all contacts."""
    return bool(user.is_superuser or user.scope("crm.contact", "view") == "all")


def counted(run: ColleagueRun) -> dict[str, Any]:
    """The table of counts: a row a kind, only the columns that hold something."""
    names = [
        (name, label, lines)
        for name, label, lines in COUNTS
        if name in ("created", "updated", "unchanged", "failed")
        or any(name in each for each in run.counts.values())
    ]
    rows = []
    for kind, label in KINDS.items():
        found = run.counts.get(kind)
        if not found:
            continue
        cells = []
        for name, _label, lines in names:
            value = found.get(name, 0)
            link = f"?lines={lines}&kind={kind}#lines" if value and lines and run.told.get(lines) else ""
            cells.append({"value": value, "url": link})
        rows.append({"label": label, "cells": cells})
    return {"columns": [label for _name, label, _lines in names], "rows": rows}


def shown_lines(lines: Sequence[ColleagueRunLine], user: Any, *, hide: bool) -> list[dict[str, Any]]:
    """What lines say to this person, with the records that they may see; a query a kind of record."""
    asked: dict[str, set[int]] = defaultdict(set)
    for line in lines:
        if line.target_type and line.target_id is not None:
            asked[line.target_type].add(line.target_id)
    seen: dict[tuple[str, int | None], Any] = {}
    for kind, pks in asked.items():
        model: Any = apps.get_model(kind)
        found = model.objects.visible_to(user).select_related(*NAMED_BY.get(kind, ())).in_bulk(pks)
        seen |= {(kind, pk): record for pk, record in found.items()}
    replays = _replays({line.kept_piece_id for line in lines if line.kept_piece_id}, user, hide=hide)
    first = {line.kept_piece_id: line.pk for line in reversed(lines)}
    shown = []
    for line in lines:
        record = seen.get((line.target_type, line.target_id))
        # One that was deleted since is in nobody's sight, but that of who sees all of its kind.
        whole = record is not None or sees_all(user, line.target_type)
        shown.append(
            {
                **_shown(line, record, hide=hide, hide_values=not whole),
                "replay": replays.get(line.kept_piece_id or 0),
                # Of several lines about one prospect the first has the button: all of it is read again.
                "first_of_piece": first[line.kept_piece_id] == line.pk,
            }
        )
    return shown


def _replays(pks: Collection[int], user: Any, *, hide: bool) -> dict[int, dict[str, Any]]:
    """What can be replayed, and what came of it when it was: {number of the piece: for the page}."""
    if not pks:
        return {}
    pieces = ColleaguePiece.objects.visible_to(user).filter(pk__in=pks).defer("payload")
    pieces = pieces.annotate(open=Q(payload__isnull=False)).select_related("replayed_by", "job")
    may = user.can(ColleagueRun.module, "create")
    return {
        piece.pk: {
            "piece": piece,
            "url": reverse("sync:run_replay", args=[piece.run_id, piece.pk]) if may and piece.open else "",
            "live": piece.job is not None and piece.job.is_live,
            "error": piece.job.error if piece.job is not None and not piece.job.is_live else "",
            "outcome": _outcome(piece.result, hide=hide),
        }
        for piece in pieces
    }


def _outcome(result: Any, *, hide: bool) -> dict[str, Any] | None:
    """The result of a replay in words."""
    if not result:
        return None
    told = [
        f"{KINDS.get(kind, kind)}{pgettext('punctuation', ':')} {label} ({found[name]})"
        for kind, found in result.get("counts", {}).items()
        for name, label, _lines in COUNTS
        if name in ("created", "updated", "failed") and found.get(name)
    ]
    lines = [ColleagueRunLine(**line) for line in result.get("lines", ())]
    failed = (ColleagueRunLine.Outcome.FAILED, ColleagueRunLine.Outcome.CONFLICT)
    return {
        "state": result["state"],
        "label": REPLAYED[result["state"]],
        "counts": told,
        "reasons": [
            {"path": line.path, "reason": reason_of(line, hide=hide)}
            for line in lines
            if line.outcome in failed
        ],
    }


def sees_all(user: Any, kind: str) -> bool:
    """Whether all records of this kind are in sight; what is about none of ours hides nothing."""
    module = getattr(apps.get_model(kind), "module", "") if kind else ""
    return bool(not module or user.is_superuser or user.scope(module, "view") == "all")


def _shown(line: ColleagueRunLine, record: Any, *, hide: bool, hide_values: bool) -> dict[str, Any]:
    effect = line.params.get("effect", "")
    piece = line.masked if hide else line.piece
    # A reference or a path is no secret; what stands in the place of a name may be one.
    return {
        "number": line.number,
        "kind": KINDS.get(line.kind, line.kind),
        "path": line.path,
        "reason": reason_of(line, hide=hide, hide_values=hide_values),
        "effect": EFFECTS.get(Effect(effect)) if effect in list(Effect) else "",
        "piece": _pretty(piece),
        "record": record,
        "won": _won(line),
    }


def _won(line: ColleagueRunLine) -> str:
    if line.code != "recent":
        return ""
    return _("Ours stays") if line.outcome == ColleagueRunLine.Outcome.OURS else _("The source wins")


def _pretty(piece: str) -> str:
    try:
        return json.dumps(json.loads(piece), ensure_ascii=False, indent=1) if piece else ""
    except ValueError:
        return piece  # it was cut short

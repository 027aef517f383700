"""A run of the import with lines of every kind, and a conflict, for tests of pages."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from sync.colleague.kept import written
from sync.models import ColleagueConflict, ColleaguePiece, ColleagueRun, ColleagueRunLine

SECRET = "Zébulon Secret"


def make_run(**fields: Any) -> ColleagueRun:
    now = timezone.now()
    run = ColleagueRun.objects.create(
        **{
            "state": "done",
            "complete": True,
            "started_at": now - timedelta(seconds=12),
            "ended_at": now,
            "read": 12,
            "created": 3,
            "failed": 1,
            "conflicts": 1,
            "counts": {"contract": {"created": 3, "failed": 1}, "client": {"unchanged": 2}},
            "told": {"failed": 1, "conflict": 1, "theirs": 1, "notice": 1, "moved": 1},
            "ignored": ["Souscription.couleur"],
            **fields,
        }
    )
    whole = ColleaguePiece.objects.create(
        run=run, number=7, key="k7", digest="d7", payload=written({"idProspect": 7, "nom": SECRET})
    )
    lines = [
        ("failed", "contract", "amount", {"effect": "emptied"}, f'"{SECRET}"', '"•••"'),
        ("conflict", "prospect", "candidates", {}, "", ""),
        (
            "theirs",
            "contact",
            "recent",
            {"field": "last_name", "ours": SECRET, "theirs": "B", "at": ""},
            "",
            "",
        ),
        ("notice", "contract", "unknown_status", {"effect": "kept", "p_value": SECRET}, "", ""),
        ("moved", "contract", "absent", {}, "", ""),
    ]
    ColleagueRunLine.objects.bulk_create(
        [
            ColleagueRunLine(
                run=run, outcome=outcome, kind=kind, code=code, params=params, piece=piece, masked=masked,
                number=7, path="Souscription[0].contrats[2].montant",
                kept_piece=whole if outcome in ("failed", "conflict") else None,
            )
            for outcome, kind, code, params, piece, masked in lines
        ]
    )  # fmt: skip
    return run


def make_conflict(*contacts: Any, **fields: Any) -> ColleagueConflict:
    given = {
        "key": "k1",
        "number": 7,
        "name": SECRET,
        "email": "z@example.test",
        "phone": "+33612345678",
        "reason": "email",
        "candidates": [contact.pk for contact in contacts],
        "contracts": 2,
        **fields,
    }
    return ColleagueConflict.objects.create(**given)

"""Keeping whole what failed or waits for a person, so that it can be read again without the source."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sync.colleague.keys import Element, prospect_key
from sync.models import ColleaguePiece, ColleagueRun, ColleagueRunLine

Outcome = ColleagueRunLine.Outcome
WORTH_IT = (Outcome.FAILED, Outcome.CONFLICT)
# A piece that is longer is not kept: the next run brings it.
LONGEST = 200_000
_NUMBER = "\x00number"


def keep_elements(
    run: ColleagueRun, lines: Iterable[ColleagueRunLine], elements: Mapping[int, Element]
) -> None:
    """Keep the elements that `lines` say something went wrong with, and tell the lines which piece it is."""
    worth = [line for line in lines if line.outcome in WORTH_IT and line.number in elements]
    wanted = {line.number for line in worth if line.number is not None}
    if not wanted:
        return
    there = set(run.pieces.filter(number__in=wanted).values_list("number", flat=True))
    new = []
    for number in sorted(wanted - there):
        element, key = elements[number], prospect_key(number)
        text = written(element.raw)
        if len(text) <= LONGEST:
            piece = ColleaguePiece(run_id=run.pk, number=number, key=key, digest=element.digest, payload=text)
            new.append(piece)
    ColleaguePiece.objects.bulk_create(new, batch_size=200)
    pieces = dict(run.pieces.filter(number__in=wanted).values_list("number", "pk"))
    for line in worth:
        line.kept_piece_id = pieces.get(line.number or 0)


def forget_elements(run: ColleagueRun) -> None:
    """A run has read the whole list: what earlier ones kept is read no more; outcomes of replays stay."""
    earlier = ColleaguePiece.objects.filter(run__lt=run.pk)
    earlier.filter(result=None).delete()
    earlier.filter(payload__isnull=False).update(payload=None)


def written(raw: Any) -> str:
    """As JSON text from which the very same comes back: a `Decimal`, and half an emoji (so: ASCII)."""
    return json.dumps(raw, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {_NUMBER: str(value)}
    raise TypeError(type(value).__name__)


def read_again(text: str) -> Any:
    """What `written` was given."""
    return json.loads(text, object_hook=_as_it_was)


def _as_it_was(found: dict[str, Any]) -> Any:
    return Decimal(found[_NUMBER]) if found.keys() == {_NUMBER} else found

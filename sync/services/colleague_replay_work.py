"""Reading one piece of a run again, from what was kept of it.

A replay is the import of one prospect: the same batch, with the same rules of who wins, at the moment of the
run that kept it. Done twice it changes nothing the second time.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from digiweb.jobs import JobError, Progress, TryAgain
from sales.services.bank_account_words import tell_of_imported
from sync.colleague.batch import REFUSED, Batch
from sync.colleague.kept import read_again
from sync.colleague.keys import Element
from sync.colleague.report import Outcome
from sync.colleague.sellers import Sellers
from sync.models import ColleaguePiece, ColleagueRun, ColleagueTurn, ImportedRecord
from sync.services.colleague_work import settle_runs

WAIT_SECONDS = 15
# The columns of a line that a result keeps.
OF_THE_LINE = (
    "outcome", "kind", "number", "path", "code", "params", "piece", "masked", "target_type", "target_id",
)  # fmt: skip


class ReplayBatch(Batch):
    """One element once more: that the last run has seen its prospect is no reason to pass it over."""

    def _was_seen(self, record: ImportedRecord | None) -> bool:
        return False


def perform(piece_id: int, progress: Progress) -> None:
    """Read the piece again and note what came of it. Waits for an import that is under way.

    Raises JobError when the piece is gone, TryAgain while a run works.
    """
    settle_runs()
    with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        # No run begins until this is through: who begins one waits for the turn.
        ColleagueTurn.objects.select_for_update().get_or_create(pk=1)
        if ColleagueRun.objects.filter(state=ColleagueRun.State.RUNNING).exists():
            raise TryAgain(_("An import is under way: the replay waits for its end."), seconds=WAIT_SECONDS)
        piece = ColleaguePiece.objects.select_for_update().select_related("run").filter(pk=piece_id).first()
        if piece is None or piece.payload is None:
            raise JobError(_("A later run has read the whole list since: there is nothing to replay."))
        piece.result = {"state": "seen"} if _seen_since(piece) else _again(piece)
        piece.replayed_at = timezone.now()
        piece.save(update_fields=["result", "replayed_at"])
        progress.set(1, 1)


def _seen_since(piece: ColleaguePiece) -> bool:
    """Whether a later run, one that was cut short, has read this prospect: then its word is the newer one."""
    if ColleaguePiece.objects.filter(key=piece.key, run__gt=piece.run_id).exists():
        return True
    later = ColleagueRun.objects.filter(pk__gt=piece.run_id, turn__gt=0).order_by("turn")
    turn = later.values_list("turn", flat=True).first()
    if turn is None:
        return False
    records = ImportedRecord.objects.filter(kind=ImportedRecord.Kind.PROSPECT, key=piece.key)
    return records.filter(seen_turn__gte=turn).exists()


def _again(piece: ColleaguePiece) -> dict[str, Any]:
    run = piece.run
    # As the run that kept it: its moment says who wins, the last turn says which contracts are whose.
    last = ColleagueRun.objects.aggregate(turn=Max("turn"))["turn"]
    as_then = ColleagueRun(pk=run.pk, turn=last, started_at=run.started_at)
    text = str(piece.payload)
    elements = [Element(read_again(text), piece.digest, len(text))]
    batch = ReplayBatch(as_then, Sellers(), elements, may_wait=lambda: False)
    try:
        with transaction.atomic():
            batch.prepare()
            batch.write()
    except REFUSED as error:
        why = " ".join(error.messages) if isinstance(error, ValidationError) else type(error).__name__
        batch = ReplayBatch(as_then, Sellers(), elements, may_wait=lambda: False)
        batch.report.count("prospect", "failed")
        batch.report.tell(Outcome.FAILED, "prospect", "refused_here", number=piece.number, why=why[:200])
    report = batch.report
    counts: dict[str, dict[str, int]] = {kind: dict(found) for kind, found in report.counts.items()}
    if counts.get("bank_account", {}).get("created"):
        tell_of_imported()
    failed = report.told[Outcome.FAILED] + report.told[Outcome.CONFLICT]
    changed = sum(found.get(name, 0) for found in counts.values() for name in ("created", "updated"))
    lines = [{name: getattr(line, name) for name in OF_THE_LINE} for line in report.lines]
    state = "failed" if failed else "done" if changed else "same"
    return {"state": state, "counts": counts, "lines": lines[:50]}

"""Asking that one piece of a run is read again: by « Replay », or because a conflict was settled."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.jobs import enqueue
from sync import jobs
from sync.models import ColleagueConflict, ColleaguePiece, ColleagueRun


@transaction.atomic
def replay_piece(*, user: Any, piece: ColleaguePiece) -> Any:
    """Have a piece read again in the background; the job that does so already, when there is one.

    For who may start runs. Raises PermissionDenied, and ValidationError when nothing is kept of it any more.
    """
    if not user.can(ColleagueRun.module, "create"):
        raise PermissionDenied
    return _ask(user, piece)


def replay_conflict(*, user: Any, conflict: ColleagueConflict) -> Any:
    """A conflict was settled: its prospect is read again at once. None where nothing is kept of it."""
    pieces = ColleaguePiece.objects.filter(key=conflict.key, payload__isnull=False)
    piece = pieces.order_by("-run").first()
    return _ask(user, piece) if piece is not None else None


def _ask(user: Any, piece: ColleaguePiece) -> Any:
    held = ColleaguePiece.objects.select_for_update().select_related("run").get(pk=piece.pk)
    if held.payload is None:
        raise ValidationError(_("A later run has read the whole list since: there is nothing to replay."))
    about = {"number": held.number, "run": held.run_id}
    job = enqueue(
        jobs.replay_piece,
        user=user,
        label=_("Replay of prospect %(number)s (run %(run)s)") % about,
        key=f"colleague-piece-{held.pk}",
        url=f"{held.run.get_absolute_url()}?piece={held.pk}#piece-{held.pk}",
        piece_id=held.pk,
    )
    if held.job_id != job.pk:
        ColleaguePiece.objects.filter(pk=held.pk).update(job=job, replayed_by=user)
        record(user=user, action="import_replayed", obj=held.run, data={"remark": str(held)})
    return job

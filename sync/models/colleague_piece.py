"""Pieces of the colleague's list that failed or wait for a person, kept whole so that they are replayed."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from digiweb.crypto import EncryptedTextField
from digiweb.querysets import ScopedQuerySet
from digiweb.scopes import EverybodyScope, Scope
from sync.models.colleague_run import ColleagueRun
from timeline.models import JobRun


class ColleaguePiece(models.Model):
    """One prospect as it was sent, encrypted, until a later run has read the whole list.

    Nobody is shown it: it is read again by « Replay », and what came of that stands in `result`:
    {"state", "counts": {kind: {outcome: number}}, "lines": [the columns of a line]}.
    """

    # They are read with their run.
    module: ClassVar[str] = ColleagueRun.module
    ownership: ClassVar[Scope] = EverybodyScope()

    run = models.ForeignKey(ColleagueRun, models.CASCADE, related_name="pieces")
    number = models.BigIntegerField(_("number in the source"))
    # That of the prospect, and the hash of the piece (sync/colleague/keys.py).
    key = models.CharField(max_length=40)
    digest = models.CharField(max_length=40)
    payload = EncryptedTextField(null=True)
    job = models.ForeignKey(JobRun, models.SET_NULL, null=True, related_name="+")
    replayed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("replayed by"),
        null=True,
        related_name="+",
    )
    replayed_at = models.DateTimeField(_("replayed on"), null=True)
    result: Any = models.JSONField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("piece of a run")
        verbose_name_plural = _("pieces of runs")
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="one_piece_a_prospect")]
        indexes = [models.Index(fields=["key", "run"], name="sync_piece_key")]

    def __str__(self) -> str:
        return str(_("prospect %(number)s of run %(run)s") % {"number": self.number, "run": self.run_id})

"""Runs of the colleague's import: what was read, what became of it, and why."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from digiweb.addresses import record_address
from digiweb.models import Record
from digiweb.querysets import ScopedQuerySet
from digiweb.scopes import EverybodyScope, Scope
from timeline.models import JobRun


class ColleagueRun(Record):
    """One reading of the colleague's list. `counts` is exact; of lines, so many a kind are kept."""

    module = "sync.run"

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        PARTIAL = "partial", _("Cut short")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    class Origin(models.TextChoices):
        CLOCK = "clock", _("The schedule")
        PERSON = "person", _("A person")
        COMMAND = "command", _("A command")

    LIVE = (State.WAITING, State.RUNNING)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("started by"),
        null=True,
        blank=True,
        related_name="+",
    )
    origin = models.CharField(_("started by"), max_length=8, choices=Origin, default=Origin.CLOCK)
    job = models.OneToOneField(
        JobRun, models.SET_NULL, null=True, editable=False, related_name="colleague_run"
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    error = models.CharField(_("what happened"), max_length=300, blank=True)
    started_at = models.DateTimeField(_("started on"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended on"), null=True, editable=False)
    # Whether the list was read to its end: only then is what is missing gone.
    complete = models.BooleanField(_("read to the end"), default=False)
    # {kind: {outcome: number}}; the sums beside it are for the list.
    counts = models.JSONField(default=dict, editable=False)
    # {outcome of a line: how many there were}, lines that are not kept included.
    told = models.JSONField(default=dict, editable=False)
    read = models.PositiveIntegerField(_("prospects read"), default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    conflicts = models.PositiveIntegerField(_("to settle"), default=0)
    # Keys of the source that nobody asked for.
    ignored = models.JSONField(default=list, editable=False)
    # Where a run that was interrupted goes on: elements done, and the hash of what they were.
    turn = models.PositiveBigIntegerField(default=0, editable=False)
    position = models.PositiveIntegerField(default=0, editable=False)
    prefix = models.CharField(max_length=40, blank=True, editable=False)
    # Hashes of the elements that wait for the end of the list.
    later = models.JSONField(default=list, editable=False)
    # Somebody in the list could not be told apart: nobody can be said to be missing.
    doubtful = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("run of the import")
        verbose_name_plural = _("runs of the import")
        indexes = [
            models.Index(fields=["state", "id"], name="sync_run_state"),
            models.Index(fields=["origin", "id"], name="sync_run_origin"),
            models.Index(fields=["created_at"], name="sync_run_age"),
        ]

    def __str__(self) -> str:
        return str(_("Run %(number)s") % {"number": self.pk})

    def get_absolute_url(self) -> str:
        return record_address("sync:run_detail", self.pk)

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def duration(self) -> timedelta | None:
        """From its start to its end, or till now."""
        if self.started_at is None:
            return None
        until: datetime = self.ended_at or timezone.now()
        return until - self.started_at

    @property
    def starter(self) -> str:
        return str(self.user) if self.user else str(self.get_origin_display())


class ColleagueRunLine(models.Model):
    """Something of a run that is worth reading: what was wrong, who won, what waits for a person."""

    # They are read with their run.
    module: ClassVar[str] = ColleagueRun.module
    ownership: ClassVar[Scope] = EverybodyScope()

    class Outcome(models.TextChoices):
        FAILED = "failed", _("Failed")
        CONFLICT = "conflict", _("To settle")
        OURS = "ours", _("Ours kept")
        THEIRS = "theirs", _("Theirs taken")
        NOTICE = "notice", _("To look at")
        MOVED = "moved", _("Came and went")

    run = models.ForeignKey(ColleagueRun, models.CASCADE, related_name="lines")
    outcome = models.CharField(max_length=8, choices=Outcome)
    kind = models.CharField(max_length=12)
    # The prospect's number in the source.
    number = models.BigIntegerField(null=True)
    path = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=20)
    params = models.JSONField(default=dict)
    # What was sent, bank numbers never; and the same with every text hidden.
    piece = models.TextField(blank=True)
    masked = models.TextField(blank=True)
    # The record of ours that it is about.
    target_type = models.CharField(max_length=60, blank=True)
    target_id = models.BigIntegerField(null=True)
    # The whole prospect, for as long as it can be replayed.
    kept_piece = models.ForeignKey("sync.ColleaguePiece", models.SET_NULL, null=True, related_name="lines")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a run")
        verbose_name_plural = _("lines of runs")
        indexes = [models.Index(fields=["run", "outcome", "id"], name="sync_runline_outcome")]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.outcome} {self.path}"


class ColleagueTurn(models.Model):
    """One row: who writes a batch of the import holds it, and its number says whose turn it is.

    A run that was thought dead and comes back finds another number, and writes nothing more.
    """

    turn = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("turn of the import")
        verbose_name_plural = _("turns of the import")

    def __str__(self) -> str:
        return str(self.turn)

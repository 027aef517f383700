"""Runs of background jobs: what is under way, how far, and what came of it."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from digiweb.job_kinds import job_kind
from digiweb.querysets import ScopedQuerySet
from digiweb.scopes import OwnerScope, Scope


class JobRun(models.Model):
    """One run of a function of some `jobs.py`.

    A worker holds a run by its lease: it renews the heartbeat with its progress, in the same
    transaction as the work. Killed, its heartbeat ages, and the next worker takes the run over.
    """

    module = "timeline.job"
    ownership: Scope = OwnerScope("user")

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="job_runs"
    )
    label = models.CharField(_("job"), max_length=200)
    func = models.CharField(max_length=200)
    kwargs = models.JSONField(default=dict)
    # Two live runs never share a key: the column is emptied when the run ends.
    key = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 (NULLs may repeat)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.CharField(max_length=36, blank=True)
    heartbeat_at = models.DateTimeField(null=True)
    error = models.TextField(_("error"), blank=True)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(_("asked on"), default=timezone.now)
    started_at = models.DateTimeField(_("started on"), null=True)
    ended_at = models.DateTimeField(_("ended on"), null=True)
    # When the worker that has it took it, and how far it was then: its pace is reckoned from there.
    claimed_at = models.DateTimeField(null=True)
    claimed_done = models.PositiveBigIntegerField(default=0)
    # The key as it was asked under, which stays: for doing it again, and for finding an entry's last run.
    twin_key = models.CharField(max_length=200, blank=True)
    # Routine (digiweb/job_kinds.py) that has not failed: lists leave it out.
    quiet = models.BooleanField(default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        ordering = ["-id"]
        # Each pair of filter and order; the key of InnoDB ends each index.
        indexes = [
            models.Index(fields=["state", "heartbeat_at"], name="timeline_job_alive"),
            models.Index(fields=["quiet", "id"], name="timeline_job_listed"),
            models.Index(fields=["state", "id"], name="timeline_job_state"),
            models.Index(fields=["func", "id"], name="timeline_job_func"),
            models.Index(fields=["twin_key", "id"], name="timeline_job_twins"),
            models.Index(fields=["created_at", "id"], name="timeline_job_created"),
            models.Index(fields=["label", "id"], name="timeline_job_label"),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("job_run", args=[self.pk])

    @property
    def is_live(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def may_run_again(self) -> bool:
        """It failed or was stopped on its way."""
        return self.state in (self.State.FAILED, self.State.CANCELLED)

    @property
    def kind_label(self) -> Any:
        """What this kind of job is called."""
        return job_kind(self.func).label

    @property
    def took(self) -> timedelta | None:
        """How long it worked, up to now where it still does; None before it began."""
        if self.started_at is None:
            return None
        return max((self.ended_at or timezone.now()) - self.started_at, timedelta(0))

    @property
    def percent(self) -> int:
        if self.state == self.State.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0

"""Runs of background jobs: what is under way, how far, and what came of it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

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

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "heartbeat_at"], name="timeline_job_alive")]

    def __str__(self) -> str:
        return self.label

    @property
    def is_live(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def percent(self) -> int:
        if self.state == self.State.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0

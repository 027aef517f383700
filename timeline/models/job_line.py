"""Lines that a background job leaves behind: what it did and when, for whoever asks why."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobLine(models.Model):
    """One line of the log of a run (`digiweb.job_log`): how many of what, never about whom."""

    class Level(models.TextChoices):
        INFO = "info", _("Information")
        WARNING = "warning", _("Warning")
        ERROR = "error", _("Error")

    run = models.ForeignKey("timeline.JobRun", models.CASCADE, related_name="lines")
    at = models.DateTimeField(_("when"), default=timezone.now)
    level = models.CharField(_("level"), max_length=7, choices=Level, default=Level.INFO)
    text = models.CharField(_("text"), max_length=300)

    class Meta:
        verbose_name = _("line of a job")
        verbose_name_plural = _("lines of jobs")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text

"""Slots of the schedule that were fired (`digiweb.schedule`)."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ScheduleSlot(models.Model):
    """One entry of the schedule at one of its times; the row makes sure that it fires once."""

    name = models.CharField(_("entry"), max_length=60)
    slot = models.DateTimeField(_("due at"))
    fired_at = models.DateTimeField(_("fired at"), default=timezone.now)
    # Of entries that the scheduler does itself, which have no job run: how long, and what went wrong.
    took_ms = models.PositiveIntegerField(null=True)
    error = models.CharField(_("error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("schedule slot")
        verbose_name_plural = _("schedule slots")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["name", "slot"], name="one_firing_a_slot")]

    def __str__(self) -> str:
        return f"{self.name} {self.slot:%Y-%m-%d %H:%M}"

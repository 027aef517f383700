"""Counts of contacts, kept as contacts change, so that no page counts a million rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ContactTally(models.Model):
    """How many contacts one owner (0: nobody) has in one status, by the day they were added."""

    owner_id = models.BigIntegerField()
    status = models.CharField(max_length=10)
    day = models.DateField()
    count = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("contact tally")
        verbose_name_plural = _("contact tallies")
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "status", "day"], name="one_contact_tally_a_day"),
        ]
        indexes = [models.Index(fields=["day"], name="crm_tally_day")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.status} {self.day}: {self.count}"


class ContactTotal(models.Model):
    """The same counts over all days: what a home page shows, in a line an owner and status."""

    owner_id = models.BigIntegerField()
    status = models.CharField(max_length=10)
    count = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("contact total")
        verbose_name_plural = _("contact totals")
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "status"], name="one_contact_total_a_status"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.status}: {self.count}"

"""Sums of deals, kept as deals change, so that no page adds up a million rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DealTotal(models.Model):
    """How many deals one owner has in one stage, what they are worth, and what that is by probability."""

    owner_id = models.BigIntegerField()
    stage = models.CharField(max_length=13)
    count = models.IntegerField(default=0)
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    # Amount × percent / 100 is exact with four decimals: sums need no rounding.
    weighted = models.DecimalField(max_digits=20, decimal_places=4, default=0)

    class Meta:
        verbose_name = _("deal total")
        verbose_name_plural = _("deal totals")
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "stage"], name="one_deal_total_a_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.stage}: {self.count}"


class DealMonth(models.Model):
    """What one owner's deals did in one month: how many were added, won and lost, and for how much.

    `days` adds up how long they took from their first day to their last (won and lost only).
    """

    class Kind(models.TextChoices):
        CREATED = "created", _("Added")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    owner_id = models.BigIntegerField()
    month = models.DateField()  # its first day
    kind = models.CharField(max_length=7, choices=Kind)
    count = models.IntegerField(default=0)
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    days = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("deals of a month")
        verbose_name_plural = _("deals by month")
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "month", "kind"], name="one_deal_month_a_kind"),
        ]
        indexes = [models.Index(fields=["month", "kind"], name="crm_dealmonth_month")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.month} {self.kind}: {self.count}"

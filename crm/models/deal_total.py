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


# In a column `source`: deals of all sources together. Else the source without case and accents, "" for none.
EVERY_SOURCE = "*"


class DealMonth(models.Model):
    """What one owner's deals did in one month: how many were added, won and lost, and for how much.

    Each deal counts in two lines: that of its source and that of every source. `days` adds up how long they
    took from their first day to their last (won and lost only).
    """

    class Kind(models.TextChoices):
        CREATED = "created", _("Added")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    source = models.CharField(max_length=60, default=EVERY_SOURCE)
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
            models.UniqueConstraint(
                fields=["source", "owner_id", "month", "kind"], name="one_deal_month_a_kind"
            ),
        ]
        indexes = [models.Index(fields=["source", "month", "kind"], name="crm_dealmonth_month")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.month} {self.kind}: {self.count}"


class DealForecast(models.Model):
    """Open deals of one owner in one stage that are expected to close in one month.

    Deals without an expected date stand in the month of `NO_DATE` (crm/models/deal.py). `put_off`: how many
    times their date was pushed back; 3 for three times and more.
    """

    source = models.CharField(max_length=60, default=EVERY_SOURCE)
    owner_id = models.BigIntegerField()
    stage = models.CharField(max_length=13)
    month = models.DateField()  # its first day
    put_off = models.PositiveSmallIntegerField()
    count = models.IntegerField(default=0)
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    weighted = models.DecimalField(max_digits=20, decimal_places=4, default=0)

    class Meta:
        verbose_name = _("forecast of deals")
        verbose_name_plural = _("forecasts of deals")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "owner_id", "stage", "month", "put_off"], name="one_deal_forecast_a_line"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.stage} {self.month}: {self.count}"


class DealFunnel(models.Model):
    """How far the deals of one owner came that were added in one month, and what became of them."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("In progress")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    source = models.CharField(max_length=60, default=EVERY_SOURCE)
    owner_id = models.BigIntegerField()
    month = models.DateField()  # its first day
    furthest = models.PositiveSmallIntegerField()  # Deal.RANK
    outcome = models.CharField(max_length=4, choices=Outcome)
    count = models.IntegerField(default=0)
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("funnel of deals")
        verbose_name_plural = _("funnels of deals")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "owner_id", "month", "furthest", "outcome"], name="one_deal_funnel_a_line"
            ),
        ]
        indexes = [models.Index(fields=["source", "month"], name="crm_dealfunnel_month")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.month} {self.furthest} {self.outcome}: {self.count}"


class ActivityMonth(models.Model):
    """Activities of one kind that one person did in one month."""

    owner_id = models.BigIntegerField()
    month = models.DateField()  # its first day
    kind = models.CharField(max_length=8)
    count = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("activities of a month")
        verbose_name_plural = _("activities by month")
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "month", "kind"], name="one_activity_month_a_kind"),
        ]
        indexes = [models.Index(fields=["month", "kind"], name="crm_activitymonth_month")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.month} {self.kind}: {self.count}"

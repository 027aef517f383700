"""Sums of what was invoiced and paid, kept as both come, so that no page adds up a million rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MoneyTotal(models.Model):
    """One month of one salesperson and one agency: invoices and credit notes issued (before tax), or
    payments.

    0 stands for nobody (a NULL would not be unique).
    """

    class Kind(models.TextChoices):
        INVOICED = "invoiced", _("Invoiced")
        PAID = "paid", _("Paid")

    owner_id = models.BigIntegerField()
    month = models.DateField()  # its first day
    agency_id = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    count = models.IntegerField(default=0)
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("total of invoices and payments")
        verbose_name_plural = _("totals of invoices and payments")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "owner_id", "month", "agency_id"], name="one_money_total_a_line"
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "month", "owner_id", "count", "amount"], name="sales_moneytotal_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.owner_id} {self.month} {self.agency_id}: {self.count}"

"""Sums of contracts, kept as contracts change, so that no page adds up a million rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ContractTotal(models.Model):
    """Contracts of one salesperson that were signed in one month, of one offer and in one status.

    0 stands for nobody and for no offer (a NULL would not be unique); what is not signed yet stands in
    the month of `NO_DATE` (sales/models/contract.py).
    """

    owner_id = models.BigIntegerField()
    month = models.DateField()  # its first day
    offer_id = models.BigIntegerField()
    status = models.CharField(max_length=10)
    count = models.IntegerField(default=0)
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("contract total")
        verbose_name_plural = _("contract totals")
        constraints = [
            models.UniqueConstraint(
                fields=["owner_id", "month", "offer_id", "status"], name="one_contract_total_a_line"
            ),
        ]
        # Added up by salesperson and by offer, without a look at the rows.
        indexes = [
            models.Index(fields=["month", name, "count", "amount"], name=f"sales_contracttotal_{name[:5]}")
            for name in ("owner_id", "offer_id")
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.month} {self.offer_id} {self.status}: {self.count}"


class ContractClientTotal(models.Model):
    """Contracts in force of one client with one salesperson: how many, and what they are worth."""

    owner_id = models.BigIntegerField()
    client_id = models.BigIntegerField()
    count = models.IntegerField(default=0)
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("contracts of a client")
        verbose_name_plural = _("contracts by client")
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "client_id"], name="one_contract_total_a_client"),
        ]
        indexes = [
            models.Index(fields=["owner_id", "amount"], name="sales_contractclient_owner"),
            models.Index(fields=["amount"], name="sales_contractclient_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.client_id}: {self.count}"

"""What a client paid, or was asked to, as far as another system told us."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Client
from digiweb.models import Record
from digiweb.scopes import OwnerScope
from sales.models.contract import Contract


class PaymentRecord(Record):
    """A payment that the colleague's system knows of; it belongs to the client's salesperson."""

    module = "sales.paymentrecord"
    ownership = OwnerScope("client__owner", unowned=True)

    class Status(models.TextChoices):
        PAID = "paid", _("Paid")
        PENDING = "pending", _("Pending")
        REJECTED = "rejected", _("Rejected")
        REFUNDED = "refunded", _("Refunded")
        UNKNOWN = "unknown", _("Unknown")

    client = models.ForeignKey(Client, models.PROTECT, verbose_name=_("client"), related_name="payments")
    contract = models.ForeignKey(
        Contract, models.SET_NULL, verbose_name=_("contract"), null=True, blank=True, related_name="payments"
    )
    # What tells it from the client's others in the source: the import writes each once.
    reference = models.CharField(_("reference"), max_length=120)
    paid_on = models.DateField(_("date"), null=True, blank=True)
    amount = models.DecimalField(_("amount (€)"), max_digits=12, decimal_places=2, default=Decimal(0))
    method = models.CharField(_("payment method"), max_length=8, choices=Contract.PaymentMethod, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PAID)
    status_text = models.CharField(_("status in the source"), max_length=80, blank=True, editable=False)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(fields=["client", "reference"], name="one_payment_a_reference"),
        ]
        indexes = [models.Index(fields=["paid_on", "id"], name="sales_payment_paid")]

    def __str__(self) -> str:
        return self.reference

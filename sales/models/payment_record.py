"""What a client paid, or was asked to, as far as another system told us."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Client
from digiweb.addresses import record_address
from digiweb.fields import DerivedDateField, DerivedOwnerField
from digiweb.models import Record
from digiweb.scopes import OwnerScope
from sales.models.contract import NO_DATE, Contract

# (whose, sort) → what its index has beside the order. A client's has nothing: it would be locked each time.
TAILS = {
    ("", "paid"): ("method", "amount", "status"),
    ("_o", "paid"): ("method", "amount", "status"),
    ("", "amount"): ("method", "paid_key", "status"),
    ("_o", "amount"): ("method", "paid_key", "status"),
    ("_s", "new"): ("paid_key",),
    ("_os", "new"): ("paid_key",),
    ("_s", "paid"): ("amount",),
    ("_os", "paid"): ("amount",),
    ("_s", "amount"): ("paid_key",),
    ("_os", "amount"): ("paid_key",),
}


class PaymentRecord(Record):
    """A payment that the colleague's system knows of; it belongs to the client's salesperson."""

    module = "sales.paymentrecord"
    ownership = OwnerScope("owner_id", unowned=True)
    carries_of, carries = "client", ("owner_id",)

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
    owner_id = DerivedOwnerField(source="derive_owner_id")
    paid_key = DerivedDateField(source="derive_paid_key", default=NO_DATE)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(fields=["client", "reference"], name="one_payment_a_reference"),
        ]
        # Each sort alone, within a status, for an owner, for both, and of one client, with the columns of the
        # other filters and of the sums (digiweb/hints.py); the methods of all and of an owner.
        indexes = [
            *(
                models.Index(
                    fields=[*lead, *sort, "id", *TAILS.get((prefix, name), ())],
                    name=f"sales_payment{prefix}_{name}",
                )
                for prefix, lead in (
                    ("", []),
                    ("_s", ["status"]),
                    ("_o", ["owner_id"]),
                    ("_os", ["owner_id", "status"]),
                    ("_c", ["client"]),
                )
                for name, sort in (("new", []), ("paid", ["paid_key"]), ("amount", ["amount"]))
                if (lead or sort) and (prefix, name) != ("_c", "new")
            ),
            *(
                models.Index(
                    fields=[*lead, "method", "id", "amount", "status", "paid_key"],
                    name=f"sales_payment{prefix}",
                )
                for prefix, lead in (("_method", []), ("_o_method", ["owner_id"]))
            ),
            models.Index(fields=["contract", "paid_key", "id"], name="sales_payment_contract"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return record_address("sales:payment_record_detail", self.pk)

    def derive_owner_id(self) -> int | None:
        return self.client.owner_id

    def derive_paid_key(self) -> date:
        return self.paid_on or NO_DATE

    def is_late(self, today: date) -> bool:
        """Awaited, and its day has passed."""
        return self.status == self.Status.PENDING and self.paid_on is not None and self.paid_on < today

    @property
    def status_label(self) -> Any:
        """The status in words; those of the source where we do not know it."""
        if self.status == self.Status.UNKNOWN and self.status_text:
            return self.status_text
        return self.get_status_display()

    @property
    def initials(self) -> str:
        return "€"

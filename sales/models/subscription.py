"""Subscriptions: what a client pays for by the month."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Client
from digiweb.addresses import record_address
from digiweb.fields import DerivedOwnerField
from digiweb.models import Record
from digiweb.scopes import OwnerScope
from sales.models.offer import Offer


class Subscription(Record):
    """An offer that a client has taken by the month; it belongs to the client's salesperson.

    Its client's monthly revenue follows (sales.services.subscription).
    """

    module = "sales.subscription"
    ownership = OwnerScope("owner_id", unowned=True)
    carries_of, carries = "client", ("owner_id",)

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    client = models.ForeignKey(Client, models.PROTECT, verbose_name=_("client"), related_name="subscriptions")
    offer = models.ForeignKey(
        Offer, models.PROTECT, verbose_name=_("offer"), null=True, blank=True, related_name="subscriptions"
    )
    label = models.CharField(_("label"), max_length=160)
    monthly_amount = models.DecimalField(
        _("amount a month before tax (€)"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0)],
    )
    status = models.CharField(_("status"), max_length=6, choices=Status, default=Status.ACTIVE)
    started_on = models.DateField(_("start"), null=True, blank=True)
    ended_on = models.DateField(_("end"), null=True, blank=True)

    owner_id = DerivedOwnerField(source="derive_owner_id")

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(monthly_amount__gte=0), name="sales_subscription_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True)
                | models.Q(started_on__isnull=True)
                | models.Q(ended_on__gte=models.F("started_on")),
                name="sales_subscription_ends_after",
            ),
        ]
        indexes = [
            models.Index(fields=["owner_id", "id"], name="sales_subscription_o"),
            *(
                models.Index(fields=[*lead, column, "id"], name=f"sales_subscription{prefix}_{name}")
                for prefix, lead in (("", []), ("_o", ["owner_id"]))
                for name, column in (
                    ("status", "status"),
                    ("offer", "offer"),
                    ("start", "started_on"),
                    ("end", "ended_on"),
                )
            ),
            models.Index(fields=["client", "status", "monthly_amount"], name="sales_subscription_mrr"),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return record_address("sales:subscription_detail", self.pk)

    def derive_owner_id(self) -> int | None:
        return self.client.owner_id

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.label.split()[:2]).upper()

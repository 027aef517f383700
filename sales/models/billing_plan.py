"""What of a contract or a subscription is invoiced again and again: how often, on which day, up to when."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Client
from digiweb.addresses import record_address
from digiweb.fields import DerivedCharField, DerivedDateField
from digiweb.fulltext import fold
from digiweb.models import Record
from digiweb.scopes import OwnerScope
from sales.models.agency import Agency
from sales.models.contract import Contract
from sales.models.document import NO_DAY, amount_field
from sales.models.subscription import Subscription


class BillingPlan(Record):
    """How a subscription, or what a contract asks by the month or the year, becomes invoices.

    `billed_until` is the last day that was invoiced: the next period begins the day after. It moves in the
    transaction that makes the draft, and the draft bears a key of plan and first day (`Invoice.once_key`),
    so a period is invoiced once.
    """

    module = "sales.billingplan"
    ownership = OwnerScope("client__owner", unowned=True)

    class Period(models.TextChoices):
        MONTH = "month", _("Every month")
        QUARTER = "quarter", _("Every quarter")
        YEAR = "year", _("Every year")

    MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}

    class Timing(models.TextChoices):
        ADVANCE = "advance", _("In advance")
        ARREARS = "arrears", _("In arrears")

    class Status(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("billing plan", "In use")
        STOPPED = "stopped", pgettext_lazy("billing plan", "Stopped")
        # All is invoiced, up to the last day.
        DONE = "done", pgettext_lazy("billing plan", "All invoiced")

    client = models.ForeignKey(
        Client, models.PROTECT, verbose_name=_("client"), related_name="billing_plans", editable=False
    )
    subscription = models.OneToOneField(
        Subscription,
        models.CASCADE,
        verbose_name=_("subscription"),
        null=True,
        blank=True,
        related_name="billing_plan",
    )
    contract = models.OneToOneField(
        Contract,
        models.CASCADE,
        verbose_name=_("contract"),
        null=True,
        blank=True,
        related_name="billing_plan",
    )
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="billing_plans")
    period = models.CharField(_("period"), max_length=7, choices=Period, default=Period.MONTH)
    timing = models.CharField(
        _("in advance or in arrears"), max_length=7, choices=Timing, default=Timing.ADVANCE
    )
    day = models.PositiveSmallIntegerField(
        _("day of the invoice"), default=1, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    starts_on = models.DateField(_("invoiced from"))
    billed_until = models.DateField(_("invoiced until"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=7, choices=Status, default=Status.ACTIVE)
    payment_method = models.CharField(
        _("payment method"), max_length=8, choices=Contract.PaymentMethod, default="transfer"
    )
    # Of a subscription: its offer's where nobody says another. Lines of contracts have their own.
    vat_rate = models.DecimalField(
        _("VAT rate (%)"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(99)],
    )
    order_reference = models.CharField(_("client's order number"), max_length=60, blank=True)
    # Worked out by sales.services.billing_plan: what comes next, and when its invoice is made.
    next_on = models.DateField(null=True, editable=False)
    next_from = models.DateField(null=True, editable=False)
    next_until = models.DateField(null=True, editable=False)
    next_net = amount_field(_("next amount before tax (€)"))
    next_key = DerivedDateField(source="derive_next_key", default=NO_DAY)
    # Why the last attempt made no invoice, in words.
    fault = models.CharField(_("fault"), max_length=500, blank=True, editable=False)
    sort_name = DerivedCharField(max_length=160, source="derive_sort_name")

    class Meta:
        verbose_name = _("recurring invoice")
        verbose_name_plural = _("recurring invoices")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(subscription__isnull=True, contract__isnull=False)
                | models.Q(subscription__isnull=False, contract__isnull=True),
                name="sales_billing_of_one",
            ),
            models.CheckConstraint(condition=models.Q(day__gte=1, day__lte=31), name="sales_billing_day"),
        ]
        indexes = [
            *(
                models.Index(fields=[*lead, *sort, "id"], name=f"sales_billing{prefix}_{name}")
                for prefix, lead in (("", []), ("_s", ["status"]), ("_a", ["agency"]))
                for name, sort in (("new", []), ("next", ["next_key"]), ("name", ["sort_name"]))
                if lead or sort
            ),
        ]

    def __str__(self) -> str:
        return str(self.source)

    def get_absolute_url(self) -> str:
        return record_address("sales:billing_plan_detail", self.pk)

    @property
    def source(self) -> Any:
        """The subscription or the contract."""
        return self.subscription if self.subscription_id is not None else self.contract

    @property
    def months(self) -> int:
        return self.MONTHS[self.Period(self.period)]

    def derive_next_key(self) -> date:
        return self.next_on or NO_DAY

    def derive_sort_name(self) -> str:
        return fold(str(self.client)).strip()[:160]

    @property
    def status_label(self) -> Any:
        return self.get_status_display()

    @property
    def initials(self) -> str:
        return str(self.source)[:2].upper()


class SubscriptionPrice(models.Model):
    """A price of a subscription from a day on. `before` is what it took the place of, once its day came."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="prices")
    starts_on = models.DateField(_("from"))
    monthly_amount = models.DecimalField(
        _("amount a month before tax (€)"),
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0))],
    )
    before = models.DecimalField(max_digits=12, decimal_places=2, null=True, editable=False)

    class Meta:
        verbose_name = _("price of a subscription")
        verbose_name_plural = _("prices of subscriptions")
        ordering = ["starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["subscription", "starts_on"], name="sales_price_once"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on:%Y-%m-%d} {self.monthly_amount}"


class SubscriptionPause(models.Model):
    """Days on which a subscription was paused, first and last included; without a last one it still is."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="pauses")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True)

    class Meta:
        verbose_name = _("pause of a subscription")
        verbose_name_plural = _("pauses of subscriptions")
        ordering = ["starts_on", "id"]

    def __str__(self) -> str:
        return f"{self.starts_on} – {self.ends_on or ''}"

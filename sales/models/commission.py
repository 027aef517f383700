"""Commissions: what salespeople earn on what they sold, by rates that are data, in a statement a month.

The rules are in docs/commissions.md; sales/services/commission.py keeps the tables.
"""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Deal
from digiweb.addresses import record_address
from digiweb.models import Record
from digiweb.scopes import OwnerScope
from sales.models.contract import Contract
from sales.models.document import amount_field
from sales.models.offer import Offer


class CommissionTerms(Record):
    """What holds for all commissions: one row, which every recount and closing locks."""

    module = "sales.commissionrate"

    counts_from = models.DateField(
        _("sales count from"), help_text=_("What was signed or won before earns nothing here.")
    )
    takeback_days = models.PositiveSmallIntegerField(
        _("taken back when terminated within (days)"), default=90, validators=[MaxValueValidator(1000)]
    )
    pairing_days = models.PositiveSmallIntegerField(
        _("a deal and a contract of one client are one sale within (days)"),
        default=60,
        validators=[MaxValueValidator(1000)],
    )

    class Meta:
        verbose_name = _("rules of commissions")
        verbose_name_plural = _("rules of commissions")

    def __str__(self) -> str:
        return str(_("Rules of commissions"))


class CommissionRate(Record):
    """What a sale earns: on one offer or any, for one person or all, from a day on."""

    module = "sales.commissionrate"

    class Part(models.TextChoices):
        ALL = "all", pgettext_lazy("commission", "All")
        ONCE = "once", pgettext_lazy("commission", "What is paid once")
        RECURRING = "recurring", pgettext_lazy("commission", "What is paid by month or year")

    class Basis(models.TextChoices):
        PERCENT = "percent", _("Percent of the amount before tax")
        FIXED = "fixed", _("Fixed amount for each sale (€)")

    offer = models.ForeignKey(
        Offer, models.CASCADE, verbose_name=_("offer"), null=True, blank=True, related_name="commission_rates"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("salesperson"),
        null=True,
        blank=True,
        related_name="commission_rates",
    )
    part = models.CharField(_("on"), max_length=9, choices=Part, default=Part.ALL)
    basis = models.CharField(_("basis"), max_length=7, choices=Basis, default=Basis.PERCENT)
    value = models.DecimalField(
        _("rate (% or €)"), max_digits=9, decimal_places=2, validators=[MinValueValidator(0)]
    )
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        verbose_name = _("commission rate")
        verbose_name_plural = _("commission rates")
        constraints = [
            models.CheckConstraint(condition=models.Q(value__gte=0), name="sales_commissionrate_positive"),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="sales_commissionrate_ends",
            ),
        ]
        indexes = [
            models.Index(fields=["starts_on", "id"], name="sales_commissionrate_starts"),
        ]

    def __str__(self) -> str:
        who = str(self.person) if self.person_id else str(_("Everybody"))
        what = str(self.offer) if self.offer_id else str(_("Every offer"))
        return f"{what} · {who}"

    def get_absolute_url(self) -> str:
        return record_address("sales:commission_rate_detail", self.pk)

    def clean(self) -> None:
        if self.basis == self.Basis.PERCENT and self.value is not None and self.value > 100:
            raise ValidationError({"value": _("At most 100 %.")})
        if self.ends_on and self.starts_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The end cannot lie before the start.")})

    @property
    def initials(self) -> str:
        return "%" if self.basis == self.Basis.PERCENT else "€"

    def holds_on(self, day: date) -> bool:
        """Whether sales of this day earn by it."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class CommissionStatement(Record):
    """What one person earned in one month: a draft follows the sales, a closed one is final."""

    module = "sales.commission"
    ownership = OwnerScope("person")

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("statement", "Draft")
        CLOSED = "closed", pgettext_lazy("statement", "Closed")
        PAID = "paid", pgettext_lazy("statement", "Paid out")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("salesperson"),
        related_name="commission_statements",
    )
    # The first day of the month.
    month = models.DateField(_("month"))
    status = models.CharField(_("status"), max_length=6, choices=Status, default=Status.DRAFT, editable=False)
    # « RC-2026-00012 », given when it is closed.
    number = models.CharField(_("number"), max_length=20, null=True, unique=True, editable=False)  # noqa: DJ001
    earned = amount_field(_("earned (€)"))
    taken_back = amount_field(_("taken back (€)"))
    adjusted = amount_field(_("adjusted by hand (€)"))
    total = amount_field(_("total (€)"))
    closed_at = models.DateTimeField(_("closed on"), null=True, editable=False)
    paid_on = models.DateField(_("paid on"), null=True, editable=False)
    mailed_at = models.DateTimeField(_("sent on"), null=True, editable=False)
    pdf = models.FileField(upload_to="commissions/%Y/%m", max_length=120, blank=True, editable=False)
    pdf_sha256 = models.CharField(_("SHA-256 of the PDF"), max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("commission statement")
        verbose_name_plural = _("commission statements")
        constraints = [
            models.UniqueConstraint(fields=["person", "month"], name="one_statement_a_month"),
            models.CheckConstraint(
                condition=models.Q(status="draft", number__isnull=True)
                | (~models.Q(status="draft") & models.Q(number__isnull=False)),
                name="sales_statement_numbered",
            ),
        ]
        indexes = [
            models.Index(fields=[*lead, sort, "id"], name=f"sales_statement{prefix}_{name}")
            for prefix, lead in (("", []), ("_p", ["person"]), ("_s", ["status"]))
            for name, sort in (("month", "month"), ("total", "total"))
        ]

    def __str__(self) -> str:
        month = date_format(self.month, "YEAR_MONTH_FORMAT")
        return (
            f"{self.number} · {month}"
            if self.number
            else str(_("Commissions of %(month)s") % {"month": month})
        )

    def get_absolute_url(self) -> str:
        return record_address("sales:commission_detail", self.pk)

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def initials(self) -> str:
        return f"{self.month:%m}"


class CommissionLine(Record):
    """A line of a statement: what a sale earned, what was taken back of it, or what somebody adjusted.

    Each month books of a sale the difference between what it is worth by now and what was booked before, so
    that the lines of a sale always come to what it is worth.
    """

    module = "sales.commission"
    ownership = OwnerScope("person")

    class Kind(models.TextChoices):
        SALE = "sale", pgettext_lazy("commission", "Sale")
        CORRECTION = "correction", pgettext_lazy("commission", "Correction")
        TAKEBACK = "takeback", pgettext_lazy("commission", "Taken back")
        ADJUSTMENT = "adjustment", pgettext_lazy("commission", "By hand")

    class Cause(models.TextChoices):
        """Why it is not what it was."""

        TERMINATED = "terminated", pgettext_lazy("commission", "Contract terminated early")
        CREDITED = "credited", pgettext_lazy("commission", "Credit note")
        REPLACED = "replaced", pgettext_lazy("commission", "The contract of this deal counts instead")
        GONE = "gone", pgettext_lazy("commission", "No sale any more")
        CHANGED = "changed", pgettext_lazy("commission", "The amount changed")

    statement = models.ForeignKey(
        CommissionStatement, models.PROTECT, verbose_name=_("statement"), related_name="lines"
    )
    # Those of the statement, so that lists find lines by them.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("salesperson"), related_name="+"
    )
    month = models.DateField(_("month"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    cause = models.CharField(_("cause"), max_length=10, choices=Cause, blank=True)
    # Which sale: « contract-12 », « contract-12-recurring », « deal-7 »; NULL for adjustments.
    sale = models.CharField(max_length=60, null=True, editable=False)  # noqa: DJ001
    sold_on = models.DateField(_("sold on"), null=True)
    label = models.CharField(_("label"), max_length=300)
    contract = models.ForeignKey(
        Contract, models.SET_NULL, verbose_name=_("contract"), null=True, related_name="commission_lines"
    )
    deal = models.ForeignKey(
        Deal, models.SET_NULL, verbose_name=_("deal"), null=True, related_name="commission_lines"
    )
    basis = models.CharField(_("basis"), max_length=7, choices=CommissionRate.Basis, blank=True)
    value = models.DecimalField(_("rate (% or €)"), max_digits=9, decimal_places=2, null=True)
    # Before tax, of what counts; of a take-back what counts no more.
    base = amount_field(_("amount before tax (€)"))
    amount = amount_field(_("commission (€)"))
    # Of an adjustment: why, and who.
    note = models.CharField(_("reason"), max_length=300, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = _("line of a commission statement")
        verbose_name_plural = _("lines of commission statements")
        ordering = ["id"]
        constraints = [
            # A sale stands once on a statement.
            models.UniqueConstraint(fields=["statement", "sale"], name="one_line_a_sale"),
        ]
        indexes = [
            *(
                models.Index(fields=[*lead, *sort, "id"], name=f"sales_commission{prefix}_{name}")
                for prefix, lead in (("", []), ("_p", ["person"]))
                for name, sort in (("month", ["month"]), ("amount", ["amount"]), ("sale", ["sale"]))
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return record_address("sales:commission_detail", self.statement_id)

    @property
    def initials(self) -> str:
        return self.label[:2].upper()

    @property
    def rate_text(self) -> Any:
        """« 5 % », « 150 € », nothing for adjustments."""
        if self.value is None:
            return ""
        text = f"{self.value.normalize():f}".replace(".", ",")
        return f"{text}\u00a0%" if self.basis == CommissionRate.Basis.PERCENT else f"{text}\u00a0€"

"""Contracts: what was signed, by whom, through which salesperson."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Client
from digiweb.addresses import record_address
from digiweb.fields import DerivedCharField, DerivedDateField, SearchTextField
from digiweb.fulltext import FullTextIndex, fold, search_text
from digiweb.models import Record
from digiweb.scopes import OwnerScope
from sales.models.offer import Offer
from sales.models.subscription import Subscription

# Columns of a sort are never NULL: what is not signed comes last.
NO_DATE = date(1900, 1, 1)

# The indexes that are walked where a filter leaves many rows.
WALKED = ("", "_o")
FILTERED = ("signed_key", "offer", "ends_on", "payment_method", "absent_since")


def _tail(sort: Sequence[str]) -> list[str]:
    """The columns of the filters, where a list is read in the order of `sort`."""
    return [column for column in FILTERED if column not in sort] if sort else []


class Contract(Record):
    """A contract of a client, kept by its reference. Its salesperson is `owner`: each sees their own.

    The colleague's import brings most of them; one that left the source is marked, never deleted.
    """

    module = "sales.contract"
    ownership = OwnerScope("owner")

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        SIGNED = "signed", _("Signed")
        VALIDATED = "validated", _("Validated")
        TERMINATED = "terminated", _("Terminated")
        ENDED = "ended", _("Ended")
        # The source said something that we do not know: `status_text` keeps its words.
        UNKNOWN = "unknown", _("Unknown")

    class PaymentMethod(models.TextChoices):
        DEBIT = "debit", _("Direct debit")
        TRANSFER = "transfer", _("Bank transfer")
        CARD = "card", _("Card")
        CHEQUE = "cheque", _("Cheque")
        LEASE = "lease", _("Lease (LOCAM)")
        OTHER = "other", _("Other")

    # In force: what counts as sold.
    IN_FORCE = (Status.SIGNED, Status.VALIDATED)

    reference = models.CharField(_("reference"), max_length=120, unique=True)
    description = models.TextField(_("description"), max_length=4000, blank=True)
    client = models.ForeignKey(Client, models.PROTECT, verbose_name=_("client"), related_name="contracts")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("salesperson"),
        null=True,
        blank=True,
        related_name="contracts",
    )
    offer = models.ForeignKey(
        Offer, models.PROTECT, verbose_name=_("offer"), null=True, blank=True, related_name="contracts"
    )
    subscription = models.ForeignKey(
        Subscription,
        models.SET_NULL,
        verbose_name=_("subscription"),
        null=True,
        blank=True,
        related_name="contracts",
    )
    supplier = models.CharField(_("supplier"), max_length=160, blank=True)
    kind = models.CharField(_("type"), max_length=80, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    status_text = models.CharField(_("status in the source"), max_length=80, blank=True, editable=False)
    amount = models.DecimalField(
        _("amount before tax (€)"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0)],
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    validated_on = models.DateField(_("validated on"), null=True, blank=True)
    starts_on = models.DateField(_("start"), null=True, blank=True)
    ends_on = models.DateField(_("end"), null=True, blank=True)
    payment_method = models.CharField(_("payment method"), max_length=8, choices=PaymentMethod, blank=True)
    withdrawal_day = models.PositiveSmallIntegerField(
        _("day of the withdrawal"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
    )
    termination_reason = models.CharField(_("reason of the termination"), max_length=200, blank=True)
    # As the source gives them: opened only where they are links to an allowed host.
    document_path = models.CharField(_("document"), max_length=500, blank=True)
    audit_trail_path = models.CharField(_("audit trail"), max_length=500, blank=True)
    # Since when the source does not send it any more.
    absent_since = models.DateTimeField(_("absent from the source since"), null=True, editable=False)
    signed_key = DerivedDateField(source="derive_signed_key", default=NO_DATE)
    sort_name = DerivedCharField(max_length=120, source="derive_sort_name")
    search_text = SearchTextField(source="derive_search_text")

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="sales_contract_positive"),
            models.CheckConstraint(
                condition=models.Q(withdrawal_day__isnull=True)
                | models.Q(withdrawal_day__gte=1, withdrawal_day__lte=31),
                name="sales_contract_withdrawal_day",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(starts_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="sales_contract_ends_after",
            ),
        ]
        # Each sort alone, within a status, for an owner, for both, and of one client; those alone and of an
        # owner have the columns of the other filters too, and each of these finds its rows, where they are
        # few, and counts them (digiweb/hints.py).
        indexes = [
            *(
                models.Index(
                    fields=[*lead, *sort, "id", *(_tail(sort) if prefix in WALKED else ())],
                    name=f"sales_contract{prefix}_{name}",
                )
                for prefix, lead in (
                    ("", []),
                    ("_s", ["status"]),
                    ("_o", ["owner"]),
                    ("_os", ["owner", "status"]),
                    ("_c", ["client"]),
                )
                for name, sort in (
                    ("new", []),
                    ("signed", ["signed_key"]),
                    ("amount", ["amount"]),
                    ("name", ["sort_name"]),
                )
                if lead or sort
            ),
            *(
                models.Index(fields=[*lead, column, "id"], name=f"sales_contract{prefix}_{name}")
                for prefix, lead in (("", []), ("_o", ["owner"]))
                for name, column in (
                    ("offer", "offer"),
                    ("ends", "ends_on"),
                    ("method", "payment_method"),
                    ("absent", "absent_since"),
                )
            ),
            FullTextIndex(fields=["search_text"], name="sales_contract_words"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return record_address("sales:contract_detail", self.pk)

    def clean(self) -> None:
        if self.ends_on and self.starts_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The end cannot lie before the start.")})

    def settled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """`values` with what follows from a new status: its day, and that the source's words are over."""
        settled = dict(values)
        status = settled.get("status", self.status)
        if status == self.status:
            return settled
        today = timezone.localdate()

        def day(name: str) -> Any:
            return settled[name] if name in settled else getattr(self, name)

        if status == self.Status.SIGNED and not day("signed_on"):
            settled["signed_on"] = today
        if status == self.Status.VALIDATED and not day("validated_on"):
            settled["validated_on"] = today
        if status in (self.Status.TERMINATED, self.Status.ENDED) and not day("ends_on"):
            settled["ends_on"] = max(today, day("starts_on") or today)
        if status != self.Status.TERMINATED and self.termination_reason:
            settled.setdefault("termination_reason", "")
        if status != self.Status.UNKNOWN and self.status_text:
            settled.setdefault("status_text", "")
        return settled

    # --- What follows from the columns

    def derive_signed_key(self) -> date:
        return self.signed_on or NO_DATE

    def derive_sort_name(self) -> str:
        return fold(self.reference).strip()[:120]

    def derive_search_text(self) -> str:
        return search_text([self.reference, str(self.client), self.supplier, self.description[:300]])

    @property
    def is_in_force(self) -> bool:
        return self.status in self.IN_FORCE

    @property
    def status_label(self) -> Any:
        """The status in words; those of the source where we do not know it."""
        if self.status == self.Status.UNKNOWN and self.status_text:
            return self.status_text
        return self.get_status_display()

    @property
    def initials(self) -> str:
        return self.reference[:2].upper()


class ContractLine(Record):
    """What a contract is about, line by line."""

    module = "sales.contract"
    ownership = OwnerScope("contract__owner")

    class Period(models.TextChoices):
        ONCE = "once", _("Once")
        MONTH = "month", _("A month")
        YEAR = "year", _("A year")

    contract = models.ForeignKey(Contract, models.CASCADE, verbose_name=_("contract"), related_name="lines")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    label = models.CharField(_("label"), max_length=200)
    quantity = models.DecimalField(
        _("quantity"), max_digits=9, decimal_places=2, default=Decimal(1), validators=[MinValueValidator(0)]
    )
    unit_amount = models.DecimalField(
        _("unit price before tax (€)"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)]
    )
    vat_rate = models.DecimalField(
        _("VAT rate (%)"),
        max_digits=4,
        decimal_places=2,
        default=Decimal(20),
        validators=[MinValueValidator(0), MaxValueValidator(99)],
    )
    period = models.CharField(_("period"), max_length=5, choices=Period, default=Period.ONCE)

    class Meta:
        verbose_name = _("line of a contract")
        verbose_name_plural = _("lines of contracts")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.label

    @property
    def amount(self) -> Decimal:
        """Before tax, to the cent."""
        return (self.quantity * self.unit_amount).quantize(Decimal("0.01"))

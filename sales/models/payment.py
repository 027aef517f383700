"""Money that came in or went back, what it was for, and what was given up."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Client
from digiweb.addresses import record_address
from digiweb.fields import DerivedCharField, SearchTextField
from digiweb.fulltext import FullTextIndex, fold, search_text
from digiweb.models import Record
from digiweb.scopes import OwnerScope
from sales.models.agency import Agency
from sales.models.contract import Contract
from sales.models.document import amount_field
from sales.models.invoice import Invoice

CENT = Decimal("0.01")


class Letter(models.Model):
    """What ties the entries of an account that come to nought: invoices, credit notes, payments, write-offs.

    Accountants write it beside each of them (« lettrage »; columns EcritureLet and DateLet of the FEC).
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    # A, B, … Z, AA, AB: one row of them an agency.
    code = models.CharField(_("letter"), max_length=8)
    lettered_on = models.DateField(_("lettered on"))

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints = [
            models.UniqueConstraint(fields=["agency", "code"], name="sales_letter_once"),
        ]

    def __str__(self) -> str:
        return self.code


class LetterSeries(models.Model):
    """The last letter of an agency. Whoever gives one holds this row, last of all locks."""

    agency = models.OneToOneField(Agency, models.PROTECT, related_name="+")
    last_code = models.CharField(max_length=8, blank=True)

    class Meta:
        verbose_name = _("series of letters")
        verbose_name_plural = _("series of letters")

    def __str__(self) -> str:
        return self.last_code


class Payment(Record):
    """A payment of an agency's client, as the bank tells it. `amount` is positive; `kind` says which way.

    It is never changed nor deleted (CGI, article 286, I-3° bis): a mistake is undone by a payment of the
    opposite kind that names it in `undoes`. What another system told of payments is `PaymentRecord`.
    """

    module = "sales.payment"
    # One of nobody is for those who see all: whose money it is has to be found first.
    ownership = OwnerScope("owner")

    class Kind(models.TextChoices):
        RECEIPT = "receipt", pgettext_lazy("payment", "Received")
        REFUND = "refund", pgettext_lazy("payment", "Paid back")
        # A direct debit or a cheque that the bank took back.
        RETURN = "return", pgettext_lazy("payment", "Returned unpaid")

    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="payments")
    client = models.ForeignKey(
        Client,
        models.PROTECT,
        verbose_name=_("client"),
        null=True,
        blank=True,
        related_name="money",
    )
    # Who paid, in the words of the bank or of the invoice: a lessor or a parent company pays for others.
    payer = models.CharField(_("paid by"), max_length=160, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("salesperson"),
        null=True,
        blank=True,
        related_name="payments",
    )
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.RECEIPT)
    received_on = models.DateField(_("date"))
    amount = models.DecimalField(
        _("amount (€)"), max_digits=14, decimal_places=2, validators=[MinValueValidator(CENT)]
    )
    method = models.CharField(
        _("payment method"), max_length=8, choices=Contract.PaymentMethod, default="transfer"
    )
    reference = models.CharField(_("reference"), max_length=140, blank=True)
    note = models.TextField(_("note"), max_length=1000, blank=True)
    # What of it was set against invoices, and what is left: an over-payment, or money not yet matched.
    matched = amount_field(_("matched (€)"))
    left = amount_field(_("left to match (€)"))
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by", editable=False
    )
    # Of money paid back: the over-payment that it comes from.
    refunds = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="refunded_by", editable=False
    )
    letter = models.ForeignKey(
        Letter, models.SET_NULL, null=True, blank=True, related_name="payments", editable=False
    )
    sort_name = DerivedCharField(max_length=160, source="derive_sort_name")
    search_text = SearchTextField(source="derive_search_text")

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="sales_money_positive"),
            models.CheckConstraint(
                condition=models.Q(matched__gte=0, matched__lte=models.F("amount")),
                name="sales_money_matched",
            ),
        ]
        # Each sort alone, of a kind, for an owner, for both, and of one client.
        indexes = [
            *(
                models.Index(fields=[*lead, *sort, "id"], name=f"sales_money{prefix}_{name}")
                for prefix, lead in (
                    ("", []),
                    ("_k", ["kind"]),
                    ("_o", ["owner"]),
                    ("_ok", ["owner", "kind"]),
                    ("_c", ["client"]),
                )
                for name, sort in (
                    ("new", []),
                    ("day", ["received_on"]),
                    ("amount", ["amount"]),
                    ("name", ["sort_name"]),
                )
                if lead or sort
            ),
            # What is left to match, and what the accounts of a year are made of.
            models.Index(fields=["left", "id"], name="sales_money_left"),
            models.Index(fields=["agency", "received_on", "id"], name="sales_money_agency"),
            FullTextIndex(fields=["search_text"], name="sales_money_words"),
        ]

    def __str__(self) -> str:
        return self.reference or str(_("Payment no. %(number)s") % {"number": self.pk})

    def get_absolute_url(self) -> str:
        return record_address("sales:payment_detail", self.pk)

    def derive_sort_name(self) -> str:
        return fold(self.payer or str(self.client or "")).strip()[:160]

    def derive_search_text(self) -> str:
        return search_text([self.payer, str(self.client or ""), self.reference, f"{self.amount:.2f}"])

    @property
    def sign(self) -> int:
        """What was paid back or returned counts against what came in."""
        return 1 if self.kind == self.Kind.RECEIPT else -1

    @property
    def is_correction(self) -> bool:
        """It undoes one that was entered by mistake."""
        return self.undoes_id is not None and self.kind != self.Kind.RETURN

    @property
    def initials(self) -> str:
        return "€"

    @property
    def status_label(self) -> Any:
        """Which way it went, or that it corrects another."""
        return pgettext_lazy("payment", "Correction") if self.is_correction else self.get_kind_display()


class PaymentMatch(models.Model):
    """How much of a payment was set against an invoice, or against a credit note that was paid back."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="matches")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="matches")
    amount = models.DecimalField(
        _("amount (€)"), max_digits=14, decimal_places=2, validators=[MinValueValidator(CENT)]
    )
    matched_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    matched_at = models.DateTimeField(_("matched"), auto_now_add=True)

    class Meta:
        verbose_name = _("match of a payment")
        verbose_name_plural = _("matches of payments")
        constraints = [
            models.UniqueConstraint(fields=["payment", "invoice"], name="sales_match_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="sales_match_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.payment} → {self.invoice}"


class WriteOff(models.Model):
    """What of an invoice will not be paid and is given up; the books say why (accounts 654 and 658).

    No row is changed or deleted: a mistake is taken back by a row that names it in `undoes` and counts
    against it.
    """

    class Reason(models.TextChoices):
        LOSS = "loss", _("Bad debt")
        ROUNDING = "rounding", _("Difference of a few cents")
        GESTURE = "gesture", _("Goodwill")

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="write_offs")
    amount = models.DecimalField(
        _("amount (€)"), max_digits=14, decimal_places=2, validators=[MinValueValidator(CENT)]
    )
    written_on = models.DateField(_("date"))
    reason = models.CharField(_("reason"), max_length=8, choices=Reason, default=Reason.LOSS)
    note = models.CharField(_("note"), max_length=300, blank=True)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by", editable=False
    )
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(_("written off"), auto_now_add=True)

    class Meta:
        verbose_name = _("write-off")
        verbose_name_plural = _("write-offs")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="sales_write_off_positive"),
        ]
        indexes = [models.Index(fields=["written_on", "id"], name="sales_write_off_day")]

    def __str__(self) -> str:
        return f"{self.amount} {self.get_reason_display()}"

    @property
    def sign(self) -> int:
        """What takes one back counts against it."""
        return 1 if self.undoes_id is None else -1

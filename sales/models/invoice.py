"""Invoices and credit notes: drafts that are changed, issued ones that never are."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Company
from digiweb.addresses import record_address
from digiweb.fields import DerivedDateField
from digiweb.fulltext import FullTextIndex
from digiweb.scopes import OwnerScope
from sales.models.contract import Contract
from sales.models.document import NO_DAY, Document, DocumentLine, amount_field
from sales.models.quote import Quote
from sales.models.subscription import Subscription

# Name of an index → the columns of its order.
SORTS: dict[str, list[str]] = {
    "new": [],
    "issued": ["issued_key"],
    "due": ["due_key"],
    "gross": ["gross"],
    "name": ["sort_name"],
}
# What filters narrow, and what the head of the list adds up (sales/services/invoice_totals.py).
FILTERED = ("status", "settlement", "kind", "agency", "issued_key", "due_key")
SUMMED = ("status", "kind", "net", "gross", "balance")


def _tail(before: list[str], name: str) -> list[str]:
    """What an index that is walked has beside the order."""
    wanted = (*FILTERED, *(SUMMED if name == "new" else ()))
    return [column for column in dict.fromkeys(wanted) if column not in before]


def _beside(lead: list[str], name: str) -> list[str]:
    """What an index of one status or settlement has beside: sums, and the day that makes one overdue."""
    unpaid = "settlement" in lead
    wanted = SUMMED if name == "new" or (unpaid and name == "due") else ()
    late = ("due_key",) if unpaid and name != "due" else ()
    return [column for column in (*late, *wanted) if column not in lead]


class Invoice(Document):
    """An invoice, a deposit invoice or a credit note.

    It gets its number when it is issued; from then on its content is sealed (`InvoiceSeal`; database triggers
    refuse what the code would not do) and a mistake is undone by a credit note. What goes on living beside
    the content is what was paid and whether reminders pause.
    """

    module = "sales.invoice"
    ownership = OwnerScope("owner")

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        DEPOSIT = "deposit", _("Deposit invoice")
        INTERIM = "interim", _("Interim invoice")
        FINAL = "final", _("Final invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")

    # BT-3.
    TYPE_CODES = {
        Kind.INVOICE: "380",
        Kind.DEPOSIT: "386",
        Kind.INTERIM: "380",
        Kind.FINAL: "380",
        Kind.CREDIT_NOTE: "381",
    }

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("invoice", "Draft")
        ISSUED = "issued", pgettext_lazy("invoice", "Issued")

    class Settlement(models.TextChoices):
        """How far it is paid; that it is overdue follows from the day. Computed, never typed."""

        NONE = "none", pgettext_lazy("invoice", "Nothing to pay")
        PENDING = "pending", pgettext_lazy("invoice", "Pending")
        PARTLY = "partly", pgettext_lazy("invoice", "Partly paid")
        PAID = "paid", pgettext_lazy("invoice", "Paid")

    UNPAID = (Settlement.PENDING, Settlement.PARTLY)

    kind = models.CharField(_("kind"), max_length=11, choices=Kind, default=Kind.INVOICE)
    status = models.CharField(_("status"), max_length=6, choices=Status, default=Status.DRAFT, editable=False)
    issued_on = models.DateField(_("issued on"), null=True, blank=True, editable=False)
    # When what is invoiced was done (BT-72), and when it is to be paid (BT-9).
    delivered_on = models.DateField(_("date of the service"), null=True, blank=True)
    period_start = models.DateField(_("period from"), null=True, blank=True)
    period_end = models.DateField(_("period to"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    payment_method = models.CharField(
        _("payment method"), max_length=8, choices=Contract.PaymentMethod, default="transfer"
    )
    # Where it was done, when that is not the buyer (a lease: LOCAM buys, the client is served).
    delivery = models.ForeignKey(
        Company,
        models.PROTECT,
        verbose_name=_("place of delivery"),
        null=True,
        blank=True,
        related_name="invoices_delivered",
    )
    quote = models.ForeignKey(
        Quote, models.PROTECT, verbose_name=_("quote"), null=True, blank=True, related_name="invoices"
    )
    contract = models.ForeignKey(
        Contract, models.PROTECT, verbose_name=_("contract"), null=True, blank=True, related_name="invoices"
    )
    subscription = models.ForeignKey(
        Subscription,
        models.PROTECT,
        verbose_name=_("subscription"),
        null=True,
        blank=True,
        related_name="invoices",
    )
    # What a credit note corrects (BT-25).
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("corrects"),
        null=True,
        blank=True,
        related_name="credit_notes",
        editable=False,
    )
    # A key that makes a recurring invoice once: « subscription-12-2026-11 ».
    once_key = models.CharField(max_length=80, null=True, unique=True, editable=False)  # noqa: DJ001
    # --- What lives on after the issue
    paid = amount_field(_("paid (€)"))
    # Of an invoice: what credit notes took off. Of a credit note: what it was set against.
    credited = amount_field(_("credited (€)"))
    # Of an invoice: what was given up (`WriteOff`).
    written_off = amount_field(_("written off (€)"))
    balance = amount_field(_("left to pay (€)"))
    settlement = models.CharField(
        _("payment"), max_length=7, choices=Settlement, default=Settlement.NONE, editable=False
    )
    paid_on = models.DateField(_("paid on"), null=True, editable=False)
    letter = models.ForeignKey(
        "sales.Letter", models.SET_NULL, null=True, blank=True, related_name="invoices", editable=False
    )
    # Reminders pause while it is disputed.
    disputed = models.CharField(_("disputed because"), max_length=300, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    opened_at = models.DateTimeField(_("opened"), null=True, editable=False)
    issued_key = DerivedDateField(source="derive_issued_key", default=NO_DAY)
    due_key = DerivedDateField(source="derive_due_key", default=NO_DAY)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            # A number and a day are given at the issue, together, and never before.
            models.CheckConstraint(
                condition=models.Q(status="draft", number__isnull=True, issued_on__isnull=True)
                | models.Q(status="issued", number__isnull=False, issued_on__isnull=False),
                name="sales_invoice_numbered",
            ),
            models.CheckConstraint(
                condition=models.Q(due_on__isnull=True)
                | models.Q(issued_on__isnull=True)
                | models.Q(due_on__gte=models.F("issued_on")),
                name="sales_invoice_due_after",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="credit_note", corrects__isnull=False)
                | (~models.Q(kind="credit_note") & models.Q(corrects__isnull=True)),
                name="sales_invoice_corrects",
            ),
        ]
        # Walked, whatever the filter: each sort alone and of an owner, with the columns of the filters. What
        # follows time (drafts and what is unpaid are among the newest) has an index with each sort by time;
        # by amount or name such rows lie anywhere, and are met soon or are few enough to be sorted.
        indexes = [
            *(
                models.Index(
                    fields=[*lead, *sort, "id", *_tail([*lead, *sort], name)],
                    name=f"sales_invoice{prefix}_{name}",
                )
                for prefix, lead in (("", []), ("_o", ["owner"]))
                for name, sort in SORTS.items()
                if lead or sort
            ),
            *(
                models.Index(
                    fields=[*lead, *SORTS[name], "id", *_beside(lead, name)],
                    name=f"sales_invoice{prefix}_{name}",
                )
                for prefix, lead in (
                    ("_s", ["status"]),
                    ("_p", ["settlement"]),
                    ("_os", ["owner", "status"]),
                    ("_op", ["owner", "settlement"]),
                )
                for name in ("new", "issued", "due")
            ),
            # A client's has nothing beside: MariaDB would lock the client each time that it changes.
            *(
                models.Index(fields=["client", *SORTS[name], "id"], name=f"sales_invoice_c_{name}")
                for name in ("new", "issued", "due", "gross")
            ),
            models.Index(fields=["kind", "id", *_beside(["kind"], "new")], name="sales_invoice_kind"),
            models.Index(
                fields=["owner", "kind", "id", *_beside(["kind"], "new")], name="sales_invoice_o_kind"
            ),
            models.Index(fields=["owner", "agency", "id", *SUMMED], name="sales_invoice_o_agency"),
            # What a month, an agency and the accounts are made of.
            models.Index(fields=["agency", "issued_on", "id"], name="sales_invoice_agency_issued"),
            # The few that are disputed.
            models.Index(fields=["disputed", "id"], name="sales_invoice_disputed"),
            FullTextIndex(fields=["search_text"], name="sales_invoice_words"),
        ]

    def __str__(self) -> str:
        return self.number or str(_("Draft no. %(number)s") % {"number": self.pk})

    def get_absolute_url(self) -> str:
        return record_address("sales:invoice_detail", self.pk)

    def derive_issued_key(self) -> date:
        return self.issued_on or NO_DAY

    def derive_due_key(self) -> date:
        # A credit note is not due; lists rely on it (sales/filters/invoice.py).
        return NO_DAY if self.is_credit_note else self.due_on or NO_DAY

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_credit_note(self) -> bool:
        return self.kind == self.Kind.CREDIT_NOTE

    @property
    def type_code(self) -> str:
        """BT-3 of EN 16931."""
        return self.TYPE_CODES[self.Kind(self.kind)]

    @property
    def sign(self) -> int:
        """A credit note's amounts are positive and count against what was sold."""
        return -1 if self.is_credit_note else 1

    @property
    def is_overdue(self) -> bool:
        """Not all paid, and its day has passed."""
        return (
            self.settlement in self.UNPAID and self.due_on is not None and self.due_on < timezone.localdate()
        )

    @property
    def status_label(self) -> Any:
        """« Draft », « Overdue », or how far it is paid."""
        if self.is_draft:
            return self.get_status_display()
        if self.is_overdue:
            return pgettext_lazy("invoice", "Overdue")
        return self.get_settlement_display()


class InvoiceLine(DocumentLine):
    """A line of an invoice. What a final invoice deducts of deposits are lines of a negative quantity."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, verbose_name=_("invoice"), related_name="lines")
    # Of an interim invoice: how much of this line of the quote is done, in percent, this invoice included.
    quote_line = models.ForeignKey(
        "sales.QuoteLine", models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    progress = models.DecimalField(
        _("progress (%)"), max_digits=5, decimal_places=2, null=True, blank=True, editable=False
    )
    # Of a deduction: the deposit invoice that it takes off.
    deducts = models.ForeignKey(
        Invoice, models.PROTECT, null=True, blank=True, related_name="deductions", editable=False
    )
    # Of a credit note: the line that it takes back.
    credits = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credited_by", editable=False
    )

    class Meta(DocumentLine.Meta):
        verbose_name = _("line of an invoice")
        verbose_name_plural = _("lines of invoices")


class InvoiceRate(models.Model):
    """The VAT of an invoice, rate by rate: what returns, statements and accounts are made of."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="rates")
    rate = models.DecimalField(_("VAT rate (%)"), max_digits=4, decimal_places=2)
    base = models.DecimalField(_("base (€)"), max_digits=14, decimal_places=2, default=Decimal(0))
    vat = models.DecimalField(_("VAT (€)"), max_digits=14, decimal_places=2, default=Decimal(0))

    class Meta:
        ordering = ["rate"]
        constraints = [models.UniqueConstraint(fields=["invoice", "rate"], name="one_row_a_rate")]

    def __str__(self) -> str:
        return f"{self.rate} %"


class InvoiceSeal(models.Model):
    """What was issued, for good: content, files and their hashes, chained by a key outside the database.

    `payload` is canonical JSON (sorted keys, decimals as text); `seal` is HMAC-SHA256 over `previous` and it.
    One chain an agency: `position` counts without a gap. No row is ever changed or deleted (triggers).
    """

    invoice = models.OneToOneField(Invoice, models.PROTECT, primary_key=True, related_name="seal")
    agency = models.ForeignKey("sales.Agency", models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    # The version of what is hashed and how, so that old seals are verified as they were made.
    form = models.PositiveSmallIntegerField(default=1)
    payload = models.TextField()
    previous = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)
    pdf = models.FileField(upload_to="invoices/%Y/%m", max_length=120)
    pdf_sha256 = models.CharField(max_length=64)
    xml_sha256 = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=timezone.now)
    sealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("seal of an invoice")
        verbose_name_plural = _("seals of invoices")
        constraints = [
            models.UniqueConstraint(fields=["agency", "position"], name="one_seal_a_position"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.seal[:12]}"

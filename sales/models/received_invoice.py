"""Invoices that suppliers send us: files as they arrive, and what was read out of them."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Company
from digiweb.addresses import record_address
from digiweb.crypto import EncryptedTextField
from digiweb.fields import DerivedCharField, DerivedDateField, SearchTextField
from digiweb.filenames import LONGEST
from digiweb.fulltext import FullTextIndex, fold, search_text
from digiweb.models import Record
from sales.models.document import NO_DAY


def stored_name(instance: Any, name: str) -> str:
    """Where a file is kept: a random name that says nothing."""
    key = uuid.uuid4().hex
    return f"received/{key[:2]}/{key[2:4]}/{key}"


def amount_field(label: Any) -> models.DecimalField:
    return models.DecimalField(label, max_digits=14, decimal_places=2, default=Decimal(0), editable=False)


class ReceivedInvoice(Record):
    """A supplier's invoice. Its content is the file's and never changes; what becomes of it here does.

    Amounts of credit notes are negative, so that lists add up. The file is kept as it came, byte for byte.
    """

    module = "sales.receivedinvoice"
    label_fields = ("number", "supplier_name")
    # Its file waits in the bin with it (timeline/services/bin_subjects.py).
    bin_holds_files = True

    class Status(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("received invoice", "Received")
        CHECKED = "checked", pgettext_lazy("received invoice", "Checked")
        APPROVED = "approved", pgettext_lazy("received invoice", "Approved")
        REFUSED = "refused", pgettext_lazy("received invoice", "Refused")
        PAID = "paid", pgettext_lazy("received invoice", "Paid")

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        DEPOSIT = "deposit", _("Deposit invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")

    class Rules(models.TextChoices):
        """What the rules of the reform said."""

        KEPT = "kept", _("All rules kept")
        BROKEN = "broken", _("Rules not kept")
        UNASKED = "unasked", _("Not checked")

    # Nobody has decided yet, or it is still to be paid.
    UNDECIDED = (Status.RECEIVED, Status.CHECKED)
    OPEN = (*UNDECIDED, Status.APPROVED)

    number = models.CharField(_("number"), max_length=60, editable=False)
    kind = models.CharField(_("kind"), max_length=11, choices=Kind, default=Kind.INVOICE, editable=False)
    # BT-3 as the supplier wrote it.
    type_code = models.CharField(_("type code"), max_length=3, blank=True, editable=False)
    supplier_name = models.CharField(_("supplier"), max_length=200, editable=False)
    supplier_siren = models.CharField(_("SIREN"), max_length=9, blank=True, editable=False)
    supplier_vat_number = models.CharField(_("VAT number"), max_length=60, blank=True, editable=False)
    # The supplier among our companies: found by its SIREN, or chosen.
    company = models.ForeignKey(
        Company,
        models.SET_NULL,
        verbose_name=_("company"),
        null=True,
        blank=True,
        related_name="received_invoices",
    )
    order_number = models.CharField(_("our order number"), max_length=200, blank=True, editable=False)
    issued_on = models.DateField(_("issued on"), editable=False)
    due_on = models.DateField(_("due on"), null=True, editable=False)
    currency = models.CharField(_("currency"), max_length=3, default="EUR", editable=False)
    net = amount_field(_("before tax"))
    vat = amount_field(_("VAT"))
    gross = amount_field(_("with tax"))
    due = amount_field(_("to pay"))
    iban = EncryptedTextField(_("IBAN"), blank=True, editable=False)
    # Lines, parties and mentions as they were read (`sales.facturx.facts.Invoice`).
    facts = models.JSONField(default=dict, editable=False)
    status = models.CharField(
        _("status"), max_length=8, choices=Status, default=Status.RECEIVED, editable=False
    )
    refusal = models.CharField(_("reason of the refusal"), max_length=300, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("decided by"),
        null=True,
        related_name="+",
        editable=False,
    )
    decided_at = models.DateTimeField(_("decided on"), null=True, editable=False)
    paid_on = models.DateField(_("paid on"), null=True, editable=False)
    note = models.TextField(_("note"), max_length=2000, blank=True)
    rules = models.CharField(_("rules"), max_length=7, choices=Rules, default=Rules.UNASKED, editable=False)
    # [{source, rule, text, place, is_error}] of those that are not kept, and why none could be asked.
    findings = models.JSONField(default=list, editable=False)
    unasked = models.CharField(max_length=200, blank=True, editable=False)
    # How it is written: "cii" or "ubl", and its profile.
    syntax = models.CharField(_("format"), max_length=3, editable=False)
    profile = models.CharField(_("profile"), max_length=20, blank=True, editable=False)
    name = models.CharField(_("file"), max_length=LONGEST, editable=False)
    file = models.FileField(_("file"), upload_to=stored_name, max_length=80, editable=False)
    is_pdf = models.BooleanField(default=False, editable=False)
    size = models.BigIntegerField(_("size"), editable=False)
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64, unique=True, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("added by"),
        null=True,
        related_name="+",
        editable=False,
    )
    # One supplier gives a number once: by SIREN, else VAT number, else name.
    supplier_key = DerivedCharField(max_length=200, source="derive_supplier_key")
    number_key = DerivedCharField(max_length=60, source="derive_number_key")
    sort_name = DerivedCharField(max_length=200, source="derive_sort_name")
    due_key = DerivedDateField(source="derive_due_key", default=NO_DAY)
    search_text = SearchTextField(source="derive_search_text")

    class Meta:
        verbose_name = _("received invoice")
        verbose_name_plural = _("received invoices")
        constraints = [
            models.UniqueConstraint(
                fields=["supplier_key", "number_key"], name="one_received_invoice_a_number"
            ),
        ]
        # Each sort alone, within a status, and of one company.
        indexes = [
            *(
                models.Index(fields=[*lead, *sort, "id"], name=f"sales_received{prefix}_{name}")
                for prefix, lead in (("", []), ("_s", ["status"]), ("_c", ["company"]))
                for name, sort in (
                    ("issued", ["issued_on"]),
                    ("due", ["due_key"]),
                    ("name", ["sort_name"]),
                    ("gross", ["gross"]),
                )
            ),
            models.Index(fields=["status", "id"], name="sales_received_status"),
            models.Index(fields=["rules", "id"], name="sales_received_rules"),
            models.Index(fields=["kind", "id"], name="sales_received_kind"),
            models.Index(fields=["file"], name="sales_received_file"),
            FullTextIndex(fields=["search_text"], name="sales_received_words"),
        ]

    def __str__(self) -> str:
        return f"{self.number} – {self.supplier_name}"

    def get_absolute_url(self) -> str:
        return record_address("sales:received_invoice_detail", self.pk)

    @property
    def initials(self) -> str:
        return (fold(self.supplier_name).strip()[:2] or "?").upper()

    @property
    def also_on(self) -> tuple[Any, ...]:
        """On whose time lines its own events show too."""
        return (("crm.company", self.company_id),) if self.company_id else ()

    @property
    def is_credit_note(self) -> bool:
        return self.kind == self.Kind.CREDIT_NOTE

    def is_late(self, today: date) -> bool:
        """Still to be paid, and the day has passed."""
        return self.status in self.OPEN and self.due > 0 and self.due_key < today

    # --- What follows from the columns

    def derive_supplier_key(self) -> str:
        return (self.supplier_siren or self.supplier_vat_number or fold(self.supplier_name).strip())[:200]

    def derive_number_key(self) -> str:
        return "".join(self.number.split()).upper()[:60]

    def derive_sort_name(self) -> str:
        return fold(self.supplier_name).strip()[:200]

    def derive_due_key(self) -> date:
        return self.due_on or NO_DAY

    def derive_search_text(self) -> str:
        said = [self.number, self.supplier_name, self.supplier_siren, self.supplier_vat_number]
        return search_text([*said, self.order_number, self.note])


class ReceivedInvoiceRate(models.Model):
    """What a received invoice comes to at one VAT rate."""

    invoice = models.ForeignKey(ReceivedInvoice, models.CASCADE, related_name="rates")
    category = models.CharField(_("VAT category"), max_length=2)
    rate = models.DecimalField(_("rate (%)"), max_digits=6, decimal_places=2)
    base = amount_field(_("before tax"))
    amount = amount_field(_("VAT"))

    class Meta:
        verbose_name = _("VAT of a received invoice")
        verbose_name_plural = _("VAT of received invoices")
        ordering = ["-rate", "category", "id"]

    def __str__(self) -> str:
        return f"{self.category} {self.rate}"


class ReceivedFile(models.Model):
    """A file on its way in: a worker reads it, then it is an invoice, or it is kept out and says why."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("received file", "Being read")
        FILED = "filed", pgettext_lazy("received file", "Filed")
        OUT = "out", pgettext_lazy("received file", "Kept out")

    name = models.CharField(max_length=LONGEST)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    # Empty once the file belongs to an invoice, or is gone.
    file = models.FileField(upload_to=stored_name, max_length=80, blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    # Why it was kept out, for people.
    reason = models.CharField(max_length=400, blank=True)
    # What it became; of a duplicate, the invoice that was there before.
    invoice = models.ForeignKey(ReceivedInvoice, models.SET_NULL, null=True, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("received file")
        verbose_name_plural = _("received files")

    def __str__(self) -> str:
        return self.name

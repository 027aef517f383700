"""Direct debits: batches that go to the bank, and what became of each collection."""

from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from digiweb.addresses import record_address
from digiweb.crypto import EncryptedTextField
from digiweb.models import Record
from sales.models.agency import Agency
from sales.models.document import amount_field
from sales.models.invoice import Invoice
from sales.models.mandate import Mandate
from sales.models.payment import CENT, Payment


class DebitBatch(Record):
    """Collections of an agency on one day, under one scheme: one file (pain.008) for the bank.

    Prepared (announced to the debtors), approved (the file is written and kept), sent, collected.
    """

    module = "sales.debit"

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("direct debits", "Prepared")
        APPROVED = "approved", pgettext_lazy("direct debits", "Approved")
        SENT = "sent", pgettext_lazy("direct debits", "Sent to the bank")
        COLLECTED = "collected", pgettext_lazy("direct debits", "Collected")
        CANCELLED = "cancelled", pgettext_lazy("direct debits", "Cancelled")

    OPEN = (Status.DRAFT, Status.APPROVED)

    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="debit_batches")
    scheme = models.CharField(_("kind"), max_length=4, choices=Mandate.Scheme, default=Mandate.Scheme.CORE)
    collect_on = models.DateField(_("collection day"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.DRAFT, editable=False)
    # MsgId of the file; what the bank quotes in its answers.
    reference = models.CharField(_("reference"), max_length=35, unique=True, editable=False)
    count = models.PositiveIntegerField(_("collections"), default=0, editable=False)
    total = amount_field(_("total (€)"))
    # The file, encrypted like the numbers that stand in it, and what its bytes hash to.
    content = EncryptedTextField(blank=True, editable=False)
    file_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("approved by"), null=True, related_name="+",
        editable=False,
    )  # fmt: skip
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    collected_on = models.DateField(_("collected on"), null=True, editable=False)

    class Meta:
        verbose_name = _("batch of direct debits")
        verbose_name_plural = _("batches of direct debits")
        indexes = [
            *(
                models.Index(fields=[*lead, *sort, "id"], name=f"sales_debits{prefix}_{name}")
                for prefix, lead in (("", []), ("_s", ["status"]), ("_a", ["agency"]))
                for name, sort in (("new", []), ("day", ["collect_on"]), ("total", ["total"]))
                if lead or sort
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return record_address("sales:debit_batch_detail", self.pk)

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def status_label(self) -> Any:
        return self.get_status_display()

    @property
    def initials(self) -> str:
        return "€"


class Debit(models.Model):
    """One collection: what of an invoice is taken by a mandate, and what the bank said of it."""

    class Status(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("direct debit", "Planned")
        COLLECTED = "collected", pgettext_lazy("direct debit", "Collected")
        RETURNED = "returned", pgettext_lazy("direct debit", "Returned unpaid")
        REMOVED = "removed", pgettext_lazy("direct debit", "Taken out")

    class Notice(models.TextChoices):
        NONE = "none", pgettext_lazy("pre-notification", "No e-mail address")
        WAITING = "waiting", pgettext_lazy("pre-notification", "Waiting")
        SENT = "sent", pgettext_lazy("pre-notification", "Announced")
        REFUSED = "refused", pgettext_lazy("pre-notification", "Refused by the server")

    batch = models.ForeignKey(DebitBatch, models.PROTECT, verbose_name=_("batch"), related_name="debits")
    invoice = models.ForeignKey(Invoice, models.PROTECT, verbose_name=_("invoice"), related_name="debits")
    mandate = models.ForeignKey(Mandate, models.PROTECT, verbose_name=_("mandate"), related_name="debits")
    amount = models.DecimalField(
        _("amount (€)"), max_digits=14, decimal_places=2, validators=[MinValueValidator(CENT)]
    )
    sequence = models.CharField(max_length=4)
    # EndToEndId: what the bank quotes when it gives the money back.
    reference = models.CharField(_("reference"), max_length=35, unique=True)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.PLANNED)
    # The invoice's number while this collection stands: one invoice is never taken twice. None once it was
    # returned or taken out.
    live_key = models.PositiveBigIntegerField(null=True, unique=True)
    notice = models.CharField(_("pre-notification"), max_length=7, choices=Notice, default=Notice.WAITING)
    notice_to = models.EmailField(_("announced to"), blank=True)
    notice_error = models.CharField(max_length=300, blank=True)
    announced_at = models.DateTimeField(_("announced"), null=True)
    payment = models.ForeignKey(
        Payment, models.PROTECT, verbose_name=_("payment"), null=True, related_name="debits"
    )
    returned_on = models.DateField(_("returned on"), null=True)
    # AM04, MD01 …; what it means is in sales.services.debit_reasons.
    reason = models.CharField(_("reason"), max_length=4, blank=True)

    class Meta:
        verbose_name = _("direct debit")
        verbose_name_plural = _("direct debits")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="sales_debit_positive"),
        ]
        indexes = [models.Index(fields=["notice", "id"], name="sales_debit_notice")]

    def __str__(self) -> str:
        return self.reference

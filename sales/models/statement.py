"""Statements of the bank, and their lines: each kept once, and dealt with once."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from digiweb.addresses import record_address
from digiweb.models import Record
from digiweb.scopes import EverybodyScope
from sales.models.agency import Agency
from sales.models.payment import Payment


class BankStatement(Record):
    """A file of the bank, how it is read, and what came of it. Its bytes go once it is read."""

    module = "sales.statement"
    ownership = EverybodyScope()

    class State(models.TextChoices):
        UPLOADED = "uploaded", pgettext_lazy("statement", "To be read")
        READING = "reading", pgettext_lazy("statement", "Being read")
        READ = "read", pgettext_lazy("statement", "Read")

    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    name = models.CharField(_("file"), max_length=200)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.UPLOADED)
    content = models.BinaryField(null=True, editable=False)
    # The words of its header, and {part: column}: the next file of the agency is read alike.
    header = models.JSONField(default=list, editable=False)
    columns = models.JSONField(default=dict, editable=False)
    lines_read = models.PositiveIntegerField(_("lines"), default=0, editable=False)
    lines_new = models.PositiveIntegerField(_("new lines"), default=0, editable=False)
    # [[line, code, text]], the first of them; and how many there were.
    faults = models.JSONField(default=list, editable=False)
    fault_count = models.PositiveIntegerField(_("faults"), default=0, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("added by"), null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        indexes = [models.Index(fields=["agency", "id"], name="sales_statement_agency")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_address("sales:statement_detail", self.pk)

    @property
    def status_label(self) -> Any:
        return self.get_state_display()


class BankLine(models.Model):
    """A line of the bank: a credit (above nought) or a debit, waiting until it is a payment or is ignored."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("bank line", "Waiting")
        MATCHED = "matched", pgettext_lazy("bank line", "Recorded")
        IGNORED = "ignored", pgettext_lazy("bank line", "Ignored")

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines")
    # Its line in the file.
    number = models.PositiveIntegerField()
    day = models.DateField(_("date"))
    amount = models.DecimalField(_("amount (€)"), max_digits=14, decimal_places=2)
    label = models.CharField(_("label"), max_length=300)
    # The same line of another statement has the same (sales/statement_reading.py).
    key = models.CharField(max_length=64, unique=True)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    payment = models.OneToOneField(
        Payment, models.PROTECT, null=True, blank=True, related_name="bank_line", editable=False
    )
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("line of a bank statement")
        verbose_name_plural = _("lines of bank statements")
        indexes = [
            models.Index(fields=["statement", "state", "id"], name="sales_bankline_statement"),
            models.Index(fields=["state", "id"], name="sales_bankline_state"),
        ]

    def __str__(self) -> str:
        return self.label[:80]

    @property
    def is_credit(self) -> bool:
        return self.amount > 0

"""The books: entries that follow from documents and money, and their lines.

An entry is worked out anew (« brouillard ») until its period is closed; then it has a number and is never
changed nor deleted (triggers: sales/triggers.py). Numbers, names and accounts are copied: what was closed
reads the same whatever becomes of the chart or of a client's name.
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Client
from digiweb.addresses import record_address
from digiweb.querysets import ScopedQuerySet
from digiweb.scopes import EverybodyScope
from sales.models.account import Account
from sales.models.agency import Agency
from sales.models.document import amount_field
from sales.models.invoice import Invoice
from sales.models.payment import Payment


class BookEntry(models.Model):
    """An entry: what happened on a day, in a journal; its lines come to nought."""

    class Journal(models.TextChoices):
        # In the order in which entries of one day are numbered.
        OPENING = "opening", pgettext_lazy("journal", "Opening balances")
        SALES = "sales", pgettext_lazy("journal", "Sales")
        BANK = "bank", pgettext_lazy("journal", "Bank")
        MISC = "misc", pgettext_lazy("journal", "Other operations")

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="entries")
    # What it tells of (« invoice:12 »), and which of its entries it is: each once.
    source = models.CharField(max_length=40)
    key = models.CharField(max_length=60)
    journal = models.CharField(_("journal"), max_length=7, choices=Journal)
    journal_code = models.CharField(max_length=6)
    journal_label = models.CharField(max_length=60)
    entry_on = models.DateField(_("date"))
    piece = models.CharField(_("document"), max_length=60)
    piece_on = models.DateField(_("date of the document"))
    label = models.CharField(_("label"), max_length=200)
    # The calendar year in which its fiscal year ends, once it is closed; and its number in that year.
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"), null=True)
    number = models.PositiveIntegerField(_("number"), null=True)
    validated_on = models.DateField(_("closed on"), null=True)

    class Meta:
        verbose_name = _("entry of the books")
        verbose_name_plural = _("entries of the books")
        constraints = [
            models.UniqueConstraint(fields=["agency", "key"], name="sales_entry_once"),
            models.UniqueConstraint(fields=["agency", "fiscal_year", "number"], name="sales_entry_number"),
            models.CheckConstraint(
                condition=Q(number__isnull=True, fiscal_year__isnull=True, validated_on__isnull=True)
                | Q(number__isnull=False, fiscal_year__isnull=False, validated_on__isnull=False),
                name="sales_entry_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "entry_on", "id"], name="sales_entry_day"),
            models.Index(fields=["agency", "source"], name="sales_entry_source"),
            models.Index(fields=["piece"], name="sales_entry_piece"),
        ]

    def __str__(self) -> str:
        return f"{self.journal_code} {self.piece}"


class BookLine(models.Model):
    """A line of an entry: one account, debit or credit."""

    module = "sales.accounting"
    ownership = EverybodyScope()
    label_fields: tuple[str, ...] = ()

    entry = models.ForeignKey(BookEntry, models.CASCADE, related_name="lines", verbose_name=_("entry"))
    # Copies of the entry's, for the indexes of the list.
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name=_("agency"))
    journal = models.CharField(_("journal"), max_length=7, choices=BookEntry.Journal)
    entry_on = models.DateField(_("date"))
    account = models.CharField(_("account"), max_length=12)
    account_label = models.CharField(_("name of the account"), max_length=80)
    role = models.CharField(max_length=8, choices=Account.Role)
    rate = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    category = models.CharField(max_length=10, blank=True)
    # The account of one client within the collective one (CompAuxNum, CompAuxLib).
    aux = models.CharField(_("account of the client"), max_length=20, blank=True)
    aux_label = models.CharField(_("client"), max_length=160, blank=True)
    debit = amount_field(_("debit (€)"))
    credit = amount_field(_("credit (€)"))
    # What it is about: lives on, so that merges and letters follow.
    client = models.ForeignKey(
        Client, models.PROTECT, null=True, related_name="book_lines", verbose_name=_("client")
    )
    invoice = models.ForeignKey(
        Invoice, models.PROTECT, null=True, related_name="book_lines", verbose_name=_("invoice")
    )
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, related_name="book_lines", verbose_name=_("payment")
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of the books")
        verbose_name_plural = _("lines of the books")
        constraints = [
            models.CheckConstraint(
                condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0), name="sales_line_one_side"
            ),
        ]
        # Each sort alone, of an agency, of a journal, of an account, of a client.
        indexes = [
            *(
                models.Index(fields=[*lead, "entry_on", "id"], name=f"sales_bookline{prefix}_day")
                for prefix, lead in (
                    ("", []),
                    ("_a", ["agency"]),
                    ("_j", ["journal"]),
                    ("_n", ["account"]),
                    ("_c", ["client"]),
                )
            ),
            models.Index(fields=["debit", "id"], name="sales_bookline_debit"),
            models.Index(fields=["credit", "id"], name="sales_bookline_credit"),
            models.Index(fields=["agency", "role", "aux"], name="sales_bookline_aux"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.entry}"

    def get_absolute_url(self) -> str:
        """The document that the line tells of."""
        if self.payment_id is not None:
            return record_address("sales:payment_detail", self.payment_id)
        if self.invoice_id is not None:
            return record_address("sales:invoice_detail", self.invoice_id)
        return "/sales/accounting/"

    @property
    def initials(self) -> str:
        return self.account[:2]

    @property
    def letter_text(self) -> str:
        """The letter that ties it to what settles it (EcritureLet)."""
        letter = self.letter
        return letter.code if letter is not None else ""

    @property
    def letter(self) -> Any:
        if self.role != Account.Role.CLIENT:
            return None
        of_payment = self.payment.letter if self.payment is not None else None
        return of_payment or (self.invoice.letter if self.invoice is not None else None)


class BookExport(models.Model):
    """A FEC that was made: the file, or what is wrong with it."""

    module = "sales.accounting"

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name=_("agency"))
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    file = models.FileField(upload_to="books/%Y", max_length=120, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    lines = models.PositiveIntegerField(_("lines"), default=0)
    # None while it is being made.
    problems = models.JSONField(null=True, default=None)
    asked_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(_("asked for"), auto_now_add=True)

    objects = ScopedQuerySet.as_manager()
    ownership = EverybodyScope()

    class Meta:
        verbose_name = _("FEC that was made")
        verbose_name_plural = _("FECs that were made")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.agency} {self.fiscal_year}"

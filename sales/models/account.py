"""The chart of accounts of an agency, and how its books are kept: data that its accountant decides on."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from digiweb.addresses import record_address
from digiweb.models import Record
from sales.models.agency import Agency
from sales.models.offer import Offer

JOURNAL_CODE = RegexValidator(r"^[A-Z0-9]{1,6}$", _("One to six capital letters or digits."))


class Account(Record):
    """An account that entries are written to: its number in the « plan comptable général », and what for.

    Of a role with several accounts, the one of the VAT rate and of the category of the offer is taken; the
    one without either serves all others.
    """

    module = "sales.account"

    class Role(models.TextChoices):
        CLIENT = "client", _("Clients")
        SALES = "sales", _("Sales")
        VAT = "vat", _("VAT collected")
        VAT_PENDING = "pending", _("VAT that falls due on payment")
        DEPOSIT = "deposit", _("Deposits and advances of clients")
        BANK = "bank", _("Bank")
        SUSPENSE = "suspense", _("Receipts without a client")
        LOSS = "loss", _("Bad debts")
        ROUNDING = "rounding", _("Differences of a few cents")
        GESTURE = "gesture", _("Goodwill")
        PROFIT = "profit", _("Result of the year: profit")
        DEFICIT = "deficit", _("Result of the year: loss")

    # Where the « plan comptable général » has them: what the number begins with.
    PLACES = {
        Role.CLIENT: ("411", "416"),
        Role.SALES: ("701", "704", "705", "706", "707", "708"),
        Role.VAT: ("445",),
        Role.VAT_PENDING: ("445",),
        Role.DEPOSIT: ("419",),
        Role.BANK: ("511", "512"),
        Role.SUSPENSE: ("471", "472"),
        Role.LOSS: ("654",),
        Role.ROUNDING: ("658", "758"),
        Role.GESTURE: ("665", "658", "709"),
        Role.PROFIT: ("120",),
        Role.DEFICIT: ("129",),
    }
    # Roles that may have several accounts.
    BY_RATE = (Role.SALES, Role.VAT, Role.VAT_PENDING)

    agency = models.ForeignKey(Agency, models.CASCADE, verbose_name=_("agency"), related_name="accounts")
    number = models.CharField(
        _("number"),
        max_length=12,
        validators=[
            RegexValidator(
                r"^[1-7][0-9]{2}[0-9A-Z]{0,9}$",
                _("Three digits of the chart of accounts, then digits or capital letters."),
            )
        ],
    )
    label = models.CharField(_("label"), max_length=80)
    role = models.CharField(_("used for"), max_length=8, choices=Role)
    vat_rate = models.DecimalField(
        _("VAT rate (%)"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(99)],
    )
    category = models.CharField(
        _("category of offers"), max_length=10, choices=Offer.Category, blank=True, default=""
    )

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("chart of accounts")
        constraints = [
            models.UniqueConstraint(fields=["agency", "number"], name="sales_account_once"),
        ]
        indexes = [models.Index(fields=["number", "id"], name="sales_account_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.label}"

    def get_absolute_url(self) -> str:
        return record_address("agencies:account_detail", self.pk)

    @property
    def initials(self) -> str:
        return self.number[:2]

    @property
    def serves_all(self) -> bool:
        """The account of its role for whatever has none of its own."""
        return self.vat_rate is None and not self.category

    def clean(self) -> None:
        role = self.Role(self.role) if self.role in self.Role.values else None
        if role is None:
            return
        told: dict[str, Any] = {}
        if not self.number.startswith(self.PLACES[role]):
            text = _("Accounts for “%(role)s” begin with %(places)s.")
            told["number"] = text % {"role": role.label, "places": ", ".join(self.PLACES[role])}
        if role not in self.BY_RATE and not self.serves_all:
            told["role"] = _("Only sales and VAT have accounts by rate or by category.")
        if self.category and role != self.Role.SALES:
            told["category"] = _("Only sales have accounts by category.")
        others = Account.objects.filter(agency_id=self.agency_id).exclude(pk=self.pk)
        if others.filter(number=self.number).exists():
            told["number"] = _("This agency has an account of that number already.")
        same = others.filter(role=self.role, category=self.category)
        same = (
            same.filter(vat_rate=self.vat_rate) if self.vat_rate is not None else same.filter(vat_rate=None)
        )
        if same.exists():
            told["role"] = _("Another account serves this already: give it a rate or a category of its own.")
        if told:
            raise ValidationError(told)


class BookTerms(Record):
    """How the books of an agency are kept: its journals, and when VAT on services is told to fall due.

    Whoever writes entries of the agency, or closes its books, holds this row.
    """

    module = "sales.account"

    agency = models.OneToOneField(
        Agency, models.CASCADE, verbose_name=_("agency"), related_name="book_terms", editable=False
    )
    # Article 269, 2-c of the CGI: to 44574 with the invoice and to 44571 as it is paid, or at once.
    vat_pending = models.BooleanField(
        _("VAT on services waits for the payment"),
        default=True,
        help_text=_(
            "Booked to its own account with the invoice and to VAT collected as money comes in. Invoices of "
            "an agency that opted for VAT on debits are never booked so."
        ),
    )
    sales_code = models.CharField(
        _("journal of sales: code"), max_length=6, default="VE", validators=[JOURNAL_CODE]
    )
    sales_label = models.CharField(_("journal of sales: name"), max_length=60, default="Ventes")
    bank_code = models.CharField(
        _("journal of the bank: code"), max_length=6, default="BQ", validators=[JOURNAL_CODE]
    )
    bank_label = models.CharField(_("journal of the bank: name"), max_length=60, default="Banque")
    misc_code = models.CharField(
        _("journal of other operations: code"), max_length=6, default="OD", validators=[JOURNAL_CODE]
    )
    misc_label = models.CharField(
        _("journal of other operations: name"), max_length=60, default="Opérations diverses"
    )
    opening_code = models.CharField(
        _("journal of opening balances: code"), max_length=6, default="AN", validators=[JOURNAL_CODE]
    )
    opening_label = models.CharField(
        _("journal of opening balances: name"), max_length=60, default="À nouveaux"
    )

    class Meta:
        verbose_name = _("books of an agency")
        verbose_name_plural = _("books of agencies")

    def __str__(self) -> str:
        return str(self.agency)

    def get_absolute_url(self) -> str:
        return record_address("agencies:book_terms_edit", self.pk)

    @property
    def initials(self) -> str:
        return self.sales_code[:2]

    def clean(self) -> None:
        codes = [self.sales_code, self.bank_code, self.misc_code, self.opening_code]
        if len(set(codes)) < len(codes):
            raise ValidationError(_("Each journal has a code of its own."))

    def journal(self, kind: str) -> tuple[str, str]:
        """(code, name) of a journal (`BookEntry.Journal`)."""
        return getattr(self, f"{kind}_code"), getattr(self, f"{kind}_label")

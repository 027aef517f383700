"""What quotes and invoices have in common: parties, lines, sums, and the words frozen at the end."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Client, Company, Contact, Deal
from digiweb.fields import DerivedCharField, SearchTextField
from digiweb.fulltext import fold, search_text
from digiweb.models import Record
from sales.amounts import Discount, Line
from sales.models.agency import Agency
from sales.models.offer import Offer

# Columns of a sort are never NULL: what has no day yet, a draft, comes first among the newest.
NO_DAY = date(2199, 12, 31)


def amount_field(label: Any, **more: Any) -> models.DecimalField:
    """A sum in euros that services keep; nobody types it."""
    return models.DecimalField(
        label, max_digits=14, decimal_places=2, default=Decimal(0), editable=False, **more
    )


class Document(Record):
    """A quote or an invoice: a draft follows its agency and client, one that left copies them (`facts`)."""

    class Treatment(models.TextChoices):
        """Why there is VAT, or none (categories S, E, AE, AE, G of EN 16931)."""

        STANDARD = "standard", _("VAT")
        FRANCHISE = "franchise", _("No VAT: exemption of small firms (293 B)")
        REVERSE = "reverse", _("No VAT: reverse charge in France")
        INTRA = "intra", _("No VAT: services to a firm in another country of the Union")
        EXPORT = "export", _("No VAT: services to a firm outside the Union")

    class Language(models.TextChoices):
        FRENCH = "fr", _("French")
        ENGLISH = "en", _("English")

    # None for a draft of an invoice; quotes get theirs at once.
    number = models.CharField(_("number"), max_length=35, null=True, blank=True, unique=True, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="%(class)ss")
    client = models.ForeignKey(
        Client, models.PROTECT, verbose_name=_("client"), null=True, blank=True, related_name="%(class)ss"
    )
    company = models.ForeignKey(
        Company, models.PROTECT, verbose_name=_("company"), null=True, blank=True, related_name="%(class)ss"
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, verbose_name=_("contact"), null=True, blank=True, related_name="%(class)ss"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("salesperson"),
        related_name="%(class)ss",
    )
    deal = models.ForeignKey(
        Deal, models.SET_NULL, verbose_name=_("deal"), null=True, blank=True, related_name="%(class)ss"
    )
    subject = models.CharField(_("subject"), max_length=200)
    introduction = models.TextField(_("introduction"), max_length=2000, blank=True)
    terms = models.TextField(_("particular terms"), max_length=4000, blank=True)
    # The buyer's own reference, which stands on the document when they gave one (BT-13).
    order_reference = models.CharField(_("client's order number"), max_length=60, blank=True)
    language = models.CharField(
        _("language of the document"), max_length=2, choices=Language, default=Language.FRENCH
    )
    treatment = models.CharField(_("VAT"), max_length=9, choices=Treatment, default=Treatment.STANDARD)
    discount_percent = models.DecimalField(
        _("discount (%)"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    discount_amount = models.DecimalField(
        _("discount (€ before tax)"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0)],
    )
    # What its lines come to (sales/amounts.py); kept by the services.
    net = amount_field(_("before tax (€)"))
    vat = amount_field(_("VAT (€)"))
    gross = amount_field(_("with tax (€)"))
    # Seller, buyer, delivery, mentions as they were when it left; None while it is a draft.
    facts = models.JSONField(null=True, default=None, editable=False)
    sort_name = DerivedCharField(max_length=210, source="derive_sort_name")
    search_text = SearchTextField(source="derive_search_text")

    class Meta:
        abstract = True

    @property
    def discount(self) -> Discount:
        return Discount(self.discount_percent, self.discount_amount)

    @property
    def addressee(self) -> Any:
        """To whom it is made out: the company, or the person who buys for themself."""
        return self.company or self.contact

    @property
    def initials(self) -> str:
        return (self.number or "?")[:2]

    def derive_sort_name(self) -> str:
        return fold(str(self.addressee or "")).strip()[:210]

    def derive_search_text(self) -> str:
        return search_text([self.number or "", str(self.addressee or ""), self.subject, self.order_reference])


class DocumentLine(models.Model):
    """A line: something sold, a heading of a section, or a text between them."""

    class Kind(models.TextChoices):
        ITEM = "item", _("Line")
        SECTION = "section", _("Section")
        TEXT = "text", _("Text")

    class Unit(models.TextChoices):
        """As invoices name them (UN/ECE recommendation 20, BT-130)."""

        ONE = "C62", _("unit")
        HOUR = "HUR", _("hour")
        DAY = "DAY", _("day")
        MONTH = "MON", _("month")
        YEAR = "ANN", _("year")
        FLAT = "LS", _("flat rate")

    position = models.PositiveSmallIntegerField(_("position"), default=0)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.ITEM)
    offer = models.ForeignKey(
        Offer, models.SET_NULL, verbose_name=_("offer"), null=True, blank=True, related_name="+"
    )
    label = models.CharField(_("label"), max_length=200)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    # BR-FR allows four decimals of a quantity and six of a price.
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=4, default=Decimal(1))
    unit = models.CharField(_("unit"), max_length=3, choices=Unit, default=Unit.ONE)
    unit_price = models.DecimalField(
        _("unit price before tax (€)"),
        max_digits=14,
        decimal_places=4,
        default=Decimal(0),
        validators=[MinValueValidator(0)],
    )
    discount_percent = models.DecimalField(
        _("discount (%)"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    vat_rate = models.DecimalField(
        _("VAT rate (%)"),
        max_digits=4,
        decimal_places=2,
        default=Decimal(20),
        validators=[MinValueValidator(0), MaxValueValidator(99)],
    )
    net = amount_field(_("before tax (€)"))

    class Meta:
        abstract = True
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.label

    @property
    def is_item(self) -> bool:
        return self.kind == self.Kind.ITEM

    def counted(self) -> Line:
        """What of it counts in the sums."""
        return Line(self.quantity, self.unit_price, self.vat_rate, self.discount_percent)

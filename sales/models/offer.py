"""Offers: what the agency sells, as the catalogue shows it."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from digiweb.addresses import record_address
from digiweb.fields import DerivedCharField, SearchTextField
from digiweb.fulltext import FullTextIndex, fold, search_text
from digiweb.models import Record


class Offer(Record):
    """A product of the catalogue, sold once, by the month, or both. The import finds it by its name."""

    module = "sales.offer"

    class Category(models.TextChoices):
        WEB = "web", _("Web")
        MARKETING = "marketing", _("Marketing")

    name = models.CharField(_("name"), max_length=160, unique=True)
    category = models.CharField(_("category"), max_length=10, choices=Category, default=Category.WEB)
    description = models.TextField(_("description"), max_length=4000, blank=True)
    price = models.DecimalField(
        _("price before tax (€)"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0)],
    )
    monthly_price = models.DecimalField(
        _("monthly price before tax (€)"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0)],
    )
    vat_rate = models.DecimalField(
        _("VAT rate (%)"),
        max_digits=4,
        decimal_places=2,
        default=Decimal(20),
        validators=[MinValueValidator(0), MaxValueValidator(99)],
    )
    # Short texts, in their order.
    features = models.JSONField(_("features"), default=list, blank=True)
    is_popular = models.BooleanField(_("popular"), default=False)
    is_active = models.BooleanField(
        _("offered"), default=True, help_text=_("An offer that is sold no more stays on its contracts.")
    )
    sort_name = DerivedCharField(max_length=160, source="derive_sort_name")
    search_text = SearchTextField(source="derive_search_text")

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price__gte=0, monthly_price__gte=0), name="sales_offer_price_positive"
            ),
        ]
        indexes = [
            models.Index(fields=["sort_name", "id"], name="sales_offer_name"),
            models.Index(fields=["category", "sort_name", "id"], name="sales_offer_category_name"),
            FullTextIndex(fields=["search_text"], name="sales_offer_words"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_address("sales:offer_detail", self.pk)

    def derive_sort_name(self) -> str:
        return fold(self.name).strip()[:160]

    def derive_search_text(self) -> str:
        return search_text([self.name, self.description[:500], *map(str, self.features)])

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split()[:2]).upper()

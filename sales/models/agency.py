"""The agencies in whose names quotes and invoices are made, and the mentions that the law asks of them."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.company import check_siren, check_siret, check_vat
from digiweb.addresses import record_address
from digiweb.crypto import EncryptedTextField
from digiweb.fields import DerivedCharField, EmailKeyField, SearchTextField
from digiweb.fulltext import FullTextIndex, fold, search_text
from digiweb.models import Record
from digiweb.querysets import ScopedQuerySet


class Agency(Record):
    """A firm of ours: who sells, by which law, out of which series of numbers.

    What a quote or an invoice needs of it is copied into the document when that is sent or issued.
    """

    module = "sales.agency"
    label_fields = ("name", "trade_name")

    class Recurring(models.TextChoices):
        """How far recurring invoices go by themselves."""

        DRAFT = "draft", _("Prepare drafts")
        ISSUE = "issue", _("Issue them")
        SEND = "send", _("Issue them and send them by e-mail")

    class VatRegime(models.TextChoices):
        NORMAL = "normal", _("Subject to VAT")
        FRANCHISE = "franchise", _("VAT exemption of small firms (article 293 B of the CGI)")

    name = models.CharField(_("legal name"), max_length=160, unique=True)
    trade_name = models.CharField(_("trade name"), max_length=160, blank=True)
    # In the numbers of documents (BR-FR-02 allows letters, digits and + - _ /).
    code = models.CharField(
        _("code in numbers"),
        max_length=6,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9]{1,6}$", _("One to six capital letters or digits."))],
        help_text=_("Stands in the numbers of its documents: FA-DF-2026-00001."),
    )
    legal_form = models.CharField(_("legal form"), max_length=80, blank=True)
    capital = models.DecimalField(
        _("share capital (€)"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    siren = models.CharField(_("SIREN"), max_length=9, blank=True, validators=[check_siren])
    siret = models.CharField(_("SIRET"), max_length=14, blank=True, validators=[check_siret])
    register = models.CharField(
        _("register"), max_length=80, blank=True, help_text=_("For instance “RCS Lyon” or “RNE”.")
    )
    naf_code = models.CharField(_("NAF code"), max_length=6, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=14, blank=True, validators=[check_vat])
    vat_regime = models.CharField(_("VAT regime"), max_length=9, choices=VatRegime, default=VatRegime.NORMAL)
    # Article 269, 2-c of the CGI: VAT on services falls due when they are paid, unless one opted otherwise.
    vat_on_debits = models.BooleanField(_("VAT on debits"), default=False)
    address = models.CharField(_("address"), max_length=255, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    city = models.CharField(_("town"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, default="FR")
    email = EmailKeyField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    website = models.URLField(_("website"), blank=True)
    colour = models.CharField(
        _("colour"),
        max_length=7,
        default="#3b3a9e",
        validators=[RegexValidator(r"^#[0-9a-f]{6}$", _("A colour such as #3b3a9e."))],
    )
    logo = models.ImageField(_("logo"), upload_to="agencies", blank=True)
    bank_name = models.CharField(_("bank"), max_length=120, blank=True)
    iban = EncryptedTextField(_("IBAN"), blank=True)
    bic = EncryptedTextField(_("BIC"), blank=True)
    # The creditor's identifier of SEPA direct debits.
    ics = models.CharField(_("SEPA creditor identifier (ICS)"), max_length=35, blank=True)
    quote_days = models.PositiveSmallIntegerField(
        _("quotes are valid for (days)"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )
    # Article L441-10 of the Code de commerce: 30 days unless agreed otherwise, 60 at most.
    payment_days = models.PositiveSmallIntegerField(
        _("invoices are due after (days)"), default=30, validators=[MaxValueValidator(60)]
    )
    deposit_percent = models.DecimalField(
        _("usual deposit (%)"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(30),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    recurring = models.CharField(
        _("recurring invoices, each night"), max_length=5, choices=Recurring, default=Recurring.DRAFT
    )
    # The month in which its fiscal year begins.
    fiscal_month = models.PositiveSmallIntegerField(
        _("first month of the fiscal year"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )
    is_active = models.BooleanField(
        _("in use"), default=True, help_text=_("An agency out of use makes no new documents.")
    )
    sort_name = DerivedCharField(max_length=160, source="derive_sort_name")
    search_text = SearchTextField(source="derive_search_text")

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        indexes = [
            models.Index(fields=["sort_name", "id"], name="sales_agency_name"),
            FullTextIndex(fields=["search_text"], name="sales_agency_words"),
        ]

    def __str__(self) -> str:
        return self.trade_name or self.name

    def get_absolute_url(self) -> str:
        return record_address("agencies:agency_detail", self.pk)

    def derive_sort_name(self) -> str:
        return fold(str(self)).strip()[:160]

    def derive_search_text(self) -> str:
        return search_text([self.name, self.trade_name, self.code, self.siren, self.city])

    @property
    def initials(self) -> str:
        return self.code[:2]

    def what_lacks(self) -> list[str]:
        """The columns without which no invoice is issued (article 242 nonies A, annexe II to the CGI)."""
        asked = ["name", "legal_form", "siren", "address", "postcode", "city"]
        if self.vat_regime == self.VatRegime.NORMAL:
            asked.append("vat_number")
        return [name for name in asked if not getattr(self, name)]


class MentionQuerySet(ScopedQuerySet):
    """Mentions, and which of them holds on a day."""

    def at(self, agency: Agency, day: date, language: str = "fr") -> Self:
        """What may be printed by `agency` on `day`; the agency's own text goes before everybody's."""
        return self.filter(
            models.Q(agency=agency) | models.Q(agency=None), language=language, valid_from__lte=day
        ).order_by("code", models.F("agency").desc(nulls_last=True), "-valid_from")


class Mention(Record):
    """A text that the law asks of documents, from a day on. Dated data, since the law changes.

    Documents keep the text that they bore when they were sent or issued.
    """

    module = "sales.agency"

    class Code(models.TextChoices):
        # Late payment, indemnity, early payment: each exactly once on every invoice (BR-FR-05, -06).
        PENALTY = "penalty", _("Penalties for late payment")
        INDEMNITY = "indemnity", _("Indemnity for collection (40 €)")
        EARLY = "early", _("Discount for early payment")
        FRANCHISE = "franchise", _("VAT exemption of small firms")
        REVERSE = "reverse", _("Reverse charge")
        INTRA = "intra", _("Services to another country of the Union")
        EXPORT = "export", _("Outside the Union")
        DEBITS = "debits", _("VAT on debits")
        QUOTE = "quote", _("Acceptance of a quote")
        FOOTER = "footer", _("Foot of the page")

    agency = models.ForeignKey(
        Agency, models.CASCADE, verbose_name=_("agency"), null=True, blank=True, related_name="mentions"
    )
    code = models.CharField(_("mention"), max_length=10, choices=Code)
    language = models.CharField(
        _("language"), max_length=2, choices=[("fr", _("French")), ("en", _("English"))], default="fr"
    )
    valid_from = models.DateField(_("valid from"))
    text = models.CharField(_("text"), max_length=600)
    source = models.CharField(_("source of the rule"), max_length=200, blank=True)

    objects = MentionQuerySet.as_manager()  # type: ignore[assignment,misc]

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        indexes = [
            models.Index(fields=["code", "language", "valid_from"], name="sales_mention_code"),
        ]

    def __str__(self) -> str:
        return str(self.get_code_display())

    def get_absolute_url(self) -> str:
        return record_address("agencies:mention_detail", self.pk)

    @property
    def initials(self) -> str:
        return "§"

    def clean(self) -> None:
        twins = Mention.objects.filter(
            agency=self.agency, code=self.code, language=self.language, valid_from=self.valid_from
        ).exclude(pk=self.pk)
        if twins.exists():
            raise ValidationError({"valid_from": _("This mention has a text from that day already.")})

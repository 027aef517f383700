"""Companies, and who sees each of them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.tag import Tag
from digiweb.addresses import record_address
from digiweb.fields import DerivedCharField, EmailKeyField, SearchTextField
from digiweb.fulltext import FullTextIndex, fold, search_text
from digiweb.geo.places import Location, locate
from digiweb.identifiers import clean_siren, clean_siret, clean_vat
from digiweb.models import CustomRecord, MergeableRecord
from digiweb.phones import phone_suffixes
from digiweb.scopes import AccessScope


def check_siren(value: str) -> None:
    """Model validator."""
    clean_siren(value)


def check_siret(value: str) -> None:
    """Model validator."""
    clean_siret(value)


def check_vat(value: str) -> None:
    """Model validator."""
    clean_vat(value)


class Industry(models.TextChoices):
    """Broad lines of business, as an agency sorts its clients."""

    COMMERCE = "commerce", _("Shops and retail")
    RESTAURANT = "restaurant", _("Restaurants and hotels")
    CONSTRUCTION = "construction", _("Building trades")
    HEALTH = "health", _("Health")
    LEGAL = "legal", _("Law and accounting")
    REAL_ESTATE = "real_estate", _("Real estate")
    INDUSTRY = "industry", _("Industry")
    TRANSPORT = "transport", _("Transport")
    EDUCATION = "education", _("Education and training")
    TECHNOLOGY = "technology", _("Technology")
    BEAUTY = "beauty", _("Beauty and wellness")
    AGRICULTURE = "agriculture", _("Farming and wine")
    ASSOCIATION = "association", _("Associations and public bodies")
    OTHER = "other", _("Other")


class Company(CustomRecord, MergeableRecord):
    """A firm. Seen by its owner, by the owners of its contacts, and by everybody when one of its
    contacts has no owner or when it has neither owner nor contacts (see `CompanyAccess`).
    """

    module = "crm.company"
    ownership = AccessScope("access", sorts=("sort_name",))
    label_fields = ("name",)

    class Status(models.TextChoices):
        PROSPECT = "prospect", _("Prospect")
        CLIENT = "client", _("Client")
        FORMER = "former", _("Former client")

    name = models.CharField(_("name"), max_length=200)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROSPECT)
    industry = models.CharField(_("industry"), max_length=20, choices=Industry, blank=True)
    headcount = models.PositiveIntegerField(_("headcount"), null=True, blank=True)
    turnover = models.DecimalField(
        _("turnover (€)"),
        max_digits=15,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    siren = models.CharField(_("SIREN"), max_length=9, blank=True, validators=[check_siren], db_index=True)
    siret = models.CharField(_("SIRET"), max_length=14, blank=True, validators=[check_siret], db_index=True)
    vat_number = models.CharField(_("VAT number"), max_length=14, blank=True, validators=[check_vat])
    naf_code = models.CharField(_("NAF code"), max_length=6, blank=True)
    legal_form = models.CharField(_("legal form"), max_length=80, blank=True)
    legal_manager = models.CharField(_("manager of the firm"), max_length=160, blank=True)
    email = EmailKeyField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True, db_index=True)
    website = models.URLField(_("website"), blank=True)
    address = models.CharField(_("address"), max_length=255, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    city = models.CharField(_("town"), max_length=120, blank=True, db_index=True)
    country = models.CharField(_("country"), max_length=2, default="FR")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("assigned salesperson"),
        null=True,
        blank=True,
        related_name="companies",
    )
    tags = models.ManyToManyField(
        Tag, through="CompanyTag", verbose_name=_("tags"), blank=True, related_name="companies"
    )
    # The last score of solvency and its day: 1 is a very high risk, 10 a very low one, 0 in default.
    # Kept by crm.services.company_data.set_solvency.
    solvency = models.PositiveSmallIntegerField(
        _("solvency"), null=True, blank=True, editable=False, validators=[MaxValueValidator(10)]
    )
    solvency_on = models.DateField(_("solvency of"), null=True, blank=True, editable=False)
    # Kept by crm.services.company.refresh_companies as contacts come and go.
    contact_count = models.PositiveIntegerField(_("contacts"), default=0, editable=False)
    sort_name = DerivedCharField(max_length=200, source="derive_sort_name")
    # Where it is, by postcode and town (digiweb/geo/places.py); "" where that cannot be told.
    place = DerivedCharField(max_length=6, source="derive_place")
    department = DerivedCharField(max_length=3, source="derive_department")
    search_text = SearchTextField(source="derive_search_text")

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        indexes = [
            models.Index(fields=["sort_name", "id"], name="crm_company_name"),
            models.Index(fields=["contact_count", "id"], name="crm_company_contacts"),
            models.Index(fields=["created_at", "id"], name="crm_company_created"),
            models.Index(fields=["status", "id"], name="crm_company_status"),
            models.Index(fields=["status", "sort_name", "id"], name="crm_company_status_name"),
            models.Index(fields=["industry", "id"], name="crm_company_industry"),
            models.Index(fields=["industry", "sort_name", "id"], name="crm_company_industry_name"),
            models.Index(fields=["department", "id"], name="crm_company_dept"),
            models.Index(fields=["department", "sort_name", "id"], name="crm_company_dept_name"),
            models.Index(fields=["place", "id"], name="crm_company_place"),
            # The map counts by department, and by town in one, with its filters, in this index alone.
            models.Index(
                fields=["department", "place", "status", "industry", "owner"], name="crm_company_map"
            ),
            FullTextIndex(fields=["search_text"], name="crm_company_words"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_address("crm:company_detail", self.pk)

    def clean(self) -> None:
        """Identifiers lose their blanks, and a SIRET brings its SIREN."""
        self.siren = clean_siren(self.siren) if self.siren else ""
        self.siret = clean_siret(self.siret) if self.siret else ""
        self.vat_number = clean_vat(self.vat_number) if self.vat_number else ""
        if self.siret and not self.siren:
            self.siren = self.siret[:9]
        if self.siret and self.siret[:9] != self.siren:
            raise ValidationError(
                {"siret": _("This SIRET is not one of the SIREN’s: its first 9 digits differ.")}
            )

    def derive_sort_name(self) -> str:
        return fold(self.name).strip()[:200]

    def derive_search_text(self) -> str:
        words = [self.name, self.city, self.postcode, self.legal_manager, self.email, self.siren, self.siret]
        return search_text(words, phone_suffixes(self.phone) if self.phone else ())

    def locate(self) -> Location:
        return locate(self.postcode, self.city, self.country)

    def derive_place(self) -> str:
        return self.locate().place

    def derive_department(self) -> str:
        return self.locate().department

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split()[:2]).upper()


class CompanyAccess(models.Model):
    """Who sees a company; person 0 stands for everybody.

    Derived from the owners of the company and of its contacts. It carries what lists are narrowed and
    sorted by, so that one salesperson's companies are read in order from one index (digiweb/carriers.py).
    """

    carries_of = "company"
    carries = ("sort_name", "status", "industry", "department", "place")

    company = models.ForeignKey(Company, models.CASCADE, related_name="access")
    person_id = models.BigIntegerField()
    sort_name = models.CharField(max_length=200)
    status = models.CharField(max_length=10, default="")
    industry = models.CharField(max_length=20, default="")
    department = models.CharField(max_length=3, default="")
    place = models.CharField(max_length=6, default="")

    class Meta:
        verbose_name = _("company access")
        verbose_name_plural = _("company accesses")
        constraints = [
            models.UniqueConstraint(fields=["person_id", "company"], name="one_access_a_person"),
        ]
        indexes = [
            # A region is some departments: in these orders its companies are met soon (digiweb/hints.py).
            models.Index(fields=["person_id", "company", "department"], name="crm_access_newest"),
            models.Index(fields=["person_id", "sort_name", "company", "department"], name="crm_access_name"),
            models.Index(fields=["person_id", "status", "company"], name="crm_access_status"),
            models.Index(
                fields=["person_id", "status", "sort_name", "company"], name="crm_access_status_name"
            ),
            models.Index(fields=["person_id", "industry", "company"], name="crm_access_industry"),
            models.Index(
                fields=["person_id", "industry", "sort_name", "company"], name="crm_access_industry_name"
            ),
            models.Index(fields=["person_id", "department", "company"], name="crm_access_dept"),
            models.Index(
                fields=["person_id", "department", "sort_name", "company"], name="crm_access_dept_name"
            ),
            models.Index(fields=["person_id", "place", "company"], name="crm_access_place"),
            models.Index(
                fields=["person_id", "department", "place", "status", "industry"], name="crm_access_map"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.company_id}"


class CompanyTag(models.Model):
    """A tag on a company; read from the tag's side in the order of companies."""

    company = models.ForeignKey(Company, models.CASCADE)
    tag = models.ForeignKey(Tag, models.CASCADE)

    class Meta:
        verbose_name = _("tag on a company")
        verbose_name_plural = _("tags on companies")
        constraints = [models.UniqueConstraint(fields=["tag", "company"], name="one_company_a_tag")]

    def __str__(self) -> str:
        return f"{self.company_id}: {self.tag_id}"

"""Contacts: the people the company talks to."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.company import Company
from crm.models.score_rule import FACTS, Rules, held, rules_kept
from crm.models.tag import Tag
from digiweb.addresses import record_address
from digiweb.fields import DerivedCharField, DerivedIntegerField, EmailKeyField, SearchTextField
from digiweb.fulltext import FullTextIndex, fold, search_text
from digiweb.models import CustomRecord, MergeableRecord
from digiweb.phones import phone_suffixes
from digiweb.scopes import OwnerScope


class Contact(CustomRecord, MergeableRecord):
    """A person. Those without an owner are everybody's to take (SPEC T3)."""

    module = "crm.contact"
    ownership = OwnerScope("owner", unowned=True)
    label_fields = ("first_name", "last_name", "email", "phone", "mobile")

    class Status(models.TextChoices):
        LEAD = "lead", _("Lead")
        PROSPECT = "prospect", _("Prospect")
        CLIENT = "client", _("Client")

    class Rating(models.IntegerChoices):
        ONE = 1, _("1 star")
        TWO = 2, _("2 stars")
        THREE = 3, _("3 stars")
        FOUR = 4, _("4 stars")
        FIVE = 5, _("5 stars")

    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=120, blank=True)
    email = EmailKeyField(_("e-mail"), blank=True, db_index=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True, db_index=True)
    mobile = models.CharField(_("mobile"), max_length=20, blank=True, db_index=True)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    company = models.ForeignKey(
        Company, models.SET_NULL, verbose_name=_("company"), null=True, blank=True, related_name="contacts"
    )
    address = models.CharField(_("address"), max_length=255, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    city = models.CharField(_("town"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, default="FR")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.LEAD)
    source = models.CharField(_("source"), max_length=60, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("assigned salesperson"),
        null=True,
        blank=True,
        related_name="contacts",
    )
    tags = models.ManyToManyField(
        Tag, through="ContactTag", verbose_name=_("tags"), blank=True, related_name="contacts"
    )
    # What their salespeople think of them: beside the score, never in it.
    rating = models.PositiveSmallIntegerField(_("rating"), choices=Rating, null=True, blank=True)
    # The next two are kept by crm/services/score.py.
    last_contact_at = models.DateTimeField(_("last contact"), null=True, blank=True, editable=False)
    score_events = models.SmallIntegerField(default=0, db_default=0, editable=False)
    score = DerivedIntegerField(_("quality"), source="derive_score")
    sort_name = DerivedCharField(max_length=210, source="derive_sort_name")
    search_text = SearchTextField(source="derive_search_text")

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        # The sort by date of entry is the sort by number. InnoDB ends each secondary index with the primary
        # key, so (owner, id) is written out only because MariaDB drops the foreign key's own index as soon as
        # another one begins with its column.
        indexes = [
            models.Index(fields=["sort_name", "id", "created_at"], name="crm_contact_name"),
            models.Index(fields=["score", "id"], name="crm_contact_score"),
            # The days of entry within each score.
            models.Index(fields=["score", "created_at", "id"], name="crm_contact_score_created"),
            models.Index(fields=["status", "id"], name="crm_contact_status"),
            models.Index(fields=["status", "sort_name", "id"], name="crm_contact_status_name"),
            models.Index(fields=["status", "score", "id"], name="crm_contact_status_score"),
            models.Index(fields=["city", "id"], name="crm_contact_city"),
            models.Index(fields=["city", "sort_name", "id"], name="crm_contact_city_name"),
            models.Index(fields=["city", "score", "id"], name="crm_contact_city_score"),
            models.Index(fields=["source", "id"], name="crm_contact_source"),
            models.Index(fields=["source", "sort_name", "id"], name="crm_contact_source_name"),
            models.Index(fields=["source", "score", "id"], name="crm_contact_source_score"),
            models.Index(fields=["created_at", "id"], name="crm_contact_created"),
            # The same within a scope: 2.5 µs a row and index when contacts are written.
            models.Index(fields=["owner", "id"], name="crm_contact_owner_newest"),
            models.Index(fields=["owner", "created_at", "id"], name="crm_contact_owner_created"),
            models.Index(fields=["owner", "sort_name", "id", "created_at"], name="crm_contact_owner_name"),
            models.Index(fields=["owner", "score", "id"], name="crm_contact_owner_score"),
            models.Index(fields=["owner", "score", "created_at", "id"], name="crm_contact_own_score_created"),
            # Not the company first: the foreign key would take this index for its own, and each change of
            # owner lock the company for reading, on which two such changes at once meet.
            models.Index(fields=["owner", "company", "id"], name="crm_contact_own_company"),
            models.Index(fields=["owner", "status", "id"], name="crm_contact_own_status"),
            models.Index(fields=["owner", "status", "sort_name", "id"], name="crm_contact_own_status_name"),
            models.Index(fields=["owner", "status", "score", "id"], name="crm_contact_own_status_score"),
            models.Index(fields=["owner", "city", "id"], name="crm_contact_own_city"),
            models.Index(fields=["owner", "city", "sort_name", "id"], name="crm_contact_own_city_name"),
            models.Index(fields=["owner", "city", "score", "id"], name="crm_contact_own_city_score"),
            models.Index(fields=["owner", "source", "id"], name="crm_contact_own_source"),
            models.Index(fields=["owner", "source", "sort_name", "id"], name="crm_contact_own_source_name"),
            models.Index(fields=["owner", "source", "score", "id"], name="crm_contact_own_source_score"),
            # Ranges, narrow at one end and broad at the other: no sort has its pair with them.
            models.Index(fields=["rating", "id"], name="crm_contact_rating"),
            models.Index(fields=["owner", "rating", "id"], name="crm_contact_own_rating"),
            models.Index(fields=["last_contact_at", "id"], name="crm_contact_last"),
            models.Index(fields=["owner", "last_contact_at", "id"], name="crm_contact_own_last"),
            FullTextIndex(fields=["search_text"], name="crm_contact_words"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email or self.phone or self.mobile

    def get_absolute_url(self) -> str:
        return record_address("crm:contact_detail", self.pk)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def initials(self) -> str:
        letters = [name[:1] for name in (self.first_name, self.last_name) if name]
        return "".join(letters).upper() or self.email[:1].upper() or "#"

    def derive_sort_name(self) -> str:
        return fold(f"{self.last_name} {self.first_name}").strip()[:210]

    def derive_search_text(self) -> str:
        words = [self.first_name, self.last_name, self.email, self.city, self.postcode, self.job_title]
        if self.company_id and self.company:
            words.append(self.company.name)
        suffixes = [
            suffix for phone in (self.phone, self.mobile) if phone for suffix in phone_suffixes(phone)
        ]
        return search_text(words, suffixes)

    def derive_score(self) -> int:
        return held(self.completeness(rules_kept()) + self.score_events)

    def completeness(self, rules: Rules) -> int:
        """The points for what is known, by these rules."""
        return sum(rules[fact].points for fact in FACTS if fact in rules and self.knows(fact))

    def knows(self, fact: str) -> bool:
        """Whether the record says it (`FACTS`)."""
        known = all if fact == "name" else any
        return known(getattr(self, name) for name in FACTS[fact])


class ContactTag(models.Model):
    """A tag on a contact, with copies of what lists of one tag are narrowed and sorted by.

    Read instead of the contacts, and kept as they change (digiweb/carriers.py).
    """

    carries_of, carries = "contact", ("owner_id", "sort_name", "score")

    contact = models.ForeignKey(Contact, models.CASCADE)
    tag = models.ForeignKey(Tag, models.CASCADE)
    owner_id = models.BigIntegerField(null=True, editable=False)
    sort_name = models.CharField(max_length=210, default="", editable=False)
    score = models.IntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("tag on a contact")
        verbose_name_plural = _("tags on contacts")
        constraints = [models.UniqueConstraint(fields=["tag", "contact"], name="one_contact_a_tag")]
        indexes = [
            models.Index(fields=["tag", "sort_name", "contact"], name="crm_contacttag_name"),
            models.Index(fields=["tag", "score", "contact"], name="crm_contacttag_score"),
            models.Index(fields=["tag", "owner_id", "contact"], name="crm_contacttag_owner"),
            models.Index(
                fields=["tag", "owner_id", "sort_name", "contact"], name="crm_contacttag_owner_name"
            ),
            models.Index(fields=["tag", "owner_id", "score", "contact"], name="crm_contacttag_owner_score"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.tag_id}"

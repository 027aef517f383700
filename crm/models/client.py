"""Clients: who buys from us, what they are worth, and how they are."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.company import Company
from crm.models.contact import Contact
from digiweb.addresses import record_address
from digiweb.fields import DerivedCharField, DerivedDateField, SearchTextField
from digiweb.fulltext import FullTextIndex, fold, search_text
from digiweb.models import MergeableRecord
from digiweb.phones import phone_suffixes
from digiweb.scopes import OwnerScope

# Columns of a sort are never NULL: a client without a renewal day comes after all the others.
NO_DATE = date(9999, 12, 31)

# The indexes that are walked where a filter leaves many rows.
WALKED = ("", "_o")
FILTERED = ("mrr", "renewal_key", "health", "next_activity_at", "signed_on")


def _tail(sort: Sequence[str]) -> list[str]:
    """The columns of the filters, where a list is read in the order of `sort`."""
    return [column for column in FILTERED if column not in sort] if sort else []


class Client(MergeableRecord):
    """A company that buys from us, with the person who answers for it; or a person who buys for themself.

    A company is a client once, so is a person without a company (`subject`). Seen by its salesperson;
    by everybody with the grant when it has none, as contacts are.
    """

    module = "crm.client"
    ownership = OwnerScope("owner", unowned=True)

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        INACTIVE = "inactive", _("Inactive")
        CHURNED = "churned", _("Churned")

    company = models.ForeignKey(
        Company, models.PROTECT, verbose_name=_("company"), null=True, blank=True, related_name="clients"
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, verbose_name=_("contact"), null=True, blank=True, related_name="clients"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("assigned salesperson"),
        null=True,
        blank=True,
        related_name="clients",
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ACTIVE)
    signed_on = models.DateField(_("client since"), null=True, blank=True)
    renewal_on = models.DateField(_("renewal date"), null=True, blank=True)
    # What active subscriptions bring in a month; kept by sales.services.subscription.
    mrr = models.DecimalField(
        _("monthly revenue (€)"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(0),
        editable=False,
        validators=[MinValueValidator(0)],
    )
    # 0-100, the sum of what crm.services.client_health explains line by line.
    health = models.PositiveSmallIntegerField(
        _("health"), default=0, editable=False, validators=[MaxValueValidator(100)]
    )
    # Its lines, as they were last worked out: [[rule, points, {what the words need}], …].
    health_lines = models.JSONField(default=list, editable=False)
    upsell = models.CharField(
        _("upsell opportunity"), max_length=200, blank=True, help_text=_("What else this client might buy.")
    )
    last_contact_at = models.DateTimeField(_("last contact"), null=True, blank=True, editable=False)
    next_activity_at = models.DateTimeField(_("next activity"), null=True, blank=True, editable=False)
    # What the colleague's system knows of the person, as it was sent.
    identity_card = models.JSONField(_("identity card"), null=True, blank=True, editable=False)
    subject = DerivedCharField(max_length=30, source="derive_subject", unique=True)
    renewal_key = DerivedDateField(source="derive_renewal_key", default=NO_DATE)
    sort_name = DerivedCharField(max_length=210, source="derive_sort_name")
    search_text = SearchTextField(source="derive_search_text")

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(company__isnull=False) | models.Q(contact__isnull=False),
                name="crm_client_somebody",
            ),
            models.CheckConstraint(condition=models.Q(mrr__gte=0), name="crm_client_mrr_positive"),
            models.CheckConstraint(condition=models.Q(health__lte=100), name="crm_client_health_range"),
        ]
        # Each sort alone, within a status, for an owner, and for an owner within a status. Those alone and of
        # an owner have the columns of the other filters too, and each of these finds its rows, where they are
        # few, and counts them (digiweb/hints.py).
        indexes = [
            *(
                models.Index(
                    fields=[*lead, *sort, "id", *(_tail(sort) if prefix in WALKED else ())],
                    name=f"crm_client{prefix}_{name}",
                )
                for prefix, lead in (
                    ("", []),
                    ("_s", ["status"]),
                    ("_o", ["owner"]),
                    ("_os", ["owner", "status"]),
                )
                for name, sort in (
                    ("new", []),
                    ("name", ["sort_name"]),
                    ("mrr", ["mrr"]),
                    ("renewal", ["renewal_key"]),
                    ("health", ["health"]),
                )
                if lead or sort
            ),
            *(
                models.Index(fields=[*lead, column, "id"], name=f"crm_client{prefix}_{name}")
                for prefix, lead in (("", []), ("_o", ["owner"]))
                for name, column in (("next", "next_activity_at"), ("signed", "signed_on"))
            ),
            FullTextIndex(fields=["search_text"], name="crm_client_words"),
        ]

    def __str__(self) -> str:
        return str(self.company or self.contact or "")

    def get_absolute_url(self) -> str:
        return record_address("crm:client_detail", self.pk)

    def clean(self) -> None:
        if self.company_id is None and self.contact_id is None:
            raise ValidationError({"company": _("Choose a company, or a contact who buys for themself.")})

    # --- What follows from the columns

    def derive_subject(self) -> str:
        return f"company:{self.company_id}" if self.company_id else f"contact:{self.contact_id}"

    def derive_renewal_key(self) -> date:
        return self.renewal_on or NO_DATE

    def derive_sort_name(self) -> str:
        return self.company.sort_name if self.company else fold(str(self.contact or "")).strip()[:210]

    def derive_search_text(self) -> str:
        words: list[str] = []
        phones: list[str] = []
        if self.company:
            words += [self.company.name, self.company.city, self.company.siren, self.company.email]
            phones.append(self.company.phone)
        if self.contact:
            words += [self.contact.full_name, self.contact.email, self.contact.city]
            phones += [self.contact.phone, self.contact.mobile]
        return search_text(words, [each for phone in phones if phone for each in phone_suffixes(phone)])

    @property
    def arr(self) -> Decimal:
        """What active subscriptions bring in a year."""
        return self.mrr * 12

    @property
    def who(self) -> Any:
        """The company, or the person who buys for themself."""
        return self.company or self.contact

    @property
    def email(self) -> str:
        """Where the client is written to: the person's address before the company's."""
        return next((each.email for each in (self.contact, self.company) if each and each.email), "")

    @property
    def phone(self) -> str:
        """Where the client is called."""
        numbers = [self.contact.phone, self.contact.mobile] if self.contact else []
        return next((each for each in (*numbers, self.company.phone if self.company else "") if each), "")

    @property
    def circle(self) -> list[tuple[str, int]]:
        """The records whose time lines and documents are the client's too, under all their numbers."""
        return [
            *(("crm.client", pk) for pk in self.all_ids),
            *(
                (each._meta.label_lower, pk)
                for each in (self.company, self.contact)
                if each is not None
                for pk in each.all_ids
            ),
        ]

    @property
    def initials(self) -> str:
        return str(self.who.initials) if self.who else ""

"""Mandates of SEPA direct debits: a client allows an agency to take money from an account."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Client
from digiweb.addresses import record_address
from digiweb.fields import DerivedCharField
from digiweb.fulltext import fold
from digiweb.models import Record
from digiweb.scopes import OwnerScope
from sales.models.agency import Agency
from sales.models.bank_account import BankAccount

# A mandate lapses after so many months without a collection (EPC rulebooks, section 4.1).
LAPSES_MONTHS = 36
# Pre-notification, unless both agreed otherwise (EPC rulebooks, AT-T053).
NOTICE_DAYS = 14


class Mandate(Record):
    """A mandate, known by its reference (RUM). It is never changed once it was used: a new one replaces it.

    One is in use for a client and an agency at a time.
    """

    module = "sales.mandate"
    ownership = OwnerScope("client__owner", unowned=True)

    class Scheme(models.TextChoices):
        CORE = "CORE", _("Core (SDD Core)")
        B2B = "B2B", _("Between firms (SDD B2B)")

    class Frequency(models.TextChoices):
        RECURRING = "recurring", _("Recurring")
        ONCE = "once", _("One-off")

    class Status(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("mandate", "In use")
        REVOKED = "revoked", pgettext_lazy("mandate", "Revoked")
        LAPSED = "lapsed", pgettext_lazy("mandate", "Lapsed")

    client = models.ForeignKey(Client, models.PROTECT, verbose_name=_("client"), related_name="mandates")
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="mandates")
    # EPC: 35 characters of the SEPA set, without blanks.
    rum = models.CharField(
        _("mandate reference (RUM)"),
        max_length=35,
        unique=True,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9+?/\-:().,']{1,35}$", _("Letters, digits and + ? / - : ( ) . , ’ only.")
            )
        ],
    )
    scheme = models.CharField(_("kind"), max_length=4, choices=Scheme, default=Scheme.CORE)
    frequency = models.CharField(_("frequency"), max_length=9, choices=Frequency, default=Frequency.RECURRING)
    account = models.ForeignKey(
        BankAccount, models.PROTECT, verbose_name=_("bank account"), related_name="mandates"
    )
    signed_on = models.DateField(_("signed on"))
    notice_days = models.PositiveSmallIntegerField(
        _("announced before (days)"),
        default=NOTICE_DAYS,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    status = models.CharField(
        _("status"), max_length=7, choices=Status, default=Status.ACTIVE, editable=False
    )
    revoked_on = models.DateField(_("revoked on"), null=True, editable=False)
    revoked_because = models.CharField(_("revoked because"), max_length=200, blank=True, editable=False)
    first_used_on = models.DateField(_("first used on"), null=True, editable=False)
    last_used_on = models.DateField(_("last used on"), null=True, editable=False)
    # « client-agency » while it is in use: what makes it the only one.
    active_key = DerivedCharField(max_length=40, source="derive_active_key", null=True, unique=True)
    sort_name = DerivedCharField(max_length=160, source="derive_sort_name")

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        indexes = [
            *(
                models.Index(fields=[*lead, *sort, "id"], name=f"sales_mandate{prefix}_{name}")
                for prefix, lead in (("", []), ("_s", ["status"]))
                for name, sort in (("new", []), ("name", ["sort_name"]))
                if lead or sort
            ),
        ]

    def __str__(self) -> str:
        return self.rum

    def get_absolute_url(self) -> str:
        return record_address("sales:mandate_detail", self.pk)

    def clean(self) -> None:
        if self.signed_on and self.signed_on > timezone.localdate():
            raise ValidationError(
                {"signed_on": _("A mandate is signed before it is used: not a day to come.")}
            )
        if self.account_id and self.client_id and self.account.client_id != self.client_id:
            raise ValidationError({"account": _("This account belongs to somebody else.")})

    def derive_active_key(self) -> str | None:
        return f"{self.client_id}-{self.agency_id}" if self.status == self.Status.ACTIVE else None

    def derive_sort_name(self) -> str:
        return fold(str(self.client)).strip()[:160]

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE

    @property
    def is_used(self) -> bool:
        return self.first_used_on is not None

    @property
    def sequence(self) -> str:
        """What its next collection is called in the file (SeqTp)."""
        if self.frequency == self.Frequency.ONCE:
            return "OOFF"
        return "RCUR" if self.is_used else "FRST"

    def lapses_on(self) -> date:
        """The first day on which it is void: 36 months after the last collection, or the signature."""
        day = self.last_used_on or self.signed_on
        years, month = divmod(day.month - 1 + LAPSES_MONTHS, 12)
        last = 28 if (day.month, day.day) == (2, 29) else day.day
        return date(day.year + years, month + 1, last)

    @property
    def status_label(self) -> Any:
        return self.get_status_display()

    @property
    def initials(self) -> str:
        return self.rum[:2].upper()

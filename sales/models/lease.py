"""Leases: a financing company (LOCAM) buys what the client rents. No API: the steps are noted by hand."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from digiweb.models import Record
from sales.models.quote import Quote


class LeaseTerms(Record):
    """What the lessor asks of a client before it studies a lease: rules as data, one row."""

    module = "sales.leaseterms"

    lessor = models.CharField(_("lessor"), max_length=80, default="LOCAM")
    # Whom we invoice: the lessor buys, the client is served.
    company = models.ForeignKey(
        "crm.Company",
        models.PROTECT,
        verbose_name=_("lessor’s company, which we invoice"),
        null=True,
        blank=True,
        related_name="+",
    )
    asks_siren = models.BooleanField(_("only firms with a SIREN"), default=True)
    least_age = models.PositiveSmallIntegerField(
        _("age of the company at least (months)"), default=24, validators=[MaxValueValidator(600)]
    )
    least_amount = models.DecimalField(
        _("financed from (€ before tax)"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(500),
        validators=[MinValueValidator(0)],
    )
    most_amount = models.DecimalField(
        _("financed up to (€ before tax)"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(50000),
        validators=[MinValueValidator(0)],
    )
    least_duration = models.PositiveSmallIntegerField(
        _("duration from (months)"), default=12, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    most_duration = models.PositiveSmallIntegerField(
        _("duration up to (months)"), default=60, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    # After so many days in a step the salesperson is reminded.
    reminder_days = models.PositiveSmallIntegerField(
        _("reminder after (days)"), default=5, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )

    class Meta:
        verbose_name = _("terms of leases")
        verbose_name_plural = _("terms of leases")

    def __str__(self) -> str:
        return self.lessor

    def clean(self) -> None:
        for low, high in (("least_amount", "most_amount"), ("least_duration", "most_duration")):
            bounds = (getattr(self, low), getattr(self, high))
            if None not in bounds and bounds[0] > bounds[1]:
                raise ValidationError({high: _("The upper bound lies below the lower one.")})


class Lease(models.Model):
    """The lease of one quote: what was asked, whether it may be, how far it is."""

    class Status(models.TextChoices):
        STUDY = "study", pgettext_lazy("lease", "Under study")
        PAPERS = "papers", pgettext_lazy("lease", "Papers asked for")
        AGREED = "agreed", pgettext_lazy("lease", "Agreed")
        REFUSED = "refused", pgettext_lazy("lease", "Refused")
        SIGNED = "signed", pgettext_lazy("lease", "Contract signed")
        DELIVERED = "delivered", pgettext_lazy("lease", "Delivery report signed")
        FINANCED = "financed", pgettext_lazy("lease", "Financed")

    # Where one goes from here.
    NEXT: dict[str, tuple[str, ...]] = {
        "study": ("agreed", "papers", "refused"),
        "papers": ("study", "agreed", "refused"),
        "agreed": ("signed", "refused"),
        "signed": ("delivered",),
        "delivered": ("financed",),
        "refused": (),
        "financed": (),
    }

    quote = models.OneToOneField(Quote, models.CASCADE, verbose_name=_("quote"), related_name="lease")
    duration = models.PositiveSmallIntegerField(
        _("duration (months)"), default=48, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    founded_on = models.DateField(_("company founded on"), null=True, blank=True)
    # Why it may not be, by code (sales/services/lease.py); empty when it may.
    obstacles = models.JSONField(default=list, editable=False)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.STUDY)
    status_on = models.DateField(_("since"))
    reference = models.CharField(_("file number at the lessor"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("lease")
        verbose_name_plural = _("leases")

    def __str__(self) -> str:
        return f"{self.quote} · {self.get_status_display()}"

    @property
    def is_eligible(self) -> bool:
        return not self.obstacles

    @property
    def is_signed(self) -> bool:
        """Whether the lessor pays: the client signed with it."""
        return self.status in (self.Status.SIGNED, self.Status.DELIVERED, self.Status.FINANCED)

    @property
    def next_steps(self) -> list[tuple[str, Any]]:
        """The steps that may follow, as choices."""
        return [(step, self.Status(step).label) for step in self.NEXT[str(self.status)]]

"""When clients are reminded of what they owe, in which words; and the rates of penalties: dated data."""

import re
from datetime import date
from decimal import Decimal
from typing import Any, Self, cast

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from digiweb.addresses import record_address
from digiweb.models import Record
from digiweb.querysets import ScopedQuerySet
from sales.models.agency import Agency

# What texts may name; `sales/services/reminder_words.py` fills them in.
PLACEHOLDERS = (
    "name", "number", "subject", "amount", "left", "issued", "due", "days", "charges", "seller", "agency",
)  # fmt: skip
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
TEXTS = ("subject_fr", "body_fr", "subject_en", "body_en")


class ReminderStageQuerySet(ScopedQuerySet):
    """Stages, and those of an agency."""

    def of(self, agency_id: int) -> Self:
        """The stages of an agency in the order of their days: its own where it has some, else everybody's."""
        own = self.filter(agency_id=agency_id)
        return (own if own.exists() else self.filter(agency=None)).order_by("days", "pk")


class ReminderStage(Record):
    """A reminder that leaves so many days after an invoice is due (below nought: before)."""

    module = "sales.agency"

    agency = models.ForeignKey(
        Agency,
        models.CASCADE,
        verbose_name=_("agency"),
        null=True,
        blank=True,
        related_name="reminder_stages",
    )
    name = models.CharField(_("name"), max_length=80)
    days = models.SmallIntegerField(
        _("days after the due date"), validators=[MinValueValidator(-60), MaxValueValidator(365)]
    )
    is_formal = models.BooleanField(_("formal notice"), default=False)
    attaches_invoice = models.BooleanField(_("attach the invoice"), default=True)
    tells_penalties = models.BooleanField(_("tell the penalties and the 40 €"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)
    subject_fr = models.CharField(_("subject in French"), max_length=200)
    body_fr = models.TextField(_("message in French"), max_length=3000)
    subject_en = models.CharField(_("subject in English"), max_length=200)
    body_en = models.TextField(_("message in English"), max_length=3000)

    objects = ReminderStageQuerySet.as_manager()  # type: ignore[assignment,misc]

    class Meta:
        verbose_name = _("stage of reminders")
        verbose_name_plural = _("stages of reminders")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_formal=False) | models.Q(days__gt=0), name="sales_stage_formal_after"
            ),
        ]
        indexes = [
            models.Index(fields=["days", "id"], name="sales_stage_days"),
            models.Index(fields=["agency", "days", "id"], name="sales_stage_agency_days"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_address("agencies:reminder_stage_detail", self.pk)

    @property
    def initials(self) -> str:
        return f"{self.days:+d}"[:3]

    @property
    def when(self) -> str:
        """« J+8 »: the day, as people who chase payments say it."""
        return gettext("D%(days)s") % {"days": f"{self.days:+d}".replace("-", "−")}

    def clean(self) -> None:
        """Refuses two stages on one day, a formal notice before it, and a placeholder that nobody knows."""
        if self.days is None:  # the field said what is wrong
            return
        told: dict[str, Any] = {}
        twins = ReminderStage.objects.filter(agency=self.agency, days=self.days).exclude(pk=self.pk)
        if twins.exists():
            told["days"] = gettext("There is a reminder on this day already.")
        elif self.is_formal and self.days <= 0:
            told["days"] = gettext("A formal notice leaves once the invoice is overdue.")
        for name in TEXTS:
            unknown = [each for each in PLACEHOLDER.findall(getattr(self, name)) if each not in PLACEHOLDERS]
            if unknown:
                text = gettext("Nothing is known by the name “{%(name)s}”.")
                told[name] = text % {"name": unknown[0][:40]}
        if told:
            raise ValidationError(told)


class PenaltyRateQuerySet(ScopedQuerySet):
    """Rates, and which holds on a day."""

    def at(self, kind: str, day: date) -> "PenaltyRate | None":
        """The rate that holds on `day`: the latest that began; None where none is known."""
        begun = self.filter(kind=kind, valid_from__lte=day).order_by("-valid_from")
        return cast(PenaltyRate | None, begun.first())


class PenaltyRate(Record):
    """A rate that penalties for late payment are worked out of, from a day on (article L. 441-10, II)."""

    module = "sales.agency"

    class Kind(models.TextChoices):
        # Of the most recent main refinancing operation; 10 points are added.
        ECB = "ecb", _("European Central Bank, refinancing")
        # Between firms; three times as much is the least that may be agreed.
        LEGAL = "legal", _("Legal interest between firms")

    kind = models.CharField(_("rate"), max_length=5, choices=Kind)
    valid_from = models.DateField(_("valid from"))
    percent = models.DecimalField(
        _("percent a year"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(50))],
    )
    source = models.CharField(_("source of the rule"), max_length=200, blank=True)

    objects = PenaltyRateQuerySet.as_manager()  # type: ignore[assignment,misc]

    class Meta:
        verbose_name = _("rate of penalties")
        verbose_name_plural = _("rates of penalties")
        constraints = [
            models.UniqueConstraint(fields=["kind", "valid_from"], name="sales_rate_once"),
        ]
        indexes = [models.Index(fields=["valid_from", "id"], name="sales_rate_since")]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def get_absolute_url(self) -> str:
        return record_address("agencies:penalty_rate_detail", self.pk)

    @property
    def initials(self) -> str:
        return "%"

    def clean(self) -> None:
        twins = PenaltyRate.objects.filter(kind=self.kind, valid_from=self.valid_from).exclude(pk=self.pk)
        if twins.exists():
            raise ValidationError({"valid_from": gettext("There is a rate from that day already.")})

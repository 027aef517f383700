"""Scores of solvency that were asked for: each costs, so each stays, with who asked."""

from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Company
from digiweb.models import Record

FRESH = timedelta(days=90)
# An order that nothing came of for so long may be placed again; one that a dead worker never placed, sooner.
# Whether it was placed at all, an answer that never came leaves open: for a day nobody pays a second one.
PATIENCE, PLACING, DOUBT = timedelta(days=7), timedelta(minutes=10), timedelta(days=1)


class Solvency(Record):
    """One order of a score, and what came of it."""

    module = "sync.solvency"

    class State(models.TextChoices):
        ASKED = "asked", _("In preparation")
        SCORED = "scored", _("Scored")
        FAILED = "failed", _("Without result")

    company = models.ForeignKey(Company, models.CASCADE, verbose_name=_("company"), related_name="scores")
    provider = models.CharField(_("service"), max_length=40, default="coface")
    siren = models.CharField(_("SIREN"), max_length=9)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    order_number = models.CharField(_("order"), max_length=60, blank=True)
    delivery = models.CharField(max_length=60, blank=True)
    # 1 is a very high risk, 10 a very low one; 0 in default.
    value = models.PositiveSmallIntegerField(
        _("score"), null=True, blank=True, validators=[MaxValueValidator(10)]
    )
    released_on = models.DateField(_("score of"), null=True, blank=True)
    default_probability = models.DecimalField(
        _("probability of default (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    text = models.CharField(_("in words"), max_length=500, blank=True)
    # Earlier scores that came with it: [[day, value], …].
    history = models.JSONField(_("earlier scores"), default=list, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("asked by"), null=True, related_name="+"
    )
    trouble = models.CharField(_("trouble"), max_length=20, blank=True)
    demo = models.BooleanField(_("invented (demo)"), default=False)

    class Meta:
        verbose_name = _("solvency score")
        verbose_name_plural = _("solvency scores")
        indexes = [models.Index(fields=["company", "-id"], name="sync_solvency_company")]

    def __str__(self) -> str:
        return f"{self.value}/10" if self.value is not None else str(self.get_state_display())

    @property
    def is_fresh(self) -> bool:
        return self.state == self.State.SCORED and timezone.now() - self.created_at < FRESH

    @property
    def is_pending(self) -> bool:
        patience = PATIENCE if self.order_number else DOUBT if self.trouble else PLACING
        return self.state == self.State.ASKED and timezone.now() - self.created_at < patience

"""What stages a deal went through, and what is expected of each stage."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models.deal import Deal
from digiweb.models import Record

# Days without any activity after which a deal is stale, where nobody has said otherwise.
USUAL_DAYS = {"discovery": 14, "qualification": 14, "proposal": 10, "negotiation": 7}
MOST_DAYS = 365


class DealStep(models.Model):
    """One stay of a deal in a stage; without an end it is there still. Kept by crm/services/deal_step.py."""

    deal = models.ForeignKey(Deal, models.CASCADE, verbose_name=_("deal"), related_name="steps")
    stage = models.CharField(_("stage"), max_length=13, choices=Deal.Stage)
    entered_at = models.DateTimeField(_("from"))
    left_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("stay in a stage")
        verbose_name_plural = _("stays in stages")
        indexes = [models.Index(fields=["deal", "entered_at"], name="crm_dealstep_deal")]

    def __str__(self) -> str:
        return f"{self.deal_id} {self.stage}"


class StageRule(Record):
    """After how many days without any activity a deal in a stage is stale; a row for each open stage."""

    module = "crm.stagerule"

    stage = models.CharField(_("stage"), max_length=13, choices=Deal.Stage, unique=True)
    stale_days = models.PositiveSmallIntegerField(
        _("days without activity"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
    )

    class Meta:
        verbose_name = _("rule of a stage")
        verbose_name_plural = _("rules of stages")

    def __str__(self) -> str:
        return str(self.get_stage_display())

    def get_absolute_url(self) -> str:
        return reverse("crm:stage_rules")

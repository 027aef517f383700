"""The ledger of scores: what happened with a contact, and the points that it gives."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.contact import Contact
from crm.models.score_rule import ScoreRule


class ScoreLine(models.Model):
    """Points of a contact for one activity or deal, or for the solvency of their company.

    What is known of them has no lines: it is on the row. Worked out from the records
    (crm/services/score.py): never written by hand, and neither kept by the bin nor carried over by a merge.
    """

    worked_out = True

    contact = models.ForeignKey(
        Contact, models.CASCADE, verbose_name=_("contact"), related_name="score_ledger"
    )
    rule = models.CharField(_("rule"), max_length=16, choices=ScoreRule.Subject)
    # The record behind it, by kind and number ("crm.deal", 12).
    source_type = models.CharField(max_length=40)
    source_id = models.PositiveBigIntegerField()
    points = models.SmallIntegerField(_("points"))
    on = models.DateField(_("date"))
    # The last day on which it counts; None: as long as it is so.
    expires_on = models.DateField(_("until"), null=True)

    class Meta:
        verbose_name = _("line of a score")
        verbose_name_plural = _("lines of scores")
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "rule", "source_type", "source_id"], name="one_line_a_source"
            )
        ]
        indexes = [
            models.Index(fields=["expires_on", "contact"], name="crm_scoreline_expires"),
            models.Index(fields=["source_type", "source_id"], name="crm_scoreline_source"),
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()}: {self.points:+d}"

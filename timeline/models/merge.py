"""Merges: two records became one, and can become two again for thirty days (SPEC C12, N3)."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from timeline.models.bin import KEEP_DAYS


class Merge(models.Model):
    """One record absorbed into another, with all that is needed to part them.

    The lost record's events stay under its number; `MergeableRecord.merged_ids` of the kept one leads
    to them.
    """

    subject_type = models.CharField(max_length=60)
    kept_id = models.BigIntegerField()
    lost_id = models.BigIntegerField()
    kept_label = models.CharField(_("kept record"), max_length=210)
    lost_label = models.CharField(_("merged record"), max_length=210)
    # The lost row, then what could not follow (its twin hung on the kept record already).
    rows = models.JSONField(default=list)
    # {"crm.deal.contact": [ids]}: what pointed at the lost record, and points at the kept one now.
    moved = models.JSONField(default=dict)
    # {"crm.contacttag.contact": {"lost": [ids], "added": [ids]}}: many-to-many, and what the kept one gained.
    ties = models.JSONField(default=dict)
    # {field of the kept record: [before, after]}, as stored.
    changes = models.JSONField(default=dict)
    # {"sales.bankaccount": {number: {field: [before, after]}}}: rows that hung on the lost record and were
    # changed, so that they may hang on the kept one.
    adjusted = models.JSONField(default=dict)
    # The merge that brought this one about: that of the companies which two clients are. Undone with it.
    part_of = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="parts")
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("merged by"),
        null=True,
        related_name="merges",
    )
    merged_at = models.DateTimeField(_("merged on"), default=timezone.now, db_index=True)
    undone_at = models.DateTimeField(_("undone on"), null=True, blank=True)

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_type", "kept_id"], name="timeline_merge_kept"),
            models.Index(fields=["subject_type", "lost_id"], name="timeline_merge_lost"),
        ]

    def __str__(self) -> str:
        return f"{self.lost_label} → {self.kept_label}"

    @property
    def can_be_undone(self) -> bool:
        """Within thirty days, and once."""
        return self.undone_at is None and self.merged_at > timezone.now() - timedelta(days=KEEP_DAYS)

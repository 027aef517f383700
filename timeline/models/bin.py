"""The bin: what was deleted, whole, for thirty days (SPEC T13)."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KEEP_DAYS = 30


class BinEntry(models.Model):
    """One deleted record as it was, with what hung on it; records deleted together share a batch.

    The row leaves its table (lists and unique columns stay simple) and comes back from here under
    the same number, so that its events and notes are found again.
    """

    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    label = models.CharField(_("record"), max_length=210)
    # Django's serialised rows, the record first; and {"model.field": [ids]} of links that were cut.
    rows = models.JSONField(default=list)
    links = models.JSONField(default=dict)
    batch = models.UUIDField(db_index=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="deleted_records"
    )
    deleted_at = models.DateTimeField(_("deleted on"), default=timezone.now, db_index=True)
    restored_at = models.DateTimeField(_("restored on"), null=True, blank=True)

    class Meta:
        verbose_name = _("deleted record")
        verbose_name_plural = _("deleted records")
        ordering = ["-id"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="timeline_bin_subject")]

    def __str__(self) -> str:
        return self.label

"""The bin: what was deleted, whole, for thirty days (SPEC T13)."""

from datetime import timedelta
from typing import Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from digiweb.addresses import record_address
from digiweb.querysets import ScopedQuerySet
from digiweb.scopes import OwnerScope, Scope

KEEP_DAYS = 30


class BinQuerySet(ScopedQuerySet):
    """What is in the bin."""

    def waiting(self) -> Self:
        """Neither back nor too old."""
        oldest = timezone.now() - timedelta(days=KEEP_DAYS)
        return self.filter(restored_at=None, deleted_at__gt=oldest)


class BinEntry(models.Model):
    """One deleted record as it was, with what hung on it; records deleted together share a batch.

    The row leaves its table (lists and unique columns stay simple) and comes back from here under
    the same number, so that its events and notes are found again. Seen by who deleted it, and by those
    whose team they are in.
    """

    module = "timeline.bin"
    ownership: Scope = OwnerScope("deleted_by")

    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    label = models.CharField(_("record"), max_length=210)
    # Django's serialised rows, the record first; and {"model.field": [ids]} of links that were cut.
    rows = models.JSONField(default=list)
    links = models.JSONField(default=dict)
    batch = models.UUIDField(db_index=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("deleted by"),
        null=True,
        related_name="deleted_records",
    )
    deleted_at = models.DateTimeField(_("deleted on"), default=timezone.now, db_index=True)
    restored_at = models.DateTimeField(_("restored on"), null=True, blank=True)

    objects = BinQuerySet.as_manager()

    class Meta:
        verbose_name = _("deleted record")
        verbose_name_plural = _("deleted records")
        ordering = ["-id"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="timeline_bin_subject")]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return record_address("bin_detail", self.pk)

    @property
    def kind_label(self) -> str:
        """What the interface calls this kind of record; the key itself when its table is gone."""
        try:
            return capfirst(str(apps.get_model(self.subject_type)._meta.verbose_name))
        except (LookupError, ValueError):
            return self.subject_type

    @property
    def days_left(self) -> int:
        """For how many days it can still come back."""
        return max(0, KEEP_DAYS - (timezone.now() - self.deleted_at).days)


class BinFile(models.Model):
    """A stored file that an entry needs to come back whole; when the entry ends, the file does."""

    entry = models.ForeignKey(BinEntry, models.CASCADE, related_name="files")
    name = models.CharField(max_length=80, db_index=True)

    class Meta:
        verbose_name = _("file of a deleted record")
        verbose_name_plural = _("files of deleted records")

    def __str__(self) -> str:
        return self.name

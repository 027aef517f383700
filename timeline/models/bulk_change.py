"""What a bulk action changed, for the button « Undo » of its toast."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# For so long a bulk action can be taken back; one's own only.
KEEP = timedelta(days=1)


class BulkChange(models.Model):
    """The values that records had before one bulk action, by which it is undone as one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("who"), related_name="+"
    )
    # The list (dotted name of its view) and the name of its action.
    view = models.CharField(max_length=200)
    action = models.CharField(max_length=40)
    # {number: [version afterwards, {field: value before}]}; tags as their numbers.
    before = models.JSONField(default=dict)
    made_at = models.DateTimeField(_("made on"), default=timezone.now, db_index=True)
    undone_at = models.DateTimeField(_("undone on"), null=True)

    class Meta:
        verbose_name = _("bulk change")
        verbose_name_plural = _("bulk changes")

    def __str__(self) -> str:
        return f"{self.action}: {len(self.before)}"

    @property
    def can_be_undone(self) -> bool:
        return self.undone_at is None and self.made_at > timezone.now() - KEEP

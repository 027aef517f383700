"""Notes that people write on a record."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Note(models.Model):
    """Free text on any record; who may read the record may read its notes."""

    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="notes")
    body = models.TextField(_("note"), max_length=10_000)
    # Who is named in it as « @Prénom Nom » and was told: [[number, name]]; NULL for nobody.
    mentions = models.JSONField(null=True, default=None, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-id"]
        indexes = [models.Index(fields=["subject_type", "subject_id", "id"], name="timeline_note_subject")]

    def __str__(self) -> str:
        return self.body[:60]

"""What a person is told, in the page and by e-mail."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

KEEP_DAYS = 90


class Notification(models.Model):
    """One thing told to one person; with a `key`, at most once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    kind = models.CharField(_("kind"), max_length=40)
    text = models.CharField(_("text"), max_length=300)
    # The record it is about: who does not see it any more does not read the text either.
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    url = models.CharField(max_length=200, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("who"), null=True, related_name="+"
    )
    # NULL where nothing hinders telling it again: a unique column takes many of them.
    key = models.CharField(max_length=120, null=True)  # noqa: DJ001
    created_at = models.DateTimeField(_("told on"), auto_now_add=True, db_index=True)
    read_at = models.DateTimeField(_("read on"), null=True)
    # To be sent by e-mail, and when it was.
    by_mail = models.BooleanField(default=False)
    mailed_at = models.DateTimeField(_("sent on"), null=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_notification_a_key")]
        indexes = [
            models.Index(fields=["user", "id"], name="timeline_told"),
            models.Index(fields=["user", "read_at", "id"], name="timeline_told_unread"),
            models.Index(fields=["subject_type", "subject_id"], name="timeline_told_subject"),
        ]

    def __str__(self) -> str:
        return self.text

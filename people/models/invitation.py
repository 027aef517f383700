"""Invitations: the way into the house."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from digiweb.models import Record
from digiweb.scopes import OwnerScope


class Invitation(Record):
    """A link sent to a new member; only its hash is kept, and it works once, until it expires."""

    module = "people.user"
    ownership = OwnerScope("user")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="invitations_sent"
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(_("expires on"))
    sent_at = models.DateTimeField(_("sent on"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted on"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked on"), null=True, blank=True)
    # Why the message has not left, in words for the team page.
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user}"

    @property
    def state(self) -> str:
        """accepted, revoked, expired, failed (not sent, and why is known), waiting (not sent yet) or sent."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        if self.is_expired:
            return "expired"
        if self.sent_at:
            return "sent"
        return "failed" if self.error else "waiting"

    @property
    def is_pending(self) -> bool:
        return not self.accepted_at and not self.revoked_at and self.expires_at > timezone.now()

    @property
    def is_expired(self) -> bool:
        return not self.accepted_at and not self.revoked_at and self.expires_at <= timezone.now()

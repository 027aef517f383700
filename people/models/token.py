"""Tokens of the API."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from digiweb.models import Record
from digiweb.scopes import OwnerScope


class APIToken(Record):
    """A key to the API that acts as its owner; only its hash is kept, it is shown once."""

    module = "people.user"
    ownership = OwnerScope("user")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=60)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    # The first characters, by which the owner tells their tokens apart.
    prefix = models.CharField(max_length=12, editable=False)
    read_only = models.BooleanField(_("read only"), default=False)
    expires_at = models.DateTimeField(_("expires on"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used on"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked on"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        return not self.revoked_at and (self.expires_at is None or self.expires_at > timezone.now())

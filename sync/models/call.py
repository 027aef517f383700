"""What was asked of services outside, and in demo mode what would have been."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from digiweb.querysets import ScopedQuerySet
from digiweb.scopes import EverybodyScope
from sync.providers import provider_named


class Call(models.Model):
    """One request to a provider: when, what, how it ended. Kept thirty days (`purge_calls`).

    `what` is the verb, the path and what was asked for: no key stands there, those travel in headers.
    """

    class Outcome(models.TextChoices):
        OK = "ok", _("Answered")
        UNKNOWN = "unknown", _("Unknown there")
        WRONG_KEY = "wrong_key", _("Key refused")
        QUOTA = "quota", _("Quota used up")
        DOWN = "down", _("No use could be made of the answer")
        HELD = "held", _("Not sent (demo)")

    module = "sync.connection"
    ownership = EverybodyScope()

    provider = models.CharField(_("service"), max_length=40)
    at = models.DateTimeField(_("moment"), auto_now_add=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("asked by"), null=True, related_name="+"
    )
    what = models.CharField(_("request"), max_length=200)
    outcome = models.CharField(_("result"), max_length=10, choices=Outcome)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    milliseconds = models.PositiveIntegerField(_("duration (ms)"), default=0)
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("call to a service")
        verbose_name_plural = _("calls to services")
        indexes = [
            models.Index(fields=["provider", "id"], name="sync_call_provider"),
            models.Index(fields=["outcome", "id"], name="sync_call_outcome"),
            models.Index(fields=["at"], name="sync_call_at"),
        ]

    @property
    def service(self) -> str:
        """What people call the provider."""
        about = provider_named(self.provider)
        return str(about.label) if about else self.provider

    def __str__(self) -> str:
        return f"{self.provider}: {self.what}"

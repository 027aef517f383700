"""What we know to reach a service outside the house, and how it went last."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from digiweb.crypto import DecryptionError, decrypt, encrypt
from digiweb.models import Record
from sync.providers import Provider, provider_named

# Where the keys are kept: authenticated with them, so that they decrypt nowhere else.
PLACE = "sync_connection.sealed"


class Connection(Record):
    """One row a provider. Keys are encrypted together in `sealed` and only read to call the service."""

    module = "sync.connection"
    label_fields = ("provider",)

    class State(models.TextChoices):
        NO_KEY = "no_key", _("No key")
        SAVED = "saved", _("Not tried yet")
        OK = "ok", _("Works")
        WRONG_KEY = "wrong_key", _("Key refused")
        QUOTA = "quota", _("Quota used up")
        DOWN = "down", _("Out of order")

    # Who asks through it just now, for the log of calls; no column.
    asking: Any = None

    provider = models.CharField(_("service"), max_length=40, unique=True)
    active = models.BooleanField(_("active"), default=True)
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    # Encrypted here and not by the field: a row whose key ring is lost must still open, to be connected anew.
    sealed = models.TextField(_("keys"), blank=True, default="", editable=False)
    sealed_at = models.DateTimeField(_("keys saved on"), null=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NO_KEY, editable=False)
    # With the state « quota »: when it may be asked again.
    retry_at = models.DateTimeField(_("to be asked again from"), null=True, editable=False)
    checked_at = models.DateTimeField(_("state of"), null=True, editable=False)
    last_error = models.CharField(_("last trouble"), max_length=200, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used on"), null=True, editable=False)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")

    def __str__(self) -> str:
        return str(self.about.label) if self.about else self.provider

    def get_absolute_url(self) -> str:
        return reverse("sync:integration_detail", args=[self.provider])

    @property
    def about(self) -> Provider | None:
        """What the code says of the provider; None for one that is gone from it."""
        return provider_named(self.provider)

    def secrets(self) -> dict[str, str]:
        """{name: key}; empty as well when the key ring that encrypted them is lost."""
        try:
            kept: dict[str, str] = json.loads(decrypt(self.sealed, PLACE)) if self.sealed else {}
        except (DecryptionError, ValueError):
            return {}
        return kept

    def secret(self, name: str) -> str:
        return self.secrets().get(name, "")

    def seal(self, secrets: Mapping[str, str]) -> None:
        """Put keys in place of those that are there; saving the row is the caller's."""
        kept = {name: key for name, key in secrets.items() if key}
        self.sealed = encrypt(json.dumps(kept), PLACE) if kept else ""

    def setting(self, name: str) -> str:
        """What was chosen, or what the provider says by itself."""
        chosen = self.settings.get(name) if isinstance(self.settings, dict) else None
        if chosen not in (None, ""):
            return str(chosen)
        fields: Any = self.about.fields if self.about else ()
        return next((each.default for each in fields if each.name == name), "")

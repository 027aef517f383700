"""What a service outside sent us by itself, kept as it came."""

import json
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from digiweb.addresses import record_address
from digiweb.crypto import EncryptedTextField
from digiweb.models import Record


class WebhookDelivery(Record):
    """One delivery: its body, and what became of it.

    The body holds names and numbers of people: it is encrypted, and goes after `WEBHOOK_DAYS`.
    """

    module = "sync.webhook"

    class State(models.TextChoices):
        RECEIVED = "received", _("Waiting")
        DONE = "done", _("Done")
        IGNORED = "ignored", _("Nothing to do")
        FAILED = "failed", _("Failed")

    provider = models.CharField(_("service"), max_length=40)
    event = models.CharField(_("event"), max_length=80)
    # What tells it from all others: the same delivery sent again has the same key (sync/webhooks.py).
    key = models.CharField(max_length=64, unique=True, editable=False)
    # What it is about, as the service numbers it: a call, a payment.
    about = models.CharField(_("number at the service"), max_length=60, blank=True)
    body = EncryptedTextField(editable=False)
    size = models.PositiveIntegerField(_("size (bytes)"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    error = models.CharField(_("what happened"), max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    worked_at = models.DateTimeField(_("worked off on"), null=True, editable=False)
    # The record that it made or changed.
    made_type = models.CharField(max_length=60, blank=True, editable=False)
    made_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(fields=["state", "id"], name="sync_delivery_state"),
            models.Index(fields=["provider", "id"], name="sync_delivery_provider"),
            models.Index(fields=["about", "id"], name="sync_delivery_about"),
            models.Index(fields=["created_at"], name="sync_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.about}".strip()

    def get_absolute_url(self) -> str:
        return record_address("sync:webhook_detail", self.pk)

    @property
    def payload(self) -> Any:
        """The body, read."""
        return json.loads(self.body)

    @property
    def kept_until(self) -> Any:
        return self.created_at + timedelta(days=settings.WEBHOOK_DAYS)

    def made_for(self, user: Any) -> Any:
        """The record that it made, where `user` may see it."""
        if not self.made_type:
            return None
        model: Any = apps.get_model(self.made_type)
        return model.objects.visible_to(user).filter(pk=self.made_id).first()

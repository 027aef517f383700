"""Prospects who may be several of our contacts: a person says which."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Contact
from digiweb.addresses import record_address
from digiweb.models import Record


class ColleagueConflict(Record):
    """A prospect that two contacts or more answer to; what was chosen holds for all runs to come."""

    module = "sync.run"

    class State(models.TextChoices):
        OPEN = "open", _("To settle")
        SETTLED = "settled", _("Settled")
        GONE = "gone", _("Settled by itself")

    class Reason(models.TextChoices):
        EMAIL = "email", _("The same e-mail")
        PHONE = "phone", _("The same phone")

    # That of the prospect (sync/colleague/keys.py).
    key = models.CharField(max_length=40, unique=True, editable=False)
    number = models.BigIntegerField(_("number in the source"), null=True)
    name = models.CharField(_("name"), max_length=210, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    reason = models.CharField(_("why"), max_length=5, choices=Reason)
    candidates = models.JSONField(default=list, editable=False)
    contracts = models.PositiveIntegerField(_("contracts"), default=0)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.OPEN)
    # Settled without a contact: a new one.
    contact = models.ForeignKey(
        Contact, models.SET_NULL, verbose_name=_("contact"), null=True, blank=True, related_name="+"
    )
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("settled by"),
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    settled_at = models.DateTimeField(_("settled on"), null=True, editable=False)

    class Meta:
        verbose_name = _("conflict of the import")
        verbose_name_plural = _("conflicts of the import")
        indexes = [models.Index(fields=["state", "id"], name="sync_conflict_state")]

    def __str__(self) -> str:
        return self.name or self.email or self.phone or str(self.number or "")

    def get_absolute_url(self) -> str:
        return record_address("sync:conflict_detail", self.pk)

"""Telephone calls as the switchboard tells them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Activity
from digiweb.crypto import EncryptedTextField
from digiweb.models import Record
from digiweb.phones import format_phone
from digiweb.scopes import OwnerScope
from sync.models.caller import Caller


class PhoneCall(Record):
    """A call, put together from all that was heard of it, in whatever order; its activity follows."""

    module = "sync.phonecall"
    ownership = OwnerScope("person")

    class Direction(models.TextChoices):
        IN = "in", _("Incoming")
        OUT = "out", _("Outgoing")

    class State(models.TextChoices):
        OPEN = "open", _("Going on")
        WAITING = "waiting", _("To identify")
        LOGGED = "logged", _("Logged")
        HIDDEN = "hidden", _("No number")

    provider = models.CharField(_("service"), max_length=40)
    number_there = models.CharField(_("number at the service"), max_length=60)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction, default=Direction.IN)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    caller = models.ForeignKey(Caller, models.PROTECT, null=True, related_name="calls")
    # As it was told, where it is no number one can call back.
    number_text = models.CharField(_("number"), max_length=60, blank=True)
    line = models.CharField(_("line"), max_length=120, blank=True)
    started_at = models.DateTimeField(_("began on"), null=True)
    answered_at = models.DateTimeField(_("answered on"), null=True)
    ended_at = models.DateTimeField(_("ended on"), null=True)
    missed_reason = models.CharField(_("reason"), max_length=60, blank=True)
    agent_name = models.CharField(_("answered by"), max_length=160, blank=True)
    agent_email = models.CharField(_("e-mail"), max_length=254, blank=True)
    # Who answered, among us; of a missed call, to whom it falls.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("answered by"),
        null=True,
        related_name="calls",
    )
    # {number of the comment: {"by", "text"}}; names of tags.
    comments = models.JSONField(default=dict)
    tags = models.JSONField(default=list)
    # Where it may be listened to; gone after the days of the connection's setting.
    recording = EncryptedTextField(_("recording"), blank=True, default="")
    voicemail = EncryptedTextField(_("voicemail"), blank=True, default="")
    has_links = models.BooleanField(default=False, db_index=True)
    has_voicemail = models.BooleanField(default=False)
    # The moment of the latest thing heard: what is older only fills gaps.
    heard_at = models.DateTimeField()
    activity = models.OneToOneField(
        Activity, models.SET_NULL, verbose_name=_("activity"), null=True, related_name="call"
    )
    # What we wrote into the activity: what differs from it, a person wrote.
    written = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints = [
            models.UniqueConstraint(fields=["provider", "number_there"], name="sync_phonecall_once"),
        ]
        indexes = [
            models.Index(fields=["caller", "state", "started_at"], name="sync_phonecall_caller"),
            models.Index(fields=["person", "caller"], name="sync_phonecall_person"),
            models.Index(fields=["started_at"], name="sync_phonecall_age"),
        ]

    def __str__(self) -> str:
        number = self.caller.number if self.caller_id and self.caller else ""
        return format_phone(number) if number else self.number_text or str(_("Hidden number"))

    @property
    def missed(self) -> bool:
        return self.direction == self.Direction.IN and self.ended_at is not None and self.answered_at is None

    @property
    def talk_seconds(self) -> int:
        if self.answered_at is None or self.ended_at is None:
            return 0
        return max(0, int((self.ended_at - self.answered_at).total_seconds()))

    @property
    def talk_minutes(self) -> int:
        """Begun minutes, as activities count."""
        return min(24 * 60, -(-self.talk_seconds // 60))

    def take(self, **heard: Any) -> None:
        """Set what was heard, as it is; merging is the service's."""
        for name, value in heard.items():
            setattr(self, name, value)

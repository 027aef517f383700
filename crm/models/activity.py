"""Activities: calls, e-mails, meetings, video calls and tasks, planned or done."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.company import Company
from crm.models.contact import Contact
from digiweb.addresses import record_address
from digiweb.fields import SearchTextField, validate_day
from digiweb.fulltext import FullTextIndex, search_text
from digiweb.models import Record
from digiweb.scopes import OwnerScope


class Activity(Record):
    """Something to do or done, with or for somebody. It always has an owner (SPEC T3, C6)."""

    module = "crm.activity"
    ownership = OwnerScope("owner")

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        EMAIL = "email", _("E-mail")
        MEETING = "meeting", _("Meeting")
        VIDEO = "video", _("Video call")
        TASK = "task", _("Task")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    class Priority(models.TextChoices):
        HIGH = "high", _("High")
        MEDIUM = "medium", _("Medium")
        LOW = "low", _("Low")

    class Recurrence(models.TextChoices):
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every week")
        MONTHLY = "monthly", _("Every month")
        YEARLY = "yearly", _("Every year")

    kind = models.CharField(_("type"), max_length=8, choices=Kind, default=Kind.CALL)
    subject = models.CharField(_("subject"), max_length=160)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PLANNED)
    priority = models.CharField(_("priority"), max_length=6, choices=Priority, default=Priority.MEDIUM)
    starts_at = models.DateTimeField(_("date and time"))
    duration = models.PositiveSmallIntegerField(
        _("duration (minutes)"), default=30, validators=[MaxValueValidator(24 * 60)]
    )
    place = models.CharField(_("place or link"), max_length=200, blank=True)
    notes = models.TextField(_("notes"), max_length=10_000, blank=True)
    done_at = models.DateTimeField(_("done on"), null=True, blank=True, editable=False)
    contact = models.ForeignKey(
        Contact, models.SET_NULL, verbose_name=_("contact"), null=True, blank=True, related_name="activities"
    )
    company = models.ForeignKey(
        Company, models.SET_NULL, verbose_name=_("company"), null=True, blank=True, related_name="activities"
    )
    deal = models.ForeignKey(
        "crm.Deal", models.SET_NULL, verbose_name=_("deal"), null=True, blank=True, related_name="activities"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("assigned salesperson"),
        related_name="activities",
    )
    # Minutes before the start; empty: none.
    reminder = models.PositiveIntegerField(_("reminder"), null=True, blank=True)
    # When the reminder is due; emptied once it was given (crm/services/reminder.py).
    remind_at = models.DateTimeField(null=True, blank=True, editable=False)
    recurrence = models.CharField(_("repeats"), max_length=8, choices=Recurrence, blank=True)
    repeat_until = models.DateField(_("repeats until"), null=True, blank=True)
    # The start of the first of a series, from which all later ones are counted (the 31st stays the 31st).
    repeat_from = models.DateTimeField(null=True, blank=True, editable=False)
    search_text = SearchTextField(source="derive_search_text")

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="done", done_at__isnull=False)
                | (~models.Q(status="done") & models.Q(done_at__isnull=True)),
                name="crm_activity_done",
            ),
        ]
        # By date, and newest first: alone, of a status, of an owner, of an owner within a status.
        indexes = [
            *(
                models.Index(fields=[*lead, *sort, "id"], name=f"crm_activity{prefix}_{name}")
                for prefix, lead in (
                    ("", []),
                    ("_s", ["status"]),
                    ("_k", ["kind"]),
                    ("_o", ["owner"]),
                    ("_os", ["owner", "status"]),
                    ("_ok", ["owner", "kind"]),
                )
                for name, sort in (("new", []), ("start", ["starts_at"]))
                if lead or sort
            ),
            # Done between two days.
            models.Index(fields=["done_at", "id"], name="crm_activity_done_at"),
            models.Index(fields=["owner", "done_at", "id"], name="crm_activity_o_done_at"),
            models.Index(fields=["contact", "starts_at", "id"], name="crm_activity_contact"),
            models.Index(fields=["company", "starts_at", "id"], name="crm_activity_company"),
            models.Index(fields=["deal", "status", "starts_at"], name="crm_activity_deal"),
            models.Index(fields=["remind_at"], name="crm_activity_remind"),
            FullTextIndex(fields=["search_text"], name="crm_activity_words"),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return record_address("crm:activity_detail", self.pk)

    def clean(self) -> None:
        if self.starts_at:
            try:
                validate_day(self.starts_at)
            except ValidationError as error:
                raise ValidationError({"starts_at": error}) from None
        if self.repeat_until and not self.recurrence:
            raise ValidationError({"recurrence": _("Say how often it repeats, or clear the end.")})
        if self.repeat_until and self.starts_at and self.repeat_until < timezone.localdate(self.starts_at):
            raise ValidationError({"repeat_until": _("It would end before it begins.")})

    def derive_search_text(self) -> str:
        words = [self.subject, self.place]
        for name in ("contact", "company"):
            if getattr(self, f"{name}_id") and (other := getattr(self, name)):
                words.append(str(other))
        return search_text(words)

    def due_reminder(self) -> datetime | None:
        """When the reminder is to be given: only of what is still planned and still ahead."""
        if self.reminder is None or self.status != self.Status.PLANNED or self.starts_at <= timezone.now():
            return None
        return self.starts_at - timedelta(minutes=self.reminder)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.duration)

    @property
    def is_late(self) -> bool:
        """Still planned after it was to begin."""
        return self.status == self.Status.PLANNED and self.starts_at < timezone.now()

    @property
    def subjects(self) -> tuple[Any, ...]:
        """The records it is about: their time lines show it too."""
        linked = (("contact", self.contact_id), ("company", self.company_id), ("deal", self.deal_id))
        return tuple(other for name, pk in linked if pk and (other := getattr(self, name)) is not None)

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.subject.split()[:2]).upper()

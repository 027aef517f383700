"""Events: the audit log and the time line of every record, in one table that only grows."""

from collections.abc import Iterable

from django.db import models
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from digiweb.querysets import ScopedQuerySet
from digiweb.scopes import EverybodyScope, Scope


class EventQuerySet(ScopedQuerySet):
    """Events of a record."""

    def branches_about(self, subjects: Iterable[tuple[str, int]]) -> list[QuerySet]:
        """Events on these records (kind, number), and those of other records that concern them."""
        return [
            branch
            for kind, pk in subjects
            for branch in (
                self.filter(subject_type=kind, subject_id=pk),
                self.filter(links__subject_type=kind, links__subject_id=pk),
            )
        ]


class Event(models.Model):
    """One thing that happened. Nothing in the product changes or deletes a row, and the database
    user needs no right to (docs/installation.md). People are kept by number and name, without a
    foreign key, so that nothing that happens to them touches the log.
    """

    module = "people.audit"
    ownership: Scope = EverybodyScope()

    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)
    actor_id = models.BigIntegerField(null=True, editable=False)
    actor_name = models.CharField(_("who"), max_length=210, blank=True, editable=False)
    action = models.CharField(_("action"), max_length=40, editable=False)
    subject_type = models.CharField(_("kind of record"), max_length=60, blank=True, editable=False)
    subject_id = models.BigIntegerField(null=True, editable=False)
    subject_label = models.CharField(_("record"), max_length=210, blank=True, editable=False)
    changes = models.JSONField(_("changes"), default=dict, editable=False)
    data = models.JSONField(_("details"), default=dict, editable=False)
    channel = models.CharField(_("from"), max_length=10, blank=True, editable=False)
    ip = models.CharField(_("address"), max_length=45, blank=True, editable=False)
    request_id = models.CharField(max_length=40, blank=True, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="timeline_event_subject"),
            models.Index(fields=["actor_id", "id"], name="timeline_event_actor"),
            models.Index(fields=["action", "id"], name="timeline_event_action"),
            models.Index(fields=["at", "id"], name="timeline_event_at"),
            # The audit log of one kind of record, newest first.
            models.Index(fields=["subject_type", "id"], name="timeline_event_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.subject_label}"

    def get_absolute_url(self) -> str:
        return reverse("timeline:event_detail", args=[self.pk])


class EventLink(models.Model):
    """A further record whose time line shows the event."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="links")
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("event link")
        verbose_name_plural = _("event links")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "event"], name="timeline_link_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}"


def subject_of(obj: models.Model | tuple[str, int]) -> tuple[str, int]:
    """The (kind, number) under which a record's events are filed."""
    if isinstance(obj, tuple):
        return obj
    return obj._meta.label_lower, obj.pk

"""Numbers that calls came from or went to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Contact
from digiweb.addresses import record_address
from digiweb.models import Record
from digiweb.phones import format_phone


@dataclass(frozen=True)
class AnsweredScope:
    """Numbers with a call that one of these people answered, or that fell to them."""

    def restrict(self, queryset: QuerySet, ids: Sequence[int]) -> QuerySet:
        calls: Any = queryset.model._meta.get_field("calls")
        theirs = calls.related_model.objects.filter(person__in=ids)
        return queryset.filter(pk__in=theirs.values("caller"))

    def portions(self, queryset: QuerySet, ids: Sequence[int]) -> list[QuerySet]:
        return [self.restrict(queryset, ids)]

    def branches(self, queryset: QuerySet, ids: Sequence[int]) -> list[QuerySet]:
        # A number may have been answered by several of them: branches of one person each would repeat it.
        return [self.restrict(queryset, ids)]


class Caller(Record):
    """One row a number. Whoever works on its calls locks it first, so that no two ever cross.

    What waits here is listed as « unknown calls » until somebody says who it is.
    """

    module = "sync.phonecall"
    ownership = AnsweredScope()

    class State(models.TextChoices):
        UNKNOWN = "unknown", _("To identify")
        IGNORED = "ignored", _("Ignored")
        # Nothing waits: its calls stand on a contact or a company.
        KNOWN = "known", _("Identified")

    number = models.CharField(_("number"), max_length=20, unique=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.KNOWN)
    # Who it was said to be; later calls follow even if the contact bears another number.
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        verbose_name=_("contact"),
        null=True,
        blank=True,
        related_name="callers",
    )
    # Of the calls that wait (sync/services/caller.py keeps them).
    waiting = models.PositiveIntegerField(_("calls"), default=0, editable=False)
    last_call_at = models.DateTimeField(_("last call"), default=timezone.now, editable=False)
    last_person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("answered by"),
        null=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name = _("unknown call")
        verbose_name_plural = _("unknown calls")
        indexes = [
            models.Index(fields=["state", "last_call_at", "id"], name="sync_caller_last"),
            models.Index(fields=["state", "waiting", "id"], name="sync_caller_waiting"),
        ]

    def __str__(self) -> str:
        return format_phone(self.number)

    def get_absolute_url(self) -> str:
        return record_address("sync:caller_detail", self.pk)

    @property
    def is_mobile(self) -> bool:
        """A French mobile: where a contact's form puts the number."""
        return self.number.startswith(("+336", "+337"))

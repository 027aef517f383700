"""Telling people: a row each, shown in the top bar, and sent by e-mail where that was asked for."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.jobs import enqueue, function_at
from timeline.models import Notification
from timeline.models.event import subject_of

# The bell counts no further.
MOST = 99


@transaction.atomic
def notify(
    *,
    people: Iterable[Any],
    kind: str,
    text: str,
    obj: models.Model | None = None,
    url: str = "",
    key: str = "",
    actor: Any = None,
    mail: bool = False,
) -> int:
    """Tell active people something about a record; returns how many were told.

    With `key`, a person who was told under it already is passed over: calling twice does nothing. With
    `mail`, a job sends the same by e-mail, once.
    """
    kind_of, pk = subject_of(obj) if obj is not None else ("", None)
    active = {person.pk: person for person in people if person.is_active}
    if key:
        told = Notification.objects.filter(user__in=active, key=key).values_list("user_id", flat=True)
        for person in list(told):
            del active[person]
    address = url or (obj.get_absolute_url() if obj is not None else "")  # type: ignore[attr-defined]
    rows = [
        Notification(
            user_id=person,
            kind=kind,
            text=text[:300],
            subject_type=kind_of,
            subject_id=pk,
            url=address,
            actor=actor,
            key=key or None,
            by_mail=mail,
        )
        for person in sorted(active)
    ]
    made = Notification.objects.bulk_create(rows)
    if mail:
        for row in made:
            enqueue(
                function_at("timeline.jobs.mail_notification"),
                user=None,
                label=_("Notification by e-mail"),
                key=f"notification-{row.pk}",
                notification_id=row.pk,
            )
    return len(made)


def told_to(user: Any) -> QuerySet:
    """All that one was told."""
    rows: QuerySet = Notification.objects.filter(user=user).select_related("actor")
    return rows


def unread_count(user: Any) -> int:
    """How many notifications wait, up to MOST + 1."""
    return Notification.objects.filter(user=user, read_at=None)[: MOST + 1].count()


def mark_read(*, user: Any, pks: Sequence[int] | None = None) -> int:
    """Mark one's own notifications as read: those of `pks`, or all."""
    unread = Notification.objects.filter(user=user, read_at=None)
    if pks is not None:
        unread = unread.filter(pk__in=pks)
    return int(unread.update(read_at=timezone.now()))

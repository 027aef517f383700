"""Notifications as they are read: in the page, by e-mail; and how they go."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.mail_jobs import send_to
from timeline.models import Notification
from timeline.models.notification import KEEP_DAYS
from timeline.notification_kinds import kind_named
from timeline.services.event import visible_among


def describe(user: Any, rows: Sequence[Notification]) -> list[dict[str, Any]]:
    """What the bell and the page draw; nothing is said of records that the person no longer sees."""
    asked: dict[str, set[int]] = {}
    for row in rows:
        if row.subject_id is not None:
            asked.setdefault(row.subject_type, set()).add(row.subject_id)
    seen = {(kind, pk) for kind, pks in asked.items() for pk in visible_among(user, kind, pks)}
    lines = []
    for row in rows:
        shown = row.subject_id is None or (row.subject_type, row.subject_id) in seen
        lines.append(
            {
                "pk": row.pk,
                "shown": shown,
                "text": row.text if shown else _("About a record that you no longer see."),
                "url": row.url if shown else "",
                "icon": kind_named(row.kind).icon,
                "at": row.created_at,
                "actor": row.actor if shown else None,
                "unread": row.read_at is None,
            }
        )
    return lines


def deliver_notification(notification_id: int) -> None:
    """Send one by e-mail, unless it was sent, or read in the page meanwhile; held while it is sent."""
    with transaction.atomic():
        row = Notification.objects.select_for_update().filter(pk=notification_id, mailed_at=None).first()
        if row is None or row.read_at or not row.user.is_active:
            return
        (line,) = describe(row.user, [row])
        context = {"person": row.user, "line": line, "action_url": settings.SITE_URL + (line["url"] or "/")}
        send_to(row.user, "timeline/notification", context)
        row.mailed_at = timezone.now()
        row.save(update_fields=["mailed_at"])


def purge_notifications() -> int:
    """Remove what was told more than ninety days ago; returns how many."""
    old = Notification.objects.filter(created_at__lt=timezone.now() - timedelta(days=KEEP_DAYS))
    return int(old.delete()[0])

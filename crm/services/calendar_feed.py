"""Activities as an iCalendar feed (RFC 5545), read by a secret link that can be renewed."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, Timezone, vDuration

from crm.models import Activity, CalendarFeed
from digiweb.audit import record
from digiweb.crypto import hash_secret

# What the feed holds: calendar programs read the whole of it each time.
BEHIND, AHEAD, MOST = timedelta(days=90), timedelta(days=400), 5000
# « Last read » is true to ten minutes, without a write at each reading.
SEEN_STEP = timedelta(minutes=10)
ZONE = ZoneInfo("Europe/Paris")
# By rule, as Europe changes its clocks since 1996: short, and without an end.
PARIS = b"""BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:DAYLIGHT
DTSTART:19960331T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""
STATUSES = {"planned": "CONFIRMED", "done": "CONFIRMED", "cancelled": "CANCELLED"}


@transaction.atomic
def make_feed(*, user: Any) -> str:
    """A new secret for the person's link, which nobody can read again; a former link stops working."""
    token = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        user=user, defaults={"token_hash": hash_secret(token), "read_at": None}
    )
    record(user=user, action="calendar_shared", obj=user)
    return token


@transaction.atomic
def stop_feed(*, user: Any) -> None:
    """The link stops working at once."""
    if CalendarFeed.objects.filter(user=user).delete()[0]:
        record(user=user, action="calendar_stopped", obj=user)


def feed_of(user: Any) -> CalendarFeed | None:
    """The person's link, if they have one."""
    return CalendarFeed.objects.filter(user=user).first()


def find_reader(token: str) -> Any:
    """The active person of a link who may still see activities; None for any other token."""
    feed = CalendarFeed.objects.select_related("user__role").filter(token_hash=hash_secret(token)).first()
    if feed is None or not feed.user.is_active or not feed.user.can(Activity.module, "view"):
        return None
    now = timezone.now()
    if feed.read_at is None or now - feed.read_at >= SEEN_STEP:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=now)
    return feed.user


def feed_activities(user: Any) -> QuerySet:
    """What the person's feed holds: their own, of the past quarter and the year to come."""
    now = timezone.now()
    mine = Activity.objects.visible_to(user).filter(owner=user)
    within: QuerySet = mine.filter(starts_at__gte=now - BEHIND, starts_at__lt=now + AHEAD)
    return within.select_related("contact", "company", "deal").order_by("starts_at", "id")[:MOST]


def calendar_of(activities: Iterable[Activity], *, name: str) -> bytes:
    """An iCalendar text: local times with their VTIMEZONE, lines folded, one VEVENT an activity."""
    calendar = Calendar()
    calendar.add("prodid", "-//DigiWeb ERP//Activities//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    # Not a property that the library escapes: a line break in a name would be a line of its own.
    calendar.add("x-wr-calname", " ".join(name.split()))
    calendar.add("refresh-interval", vDuration(timedelta(minutes=30)), parameters={"VALUE": "DURATION"})
    calendar.add_component(Timezone.from_ical(PARIS.replace(b"\n", b"\r\n")))
    for activity in activities:
        calendar.add_component(_event(activity))
    return bytes(calendar.to_ical())


def _event(activity: Activity) -> Event:
    event = Event()
    host = urlsplit(settings.SITE_URL).hostname or "digiweb"
    event.add("uid", f"activity-{activity.pk}@{host}")
    event.add("sequence", activity.version)
    event.add("dtstamp", activity.updated_at)
    event.add("created", activity.created_at)
    event.add("last-modified", activity.updated_at)
    event.add("dtstart", activity.starts_at.astimezone(ZONE))
    event.add("dtend", activity.ends_at.astimezone(ZONE))
    event.add("summary", f"{activity.get_kind_display()} · {activity.subject}")
    event.add("status", STATUSES[activity.status])
    event.add("categories", [str(activity.get_kind_display())])
    event.add("url", settings.SITE_URL + activity.get_absolute_url())
    about = [str(other) for other in activity.subjects]
    told = "\n".join(part for part in (", ".join(about), activity.notes) if part)
    if told:
        event.add("description", told)
    if activity.place:
        event.add("location", activity.place)
    if activity.reminder is not None and activity.status == Activity.Status.PLANNED:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", activity.subject or _("Activity"))
        alarm.add("trigger", -timedelta(minutes=activity.reminder))
        event.add_component(alarm)
    return event


def state_of(user: Any, activities: Iterable[Activity]) -> str:
    """A short text that differs when the feed does: known without writing the feed itself."""
    told = [user.full_name, user.language, settings.SITE_URL]
    for activity in activities:
        told += [f"{activity.pk}:{activity.version}", *(str(other) for other in activity.subjects)]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:32]


def last_change(activities: Iterable[Activity]) -> datetime | None:
    """When anything of the feed changed last."""
    return max((activity.updated_at for activity in activities), default=None)

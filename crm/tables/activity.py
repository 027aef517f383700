"""Columns of activities."""

from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.tables import Column, Table, badge, day, escape, link, person
from digiweb.templatetags.digiweb import icon

KIND_ICONS = {"call": "phone", "email": "mail", "meeting": "users", "video": "video", "task": "checkbox"}
STATUS_COLOURS = {"planned": "blue", "done": "green", "cancelled": "slate"}
PRIORITY_COLOURS = {"high": "bad", "medium": "slate", "low": "slate"}


def moment_text(moment: Any) -> str:
    """« ven. 21 nov., 14:30 », with the year when it is another one."""
    local = timezone.localtime(moment)
    this_year = local.year == timezone.localdate().year
    # Translators: a pattern of Django's `date` filter; in French « D. j N, H:i ».
    return date_format(local, _("D j N, H:i") if this_year else _("D j N Y, H:i"))


def subject_cell(activity: Any) -> SafeString:
    text = escape(activity.subject)
    return SafeString(
        f'<span class="dw-kind">{icon(KIND_ICONS[activity.kind])}'
        f'<span class="visually-hidden">{escape(activity.get_kind_display())}</span>'
        f'<a class="dw-name" href="{activity.get_absolute_url()}" title="{text}">{text}</a></span>'
    )


def moment_cell(activity: Any) -> SafeString:
    local = timezone.localtime(activity.starts_at)
    stamp = local.isoformat(timespec="minutes")
    text = escape(moment_text(local))
    late = f' <span class="dw-badge dw-badge-bad">{escape(_("Overdue"))}</span>' if activity.is_late else ""
    return SafeString(f'<time class="text-nowrap" datetime="{stamp}">{text}</time>{late}')


def duration_text(activity: Any) -> str:
    """« 1 h 30 », « 45 min »."""
    hours, minutes = divmod(activity.duration, 60)
    if not hours:
        return f"{minutes}\u00a0min"
    return f"{hours}\u00a0h\u00a0{minutes:02d}" if minutes else f"{hours}\u00a0h"


def reminder_text(minutes: int) -> str:
    """« 15 minutes before »."""
    words = {0: _("at the time"), 60: _("1 hour before"), 120: _("2 hours before")}
    words |= {24 * 60: _("the day before"), 2 * 24 * 60: _("2 days before")}
    return words.get(minutes) or _("%(count)s minutes before") % {"count": minutes}


def recurrence_cell(activity: Any) -> str:
    """« Every week, until 31/12/2026 »."""
    text: str = escape(activity.get_recurrence_display() if activity.recurrence else "")
    if text and activity.repeat_until:
        until = date_format(activity.repeat_until, "SHORT_DATE_FORMAT")
        text += ", " + escape(_("until %(day)s") % {"day": until})
    return text


SUBJECT = Column("subject", gettext_lazy("Subject"), cell=subject_cell, export=str)
STARTS = Column("starts_at", gettext_lazy("Date"), cell=moment_cell, sort="starts_at")
KIND = Column(
    "kind",
    gettext_lazy("Type"),
    cell=lambda one: escape(one.get_kind_display()),
    export=lambda one: str(one.get_kind_display()),
    default=False,
)
STATUS = Column(
    "status",
    gettext_lazy("Status"),
    cell=badge("status", STATUS_COLOURS),
    export=lambda one: str(one.get_status_display()),
)
PRIORITY = Column(
    "priority",
    gettext_lazy("Priority"),
    cell=badge("priority", PRIORITY_COLOURS),
    export=lambda one: str(one.get_priority_display()),
)
DURATION = Column(
    "duration", gettext_lazy("Duration"), cell=duration_text, export=lambda one: one.duration, align="end"
)
CONTACT = Column(
    "contact",
    gettext_lazy("Contact"),
    cell=link("contact"),
    export=lambda one: str(one.contact or ""),
    select_related=("contact",),
)
COMPANY = Column(
    "company",
    gettext_lazy("Company"),
    cell=link("company"),
    export=lambda one: str(one.company or ""),
    select_related=("company",),
)
DEAL = Column(
    "deal",
    gettext_lazy("Deal"),
    cell=link("deal"),
    export=lambda one: str(one.deal or ""),
    select_related=("deal",),
)
OWNER = Column(
    "owner",
    gettext_lazy("Assigned salesperson"),
    cell=person("owner"),
    export=lambda one: str(one.owner),
    select_related=("owner",),
)
PLACE = Column("place", gettext_lazy("Place or link"), default=False)
NOTES = Column("notes", gettext_lazy("Notes"), default=False)
REMINDER = Column(
    "reminder",
    gettext_lazy("Reminder"),
    cell=lambda one: "" if one.reminder is None else escape(reminder_text(one.reminder)),
    default=False,
)
RECURRENCE = Column("recurrence", gettext_lazy("Repeats"), cell=recurrence_cell, default=False)
DONE = Column("done_at", gettext_lazy("Done on"), cell=day("done_at"), default=False)


class ActivityTable(Table):
    """The list of activities (SPEC C6)."""

    columns = (
        STARTS,
        SUBJECT,
        STATUS,
        PRIORITY,
        DURATION,
        CONTACT,
        COMPANY,
        DEAL,
        OWNER,
        KIND,
        PLACE,
        DONE,
        NOTES,
    )

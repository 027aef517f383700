"""What is planned and what was done, beside a contact, a company or a deal (digiweb/panels.py)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from crm.models import Activity
from crm.tables.activity import KIND_ICONS, moment_text

SHOWN = 5


def activities_of(name: str) -> Callable[[Any, Any], dict[str, Any] | None]:
    """The builder of the panel on pages of `name`: what comes next, then the latest that were done."""

    def build(user: Any, record: Any) -> dict[str, Any] | None:
        mine = Activity.objects.visible_to(user).filter(**{f"{name}_id": record.pk})
        planned = list(mine.filter(status=Activity.Status.PLANNED).order_by("starts_at", "pk")[: SHOWN + 1])
        done = list(mine.filter(status=Activity.Status.DONE).order_by("-starts_at", "-pk")[:3])
        create = f"{reverse('crm:activity_new')}?{urlencode({name: record.pk})}"
        creates = user.can(Activity.module, "create")
        return {
            "planned": [_line(activity) for activity in planned[:SHOWN]],
            "done": [_line(activity) for activity in done],
            "more": len(planned) > SHOWN,
            "can_change": user.can(Activity.module, "change"),
            "call_url": f"{create}&kind=call" if creates else "",
            "meeting_url": f"{create}&kind=meeting" if creates else "",
            "logged_url": f"{create}&kind=call&status=done" if creates else "",
        }

    return build


def _line(activity: Any) -> dict[str, Any]:
    return {
        "activity": activity,
        "icon": KIND_ICONS[activity.kind],
        "moment": moment_text(activity.starts_at),
        "late": activity.is_late,
    }

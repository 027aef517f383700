"""What is planned and what was done, beside a contact, a company or a deal (digiweb/panels.py), and the
buttons of their time line's composer (digiweb/composer.py)."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import Activity, Client
from crm.tables.activity import KIND_ICONS, moment_text
from crm.tables.client import about
from digiweb.composer import Addition

SHOWN = 5
SUBJECTS = ("crm.contact", "crm.company", "crm.deal", "crm.client")


def activities_of(name: str) -> Callable[[Any, Any], dict[str, Any] | None]:
    """The builder of the panel on pages of `name`: what comes next, then the latest that were done."""

    def build(user: Any, record: Any) -> dict[str, Any] | None:
        mine = Activity.objects.visible_to(user).filter(**{f"{name}_id": record.pk})
        planned = list(mine.filter(status=Activity.Status.PLANNED).order_by("starts_at", "pk")[: SHOWN + 1])
        done = list(mine.filter(status=Activity.Status.DONE).order_by("-starts_at", "-pk")[:3])
        return {
            "planned": [_line(activity) for activity in planned[:SHOWN]],
            "done": [_line(activity) for activity in done],
            "more": len(planned) > SHOWN,
            "can_change": user.can(Activity.module, "change"),
            "plan_url": new_address(record) if user.can(Activity.module, "create") else "",
        }

    return build


def new_address(record: Any, **values: str) -> str:
    """Where an activity on this contact, company or deal, or with this client, is entered."""
    subjects = about(record) if isinstance(record, Client) else {record._meta.model_name: record.pk}
    return f"{reverse('crm:activity_new')}?{urlencode({**subjects, **values})}"


def additions() -> list[Addition]:
    """What the composer of their time lines offers beside a note."""
    kinds: tuple[tuple[Any, Any, str, dict[str, str]], ...] = (
        (Activity.Kind.CALL, _("Log a call"), "phone-check", {"status": "done"}),
        (Activity.Kind.EMAIL, _("Log an e-mail"), "mail-check", {"status": "done"}),
        (Activity.Kind.MEETING, _("Plan a meeting"), "users", {}),
        (Activity.Kind.TASK, _("Plan a task"), "checkbox", {}),
    )
    return [
        Addition(
            SUBJECTS,
            kind.label,
            title,
            icon,
            Activity.module,
            partial(new_address, kind=str(kind), **values),
            order,
        )
        for order, (kind, title, icon, values) in enumerate(kinds)
    ]


def _line(activity: Any) -> dict[str, Any]:
    return {
        "activity": activity,
        "icon": KIND_ICONS[activity.kind],
        "moment": moment_text(activity.starts_at),
        "late": activity.is_late,
    }

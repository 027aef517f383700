"""My day: what is overdue, what is today, what comes next."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.models import Activity
from crm.tables.activity import KIND_ICONS, duration_text
from crm.views.activity import CRUMB, MODULE
from digiweb.views.base import GuardedView

SHOWN = 50


def midnight(day: date) -> datetime:
    """When a day begins in our time zone, also where clocks change."""
    return timezone.make_aware(datetime.combine(day, time.min))


class ActivityDayView(GuardedView):
    """One's own activities, in the order in which they are to be done."""

    module = MODULE
    action = "view"
    template_name = "crm/activity/day.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        now = timezone.localtime()
        today, tomorrow = midnight(now.date()), midnight(now.date() + timedelta(1))
        user: Any = request.user
        mine = Activity.objects.visible_to(user).filter(owner=user)
        planned = mine.filter(status=Activity.Status.PLANNED)
        two_months_ago = today - timedelta(days=60)  # bounds the look for what was done today
        list_url = reverse("crm:activity_list")
        day = now.date().isoformat()
        ahead = self.day_ahead(planned, tomorrow)
        next_day = ahead.date().isoformat()
        groups = [
            self.group(
                _("Overdue"),
                planned.filter(starts_at__lt=today),
                f"{list_url}?owner=me&late=yes",
                pattern="j N H:i",
            ),
            self.group(
                _("Today"),
                planned.filter(starts_at__gte=today, starts_at__lt=tomorrow),
                f"{list_url}?owner=me&on_after={day}&on_before={day}",
            ),
            self.group(
                _("Done today"),
                mine.filter(status=Activity.Status.DONE, done_at__gte=today, starts_at__gte=two_months_ago),
                f"{list_url}?owner=me&status=done",
            ),
            self.group(
                _("Tomorrow") if ahead == tomorrow else capfirst(date_format(ahead, "l j F")),
                planned.filter(starts_at__gte=ahead, starts_at__lt=midnight(ahead.date() + timedelta(1))),
                f"{list_url}?owner=me&on_after={next_day}&on_before={next_day}",
            ),
        ]
        context = {
            "groups": [group for group in groups if group["rows"] or group["label"] == _("Today")],
            "date_text": date_format(now, "l j F"),
            "page_title": _("My day"),
            "breadcrumbs": [CRUMB],
            "can_change": user.can(MODULE, "change"),
            "list_url": f"{list_url}?owner=me&sort=date",
        }
        return render(request, self.template_name, context)

    def day_ahead(self, planned: QuerySet, tomorrow: datetime) -> datetime:
        """Tomorrow, or the first day after it with something to do: on a Friday one sees Monday."""
        later = planned.filter(starts_at__gte=tomorrow).order_by("starts_at", "id")
        first = later.values_list("starts_at", flat=True).first()
        return midnight(timezone.localtime(first).date()) if first else tomorrow

    def group(self, label: str, rows: QuerySet, url: str, pattern: str = "H:i") -> dict[str, Any]:
        ordered = rows.select_related("contact", "company", "deal").order_by("starts_at", "id")
        found = list(ordered[: SHOWN + 1])
        return {
            "label": label,
            "url": url,
            "count": len(found[:SHOWN]),
            "more": len(found) > SHOWN,
            "rows": [
                {
                    "activity": activity,
                    "icon": KIND_ICONS[activity.kind],
                    "duration": duration_text(activity),
                    "hour": date_format(timezone.localtime(activity.starts_at), pattern),
                }
                for activity in found[:SHOWN]
            ],
        }

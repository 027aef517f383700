"""My day: what is overdue, what is today, what comes next."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import Activity
from crm.tables.activity import KIND_ICONS, duration_text
from crm.views.activity import CRUMB, MODULE
from digiweb.views.base import GuardedView

SHOWN = 50


class ActivityDayView(GuardedView):
    """One's own activities, in the order in which they are to be done."""

    module = MODULE
    action = "view"
    template_name = "crm/activity/day.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        now = timezone.localtime()
        today = timezone.make_aware(datetime.combine(now.date(), time.min))
        tomorrow, after = today + timedelta(days=1), today + timedelta(days=2)
        user: Any = request.user
        mine = Activity.objects.visible_to(user).filter(owner=user)
        planned = mine.filter(status=Activity.Status.PLANNED)
        two_months_ago = today - timedelta(days=60)  # bounds the look for what was done today
        list_url = reverse("crm:activity_list")
        day, next_day = now.date().isoformat(), tomorrow.date().isoformat()
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
                _("Tomorrow"),
                planned.filter(starts_at__gte=tomorrow, starts_at__lt=after),
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

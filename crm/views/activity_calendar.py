"""The calendar of activities: a month or a week, drawn by the server; a day's activities are links."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import Activity
from crm.services.activity import change_activity
from crm.tables.activity import KIND_ICONS
from crm.views.activity import CRUMB, MODULE
from digiweb.fields import FIRST_DAY, LAST_DAY
from digiweb.models import StaleVersion
from digiweb.toasts import toast
from digiweb.views.base import GuardedView, RecordMixin, came_from
from people.models import User

# In a cell of a month; the others are one click away. And in all, for a page that stays light.
SHOWN, MOST = 4, 1000


class ActivityCalendarView(GuardedView):
    """`?view=week&date=2026-11-23&person=12`: one's own, or those of somebody within reach."""

    module = MODULE
    action = "view"
    template_name = "crm/activity/calendar.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        week = request.GET.get("view") == "week"
        day = self.day()
        people = list(User.objects.within_reach(user, MODULE, "view"))
        chosen = request.GET.get("person", "")
        person = next((one for one in people if str(one.pk) == chosen), user)
        first, last = _week(day) if week else _month(day)
        found = self.activities(user, None if chosen == "all" else person, first, last)
        days: dict[date, list[dict[str, Any]]] = defaultdict(list)
        for activity in found:
            days[timezone.localdate(activity.starts_at)].append(_line(activity))
        today = timezone.localdate()
        list_url = reverse("crm:activity_list")
        whose = "" if chosen == "all" else f"&owner={person.pk}"
        weeks = [
            {
                "number": monday.isocalendar().week,
                "days": [
                    {
                        "date": one,
                        "label": date_format(one, "l j F"),
                        "outside": not week and one.month != day.month,
                        "today": one == today,
                        "lines": days[one] if week else days[one][:SHOWN],
                        "more": 0 if week else max(0, len(days[one]) - SHOWN),
                        "url": f"{list_url}?on_after={one}&on_before={one}{whose}&sort=date",
                        "new_url": f"{reverse('crm:activity_new')}?day={one}",
                    }
                    for one in (monday + timedelta(days=number) for number in range(7))
                ],
            }
            for monday in (first + timedelta(weeks=number) for number in range((last - first).days // 7 + 1))
        ]
        context = {
            "weeks": weeks,
            "week_view": week,
            "title": _week_title(first, last) if week else date_format(day, "F Y"),
            "names": [date_format(first + timedelta(days=number), "l") for number in range(7)],
            "people": people if len(people) > 1 else [],
            "person": person,
            "all": chosen == "all",
            "urls": self.urls(day, week=week, chosen=chosen),
            "list_url": f"{list_url}?on_after={first}&on_before={last}{whose}&sort=date",
            "too_many": len(found) == MOST,
            "can_change": user.can(MODULE, "change"),
            "can_create": user.can(MODULE, "create"),
            "date": day,
            "page_title": _("Calendar"),
            "breadcrumbs": [CRUMB],
        }
        return render(request, self.template_name, context)

    def day(self) -> date:
        try:
            day = parse_date(self.request.GET.get("date", ""))
        except ValueError:
            day = None
        return day if day and FIRST_DAY <= day <= LAST_DAY else timezone.localdate()

    def activities(self, user: Any, person: Any, first: date, last: date) -> list[Activity]:
        start = timezone.make_aware(datetime.combine(first, time.min))
        end = timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))
        rows = Activity.objects.visible_to(user).exclude(status=Activity.Status.CANCELLED)
        if person is not None:
            rows = rows.filter(owner=person)
        within = rows.filter(starts_at__gte=start, starts_at__lt=end).select_related("contact", "owner")
        return list(within.order_by("starts_at", "id")[:MOST])

    def urls(self, day: date, *, week: bool, chosen: str) -> dict[str, str]:
        if week:
            before, after = day - timedelta(days=7), day + timedelta(days=7)
        else:
            before = (day.replace(day=1) - timedelta(days=1)).replace(day=1)
            after = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        view = "week" if week else "month"
        rest = f"&person={chosen}" if chosen else ""
        return {
            "before": f"?view={view}&date={before}{rest}",
            "after": f"?view={view}&date={after}{rest}",
            "today": f"?view={view}{rest}",
            "month": f"?view=month&date={day}{rest}",
            "week": f"?view=week&date={day}{rest}",
        }


def _week(day: date) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _month(day: date) -> tuple[date, date]:
    """From the Monday before the first to the Sunday after the last."""
    first = day.replace(day=1)
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return _week(first)[0], _week(last)[1]


def _week_title(first: date, last: date) -> str:
    same_month = first.month == last.month
    days = {"first": date_format(first, "j" if same_month else "j F"), "last": date_format(last, "j F Y")}
    return _("Week %(number)s, %(first)s to %(last)s") % {"number": first.isocalendar().week, **days}


def _line(activity: Activity) -> dict[str, Any]:
    return {
        "activity": activity,
        "icon": KIND_ICONS[activity.kind],
        "hour": timezone.localtime(activity.starts_at).strftime("%H:%M"),
        "late": activity.is_late,
    }


class ActivityMoveView(RecordMixin):
    """An activity dropped on another day: it keeps its hour. Answers JSON, as boards do."""

    module = MODULE
    action = "change"
    model = Activity
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        activity = self.get_object()
        version = request.POST.get("version", "")
        try:
            day = parse_date(request.POST.get("day", "") or request.GET.get("day", ""))
        except ValueError:
            day = None
        if day is None or not FIRST_DAY <= day <= LAST_DAY:
            return JsonResponse({"error": _("This day does not exist.")}, status=422)
        local = timezone.localtime(activity.starts_at)
        values = {"starts_at": timezone.make_aware(datetime.combine(day, local.time()))}
        try:
            change_activity(
                user=request.user,
                activity=activity,
                values=values,
                version=int(version) if version.isdecimal() else None,
            )
        except StaleVersion:
            text = _("Somebody changed this activity meanwhile: the page was loaded again.")
            return JsonResponse({"error": text}, status=409)
        text = _("“%(activity)s” moved to %(day)s.")
        about = {"activity": activity, "day": date_format(day, "l j F")}
        if not request.accepts("application/json") or request.accepts("text/html"):  # « undo » of the toast
            toast(request, text % about)
            return HttpResponseRedirect(came_from(request, activity.get_absolute_url()))
        undo_url = f"{request.path}?day={local.date()}"
        return JsonResponse({"version": activity.version, "text": text % about, "undo_url": undo_url})

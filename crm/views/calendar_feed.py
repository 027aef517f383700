"""The secret link for calendar programs, what it gives, and one activity as a file."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.http import http_date, parse_etags, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm.models import Activity
from crm.services.calendar_feed import (
    calendar_of,
    feed_activities,
    feed_of,
    find_reader,
    last_change,
    make_feed,
    state_of,
    stop_feed,
)
from crm.views.activity import CRUMB, MODULE
from digiweb.pace import within_pace
from digiweb.request_context import current_origin
from digiweb.toasts import toast
from digiweb.views.base import GuardedView, RecordMixin
from digiweb.views.errors import too_many

# From one address: an office of forty phones, not one that tries secrets.
FEEDS_A_MINUTE = 60
ICS = "text/calendar; charset=utf-8"


@method_decorator(never_cache, name="dispatch")
class CalendarFeedPage(GuardedView):
    """Make the link, shown once; make another; stop it."""

    module = MODULE
    action = "view"
    template_name = "crm/activity/feed.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer()

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.POST.get("stop"):
            stop_feed(user=request.user)
            toast(request, _("The link no longer works."))
            return HttpResponseRedirect(request.path)
        token = make_feed(user=request.user)
        return self.answer(settings.SITE_URL + reverse("calendar_feed", args=[token]))

    def answer(self, link: str = "") -> HttpResponse:
        context = {
            "link": link,
            "feed": feed_of(self.request.user),
            "page_title": _("Calendar on my phone"),
            "breadcrumbs": [CRUMB, (_("Calendar"), reverse("crm:activity_calendar"))],
        }
        return render(self.request, self.template_name, context)


class CalendarFeedView(GuardedView):
    """What calendar programs read. An unknown or former link is not found."""

    public = True

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        if not within_pace(current_origin().ip, "calendar-feed", FEEDS_A_MINUTE):
            return too_many(request)
        person = find_reader(token)
        if person is None:
            raise Http404
        activities = list(feed_activities(person))
        etag = quote_etag(state_of(person, activities))
        if etag in parse_etags(request.headers.get("If-None-Match", "")):
            return HttpResponseNotModified(headers={"ETag": etag})
        with translation.override(person.language):
            body = calendar_of(activities, name=_("DigiWeb, %(person)s") % {"person": person.full_name})
        response = HttpResponse(body, content_type=ICS)
        response["ETag"] = etag
        response["Cache-Control"] = "private, max-age=300"
        changed = last_change(activities)
        if changed:
            response["Last-Modified"] = http_date(changed.timestamp())
        return response


class ActivityFileView(RecordMixin):
    """One activity, for the calendar of whoever one sends it to."""

    module = MODULE
    action = "view"
    model = Activity
    select_related = ("contact", "company", "deal")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        activity: Any = self.get_object()
        response = HttpResponse(calendar_of([activity], name=str(activity)), content_type=ICS)
        response["Content-Disposition"] = f'attachment; filename="activity-{activity.pk}.ics"'
        return response

"""The bell of the top bar, and the page of all that one was told."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.paging import Sort, fetch_in_order, keyset_page
from digiweb.toasts import toast
from digiweb.views.base import GuardedView
from timeline.services.notification import MOST, mark_read, told_to, unread_count
from timeline.services.notification_mail import describe

NEWEST = Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True)
SIZE, IN_BELL = 25, 8


class NotificationListView(GuardedView):
    """One's own notifications, newest first; `?unread=1` those that wait."""

    signed_in = True

    def get(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        mine = told_to(user)
        unread = request.GET.get("unread") == "1"
        if unread:
            mine = mine.filter(read_at=None)
        page = keyset_page([mine], NEWEST, after=request.GET.get("after", ""), size=SIZE)
        rows = fetch_in_order(told_to(user), page.ids)
        query = "unread=1&" if unread else ""
        context = {
            "lines": describe(user, rows),
            "unread": unread,
            "next_url": f"{request.path}?{query}after={page.after}" if page.after else "",
            "page_title": _("Notifications"),
            "breadcrumbs": [(_("My space"), "/me/")],
        }
        return render(request, "timeline/notification/list.html", context)


class BellView(GuardedView):
    """What the bell shows: how many wait, and with `?open=1` the latest; asked for by each page, later."""

    signed_in = True

    def get(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if request.GET.get("open") == "1":
            rows = list(told_to(user).order_by("-id")[:IN_BELL])
            return render(request, "timeline/notification/panel.html", {"lines": describe(user, rows)})
        count = unread_count(user)
        text = f"{MOST}+" if count > MOST else str(count)
        return render(request, "timeline/notification/count.html", {"count": count, "text": text})


class NotificationOpenView(GuardedView):
    """Go to what a notification is about; it is read by that."""

    signed_in = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user: Any = request.user
        row = told_to(user).filter(pk=pk).first()
        if row is None:
            raise Http404
        if not hasattr(request, "real_user"):
            mark_read(user=user, pks=[row.pk])
        return HttpResponseRedirect(row.url or reverse("notification_list"))


class NotificationReadView(GuardedView):
    """Mark all as read."""

    signed_in = True
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        mark_read(user=request.user)
        toast(request, _("Everything is read."))
        return HttpResponseRedirect(reverse("notification_list"))

"""Aircall's own page: its webhook, and reading calls now."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from digiweb.jobs import enqueue
from digiweb.toasts import toast
from digiweb.views.base import GuardedView
from sync.aircall import jobs
from sync.aircall.catch_up import DAYS, MOST_DAYS
from sync.aircall.provider import hook_url, make_webhook
from sync.aircall.receiver import NAME
from sync.errors import ProviderError
from sync.models import WebhookDelivery
from sync.services.connection import connection_of

MODULE = "sync.connection"
CHOICES = (1, DAYS, 30, MOST_DAYS)


class AircallView(GuardedView):
    """How calls come here."""

    module = MODULE
    action = "view"

    def get(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        connection = connection_of(NAME)
        deliveries = WebhookDelivery.objects.visible_to(user).filter(provider=NAME)
        context = {
            "connection": connection,
            "connected": bool(connection.secret("api_token")),
            "has_webhook": bool(connection.secret("webhook_token")),
            "hook_url": hook_url(),
            "last": deliveries.defer("body").order_by("-pk").first(),
            "choices": CHOICES,
            "default": DAYS,
            "can_change": user.can(MODULE, "change"),
            "page_title": "Aircall",
            "breadcrumbs": [(_("Integrations"), "/settings/integrations/")],
        }
        return render(request, "sync/aircall/page.html", context)


class AircallWebhookView(GuardedView):
    """Have Aircall call us."""

    module = MODULE
    action = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            make_webhook(user=request.user, connection=connection_of(NAME))
        except ProviderError as error:
            toast(request, str(error.text), level="error")
        else:
            toast(request, _("Aircall will tell us of each call."))
        return HttpResponseRedirect(reverse("sync:aircall"))


class AircallFetchView(GuardedView):
    """Read the calls of the last days now."""

    module = MODULE
    action = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        days = request.POST.get("days", "")
        run = enqueue(
            jobs.fetch_calls,
            user=request.user,
            label=_("Calls of Aircall"),
            key="aircall-fetch",
            url=reverse("sync:caller_list"),
            days=int(days) if days in map(str, CHOICES) else DAYS,
        )
        return HttpResponseRedirect(reverse("job_run", args=[run.pk]))

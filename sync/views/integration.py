"""Settings → Integrations: the services that can be connected, each with its state, keys, test and log."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.models import StaleVersion
from digiweb.pace import within_pace
from digiweb.toasts import toast
from digiweb.views.base import GuardedView
from sync.forms.connection import ConnectionForm
from sync.models import Call, Connection
from sync.providers import Provider, all_providers, provider_named
from sync.services.connection import connection_of, disconnect, save_connection
from sync.services.integration import state_of, test_connection

MODULE = "sync.connection"
CRUMB = (gettext_lazy("Integrations"), "/settings/integrations/")
CALLS_SHOWN, OUTBOX_SHOWN = 50, 200
TESTS_A_MINUTE = 10


class IntegrationListView(GuardedView):
    """A card a service."""

    module = MODULE
    action = "view"

    def get(self, request: HttpRequest) -> HttpResponse:
        kept = {row.provider: row for row in Connection.objects.visible_to(request.user)}
        groups: dict[str, list[dict[str, Any]]] = {}
        for provider in all_providers():
            connection = kept.get(provider.name) or Connection(provider=provider.name)
            card = {
                "provider": provider,
                "connection": connection,
                "state": state_of(provider, connection),
                "url": reverse("sync:integration_detail", args=[provider.name]),
            }
            groups.setdefault(str(provider.group), []).append(card)
        context = {"groups": groups, "page_title": _("Integrations"), "outbox_url": reverse("sync:outbox")}
        return render(request, "sync/integrations.html", context)


class ProviderView(GuardedView):
    """A view of one service, by its name in the address."""

    module = MODULE
    action = "change"

    def provider(self) -> Provider:
        found = provider_named(self.kwargs["provider"])
        if found is None:
            raise Http404
        return found

    def back(self) -> HttpResponse:
        return HttpResponseRedirect(reverse("sync:integration_detail", args=[self.kwargs["provider"]]))


class IntegrationDetailView(ProviderView):
    """One service: its keys, its state, what was asked of it."""

    action = "view"

    def get(self, request: HttpRequest, provider: str) -> HttpResponse:
        return self.answer(self.form())

    def post(self, request: HttpRequest, provider: str) -> HttpResponse:
        user: Any = request.user
        if not user.can(self.module, "change"):
            return self.answer(self.form(), status=403)
        form = self.form(request.POST)
        if not form.is_valid():
            return self.answer(form, status=422)
        about = self.provider()
        try:
            save_connection(
                user=user,
                provider=about,
                settings=form.values(about.settings),
                secrets=form.values(about.secrets),
                active=form.cleaned_data["active"],
                version=form.cleaned_data["version"],
            )
        except StaleVersion:
            form.add_error(None, _("Somebody changed this connection meanwhile: look at it again."))
            return self.answer(form, status=409)
        toast(request, _("“%(record)s” is saved.") % {"record": about.label})
        return self.back()

    def form(self, data: Any = None) -> ConnectionForm:
        about = self.provider()
        return ConnectionForm(data, provider=about, connection=connection_of(about.name))

    def answer(self, form: ConnectionForm, status: int = 200) -> HttpResponse:
        about, user = form.provider, self.request.user
        calls = Call.objects.visible_to(user).filter(provider=about.name)
        context = {
            "provider": about,
            "connection": form.connection,
            "state": state_of(about, form.connection),
            "form": form,
            "calls": calls.select_related("user").order_by("-pk")[:CALLS_SHOWN],
            "can_change": user.can(MODULE, "change"),  # type: ignore[union-attr]
            "page_title": str(about.label),
            "breadcrumbs": [CRUMB],
        }
        return render(self.request, "sync/integration.html", context, status=status)


class IntegrationTestView(ProviderView):
    """Ask the service whether it works."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, provider: str) -> HttpResponse:
        about = self.provider()
        if not within_pace(request.user, "test", TESTS_A_MINUTE):
            toast(request, _("That is many questions at once: wait a minute."), level="error")
            return self.back()
        works, text = test_connection(user=request.user, provider=about, connection=connection_of(about.name))
        toast(request, text, level="success" if works else "error")
        return self.back()


class IntegrationDisconnectView(ProviderView):
    """Forget the keys; asks first."""

    def get(self, request: HttpRequest, provider: str) -> HttpResponse:
        about = self.provider()
        context = {
            "page_title": _("Disconnect “%(service)s”?") % {"service": about.label},
            "provider": about,
            "breadcrumbs": [CRUMB],
            "cancel_url": reverse("sync:integration_detail", args=[about.name]),
        }
        return render(request, "sync/disconnect.html", context)

    def post(self, request: HttpRequest, provider: str) -> HttpResponse:
        about = self.provider()
        connection = connection_of(about.name)
        if connection.pk:
            disconnect(user=request.user, connection=connection)
        toast(request, _("“%(service)s” is disconnected.") % {"service": about.label})
        return self.back()


class OutboxView(GuardedView):
    """What would have left if this were not the demo."""

    module = MODULE
    action = "view"

    def get(self, request: HttpRequest) -> HttpResponse:
        held = Call.objects.visible_to(request.user).filter(outcome=Call.Outcome.HELD).select_related("user")
        context = {
            "calls": held.order_by("-pk")[:OUTBOX_SHOWN],
            "page_title": _("Outbox"),
            "breadcrumbs": [CRUMB],
        }
        return render(request, "sync/outbox.html", context)

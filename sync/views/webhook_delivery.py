"""Pages of deliveries: what arrived, what became of it, and working it off once more."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from digiweb.bulk import BulkAction
from digiweb.paging import Sort
from digiweb.toasts import toast
from digiweb.views.base import RecordMixin
from digiweb.views.bulk import BulkView
from digiweb.views.list import ListView
from sync.bodies import shown_to
from sync.filters.webhook_delivery import WebhookDeliveryFilterSet
from sync.models import WebhookDelivery
from sync.services.webhook import replay_deliveries
from sync.tables.webhook_delivery import STATE_COLOURS, WebhookDeliveryTable, service_text

MODULE = "sync.webhook"
CRUMB = (gettext_lazy("Webhooks received"), "/sync/webhooks/")


def replay(*, user: Any, pks: Any, data: Any) -> None:
    replay_deliveries(user=user, pks=pks)


class WebhookListView(ListView):
    """All that arrived."""

    module = MODULE
    model = WebhookDelivery
    urls = "sync:webhook"
    title = gettext_lazy("Webhooks received")
    filterset_class = WebhookDeliveryFilterSet
    table = WebhookDeliveryTable
    sorts = (
        Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True),
        Sort("oldest", gettext_lazy("Oldest first"), ("id",)),
    )
    empty_text = gettext_lazy("Nothing has arrived yet: services call as soon as they are connected.")
    bulk_actions = (
        BulkAction(
            "replay",
            gettext_lazy("Replay"),
            "refresh",
            "change",
            replay,
            done_label=ngettext_lazy(
                "%(count)s delivery is worked off again.",
                "%(count)s deliveries are worked off again.",
                "count",
            ),
        ),
    )

    def rows_queryset(self) -> Any:
        """Bodies are read, and decrypted, on the page of one."""
        return self.visible().defer("body")


class WebhookBulkView(BulkView):
    """Many at once."""

    list_view = WebhookListView
    breadcrumbs = (CRUMB,)


class WebhookDetailView(RecordMixin):
    """A delivery with its body."""

    module = MODULE
    action = "view"
    model = WebhookDelivery
    breadcrumbs = (CRUMB,)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        delivery = self.get_object()
        user: Any = request.user
        context = {
            "delivery": delivery,
            "service": service_text(delivery),
            "colour": STATE_COLOURS[delivery.state],
            "body": json.dumps(shown_to(user, delivery.payload), ensure_ascii=False, indent=2),
            "made": delivery.made_for(user),
            "can_replay": user.can(MODULE, "change", delivery),
            "page_title": str(delivery),
            "breadcrumbs": self.get_breadcrumbs(),
        }
        return render(request, "sync/webhook/detail.html", context)


class WebhookReplayView(RecordMixin):
    """One delivery once more."""

    module = MODULE
    action = "change"
    model = WebhookDelivery
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        delivery = self.get_object()
        replay_deliveries(user=request.user, pks=[delivery.pk])
        toast(request, _("“%(delivery)s” is worked off again.") % {"delivery": delivery})
        return HttpResponseRedirect(delivery.get_absolute_url())

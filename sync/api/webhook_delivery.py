"""Deliveries in the API: list, read with the body, replay."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import RecordSerializer
from digiweb.api.views import ReadViewSet
from sync.bodies import shown_to
from sync.filters.webhook_delivery import WebhookDeliveryFilterSet
from sync.models import WebhookDelivery
from sync.services.webhook import replay_deliveries
from sync.views.webhook_delivery import WebhookListView


class WebhookDeliverySerializer(RecordSerializer):
    """A delivery; its body on `body/`, as its bytes are encrypted and read one by one."""

    class Meta:
        model = WebhookDelivery
        fields = [
            "id", "version", "provider", "event", "about", "size", "state", "error", "attempts",
            "worked_at", "made_type", "made_id", "created_at",
        ]  # fmt: skip
        read_only_fields = fields
        example: dict[str, Any] = {}
        example_read = {
            "id": 81, "version": 1, "provider": "aircall", "event": "call.ended", "about": "812",
            "size": 1420, "state": "done", "error": "", "attempts": 1,
            "worked_at": "2026-11-21T08:30:02Z", "made_type": "sync.phonecall", "made_id": 7,
            "created_at": "2026-11-21T08:30:00Z",
        }  # fmt: skip


class BodySerializer(serializers.Serializer):
    """What was sent."""

    body = serializers.JSONField(
        help_text=_("Secrets are dotted out, and numbers too for all but administrators.")
    )


class WebhookDeliveryViewSet(ReadViewSet):
    """Webhooks that arrived."""

    module = "sync.webhook"
    model = WebhookDelivery
    http_method_names = ["get", "head", "post"]
    serializer_class = WebhookDeliverySerializer
    filterset_class = WebhookDeliveryFilterSet
    sorts = WebhookListView.sorts
    rights = {**ReadViewSet.rights, "body": "view", "replay": "change"}
    bodiless_actions = ("replay",)
    title = _("Webhooks received")
    about = _("What services sent by themselves, and what became of it; a replay works it off once more.")
    summaries = {"body": _("Read the body"), "replay": _("Replay")}
    descriptions = {
        "body": _("What was sent, as JSON."),
        "replay": _("A worker works the delivery off once more; nothing is made twice."),
    }

    @extend_schema(responses=BodySerializer)
    @action(detail=True)
    def body(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response({"body": shown_to(request.user, self.get_object().payload)})

    @extend_schema(request=None, responses={202: WebhookDeliverySerializer})
    @action(detail=True, methods=["post"])
    @idempotent
    def replay(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        delivery = self.get_object()
        replay_deliveries(user=request.user, pks=[delivery.pk])
        return self.answer(self.fresh(delivery), status=status.HTTP_202_ACCEPTED)

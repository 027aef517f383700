"""Runs of the colleague's import in the API: list, read, start one."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.reverse import reverse

from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import RecordSerializer
from digiweb.api.views import ReadViewSet
from sync.filters.colleague_run import ColleagueRunFilterSet
from sync.models import ColleagueRun
from sync.services.colleague_run import start_run
from sync.views.colleague_run import RunListView


class RunSerializer(RecordSerializer):
    """A run: its state, its counts by kind, how far it read."""

    class Meta:
        model = ColleagueRun
        fields = [
            "id", "version", "origin", "user", "state", "error", "complete", "read", "created", "updated",
            "failed", "conflicts", "counts", "started_at", "ended_at", "created_at",
        ]  # fmt: skip
        read_only_fields = fields
        example: dict[str, Any] = {}
        example_read = {
            "id": 12, "version": 1, "origin": "clock", "user": None, "state": "done", "error": "",
            "complete": True, "read": 300, "created": 4, "updated": 11, "failed": 0, "conflicts": 0,
            "counts": {"contract": {"created": 4, "updated": 11, "unchanged": 730}},
            "started_at": "2026-11-21T08:05:01Z", "ended_at": "2026-11-21T08:05:04Z",
            "created_at": "2026-11-21T08:05:00Z",
        }  # fmt: skip


class RunViewSet(ReadViewSet):
    """Runs of the import."""

    module = "sync.run"
    model = ColleagueRun
    http_method_names = ["get", "head", "post"]
    serializer_class = RunSerializer
    filterset_class = ColleagueRunFilterSet
    sorts = RunListView.sorts
    rights = {**ReadViewSet.rights, "create": "create"}
    bodiless_actions = ("create",)
    title = _("Imports from the colleague’s system")
    about = _("Each reading of the colleague’s list; a POST starts one, or gives the one that is under way.")
    summaries = {"create": _("Start a run")}
    descriptions = {
        "create": _("A worker reads the whole list. Two never run at once: the run under way is answered.")
    }

    @extend_schema(request=None, responses={202: RunSerializer})
    @idempotent
    def create(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        try:
            run = start_run(user=request.user)
        except ValidationError as error:
            raise serializers.ValidationError({"detail": error.messages}) from error
        url = reverse(f"api:{self.basename}-detail", args=[run.pk], request=request)
        return self.answer(self.fresh(run), status=status.HTTP_202_ACCEPTED, headers={"Location": url})

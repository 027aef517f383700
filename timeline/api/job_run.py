"""Background jobs in the API: how far one is, and what came of it."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from digiweb.api.idempotency import idempotent
from digiweb.api.own import OwnRows
from digiweb.api.serializers import RecordSerializer
from digiweb.api.views import ReadViewSet
from digiweb.jobs import cancel, runs_for
from digiweb.views.timeline import NEWEST_FIRST
from timeline.models import JobRun


class JobRunSerializer(RecordSerializer):
    """One run of a job."""

    percent = serializers.IntegerField(read_only=True)

    class Meta:
        model = JobRun
        fields = [
            "id", "label", "state", "done", "total", "percent", "error", "url",
            "created_at", "started_at", "ended_at",
        ]  # fmt: skip
        read_only_fields = fields
        example_read = {
            "id": 61, "label": "Search for duplicates", "state": "running", "done": 3, "total": 6,
            "percent": 50, "error": "", "url": "/crm/duplicates/", "created_at": "2026-11-20T16:05:12Z",
            "started_at": "2026-11-20T16:05:13Z", "ended_at": None,
        }  # fmt: skip


class JobRunViewSet(OwnRows, ReadViewSet):
    """Jobs that the caller asked for; all of them for those whose role shows them."""

    model = JobRun
    serializer_class = JobRunSerializer
    http_method_names = ["get", "head", "post"]
    signed_in_actions = ("list", "retrieve", "cancel")
    bodiless_actions = ("cancel",)
    sorts = (NEWEST_FIRST,)
    title = _("Background jobs")
    about = _(
        "What you asked for that takes longer than a call: read it again until its state says how it ended."
    )
    summaries = {"cancel": _("Stop")}
    descriptions = {"cancel": _("Ends a job of your own; one that has ended stays as it is.")}

    def rows(self, action: str = "view") -> QuerySet:
        return runs_for(self.request.user)

    @extend_schema(request=None, responses=JobRunSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def cancel(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        mine = self.rows() if request.user.is_admin else self.rows().filter(user=request.user)
        run = mine.filter(pk=int(self.kwargs["pk"])).first()
        if run is None:
            raise Http404
        cancel(run)
        return self.answer(self.fresh(run))

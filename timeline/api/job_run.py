"""Background jobs in the API: how far one is, what came of it, its log; stopping it, having it done again."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from digiweb.api.errors import ProblemError
from digiweb.api.idempotency import idempotent
from digiweb.api.own import OwnRows
from digiweb.api.serializers import LabelField, MomentField, RecordSerializer
from digiweb.api.views import ReadViewSet
from digiweb.jobs import cancel, may_steer, retry, runs_for
from timeline.filters.job_run import JobRunFilterSet
from timeline.models import JobLine, JobRun
from timeline.views.job_run import JobRunListView

EXAMPLE = {
    "id": 61, "label": "Search for duplicates", "kind": "crm.jobs.find_duplicates",
    "kind_label": "Look for duplicates", "asked_by": 3, "asked_by_name": "Hugo Lefèvre", "state": "running",
    "done": 3, "total": 6, "percent": 50, "error": "", "url": "/crm/duplicates/",
    "created_at": "2026-11-20T16:05:12Z", "started_at": "2026-11-20T16:05:13Z", "ended_at": None,
}  # fmt: skip


class JobRunSerializer(RecordSerializer):
    """One run of a job."""

    kind = serializers.CharField(
        source="func", read_only=True, help_text=_("What kind of job, for machines.")
    )
    kind_label = serializers.CharField(read_only=True, help_text=_("What the pages call this kind."))
    asked_by = serializers.IntegerField(
        source="user_id", read_only=True, allow_null=True, help_text=_("Who; null for the schedule.")
    )
    asked_by_name = LabelField(source="user")
    percent = serializers.IntegerField(read_only=True)

    class Meta:
        model = JobRun
        fields = [
            "id", "label", "kind", "kind_label", "asked_by", "asked_by_name", "state", "done", "total",
            "percent", "error", "url", "created_at", "started_at", "ended_at",
        ]  # fmt: skip
        read_only_fields = fields
        example_read = EXAMPLE


class JobLineSerializer(serializers.Serializer):
    """One line of the log."""

    at = MomentField()
    level = serializers.ChoiceField(choices=JobLine.Level.choices)
    text = serializers.CharField()


class JobRunWholeSerializer(JobRunSerializer):
    """One run of a job with its log."""

    lines = JobLineSerializer(many=True, read_only=True)

    class Meta(JobRunSerializer.Meta):
        fields = [*JobRunSerializer.Meta.fields, "lines"]
        read_only_fields = fields
        example_read = {
            **EXAMPLE,
            "lines": [{"at": "2026-11-20T16:05:15Z", "level": "info", "text": "12 likely pairs to look at."}],
        }


class JobRunViewSet(OwnRows, ReadViewSet):
    """Jobs that the caller asked for; all of them for those whose role shows them."""

    model = JobRun
    serializer_class = JobRunSerializer
    filterset_class = JobRunFilterSet
    http_method_names = ["get", "head", "post"]
    signed_in_actions = ("list", "retrieve", "cancel", "retry")
    bodiless_actions = ("cancel", "retry")
    sorts = JobRunListView.sorts
    labels = {"user": ("first_name", "last_name", "email")}
    title = _("Background jobs")
    about = _(
        "What you asked for that takes longer than a call: read it again until its state says how it ended. "
        "Routine jobs that went well, such as messages sent, are listed with `routine=yes` only."
    )
    summaries = {"cancel": _("Stop"), "retry": _("Do it again")}
    descriptions = {
        "retrieve": _("The job with its log."),
        "cancel": _(
            "Ends a job of your own; by your role, any. One that has ended stays as it is; what it did stays."
        ),
        "retry": _(
            "Has a job that failed or was stopped done again, under its own number. 409 when it has not "
            "ended so, when the same job is under way already, or when it can no longer go on."
        ),
    }

    def rows(self, action: str = "view") -> QuerySet:
        return runs_for(self.request.user)

    @extend_schema(responses=JobRunWholeSerializer)
    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        run = self.get_object()
        lines = [
            {"at": MomentField().to_representation(line.at), "level": line.level, "text": line.text}
            for line in run.lines.all()
        ]
        return Response({**JobRunSerializer.represent(run), "lines": lines})

    @extend_schema(request=None, responses=JobRunSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def cancel(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        run = self.steered()
        cancel(run, user=request.user)
        return self.answer(self.fresh(run))

    @extend_schema(request=None, responses=JobRunSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def retry(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        run = self.steered()
        try:
            retry(run, user=request.user)
        except DjangoValidationError as error:
            raise ProblemError(409, " ".join(error.messages)) from None
        return self.answer(self.fresh(run))

    def steered(self) -> JobRun:
        """The run, for those who may stop it or have it done again; for anybody else it is not there."""
        run: JobRun | None = self.rows().filter(pk=int(self.kwargs["pk"])).first()
        if run is None or not may_steer(self.request.user, run):
            raise Http404
        return run

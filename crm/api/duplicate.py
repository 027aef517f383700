"""Likely duplicates in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.filters.duplicate import DuplicateFilterSet
from crm.models import DuplicatePair
from crm.models.duplicate import attach_records
from crm.services.duplicate import dismiss_pairs
from crm.views.duplicate import DuplicateListView, search_now
from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import ReadViewSet
from timeline.api.job_run import JobRunSerializer


class DuplicateSerializer(RecordSerializer):
    """Two records that are probably one and the same."""

    kind = serializers.ChoiceField(DuplicatePair.Kind.choices, source="subject_type", read_only=True)
    first = serializers.IntegerField(source="first_id", read_only=True)
    first_name = LabelField(source="first")
    second = serializers.IntegerField(source="second_id", read_only=True)
    second_name = LabelField(source="second")
    reason_label = serializers.CharField(read_only=True)

    class Meta:
        model = DuplicatePair
        fields = [
            "id", "version", "kind", "first", "first_name", "second", "second_name", "reason", "reason_label",
            "state", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields
        example_read = {
            "id": 31, "version": 1, "kind": "crm.contact", "first": 1042, "first_name": "Émilie Durand",
            "second": 1043, "second_name": "E. Durand", "reason": "email", "reason_label": "Same e-mail",
            "state": "open", "created_at": "2026-11-20T02:00:00Z", "updated_at": "2026-11-20T02:00:00Z",
        }  # fmt: skip


class DuplicateViewSet(ReadViewSet):
    """Pairs of which the person sees both records."""

    module = "crm.duplicate"
    model = DuplicatePair
    serializer_class = DuplicateSerializer
    http_method_names = ["get", "head", "post"]
    rights = {**ReadViewSet.rights, "dismiss": "change", "search": "change"}
    bodiless_actions = ("dismiss", "search")
    filterset_class = DuplicateFilterSet
    sorts = DuplicateListView.sorts
    title = _("Duplicates")
    about = _(
        "Pairs of contacts or companies that are probably one and the same, found every night; without a "
        "`state`, those still to look at. Merge one by `POST /api/v1/contacts/{id}/merge/`."
    )
    summaries = {"dismiss": _("Not the same"), "search": _("Search now")}
    descriptions = {
        "dismiss": _("The two are different: the pair is not suggested again."),
        "search": _("A worker looks for pairs; one search runs at a time. Follow it under `/api/v1/jobs/`."),
    }

    def prepare(self, records: Any) -> None:
        attach_records(records)
        for pair in records:
            pair.reason_label = str(pair.get_reason_display())

    @extend_schema(request=None, responses=DuplicateSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def dismiss(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        pair = self.get_object()
        dismiss_pairs(pks=[pair.pk])
        return self.answer(self.fresh(pair))

    @extend_schema(request=None, responses={202: JobRunSerializer})
    @action(detail=False, methods=["post"])
    @idempotent
    def search(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        run = search_now(request.user)
        return Response(JobRunSerializer.represent(run), status=status.HTTP_202_ACCEPTED)

"""Mandates in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import AskedSerializer, LabelField, RecordSerializer, asked
from digiweb.api.views import RecordViewSet
from sales.filters.mandate import MandateFilterSet
from sales.forms.mandate import MandateForm
from sales.models import Mandate
from sales.services.mandate import change_mandate, create_mandate, revoke_mandate
from sales.views.mandate import MandateListView


class MandateSerializer(RecordSerializer):
    """A mandate of SEPA direct debits."""

    client_name = LabelField(source="client")
    agency_name = LabelField(source="agency")

    class Meta:
        model = Mandate
        form = MandateForm
        fields = [
            "id", "version", "client", "client_name", "agency", "agency_name", "account", "rum", "signed_on",
            "scheme", "frequency", "notice_days", "status", "revoked_on", "revoked_because", "first_used_on",
            "last_used_on", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["status", "revoked_on", "revoked_because", "first_used_on", "last_used_on"]
        extra_kwargs = {"rum": {"required": False, "allow_blank": True}, "account": {"required": False}}
        example = {
            "client": 42,
            "agency": 1,
            "account": 7,
            "rum": "DF-000042",
            "signed_on": "2026-11-02",
            "scheme": "CORE",
            "frequency": "recurring",
            "notice_days": 14,
        }
        example_read = {
            "id": 5, "version": 1, "client_name": "Boulangerie Martin", "agency_name": "Digiflow Agency",
            "status": "active", "revoked_on": None, "revoked_because": "", "first_used_on": None,
            "last_used_on": None, "created_at": "2026-11-02T08:30:00Z", "updated_at": "2026-11-02T08:30:00Z",
        }  # fmt: skip


class RevokeSerializer(AskedSerializer):
    """Why."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)


class MandateViewSet(RecordViewSet):
    """Mandates within one's sight."""

    module = "sales.mandate"
    model = Mandate
    http_method_names = ["get", "head", "post", "patch"]
    serializer_class = MandateSerializer
    filterset_class = MandateFilterSet
    sorts = MandateListView.sorts
    rights = {**RecordViewSet.rights, "revoke": "change"}
    labels = {
        "client": ("company", "contact"),
        "client__company": ("name",),
        "client__contact": ("first_name", "last_name", "email", "phone", "mobile"),
        "agency": ("name", "trade_name"),
    }
    title = _("Mandates")
    about = _(
        "Mandates of SEPA direct debits, one in use for a client and an agency at a time. Left out, account "
        "is the client's that is in use, rum the next one of the client. Once a collection was made, what "
        "was signed stays: revoke it and write a new one down."
    )
    summaries = {"revoke": _("Revoke a mandate")}
    descriptions = {"revoke": _("No collection is made by it any more.")}

    def create_record(self, form: Any) -> Mandate:
        return create_mandate(user=self.request.user, mandate=form.instance)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_mandate(user=self.request.user, mandate=record, values=form.values(), version=version)

    @extend_schema(request=RevokeSerializer, responses=MandateSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def revoke(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        mandate = self.get_object()
        said = asked(RevokeSerializer, request)
        revoke_mandate(user=request.user, mandate=mandate, **said)
        return self.answer(self.fresh(mandate))

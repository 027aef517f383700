"""Clients in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.client_page import describe_health
from crm.filters.client import ClientFilterSet
from crm.forms.client import ClientForm
from crm.models import Client
from crm.services.client import change_client, create_client, delete_clients
from crm.views.client import ClientListView
from digiweb.api.examples import answered
from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import RecordViewSet


class ClientSerializer(RecordSerializer):
    """A company, or a person, that buys from us."""

    name = LabelField(source="who")
    company_name = LabelField(source="company")
    contact_name = LabelField(source="contact")
    owner_name = LabelField(source="owner")
    arr = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)

    class Meta:
        model = Client
        form = ClientForm
        fields = [
            "id", "version", "name", "company", "company_name", "contact", "contact_name", "status",
            "owner", "owner_name", "signed_on", "renewal_on", "mrr", "arr", "health", "upsell",
            "last_contact_at", "next_activity_at", "created_at", "updated_at",
        ]  # fmt: skip
        extra_kwargs = {"owner": {"required": False}}
        example = {
            "company": 12,
            "contact": 1042,
            "status": "active",
            "owner": 3,
            "signed_on": "2026-02-03",
            "renewal_on": "2027-02-03",
            "upsell": "Référencement naturel, 12 mois",
        }
        example_read = {
            "id": 87, "version": 2, "name": "Boulangerie Martin", "company_name": "Boulangerie Martin",
            "contact_name": "Émilie Durand", "owner_name": "Hugo Lefèvre", "mrr": "189.00", "arr": "2268.00",
            "health": 85, "last_contact_at": "2026-11-19T10:00:00Z",
            "next_activity_at": "2026-11-24T13:00:00Z",
            "created_at": "2026-02-03T08:30:00Z", "updated_at": "2026-11-20T16:05:12.345678Z",
        }  # fmt: skip


class HealthLineSerializer(serializers.Serializer):
    """A line of the health: which rule, in words, how many points."""

    rule = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    points = serializers.IntegerField()


class HealthSerializer(serializers.Serializer):
    """A health, the lines that add up to it, and what holds it within 0 and 100."""

    health = serializers.IntegerField()
    held = serializers.IntegerField()
    lines = HealthLineSerializer(many=True)


HEALTH = answered(
    {
        "health": 85,
        "held": 0,
        "lines": [
            {"rule": "start", "label": "Starting point", "points": 50},
            {"rule": "contact", "label": "Last contact on 19/11/2026", "points": 20},
            {"rule": "revenue", "label": "Recurring revenue every month", "points": 15},
        ],
    }
)


class ClientViewSet(RecordViewSet):
    """Clients, within one's sight."""

    module = "crm.client"
    model = Client
    serializer_class = ClientSerializer
    rights = {**RecordViewSet.rights, "health": "view"}
    filterset_class = ClientFilterSet
    sorts = ClientListView.sorts
    labels = {
        "company": ("name",),
        "contact": ("first_name", "last_name", "email", "phone", "mobile"),
        "owner": ("first_name", "last_name", "email"),
    }
    title = _("Clients")
    about = _(
        "Who buys from us: a company, or a person without one. A company is a client once; made of a "
        "contact, the client is that of their company. Monthly revenue (mrr), health and the dates of "
        "contact follow by themselves. A client with contracts cannot be deleted."
    )
    summaries = {"health": _("Health, line by line")}
    descriptions = {
        "health": _("What the health is made of: the points of the lines and `held` add up to it, always.")
    }

    def create_record(self, form: Any) -> Client:
        return create_client(user=self.request.user, client=form.instance)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_client(user=self.request.user, client=record, values=form.values(), version=version)

    def delete_record(self, record: Any) -> None:
        delete_clients(user=self.request.user, pks=[record.pk])

    @extend_schema(responses=HealthSerializer, examples=[HEALTH])
    @action(detail=True)
    def health(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        client = Client.objects.visible_to(request.user).get(pk=self.get_object().pk)
        described = describe_health(client)
        total = sum(line["points"] for line in described["lines"])
        lines = [{name: line[name] for name in ("rule", "label", "points")} for line in described["lines"]]
        return Response({"health": client.health, "held": client.health - total, "lines": lines})

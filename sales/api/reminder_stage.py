"""Stages of reminders and rates of penalties in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import RecordViewSet
from sales.filters.reminder_stage import PenaltyRateFilterSet, ReminderStageFilterSet
from sales.forms.reminder_stage import PenaltyRateForm, ReminderStageForm
from sales.models import PenaltyRate, ReminderStage
from sales.services.reminder_stage import (
    change_rate,
    change_stage,
    create_rate,
    create_stage,
    delete_rates,
    delete_stages,
)
from sales.views.reminder_stage import RateListView, StageListView


class ReminderStageSerializer(RecordSerializer):
    """When clients are reminded, and in which words."""

    agency_name = LabelField(source="agency")

    class Meta:
        model = ReminderStage
        form = ReminderStageForm
        fields = [
            "id", "version", "name", "agency", "agency_name", "days", "is_formal", "attaches_invoice",
            "tells_penalties", "is_active", "subject_fr", "body_fr", "subject_en", "body_en", "created_at",
            "updated_at",
        ]  # fmt: skip
        example = {
            "name": "Deuxième relance",
            "agency": None,
            "days": 8,
            "is_formal": False,
            "attaches_invoice": True,
            "tells_penalties": True,
            "is_active": True,
            "subject_fr": "Deuxième relance : facture {number}",
            "body_fr": "Bonjour {name},\n\nla facture {number} reste impayée : {left}.",
            "subject_en": "Second reminder: invoice {number}",
            "body_en": "Hello {name},\n\ninvoice {number} is still unpaid: {left}.",
        }
        example_read = {
            "id": 3, "version": 1, "agency_name": None,
            "created_at": "2026-01-05T08:30:00Z", "updated_at": "2026-01-05T08:30:00Z",
        }  # fmt: skip


class ReminderStageViewSet(RecordViewSet):
    """Stages: everybody's who may see agencies."""

    module = "sales.agency"
    model = ReminderStage
    serializer_class = ReminderStageSerializer
    filterset_class = ReminderStageFilterSet
    sorts = StageListView.sorts
    title = _("Stages of reminders")
    about = _(
        "How many days after (below nought: before) the due date a reminder leaves, and its words. An agency "
        "that has stages of its own uses those alone. One that reminders were sent by is not deleted (422): "
        "put it out of use."
    )

    def create_record(self, form: Any) -> ReminderStage:
        return create_stage(user=self.request.user, stage=form.instance)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_stage(user=self.request.user, stage=record, values=form.values(), version=version)

    def delete_record(self, record: Any) -> None:
        delete_stages(user=self.request.user, pks=[record.pk])


class PenaltyRateSerializer(RecordSerializer):
    """A rate that penalties are worked out of, from a day on."""

    class Meta:
        model = PenaltyRate
        form = PenaltyRateForm
        fields = ["id", "version", "kind", "valid_from", "percent", "source", "created_at", "updated_at"]
        example = {
            "kind": "legal",
            "valid_from": "2026-01-01",
            "percent": "2.62",
            "source": "Arrêté du 15 décembre 2025",
        }
        example_read = {
            "id": 14, "version": 1,
            "created_at": "2026-01-05T08:30:00Z", "updated_at": "2026-01-05T08:30:00Z",
        }  # fmt: skip


class PenaltyRateViewSet(RecordViewSet):
    """Rates: everybody's who may see agencies."""

    module = "sales.agency"
    model = PenaltyRate
    serializer_class = PenaltyRateSerializer
    filterset_class = PenaltyRateFilterSet
    sorts = RateListView.sorts
    title = _("Rates of penalties")
    about = _(
        "Percent a year, each from a day on. Penalties of a half-year take the rate of its first day: the "
        "European Central Bank's and 10 points, or three times the legal interest, as the agency says."
    )

    def create_record(self, form: Any) -> PenaltyRate:
        return create_rate(user=self.request.user, rate=form.instance)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_rate(user=self.request.user, rate=record, values=form.values(), version=version)

    def delete_record(self, record: Any) -> None:
        delete_rates(user=self.request.user, pks=[record.pk])

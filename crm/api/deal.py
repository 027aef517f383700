"""Deals in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.custom_value import CustomValuesField
from crm.filters.deal import DealFilterSet
from crm.forms.deal import DealForm
from crm.models import Deal
from crm.services.deal import change_deal, create_deal, delete_deals
from crm.services.deal_totals import Sums
from crm.views.deal import DealListView
from crm.views.deal_board import BoardSums
from digiweb.api.examples import answered
from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import RecordViewSet


class DealSerializer(RecordSerializer):
    """A sale under way, or ended."""

    company_name = LabelField(source="company")
    contact_name = LabelField(source="contact")
    owner_name = LabelField(source="owner")
    custom = CustomValuesField()

    class Meta:
        model = Deal
        form = DealForm
        fields = [
            "id", "version", "title", "company", "company_name", "contact", "contact_name", "stage",
            "stage_since", "amount", "own_probability", "probability", "expected_on", "postponed_count",
            "next_activity_at", "closed_on", "lost_reason", "lost_comment", "owner", "owner_name", "source",
            "last_activity_at", "tags", "custom", "created_at", "updated_at",
        ]  # fmt: skip
        extra_kwargs = {"owner": {"required": False}, "amount": {"required": False}}
        example = {
            "title": "Refonte du site",
            "company": 12,
            "contact": 1042,
            "stage": "proposal",
            "amount": "4800.00",
            "own_probability": 60,
            "expected_on": "2026-12-15",
            "lost_reason": "",
            "lost_comment": "",
            "closed_on": None,
            "owner": 3,
            "source": "Site web",
            "tags": [1],
            "custom": {"pages-prevues": "12"},
        }
        example_read = {
            "id": 318, "version": 4, "company_name": "Boulangerie Martin", "contact_name": "Émilie Durand",
            "owner_name": "Hugo Lefèvre", "stage_since": "2026-11-18T09:12:00Z", "probability": 60,
            "postponed_count": 1, "next_activity_at": "2026-11-24T13:00:00Z",
            "last_activity_at": "2026-11-18T09:12:00Z",
            "created_at": "2026-11-02T08:30:00Z", "updated_at": "2026-11-20T16:05:12.345678Z",
        }  # fmt: skip


class StageSumsSerializer(serializers.Serializer):
    """A column of the board."""

    stage = serializers.ChoiceField(Deal.Stage.choices)
    count = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    weighted = serializers.DecimalField(
        max_digits=18, decimal_places=2, help_text=_("The amounts by their probability.")
    )
    more = serializers.BooleanField(
        help_text=_(
            "Whether there are more deals than were added up, as other filters than owner and stage ask."
        )
    )


class BoardSerializer(serializers.Serializer):
    """The columns of the board, with their sums."""

    stages = StageSumsSerializer(many=True)


BOARD = answered(
    {
        "stages": [
            {"stage": "discovery", "count": 42, "amount": "184000.00", "weighted": "18400.00", "more": False},
            {"stage": "proposal", "count": 12, "amount": "96500.00", "weighted": "48250.00", "more": False},
        ]
    }
)


class DealViewSet(RecordViewSet):
    """Deals, within one's sight."""

    module = "crm.deal"
    model = Deal
    serializer_class = DealSerializer
    rights = {**RecordViewSet.rights, "board": "view"}
    filterset_class = DealFilterSet
    sorts = DealListView.sorts
    labels = {
        "company": ("name",),
        "contact": ("first_name", "last_name", "email", "phone", "mobile"),
        "owner": ("first_name", "last_name", "email"),
    }
    prefetch = ("tags",)
    title = _("Deals")
    about = _(
        "Sales under way or ended. To move a deal, PATCH its stage: moving it to “lost” takes a "
        "lost_reason, closed_on is set to today unless you send a day, and moving it back opens it again. "
        "The probability follows the stage unless own_probability is set. Left out on creation, the owner "
        "is you; only administrators change it."
    )
    summaries = {"board": _("Sums of the board")}
    descriptions = {
        "board": _("How many deals each stage has, what they are worth and that by probability, as filtered.")
    }

    def create_record(self, form: Any) -> Deal:
        return create_deal(user=self.request.user, deal=form.instance, tags=form.cleaned_data["tags"])

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_deal(
            user=self.request.user,
            deal=record,
            values=form.values(),
            version=version,
            tags=form.cleaned_data.get("tags"),
        )

    def delete_record(self, record: Any) -> None:
        delete_deals(user=self.request.user, pks=[record.pk])

    @extend_schema(filters=True, responses=BoardSerializer, examples=[BOARD])
    @action(detail=False, pagination_class=None)
    def board(self, request: Any) -> Response:
        board = BoardSums(request, "")
        if self.filterset is not None:
            board.filterset = self.filterset
        stages = [value for value, _label in board.kanban_choices()]
        sums = board.figures(stages)
        return Response({"stages": [described(stage, sums.get(stage, Sums())) for stage in stages]})


def described(stage: str, sums: Sums) -> dict[str, Any]:
    return {
        "stage": stage,
        "count": sums.number,
        "amount": f"{sums.amount:.2f}",
        "weighted": f"{sums.weighted:.2f}",
        "more": sums.capped,
    }

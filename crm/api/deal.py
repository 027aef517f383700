"""Deals in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.filters.deal import DealFilterSet
from crm.forms.deal import DealForm
from crm.models import Deal
from crm.services.deal import change_deal, create_deal, delete_deals
from crm.views.deal import DealListView
from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import RecordViewSet


class DealSerializer(RecordSerializer):
    """A sale under way, or ended."""

    company_name = LabelField(source="company")
    contact_name = LabelField(source="contact")
    owner_name = LabelField(source="owner")

    class Meta:
        model = Deal
        form = DealForm
        fields = [
            "id", "version", "title", "company", "company_name", "contact", "contact_name", "stage",
            "stage_since", "amount", "own_probability", "probability", "expected_on", "postponed_count",
            "next_activity_at", "closed_on", "lost_reason", "lost_comment", "owner", "owner_name", "tags",
            "created_at", "updated_at",
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
            "tags": [1],
        }
        example_read = {
            "id": 318, "version": 4, "company_name": "Boulangerie Martin", "contact_name": "Émilie Durand",
            "owner_name": "Hugo Lefèvre", "stage_since": "2026-11-18T09:12:00Z", "probability": 60,
            "postponed_count": 1, "next_activity_at": "2026-11-24T13:00:00Z",
            "created_at": "2026-11-02T08:30:00Z", "updated_at": "2026-11-20T16:05:12.345678Z",
        }  # fmt: skip


class DealViewSet(RecordViewSet):
    """Deals, within one's sight."""

    module = "crm.deal"
    model = Deal
    serializer_class = DealSerializer
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

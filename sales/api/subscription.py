"""Subscriptions in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import RecordViewSet
from sales.filters.subscription import SubscriptionFilterSet
from sales.forms.subscription import SubscriptionForm
from sales.models import Subscription
from sales.services.subscription import change_subscription, create_subscription, delete_subscriptions
from sales.views.subscription import SubscriptionListView


class SubscriptionSerializer(RecordSerializer):
    """What a client pays for by the month."""

    client_name = LabelField(source="client")
    offer_name = LabelField(source="offer")

    class Meta:
        model = Subscription
        form = SubscriptionForm
        fields = [
            "id", "version", "client", "client_name", "offer", "offer_name", "label", "monthly_amount",
            "status", "started_on", "ended_on", "created_at", "updated_at",
        ]  # fmt: skip
        extra_kwargs = {
            "label": {"required": False, "allow_blank": True},
            "monthly_amount": {"required": False},
        }
        example = {
            "client": 42,
            "offer": 9,
            "label": "Maintenance",
            "monthly_amount": "49.00",
            "status": "active",
            "started_on": "2026-02-01",
            "ended_on": None,
        }
        example_read = {
            "id": 77, "version": 1, "client_name": "Boulangerie Martin", "offer_name": "Maintenance",
            "created_at": "2026-02-01T08:30:00Z", "updated_at": "2026-02-01T08:30:00Z",
        }  # fmt: skip


class SubscriptionViewSet(RecordViewSet):
    """Subscriptions, within one's sight."""

    module = "sales.subscription"
    model = Subscription
    serializer_class = SubscriptionSerializer
    filterset_class = SubscriptionFilterSet
    sorts = SubscriptionListView.sorts
    labels = {
        "client": ("company", "contact"),
        "client__company": ("name",),
        "client__contact": ("first_name", "last_name", "email", "phone", "mobile"),
        "offer": ("name",),
    }
    title = _("Subscriptions")
    about = _(
        "What clients pay for by the month; the active ones make a client's mrr. Left out, label and "
        "monthly_amount are the offer's. With an ended_on to come, a subscription ends by itself the night "
        "after."
    )

    def create_record(self, form: Any) -> Subscription:
        return create_subscription(user=self.request.user, subscription=form.instance)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_subscription(
            user=self.request.user, subscription=record, values=form.values(), version=version
        )

    def delete_record(self, record: Any) -> None:
        delete_subscriptions(user=self.request.user, pks=[record.pk])

"""Offers in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from digiweb.api.serializers import RecordSerializer
from digiweb.api.views import RecordViewSet
from sales.filters.offer import OfferFilterSet
from sales.forms.offer import FEATURE_LENGTH, MOST_FEATURES, OfferForm
from sales.models import Offer
from sales.services.offer import change_offer, create_offer, delete_offers
from sales.views.offer import OfferListView


class OfferSerializer(RecordSerializer):
    """A product of the catalogue."""

    features = serializers.ListField(
        child=serializers.CharField(max_length=FEATURE_LENGTH), max_length=MOST_FEATURES, required=False
    )

    class Meta:
        model = Offer
        form = OfferForm
        fields = [
            "id", "version", "name", "category", "description", "features", "price", "monthly_price",
            "vat_rate", "is_popular", "is_active", "created_at", "updated_at",
        ]  # fmt: skip
        extra_kwargs = {name: {"required": False} for name in ("price", "monthly_price", "vat_rate")}
        example = {
            "name": "Site vitrine",
            "category": "web",
            "description": "Un site clair, rapide et bien référencé.",
            "features": ["8 pages", "Formulaire de contact", "Mise en ligne comprise"],
            "price": "2900.00",
            "monthly_price": "49.00",
            "vat_rate": "20.00",
            "is_popular": True,
            "is_active": True,
        }
        example_read = {
            "id": 2, "version": 3,
            "created_at": "2026-01-05T08:30:00Z", "updated_at": "2026-09-14T16:05:12.345678Z",
        }  # fmt: skip


class OfferViewSet(RecordViewSet):
    """Offers: everybody's who may see them."""

    module = "sales.offer"
    model = Offer
    serializer_class = OfferSerializer
    filterset_class = OfferFilterSet
    sorts = OfferListView.sorts
    title = _("Offers")
    about = _(
        "What the agency sells, once, by the month, or both. An offer on contracts or subscriptions cannot "
        "be deleted; with is_active false it is offered no more and stays where it stands."
    )

    def create_record(self, form: Any) -> Offer:
        return create_offer(user=self.request.user, offer=form.instance)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_offer(user=self.request.user, offer=record, values=form.values(), version=version)

    def delete_record(self, record: Any) -> None:
        delete_offers(user=self.request.user, pks=[record.pk])

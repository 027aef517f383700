"""Agencies in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from digiweb.api.serializers import RecordSerializer
from digiweb.api.views import RecordViewSet
from sales.filters.agency import AgencyFilterSet
from sales.forms.agency import AgencyForm
from sales.models import Agency
from sales.services.agency import change_agency, create_agency, delete_agencies
from sales.views.agency import AgencyListView


class AgencySerializer(RecordSerializer):
    """A firm in whose name documents are made; its bank details are on its page alone."""

    class Meta:
        model = Agency
        form = AgencyForm
        fields = [
            "id", "version", "name", "trade_name", "code", "legal_form", "capital", "siren", "siret",
            "register", "naf_code", "vat_number", "vat_regime", "vat_on_debits", "address", "postcode",
            "city", "country", "email", "phone", "website", "colour", "quote_days", "payment_days",
            "deposit_percent", "penalty_rule", "fiscal_month", "is_active", "created_at", "updated_at",
        ]  # fmt: skip
        extra_kwargs = {
            name: {"required": False} for name in ("capital", "deposit_percent", "country", "penalty_rule")
        }
        example = {
            "name": "Digiflow Agency SAS",
            "trade_name": "Digiflow Agency",
            "code": "DF",
            "legal_form": "SAS",
            "capital": "10000.00",
            "siren": "732829320",
            "siret": "73282932000074",
            "register": "RCS Lyon",
            "naf_code": "62.01Z",
            "vat_number": "FR44732829320",
            "vat_regime": "normal",
            "vat_on_debits": False,
            "address": "12 rue de la République",
            "postcode": "69002",
            "city": "Lyon",
            "country": "FR",
            "email": "bonjour@digiflow.test",
            "phone": "+33465710101",
            "website": "https://digiflow.test",
            "colour": "#3b3a9e",
            "quote_days": 30,
            "payment_days": 30,
            "deposit_percent": "30.00",
            "penalty_rule": "ecb",
            "fiscal_month": 1,
            "is_active": True,
        }
        example_read = {
            "id": 1, "version": 2,
            "created_at": "2026-01-05T08:30:00Z", "updated_at": "2026-09-14T16:05:12.345678Z",
        }  # fmt: skip


class AgencyViewSet(RecordViewSet):
    """Agencies: everybody's who may see them."""

    module = "sales.agency"
    model = Agency
    serializer_class = AgencySerializer
    filterset_class = AgencyFilterSet
    sorts = AgencyListView.sorts
    title = _("Agencies")
    about = _(
        "The firms in whose names quotes and invoices are made. One that has documents is never deleted."
    )

    def create_record(self, form: Any) -> Agency:
        return create_agency(user=self.request.user, agency=form.instance)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_agency(user=self.request.user, agency=record, values=form.values(), version=version)

    def delete_record(self, record: Any) -> None:
        delete_agencies(user=self.request.user, pks=[record.pk])

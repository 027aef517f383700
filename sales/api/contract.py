"""Contracts in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import RecordViewSet
from sales.filters.contract import ContractFilterSet
from sales.forms.contract import ContractForm
from sales.models import Contract, ContractLine
from sales.services.contract import change_contract, create_contract, delete_contracts
from sales.services.contract_lines import as_values
from sales.views.contract import ContractListView


class ContractLineSerializer(serializers.ModelSerializer):
    """A line of a contract."""

    class Meta:
        model = ContractLine
        fields = ["label", "quantity", "unit_amount", "vat_rate", "period"]


@extend_schema_field(ContractLineSerializer(many=True))
class LinesField(serializers.JSONField):
    """The lines in their order; sent, they take the place of those that were there."""

    def __init__(self, **kwargs: Any) -> None:
        text = _(
            "In their order. Sent, they take the place of all that were there, and the amount is theirs."
        )
        super().__init__(**{"required": False, "help_text": text, **kwargs})

    def get_attribute(self, instance: Any) -> Any:
        return [
            {
                "label": line["label"],
                "quantity": f"{line['quantity']:.2f}",
                "unit_amount": f"{line['unit_amount']:.2f}",
                "vat_rate": f"{line['vat_rate']:.2f}",
                "period": line["period"],
            }
            for line in as_values(instance.lines.all())
        ]

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list):
            raise ValidationError(_("Give a list of lines."))
        return data


class ContractSerializer(RecordSerializer):
    """What a client signed."""

    client_name = LabelField(source="client")
    offer_name = LabelField(source="offer")
    owner_name = LabelField(source="owner")
    lines = LinesField()

    class Meta:
        model = Contract
        form = ContractForm
        fields = [
            "id", "version", "reference", "description", "client", "client_name", "owner", "owner_name",
            "offer", "offer_name", "subscription", "supplier", "kind", "status", "status_text", "amount",
            "lines", "signed_on", "validated_on", "starts_on", "ends_on", "termination_reason",
            "payment_method", "withdrawal_day", "document_path", "audit_trail_path", "absent_since",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["status_text", "absent_since"]
        extra_kwargs = {"reference": {"required": False, "allow_blank": True}, "amount": {"required": False}}
        example = {
            "reference": "DFA-2026-0142",
            "description": "",
            "client": 42,
            "owner": 3,
            "offer": 2,
            "subscription": None,
            "supplier": "",
            "kind": "",
            "status": "signed",
            "lines": [
                {
                    "label": "Site vitrine, 8 pages", "quantity": "1.00", "unit_amount": "3200.00",
                    "vat_rate": "20.00", "period": "once",
                },
                {
                    "label": "Maintenance", "quantity": "1.00", "unit_amount": "49.00", "vat_rate": "20.00",
                    "period": "month",
                },
            ],
            "signed_on": "2026-11-03",
            "validated_on": None,
            "starts_on": "2026-11-15",
            "ends_on": "2027-11-14",
            "termination_reason": "",
            "payment_method": "debit",
            "withdrawal_day": 5,
            "document_path": "/contrats/2026/DFA-2026-0142.pdf",
            "audit_trail_path": "",
        }  # fmt: skip
        example_read = {
            "id": 142, "version": 2, "client_name": "Boulangerie Martin", "offer_name": "Site vitrine",
            "owner_name": "Hugo Lefèvre", "amount": "3788.00", "status_text": "", "absent_since": None,
            "created_at": "2026-11-02T08:30:00Z", "updated_at": "2026-11-03T16:05:12.345678Z",
        }  # fmt: skip


class ContractViewSet(RecordViewSet):
    """Contracts, within one's sight."""

    module = "sales.contract"
    model = Contract
    serializer_class = ContractSerializer
    filterset_class = ContractFilterSet
    sorts = ContractListView.sorts
    labels = {
        "client": ("company", "contact"),
        "client__company": ("name",),
        "client__contact": ("first_name", "last_name", "email", "phone", "mobile"),
        "offer": ("name",),
        "owner": ("first_name", "last_name", "email"),
    }
    prefetch = ("lines",)
    title = _("Contracts")
    about = _(
        "What clients signed. With lines, the amount is their sum over the contract (a year without an end); "
        "without, the one that is sent. A status brings its day when none is sent; terminating takes a "
        "termination_reason. Left out on creation, the reference is the next one of the year and the owner "
        "the client's. A status that the colleague's system uses and we do not know is “unknown”, its words "
        "are in status_text."
    )

    def create_record(self, form: Any) -> Contract:
        return create_contract(
            user=self.request.user, contract=form.instance, lines=form.cleaned_data.get("lines")
        )

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_contract(
            user=self.request.user,
            contract=record,
            values=form.values(),
            version=version,
            lines=form.cleaned_data.get("lines"),
        )

    def delete_record(self, record: Any) -> None:
        delete_contracts(user=self.request.user, pks=[record.pk])

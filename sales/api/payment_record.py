"""Payments in the API: read only, as on the pages."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.serializers import ChoiceField

from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import ReadViewSet
from sales.filters.payment_record import PaymentRecordFilterSet
from sales.models import Contract, PaymentRecord
from sales.views.payment_record import PaymentRecordListView


class PaymentRecordSerializer(RecordSerializer):
    """A payment that another system told us of."""

    client_name = LabelField(source="client")
    contract_reference = LabelField(source="contract")
    # Named here because the schema of a column that is only read forgets that it may be empty.
    method = ChoiceField(Contract.PaymentMethod.choices, allow_blank=True, read_only=True)

    class Meta:
        model = PaymentRecord
        fields = [
            "id", "version", "client", "client_name", "contract", "contract_reference", "reference",
            "paid_on", "amount", "method", "status", "status_text", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields
        example: dict[str, Any] = {}
        example_read = {
            "id": 812, "version": 1, "client": 42, "client_name": "Boulangerie Martin", "contract": 17,
            "contract_reference": "CT-2026-0017", "reference": "PAY-2026-11-0042", "paid_on": "2026-11-05",
            "amount": "89.00", "method": "debit", "status": "paid", "status_text": "",
            "created_at": "2026-11-05T06:00:00Z", "updated_at": "2026-11-05T06:00:00Z",
        }  # fmt: skip


class PaymentRecordViewSet(ReadViewSet):
    """Payments within one's sight."""

    module = "sales.paymentrecord"
    model = PaymentRecord
    http_method_names = ["get", "head"]
    serializer_class = PaymentRecordSerializer
    filterset_class = PaymentRecordFilterSet
    sorts = PaymentRecordListView.sorts
    labels = {
        "client": (),
        "client__company": ("name",),
        "client__contact": ("first_name", "last_name", "email", "phone", "mobile"),
        "contract": ("reference",),
    }
    title = _("Payments")
    about = _("What clients paid, or were asked to, as other systems tell it: an import writes them.")

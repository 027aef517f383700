"""Payments (« règlements ») in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import AskedSerializer, LabelField, RecordSerializer, asked
from digiweb.api.views import RecordViewSet
from sales.filters.payment import PaymentFilterSet
from sales.forms.payment_api import PaymentApiForm
from sales.models import Invoice, Payment, PaymentMatch
from sales.services.payment import (
    match_payment,
    record_payment,
    return_payment,
    undo_payment,
    unmatch_payment,
)
from sales.views.payment import PaymentListView


class PaymentMatchSerializer(serializers.ModelSerializer):
    """How much of a payment is for which invoice."""

    class Meta:
        model = PaymentMatch
        fields = ["invoice", "amount"]


@extend_schema_field(PaymentMatchSerializer(many=True))
class MatchesJSONField(serializers.JSONField):
    """The invoices that it was set against; sent only when it is recorded."""

    def __init__(self, **kwargs: Any) -> None:
        text = _("The invoices that it is for; what is left stays as credit of the client.")
        super().__init__(**{"required": False, "help_text": text, **kwargs})

    def get_attribute(self, instance: Any) -> Any:
        rows = sorted(instance.matches.all(), key=lambda match: match.pk)
        return [{"invoice": match.invoice_id, "amount": f"{match.amount:.2f}"} for match in rows]


class PaymentSerializer(RecordSerializer):
    """Money that came in or was paid back."""

    client_name = LabelField(source="client")
    owner_name = LabelField(source="owner")
    matches = MatchesJSONField()

    class Meta:
        model = Payment
        form = PaymentApiForm
        fields = [
            "id", "version", "agency", "client", "client_name", "payer", "owner", "owner_name", "kind",
            "received_on", "amount", "method", "reference", "note", "matched", "left", "matches", "refunds",
            "undoes", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["owner", "matched", "left", "undoes"]
        extra_kwargs = {name: {"required": False} for name in ("agency", "received_on", "kind")}
        example = {
            "agency": 1, "client": 42, "payer": "Boulangerie Martin", "kind": "receipt",
            "received_on": "2026-11-20", "amount": "1200.00", "method": "transfer",
            "reference": "VIR MARTIN FA-DF-2026-00042", "note": "",
            "matches": [{"invoice": 142, "amount": "1200.00"}], "refunds": None,
        }  # fmt: skip
        example_read = {
            "id": 77, "version": 1, "client_name": "Boulangerie Martin", "owner": 3,
            "owner_name": "Hugo Lefèvre", "matched": "1200.00", "left": "0.00", "undoes": None,
            "created_at": "2026-11-21T08:30:00Z", "updated_at": "2026-11-21T08:30:00Z",
        }  # fmt: skip


class MatchSerializer(AskedSerializer):
    """Against which invoice."""

    invoice = serializers.IntegerField(min_value=1)
    amount = serializers.DecimalField(
        max_digits=14, decimal_places=2, required=False, help_text=_("Left out: as much as both allow.")
    )


class UnmatchSerializer(AskedSerializer):
    """Off which invoice."""

    invoice = serializers.IntegerField(min_value=1)


class UndoSerializer(AskedSerializer):
    """When, and why."""

    on = serializers.DateField()
    reason = serializers.CharField(max_length=300)


class PaymentViewSet(RecordViewSet):
    """Payments within one's sight."""

    module = "sales.payment"
    model = Payment
    http_method_names = ["get", "head", "post"]
    serializer_class = PaymentSerializer
    filterset_class = PaymentFilterSet
    sorts = PaymentListView.sorts
    rights = {
        **RecordViewSet.rights,
        "match": "change",
        "unmatch": "change",
        "give_back": "change",
        "undo": "change",
    }
    labels = {
        "client": (),
        "client__company": ("name",),
        "client__contact": ("first_name", "last_name", "email", "phone", "mobile"),
        "owner": ("first_name", "last_name", "email"),
    }
    prefetch = ("matches",)
    title = _("Settlements")
    about = _(
        "What clients paid and what was paid back to them. A payment is never changed nor deleted: …/undo/ "
        "and …/return/ write one the other way, which opens its invoices again. Money paid back says "
        "of what: of credit notes (matches) or of an over-payment (refunds)."
    )
    summaries = {
        "match": _("Set against an invoice"),
        "unmatch": _("Take off an invoice"),
        "give_back": _("Returned by the bank"),
        "undo": _("Undo a payment"),
    }

    def create_record(self, form: Any) -> Payment:
        data = form.cleaned_data
        return record_payment(user=self.request.user, **{name: data[name] for name in form.fields})

    def invoice(self, number: int) -> Invoice:
        found: Invoice | None = Invoice.objects.visible_to(self.request.user).filter(pk=number).first()
        if found is None:
            raise ValidationError({"invoice": [_("There is no such invoice.")]})
        return found

    @extend_schema(request=MatchSerializer, responses=PaymentSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def match(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        payment = self.get_object()
        said = asked(MatchSerializer, request)
        match_payment(
            user=request.user,
            payment=payment,
            invoice=self.invoice(said["invoice"]),
            amount=said.get("amount"),
        )
        return self.answer(self.fresh(payment))

    @extend_schema(request=UnmatchSerializer, responses=PaymentSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def unmatch(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        payment = self.get_object()
        said = asked(UnmatchSerializer, request)
        unmatch_payment(user=request.user, payment=payment, invoice=self.invoice(said["invoice"]))
        return self.answer(self.fresh(payment))

    @extend_schema(request=UndoSerializer, responses=PaymentSerializer)
    @action(detail=True, methods=["post"], url_path="return")
    @idempotent
    def give_back(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        payment = self.get_object()
        said = asked(UndoSerializer, request)
        made = return_payment(
            user=request.user, payment=payment, returned_on=said["on"], reason=said["reason"]
        )
        return self.answer(self.fresh(made))

    @extend_schema(request=UndoSerializer, responses=PaymentSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def undo(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        payment = self.get_object()
        said = asked(UndoSerializer, request)
        return self.answer(self.fresh(undo_payment(user=request.user, payment=payment, **said)))

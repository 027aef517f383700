"""Commissions in the API: statements and their verbs, lines, rates."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from digiweb.api.examples import sent
from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import AskedSerializer, LabelField, RecordSerializer, asked
from digiweb.api.views import ReadViewSet, RecordViewSet
from sales.filters.commission import CommissionFilterSet, CommissionLineFilterSet, CommissionRateFilterSet
from sales.forms.commission import CommissionRateForm
from sales.models import CommissionLine, CommissionRate, CommissionStatement
from sales.services.commission import adjust_statement
from sales.services.commission_closing import close_statement, pay_statement, unpay_statement
from sales.services.commission_rate import change_rate, create_rate, delete_rates
from sales.views.commission import CommissionLineListView, CommissionListView
from sales.views.commission_rate import CommissionRateListView

PERSON = ("first_name", "last_name", "email")


class CommissionSerializer(RecordSerializer):
    """What a person earned in a month."""

    person_name = LabelField(source="person")

    class Meta:
        model = CommissionStatement
        fields = [
            "id", "version", "person", "person_name", "month", "status", "number", "earned", "taken_back",
            "adjusted", "total", "closed_at", "paid_on", "mailed_at", "pdf_sha256", "created_at",
            "updated_at",
        ]  # fmt: skip
        read_only_fields = fields
        example: dict[str, Any] = {}
        example_read = {
            "id": 12, "version": 4, "person": 3, "person_name": "Hugo Lefèvre", "month": "2026-10-01",
            "status": "closed", "number": "RC-2026-00012", "earned": "640.00", "taken_back": "160.00",
            "adjusted": "50.00", "total": "530.00", "closed_at": "2026-11-02T09:12:00Z", "paid_on": None,
            "mailed_at": "2026-11-02T09:12:08Z", "pdf_sha256": "9f2c" * 16,
            "created_at": "2026-10-01T04:30:00Z", "updated_at": "2026-11-02T09:12:08Z",
        }  # fmt: skip


class CloseStatementSerializer(AskedSerializer):
    """The total that was looked at; another one by now is refused."""

    total = serializers.DecimalField(max_digits=14, decimal_places=2, required=False)


class AdjustStatementSerializer(AskedSerializer):
    """An amount by hand, below nought to take away, and why."""

    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    note = serializers.CharField(max_length=300)


class PayStatementSerializer(AskedSerializer):
    """When it was paid out; today where nothing is said."""

    paid_on = serializers.DateField(required=False)


class CommissionViewSet(ReadViewSet):
    """Statements within one's sight; services count them."""

    module = "sales.commission"
    model = CommissionStatement
    http_method_names = ["get", "head", "post"]
    serializer_class = CommissionSerializer
    filterset_class = CommissionFilterSet
    sorts = CommissionListView.sorts
    labels = {"person": PERSON}
    rights = {**ReadViewSet.rights, "close": "change", "adjust": "change", "pay": "change", "unpay": "change"}
    bodiless_actions = ("unpay",)
    title = _("Commissions")
    about = _(
        "What people earn on their sales, a statement a month. A draft follows the sales; closed, it has a "
        "number and a PDF with its SHA-256, and is not changed any more. Closing, adjusting and paying take "
        "the right to change."
    )
    summaries = {
        "close": _("Close a statement"),
        "adjust": _("Adjust a draft by hand"),
        "pay": _("Mark a statement as paid"),
        "unpay": _("Take the mark of payment back"),
    }
    descriptions = {
        "close": _("Of a month that is over, the earliest first; counted a last time, numbered, sent."),
        "adjust": _("With the reason, which stands on the statement. Nobody adjusts their own."),
        "pay": _("Only a closed statement, on a day that is not to come."),
        "unpay": _("It is closed and unpaid again."),
    }

    @extend_schema(
        request=CloseStatementSerializer, responses=CommissionSerializer, examples=[sent({"total": "530.00"})]
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def close(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        statement = self.get_object()
        close_statement(user=request.user, statement=statement, **asked(CloseStatementSerializer, request))
        return self.answer(self.fresh(statement))

    @extend_schema(
        request=AdjustStatementSerializer,
        responses=CommissionSerializer,
        examples=[sent({"amount": "-120.00", "note": "Avance déjà versée."})],
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def adjust(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        statement = self.get_object()
        adjust_statement(user=request.user, statement=statement, **asked(AdjustStatementSerializer, request))
        return self.answer(self.fresh(statement))

    @extend_schema(
        request=PayStatementSerializer,
        responses=CommissionSerializer,
        examples=[sent({"paid_on": "2026-11-05"})],
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def pay(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        statement = self.get_object()
        on = asked(PayStatementSerializer, request).get("paid_on")
        pay_statement(user=request.user, statement=statement, on=on)
        return self.answer(self.fresh(statement))

    @extend_schema(request=None, responses=CommissionSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def unpay(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        statement = self.get_object()
        unpay_statement(user=request.user, statement=statement)
        return self.answer(self.fresh(statement))


class CommissionLineSerializer(RecordSerializer):
    """A line of a statement."""

    person_name = LabelField(source="person")
    # Empty where nothing was taken back.
    cause = serializers.ChoiceField(choices=CommissionLine.Cause.choices, allow_blank=True, read_only=True)

    class Meta:
        model = CommissionLine
        fields = [
            "id", "version", "statement", "person", "person_name", "month", "kind", "cause", "sold_on",
            "label", "contract", "deal", "basis", "value", "base", "amount", "note", "created_at",
            "updated_at",
        ]  # fmt: skip
        read_only_fields = fields
        example: dict[str, Any] = {}
        example_read = {
            "id": 812, "version": 1, "statement": 12, "person": 3, "person_name": "Hugo Lefèvre",
            "month": "2026-10-01", "kind": "sale", "cause": "", "sold_on": "2026-10-14",
            "label": "CT-2026-0142 · Boulangerie Martin", "contract": 142, "deal": None, "basis": "percent",
            "value": "5.00", "base": "3200.00", "amount": "160.00", "note": "",
            "created_at": "2026-10-15T01:25:00Z", "updated_at": "2026-10-15T01:25:00Z",
        }  # fmt: skip


class CommissionLineViewSet(ReadViewSet):
    """Lines within one's sight."""

    module = "sales.commission"
    model = CommissionLine
    http_method_names = ["get", "head"]
    serializer_class = CommissionLineSerializer
    filterset_class = CommissionLineFilterSet
    sorts = CommissionLineListView.sorts
    labels = {"person": PERSON}
    title = _("Lines of commissions")
    about = _("What each sale earned, what was taken back of it, and what was adjusted by hand.")


class CommissionRateSerializer(RecordSerializer):
    """What a sale earns."""

    offer_name = LabelField(source="offer")
    person_name = LabelField(source="person")

    class Meta:
        model = CommissionRate
        form = CommissionRateForm
        fields = [
            "id", "version", "offer", "offer_name", "person", "person_name", "part", "basis", "value",
            "starts_on", "ends_on", "created_at", "updated_at",
        ]  # fmt: skip
        example = {
            "offer": 2, "person": None, "part": "all", "basis": "percent", "value": "5.00",
            "starts_on": "2026-01-01", "ends_on": None,
        }  # fmt: skip
        example_read = {
            "id": 4, "version": 1, "offer_name": "Site vitrine", "person_name": None,
            "created_at": "2026-01-05T08:30:00Z", "updated_at": "2026-01-05T08:30:00Z",
        }  # fmt: skip


class CommissionRateViewSet(RecordViewSet):
    """Rates: everybody's who may see them."""

    module = "sales.commissionrate"
    model = CommissionRate
    serializer_class = CommissionRateSerializer
    filterset_class = CommissionRateFilterSet
    sorts = CommissionRateListView.sorts
    labels = {"offer": ("name",), "person": PERSON}
    title = _("Commission rates")
    about = _(
        "Percent of the amount before tax or a fixed amount, on one offer or any, for one person or all, "
        "from a day on. The most particular one that holds on the day of the sale counts; what is closed "
        "keeps its own."
    )

    def create_record(self, form: Any) -> CommissionRate:
        return create_rate(user=self.request.user, rate=form.instance)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_rate(user=self.request.user, rate=record, values=form.values(), version=version)

    def delete_record(self, record: Any) -> None:
        delete_rates(user=self.request.user, pks=[record.pk])

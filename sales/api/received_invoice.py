"""Received invoices in the API: sent in, listed, read, downloaded, decided on."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.reverse import reverse

from digiweb.api.errors import ProblemError
from digiweb.api.idempotency import idempotent
from digiweb.api.serializers import AskedSerializer, LabelField, RecordSerializer, asked
from digiweb.api.views import RecordViewSet
from digiweb.sending import send_file
from sales.filters.received_invoice import ReceivedInvoiceFilterSet
from sales.forms.received_invoice import ReceivedInvoiceForm
from sales.models import ReceivedInvoice
from sales.services.received_intake import receive_file
from sales.services.received_invoice import (
    approve_invoices,
    change_received,
    delete_received,
    pay_invoices,
    refuse_invoice,
    reopen_invoice,
)
from sales.views.received_invoice import ReceivedInvoiceListView
from timeline.api.document import FileRenderer


class ReceivedFileSerializer(AskedSerializer):
    """A supplier's file."""

    file = serializers.FileField(allow_empty_file=True, max_length=1000)


class RefuseReceivedSerializer(AskedSerializer):
    """Why not."""

    reason = serializers.CharField(max_length=300)


class PayReceivedSerializer(AskedSerializer):
    """When."""

    paid_on = serializers.DateField()


class ReceivedRateSerializer(serializers.Serializer):
    """What it comes to at one VAT rate."""

    category = serializers.CharField()
    rate = serializers.DecimalField(max_digits=6, decimal_places=2)
    base = serializers.DecimalField(max_digits=14, decimal_places=2)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)


class ReceivedInvoiceSerializer(RecordSerializer):
    """An invoice that a supplier sent."""

    company_name = LabelField(source="company")
    rates = serializers.SerializerMethodField(help_text=gettext_lazy("Net and VAT, rate by rate."))

    class Meta:
        model = ReceivedInvoice
        form = ReceivedInvoiceForm
        fields = [
            "id", "version", "number", "kind", "supplier_name", "supplier_siren", "supplier_vat_number",
            "company", "company_name", "order_number", "issued_on", "due_on", "currency", "net", "vat",
            "gross", "due", "rates", "status", "refusal", "decided_at", "paid_on", "note", "rules", "syntax",
            "profile", "name", "size", "sha256", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = [name for name in fields if name not in ("company", "note", "version")]
        example = {"note": "Hébergement de la boutique, à refacturer."}
        example_read = {
            "id": 31,
            "version": 2,
            "number": "F2026-11-0815",
            "kind": "invoice",
            "supplier_name": "Hébergeur du Rhône SAS",
            "supplier_siren": "552100554",
            "supplier_vat_number": "FR27552100554",
            "company": None,
            "company_name": "",
            "order_number": "BC-778",
            "issued_on": "2026-11-02",
            "due_on": "2026-12-02",
            "currency": "EUR",
            "net": "180.00",
            "vat": "36.00",
            "gross": "216.00",
            "due": "216.00",
            "rates": [{"category": "S", "rate": "20.00", "base": "180.00", "amount": "36.00"}],
            "status": "checked",
            "refusal": "",
            "decided_at": None,
            "paid_on": None,
            "rules": "kept",
            "syntax": "cii",
            "profile": "en16931",
            "name": "F2026-11-0815.pdf",
            "size": 48213,
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "created_at": "2026-11-02T08:30:00Z",
            "updated_at": "2026-11-20T16:05:12.345678Z",
        }

    @extend_schema_field(ReceivedRateSerializer(many=True))
    def get_rates(self, invoice: ReceivedInvoice) -> Any:
        return ReceivedRateSerializer(invoice.rates.all(), many=True).data


class ReceivedInvoiceViewSet(RecordViewSet):
    """Received invoices: everybody's who may see them."""

    module = "sales.receivedinvoice"
    model = ReceivedInvoice
    serializer_class = ReceivedInvoiceSerializer
    filterset_class = ReceivedInvoiceFilterSet
    sorts = ReceivedInvoiceListView.sorts
    rights = {
        **RecordViewSet.rights,
        "download": "view",
        "approve": "change",
        "refuse": "change",
        "pay": "change",
        "reopen": "change",
    }
    bodiless_actions = ("approve", "reopen")
    labels = {"company": ("name",)}
    title = gettext_lazy("Received invoices")
    about = gettext_lazy(
        "Invoices of suppliers: Factur-X (PDF with its XML inside), CII or UBL. What is sent in is read and "
        "checked against the rules of the reform before the answer comes; what cannot be read, or is here "
        "already (same file, or same number of the same supplier), answers 422. The content never changes; "
        "amounts of credit notes are negative."
    )
    summaries = {
        "download": gettext_lazy("Download the original"),
        "approve": gettext_lazy("Approve an invoice"),
        "refuse": gettext_lazy("Refuse an invoice"),
        "pay": gettext_lazy("Mark an invoice as paid"),
        "reopen": gettext_lazy("Take the last decision back"),
    }
    descriptions = {
        "download": gettext_lazy("The file as it came, byte for byte."),
        "approve": gettext_lazy("What nobody has decided on, or was refused."),
        "refuse": gettext_lazy("With the reason, which the supplier is owed."),
        "pay": gettext_lazy("Only an approved invoice, on a day that is not to come."),
        "reopen": gettext_lazy("Paid becomes approved, approved or refused becomes undecided."),
    }

    def get_parsers(self) -> list[Any]:
        # Asked before DRF works out the action; when the document is made, without a request.
        method = (self.request.method or "").lower() if self.request else ""
        verb = getattr(self, "action", None) or self.action_map.get(method)
        return [MultiPartParser()] if verb == "create" else list(super().get_parsers())

    def shown(self, queryset: QuerySet) -> QuerySet:
        return super().shown(queryset).defer("facts", "findings", "iban").prefetch_related("rates")

    @extend_schema(
        request={"multipart/form-data": ReceivedFileSerializer}, responses={201: ReceivedInvoiceSerializer}
    )
    @idempotent
    def create(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Without one transaction around it: other processes read the file meanwhile."""
        record = self.create_record(self.valid_form())
        url = reverse(f"api:{self.basename}-detail", args=[record.pk], request=request)
        return self.answer(self.fresh(record), status=status.HTTP_201_CREATED, headers={"Location": url})

    def valid_form(self, record: Any = None) -> Any:
        if record is not None:
            return super().valid_form(record)
        if getattr(self.request._request, "upload_too_large", False):
            limit = filesizeformat(settings.DOCUMENT_MAX_BYTES)
            raise ProblemError(413, _("A file has at most %(limit)s.") % {"limit": limit})
        serializer: Any = ReceivedFileSerializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def create_record(self, form: Any) -> ReceivedInvoice:
        try:
            received = receive_file(user=self.request.user, file=form["file"], now=True)
        except DjangoValidationError as error:
            raise ValidationError({"file": error.messages}) from error
        if received.state != received.State.FILED or received.invoice is None:
            raise ValidationError({"file": [received.reason]})
        return received.invoice

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_received(user=self.request.user, invoice=record, values=form.values(), version=version)

    def delete_record(self, record: Any) -> None:
        delete_received(user=self.request.user, pks=[record.pk])

    @extend_schema(responses={(200, "application/octet-stream"): bytes})
    @action(detail=True, renderer_classes=[JSONRenderer, FileRenderer])
    def download(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        invoice: ReceivedInvoice = self.get_object()
        mime = "application/pdf" if invoice.is_pdf else "application/xml"
        return send_file(request, invoice.file, name=invoice.name, mime=mime, etag=invoice.sha256)

    @extend_schema(request=None, responses=ReceivedInvoiceSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def approve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        invoice = self.get_object()
        if not approve_invoices(user=request.user, pks=[invoice.pk]):
            raise ValidationError([_("This invoice is approved already.")])
        return self.answer(self.fresh(invoice))

    @extend_schema(request=RefuseReceivedSerializer, responses=ReceivedInvoiceSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def refuse(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        invoice = self.get_object()
        said = asked(RefuseReceivedSerializer, request)
        return self.answer(self.fresh(refuse_invoice(user=request.user, invoice=invoice, **said)))

    @extend_schema(request=PayReceivedSerializer, responses=ReceivedInvoiceSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def pay(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        invoice = self.get_object()
        said = asked(PayReceivedSerializer, request)
        if not pay_invoices(user=request.user, pks=[invoice.pk], on=said["paid_on"]):
            raise ValidationError([_("Only an approved invoice is marked as paid.")])
        return self.answer(self.fresh(invoice))

    @extend_schema(request=None, responses=ReceivedInvoiceSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def reopen(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        invoice = self.get_object()
        return self.answer(self.fresh(reopen_invoice(user=request.user, receivedinvoice=invoice)))

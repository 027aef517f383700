"""Invoices in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import RecordViewSet
from sales.api.invoice_verbs import InvoiceVerbs
from sales.filters.invoice import InvoiceFilterSet
from sales.forms.invoice import InvoiceForm
from sales.models import Invoice, InvoiceLine
from sales.services.invoice import change_invoice, create_invoice, delete_invoices
from sales.services.invoice_sums import as_values
from sales.views.invoice import InvoiceListView

AMOUNTS = {"quantity": 4, "unit_price": 4, "discount_percent": 2, "vat_rate": 2}
TOLD = ("net", "quote_line", "progress", "deducts", "credits")
LINE = {
    "kind": "item", "label": "Site vitrine, 8 pages", "description": "", "quantity": "1.0000", "unit": "LS",
    "unit_price": "3200.0000", "discount_percent": "0.00", "vat_rate": "20.00", "offer": 2,
}  # fmt: skip


class InvoiceLineSerializer(serializers.ModelSerializer):
    """A line of an invoice: an item, a section or a text."""

    class Meta:
        model = InvoiceLine
        fields = [
            "kind", "label", "description", "quantity", "unit", "unit_price", "discount_percent", "vat_rate",
            "offer", "quote_line", "progress", "deducts", "credits",
        ]  # fmt: skip
        read_only_fields = ["quote_line", "progress", "deducts", "credits"]


@extend_schema_field(InvoiceLineSerializer(many=True))
class InvoiceLinesField(serializers.JSONField):
    """The lines in their order; sent, they take the place of those that were there."""

    def __init__(self, **kwargs: Any) -> None:
        text = _("In their order. Sent, they take the place of all that were there; sums follow from them.")
        super().__init__(**{"required": False, "help_text": text, **kwargs})

    def get_attribute(self, instance: Any) -> Any:
        lines = as_values(instance.lines.all())
        for line in lines:
            for name, places in AMOUNTS.items():
                line[name] = f"{line[name]:.{places}f}"
            if line["progress"] is not None:
                line["progress"] = f"{line['progress']:.2f}"
        return lines

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list):
            raise ValidationError(_("Give a list of lines."))
        return [
            {name: value for name, value in line.items() if name not in TOLD}
            if isinstance(line, dict)
            else line
            for line in data
        ]


class InvoiceSerializer(RecordSerializer):
    """What a client owes, or gets back."""

    client_name = LabelField(source="client")
    company_name = LabelField(source="company")
    contact_name = LabelField(source="contact")
    deal_name = LabelField(source="deal")
    owner_name = LabelField(source="owner")
    lines = InvoiceLinesField()

    class Meta:
        model = Invoice
        form = InvoiceForm
        fields = [
            "id", "version", "number", "kind", "status", "settlement", "agency", "client", "client_name",
            "company", "company_name", "contact", "contact_name", "delivery", "deal", "deal_name", "owner",
            "owner_name", "subject", "introduction", "terms", "order_reference", "language", "treatment",
            "discount_percent", "discount_amount", "lines", "net", "vat", "gross", "paid", "credited",
            "balance", "issued_on", "delivered_on", "period_start", "period_end", "due_on",
            "payment_method", "paid_on", "disputed", "quote", "contract", "subscription",
            "corrects", "sent_at", "opened_at", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = [
            "number", "kind", "status", "settlement", "net", "vat", "gross", "paid", "credited", "balance",
            "issued_on", "paid_on", "disputed", "quote", "contract", "subscription", "corrects", "sent_at",
            "opened_at",
        ]  # fmt: skip
        extra_kwargs = {name: {"required": False} for name in ("agency", "owner", "treatment", "language")}
        example = {
            "agency": 1, "client": 42, "company": 12, "contact": 7, "delivery": None, "deal": 5, "owner": 3,
            "subject": "Site vitrine", "introduction": "", "terms": "", "order_reference": "BC-4711",
            "language": "fr", "treatment": "standard", "discount_percent": "0.00", "discount_amount": "0.00",
            "lines": [LINE], "delivered_on": "2026-11-20", "period_start": None, "period_end": None,
            "due_on": "2026-12-21", "payment_method": "transfer",
        }  # fmt: skip
        example_read = {
            "id": 142, "version": 2, "number": None, "kind": "invoice", "status": "draft",
            "settlement": "none",
            "client_name": "Boulangerie Martin", "company_name": "Boulangerie Martin",
            "contact_name": "Émilie Durand", "deal_name": "Refonte du site", "owner_name": "Hugo Lefèvre",
            "lines": [{**LINE, "quote_line": None, "progress": None, "deducts": None, "credits": None}],
            "net": "3200.00", "vat": "640.00", "gross": "3840.00", "paid": "0.00", "credited": "0.00",
            "balance": "0.00", "issued_on": None, "paid_on": None, "disputed": "", "quote": None,
            "contract": None, "subscription": None, "corrects": None, "sent_at": None, "opened_at": None,
            "created_at": "2026-11-21T08:30:00Z", "updated_at": "2026-11-21T09:05:12.345678Z",
        }  # fmt: skip


@extend_schema_view(
    credit=extend_schema(responses={201: InvoiceSerializer}),
    cancel=extend_schema(responses={201: InvoiceSerializer}),
    duplicate=extend_schema(responses={201: InvoiceSerializer}),
)
class InvoiceViewSet(InvoiceVerbs, RecordViewSet):
    """Invoices, within one's sight."""

    module = "sales.invoice"
    model = Invoice
    serializer_class = InvoiceSerializer
    filterset_class = InvoiceFilterSet
    sorts = InvoiceListView.sorts
    labels = {
        "client": ("company", "contact"),
        "client__company": ("name",),
        "client__contact": ("first_name", "last_name", "email", "phone", "mobile"),
        "company": ("name",),
        "contact": ("first_name", "last_name", "email", "phone", "mobile"),
        "deal": ("title",),
        "owner": ("first_name", "last_name", "email"),
    }
    prefetch = ("lines",)
    rights = {**RecordViewSet.rights, **InvoiceVerbs.verb_rights}
    bodiless_actions = ("issue", "duplicate", "settle")
    summaries = InvoiceVerbs.verb_summaries
    descriptions = InvoiceVerbs.verb_descriptions
    title = _("Invoices")
    about = _(
        "Invoices and credit notes. A draft has no number and changes freely; issued, it has one, is "
        "sealed and is neither changed nor deleted any more (422): a credit note corrects it. Left "
        "out on creation: agency, VAT and language as they are usual, parties from the deal or the "
        "client. POST …/issue/ issues a draft; it takes the grant to issue invoices, and answers 422 "
        "with all that stands in the way."
    )

    def create_record(self, form: Any) -> Invoice:
        lines = form.cleaned_data.get("lines") or []
        return create_invoice(user=self.request.user, invoice=form.instance, lines=lines)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_invoice(
            user=self.request.user,
            invoice=record,
            values=form.values(),
            version=version,
            lines=form.cleaned_data.get("lines"),
        )

    def delete_record(self, record: Any) -> None:
        delete_invoices(user=self.request.user, pks=[record.pk])

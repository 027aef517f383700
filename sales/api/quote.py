"""Quotes in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from digiweb.api.serializers import LabelField, RecordSerializer
from digiweb.api.views import RecordViewSet
from sales.api.quote_verbs import QuoteVerbs
from sales.filters.quote import QuoteFilterSet
from sales.forms.quote import QuoteForm
from sales.models import Quote, QuoteLine
from sales.services.quote import change_quote, create_quote, delete_quotes
from sales.services.quote_sums import with_choices
from sales.views.quote import QuoteListView


class QuoteLineSerializer(serializers.ModelSerializer):
    """A line of a quote: an item, a section or a text."""

    class Meta:
        model = QuoteLine
        fields = [
            "kind", "label", "description", "quantity", "unit", "unit_price", "discount_percent", "vat_rate",
            "offer", "period", "is_optional", "is_chosen", "net",
        ]  # fmt: skip
        read_only_fields = ["is_chosen", "net"]


@extend_schema_field(QuoteLineSerializer(many=True))
class QuoteLinesField(serializers.JSONField):
    """The lines in their order; sent, they take the place of those that were there."""

    def __init__(self, **kwargs: Any) -> None:
        text = _("In their order. Sent, they take the place of all that were there; sums follow from them.")
        super().__init__(**{"required": False, "help_text": text, **kwargs})

    def get_attribute(self, instance: Any) -> Any:
        lines = []
        for line in with_choices(instance.lines.all()):
            del line["pk"]
            for name, places in AMOUNTS.items():
                line[name] = f"{line[name]:.{places}f}"
            lines.append(line)
        return lines

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list):
            raise ValidationError(_("Give a list of lines."))
        told = ("is_chosen", "net")  # what was read may be sent again
        return [
            {name: value for name, value in line.items() if name not in told}
            if isinstance(line, dict)
            else line
            for line in data
        ]


AMOUNTS = {"quantity": 4, "unit_price": 4, "discount_percent": 2, "vat_rate": 2, "net": 2}
LINE = {
    "kind": "item", "label": "Site vitrine, 8 pages", "description": "", "quantity": "1.0000", "unit": "LS",
    "unit_price": "3200.0000", "discount_percent": "0.00", "vat_rate": "20.00", "offer": 2, "period": "once",
    "is_optional": False,
}  # fmt: skip


class QuoteSerializer(RecordSerializer):
    """What was offered to a client."""

    client_name = LabelField(source="client")
    company_name = LabelField(source="company")
    contact_name = LabelField(source="contact")
    deal_name = LabelField(source="deal")
    owner_name = LabelField(source="owner")
    lines = QuoteLinesField()

    class Meta:
        model = Quote
        form = QuoteForm
        fields = [
            "id", "version", "number", "revision", "status", "agency", "client", "client_name", "company",
            "company_name", "contact", "contact_name", "deal", "deal_name", "owner", "owner_name", "subject",
            "introduction", "terms", "order_reference", "language", "treatment", "discount_percent",
            "discount_amount", "deposit_percent", "lines", "net", "vat", "gross", "monthly_net", "yearly_net",
            "quoted_on", "valid_until", "sent_at", "opened_at", "answered_at", "answer_name",
            "refusal_reason", "contract", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = [
            "number", "revision", "status", "net", "vat", "gross", "monthly_net", "yearly_net", "quoted_on",
            "sent_at", "opened_at", "answered_at", "answer_name", "refusal_reason", "contract",
        ]  # fmt: skip
        extra_kwargs = {
            name: {"required": False}
            for name in (
                "agency",
                "owner",
                "subject",
                "treatment",
                "language",
                "valid_until",
                "deposit_percent",
            )
        }
        example = {
            "agency": 1, "client": 42, "company": 12, "contact": 7, "deal": 5, "owner": 3,
            "subject": "Site vitrine et maintenance", "introduction": "", "terms": "", "order_reference": "",
            "language": "fr", "treatment": "standard", "discount_percent": "0.00", "discount_amount": "0.00",
            "deposit_percent": "30.00", "lines": [LINE], "valid_until": "2026-12-21",
        }  # fmt: skip
        example_read = {
            "id": 142, "version": 2, "number": "DE-DF-2026-00042", "revision": 1, "status": "draft",
            "client_name": "Boulangerie Martin", "company_name": "Boulangerie Martin",
            "contact_name": "Émilie Durand", "deal_name": "Refonte du site", "owner_name": "Hugo Lefèvre",
            "lines": [{**LINE, "is_chosen": False, "net": "3200.00"}], "net": "3200.00", "vat": "640.00",
            "gross": "3840.00", "monthly_net": "0.00", "yearly_net": "0.00", "quoted_on": "2026-11-21",
            "sent_at": None, "opened_at": None, "answered_at": None, "answer_name": "", "refusal_reason": "",
            "contract": None, "created_at": "2026-11-21T08:30:00Z",
            "updated_at": "2026-11-21T09:05:12.345678Z",
        }  # fmt: skip


@extend_schema_view(
    versions=extend_schema(responses={201: QuoteSerializer}),
    duplicate=extend_schema(responses={201: QuoteSerializer}),
)
class QuoteViewSet(QuoteVerbs, RecordViewSet):
    """Quotes, within one's sight."""

    module = "sales.quote"
    model = Quote
    serializer_class = QuoteSerializer
    filterset_class = QuoteFilterSet
    sorts = QuoteListView.sorts
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
    rights = {**RecordViewSet.rights, **QuoteVerbs.verb_rights}
    bodiless_actions = ("hand_over", "versions", "duplicate")
    summaries = QuoteVerbs.verb_summaries
    descriptions = QuoteVerbs.verb_descriptions
    title = _("Quotes")
    about = _(
        "What was offered to clients. A quote is a draft until it is sent; then it is "
        "not changed any more (422), and only drafts are deleted. Left out on creation: agency, VAT, "
        "language, validity and deposit as they are usual, parties from the deal or the client. The number "
        "is the next one of the agency's series."
    )

    def create_record(self, form: Any) -> Quote:
        lines = form.cleaned_data.get("lines") or []
        return create_quote(user=self.request.user, quote=form.instance, lines=lines)

    def change_record(self, record: Any, form: Any, version: int | None) -> None:
        change_quote(
            user=self.request.user,
            quote=record,
            values=form.values(),
            version=version,
            lines=form.cleaned_data.get("lines"),
        )

    def delete_record(self, record: Any) -> None:
        delete_quotes(user=self.request.user, pks=[record.pk])

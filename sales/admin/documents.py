"""Agencies, quotes, invoices, received invoices in the admin site."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from digiweb.admin import ReadOnlyAdmin, RecordedAdmin
from sales.admin.base import OFTEN
from sales.models import (
    Agency,
    Invoice,
    InvoiceLine,
    InvoiceMessage,
    InvoiceSeal,
    Lease,
    Mention,
    Quote,
    QuoteLine,
    QuoteMessage,
    ReceivedInvoice,
)
from sales.services.agency import (
    change_agency,
    change_mention,
    create_agency,
    create_mention,
    delete_agencies,
    delete_mentions,
)


@admin.register(Agency)
class AgencyAdmin(RecordedAdmin):
    list_display = ("name", "trade_name", "code", "siren", "city", "vat_regime", "is_active")
    list_filter = ("vat_regime", "is_active")
    # Bank details and the logo are looked after on the agency's own page.
    exclude = ("iban", "bic", "logo")
    readonly_fields = OFTEN
    ordering = ("sort_name", "id")

    def create(self, user: Any, obj: Any) -> None:
        create_agency(user=user, agency=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_agency(user=user, agency=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        delete_agencies(user=user, pks=[obj.pk for obj in objs])


@admin.register(Mention)
class MentionAdmin(RecordedAdmin):
    list_display = ("code", "agency", "language", "valid_from", "text", "source")
    list_filter = ("code", "language")
    list_select_related = ("agency",)
    readonly_fields = OFTEN
    ordering = ("code", "language", "-valid_from")

    def create(self, user: Any, obj: Any) -> None:
        create_mention(user=user, mention=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_mention(user=user, mention=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        delete_mentions(user=user, pks=[obj.pk for obj in objs])


@admin.register(ReceivedInvoice)
class ReceivedInvoiceAdmin(ReadOnlyAdmin):
    """Read out of files; decided on, on its page."""

    list_display = ("number", "supplier_name", "issued_on", "due_on", "net", "gross", "status")
    list_filter = ("status", "kind", "rules")
    list_select_related = ("company",)
    exclude = ("iban",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("iban")


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin):
    """Quotes are documents of record: they are written on their pages."""

    list_display = ("number", "company", "contact", "owner", "status", "net", "quoted_on", "valid_until")
    list_filter = ("status", "agency")
    list_select_related = ("company", "contact", "owner")
    exclude = ("token_hash", "link_serial")
    ordering = ("-id",)


@admin.register(QuoteLine)
class QuoteLineAdmin(ReadOnlyAdmin):
    list_display = ("quote", "position", "label", "quantity", "unit_price", "vat_rate", "period")
    list_select_related = ("quote",)
    ordering = ("-quote_id", "position")


@admin.register(QuoteMessage)
class QuoteMessageAdmin(ReadOnlyAdmin):
    list_display = ("quote", "kind", "to", "subject", "state", "sent_at")
    list_filter = ("kind", "state")
    list_select_related = ("quote",)
    ordering = ("-id",)


@admin.register(Lease)
class LeaseAdmin(ReadOnlyAdmin):
    list_display = ("quote", "status", "status_on", "duration", "reference")
    list_filter = ("status",)
    list_select_related = ("quote",)
    ordering = ("-id",)


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    """Invoices are documents of record: they are written on their pages, and never once they are issued."""

    list_display = (
        "__str__",
        "kind",
        "company",
        "contact",
        "owner",
        "status",
        "settlement",
        "gross",
        "due_on",
    )
    list_filter = ("status", "settlement", "kind", "agency")
    list_select_related = ("company", "contact", "owner")
    ordering = ("-id",)


@admin.register(InvoiceLine)
class InvoiceLineAdmin(ReadOnlyAdmin):
    list_display = ("invoice", "position", "label", "quantity", "unit_price", "vat_rate", "net")
    list_select_related = ("invoice",)
    ordering = ("-invoice_id", "position")


@admin.register(InvoiceSeal)
class InvoiceSealAdmin(ReadOnlyAdmin):
    list_display = ("invoice", "agency", "position", "seal", "sealed_at", "sealed_by")
    list_filter = ("agency",)
    list_select_related = ("invoice", "agency", "sealed_by")
    ordering = ("-sealed_at",)


@admin.register(InvoiceMessage)
class InvoiceMessageAdmin(ReadOnlyAdmin):
    list_display = ("invoice", "to", "subject", "state", "sent_at")
    list_filter = ("state",)
    list_select_related = ("invoice",)
    ordering = ("-id",)

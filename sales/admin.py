"""The tables of sales in the admin site; their writes go by the services."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from digiweb.admin import ReadOnlyAdmin, RecordedAdmin
from sales.models import (
    Account,
    Agency,
    Award,
    BankAccount,
    BookEntry,
    BookExport,
    BookLine,
    BookTerms,
    Closing,
    Contract,
    ContractClientTotal,
    ContractLine,
    ContractTotal,
    Invoice,
    InvoiceLine,
    InvoiceMessage,
    InvoiceRate,
    InvoiceSeal,
    Lease,
    LeaseTerms,
    Mention,
    Offer,
    PaymentRecord,
    Quote,
    QuoteLine,
    QuoteMessage,
    ReceivedFile,
    ReceivedInvoice,
    ReceivedInvoiceRate,
    SealChain,
    Subscription,
)
from sales.services.agency import (
    change_agency,
    change_mention,
    create_agency,
    create_mention,
    delete_agencies,
    delete_mentions,
)
from sales.services.chart import change_account, create_account, delete_accounts
from sales.services.contract import change_contract, create_contract, delete_contracts
from sales.services.offer import change_offer, create_offer, delete_offers
from sales.services.subscription import change_subscription, create_subscription, delete_subscriptions

OFTEN = ("created_at", "updated_at", "version")


@admin.register(Contract)
class ContractAdmin(RecordedAdmin):
    list_display = ("reference", "client", "owner", "offer", "status", "amount", "signed_on")
    list_filter = ("status", "payment_method")
    list_select_related = ("client__company", "client__contact", "owner", "offer")
    raw_id_fields = ("client", "owner", "offer", "subscription")
    readonly_fields = ("status_text", "absent_since", *OFTEN)
    ordering = ("-id",)

    def create(self, user: Any, obj: Any) -> None:
        create_contract(user=user, contract=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_contract(user=user, contract=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        delete_contracts(user=user, pks=[obj.pk for obj in objs])


@admin.register(ContractLine)
class ContractLineAdmin(ReadOnlyAdmin):
    """Lines are written with their contract, on its page."""

    list_display = ("contract", "position", "label", "quantity", "unit_amount", "vat_rate", "period")
    list_select_related = ("contract",)
    raw_id_fields = ("contract",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).order_by("-contract_id", "position")


@admin.register(Offer)
class OfferAdmin(RecordedAdmin):
    list_display = ("name", "category", "price", "monthly_price", "vat_rate", "is_popular", "is_active")
    list_filter = ("category", "is_popular", "is_active")
    readonly_fields = OFTEN
    ordering = ("sort_name", "id")

    def create(self, user: Any, obj: Any) -> None:
        create_offer(user=user, offer=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_offer(user=user, offer=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        delete_offers(user=user, pks=[obj.pk for obj in objs])


@admin.register(Subscription)
class SubscriptionAdmin(RecordedAdmin):
    list_display = ("label", "client", "offer", "monthly_amount", "status", "started_on", "ended_on")
    list_filter = ("status",)
    list_select_related = ("client__company", "client__contact", "offer")
    raw_id_fields = ("client", "offer")
    readonly_fields = OFTEN
    ordering = ("-id",)

    def create(self, user: Any, obj: Any) -> None:
        create_subscription(user=user, subscription=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_subscription(user=user, subscription=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        delete_subscriptions(user=user, pks=[obj.pk for obj in objs])


@admin.register(BankAccount)
class BankAccountAdmin(ReadOnlyAdmin):
    """Masked here too: whole numbers are read on the page, where the log says who did."""

    list_display = ("masked", "client", "holder", "status", "asked_by", "decided_by", "decided_at")
    list_filter = ("status",)
    list_select_related = ("client__company", "client__contact", "asked_by", "decided_by")
    exclude = ("iban_index",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("iban", "bic")


@admin.register(PaymentRecord)
class PaymentRecordAdmin(ReadOnlyAdmin):
    list_display = ("reference", "client", "contract", "paid_on", "amount", "method", "status")
    list_filter = ("status", "method")
    list_select_related = ("client__company", "client__contact", "contract")
    ordering = ("-id",)


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


admin.site.register(LeaseTerms, ReadOnlyAdmin)


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


@admin.register(Account)
class AccountAdmin(RecordedAdmin):
    list_display = ("number", "label", "role", "vat_rate", "category", "agency")
    list_filter = ("agency", "role")
    list_select_related = ("agency",)
    readonly_fields = OFTEN
    ordering = ("agency", "number")

    def create(self, user: Any, obj: Any) -> None:
        create_account(user=user, account=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_account(user=user, account=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        delete_accounts(user=user, pks=[obj.pk for obj in objs])


@admin.register(BookEntry)
class BookEntryAdmin(ReadOnlyAdmin):
    """Entries follow from documents and money; closed ones never change."""

    list_display = ("number", "fiscal_year", "journal_code", "entry_on", "piece", "label", "agency")
    list_filter = ("agency", "journal", "fiscal_year")
    list_select_related = ("agency",)
    ordering = ("-entry_on", "-id")


@admin.register(BookLine)
class BookLineAdmin(ReadOnlyAdmin):
    list_display = ("entry", "entry_on", "account", "aux_label", "debit", "credit")
    list_filter = ("agency", "journal")
    list_select_related = ("entry",)
    ordering = ("-entry_on", "-id")


@admin.register(Closing)
class ClosingAdmin(ReadOnlyAdmin):
    list_display = (
        "agency",
        "closed_until",
        "entries",
        "debit",
        "credit",
        "perpetual",
        "closed_by",
        "closed_at",
    )
    list_filter = ("agency",)
    list_select_related = ("agency", "closed_by")


# What the verbs keep by themselves: to look at.
for model in (
    Award,
    BookExport,
    BookTerms,
    ContractClientTotal,
    ContractTotal,
    InvoiceRate,
    ReceivedFile,
    ReceivedInvoiceRate,
    SealChain,
):
    admin.site.register(model, ReadOnlyAdmin)

"""Offers, contracts, subscriptions, bank details and imported payments in the admin site."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from digiweb.admin import ReadOnlyAdmin, RecordedAdmin
from sales.admin.base import OFTEN
from sales.models import BankAccount, Contract, ContractLine, Offer, PaymentRecord, Subscription
from sales.services.contract import change_contract, create_contract, delete_contracts
from sales.services.offer import change_offer, create_offer, delete_offers
from sales.services.subscription import change_subscription, create_subscription, delete_subscriptions


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

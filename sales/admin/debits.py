"""The tables of recurring invoices, mandates and direct debits in the admin site."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin

from digiweb.admin import ReadOnlyAdmin, RecordedAdmin
from sales.admin.base import OFTEN
from sales.models import BillingPlan, Debit, DebitBatch, Mandate, SubscriptionPause, SubscriptionPrice
from sales.services.billing_plan import change_plan, create_plan, delete_plans


@admin.register(BillingPlan)
class BillingPlanAdmin(RecordedAdmin):
    list_display = ("source", "client", "agency", "period", "next_on", "next_net", "status")
    list_filter = ("status", "period", "agency")
    list_select_related = ("subscription", "contract", "client__company", "client__contact", "agency")
    raw_id_fields = ("subscription", "contract")
    readonly_fields = (
        "client",
        "next_on",
        "next_from",
        "next_until",
        "next_net",
        "next_key",
        "fault",
        *OFTEN,
    )
    ordering = ("-id",)

    def create(self, user: Any, obj: Any) -> None:
        create_plan(user=user, plan=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_plan(user=user, plan=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        delete_plans(user=user, pks=[obj.pk for obj in objs])


@admin.register(SubscriptionPrice)
class SubscriptionPriceAdmin(ReadOnlyAdmin):
    """Set on the page of the subscription."""

    list_display = ("subscription", "starts_on", "monthly_amount", "before")
    list_select_related = ("subscription",)
    raw_id_fields = ("subscription",)
    ordering = ("-id",)


@admin.register(SubscriptionPause)
class SubscriptionPauseAdmin(ReadOnlyAdmin):
    """Follow from the buttons of the subscription."""

    list_display = ("subscription", "starts_on", "ends_on")
    list_select_related = ("subscription",)
    raw_id_fields = ("subscription",)
    ordering = ("-id",)


@admin.register(Mandate)
class MandateAdmin(ReadOnlyAdmin):
    """Written down and revoked on their pages."""

    list_display = ("rum", "client", "agency", "scheme", "status", "signed_on", "last_used_on")
    list_filter = ("status", "scheme", "agency")
    list_select_related = ("client__company", "client__contact", "agency")
    raw_id_fields = ("client", "account")
    ordering = ("-id",)


@admin.register(DebitBatch)
class DebitBatchAdmin(ReadOnlyAdmin):
    """Their files are given out on their pages, where the log says to whom."""

    list_display = ("reference", "agency", "collect_on", "count", "total", "status")
    list_filter = ("status", "agency")
    list_select_related = ("agency",)
    exclude = ("content",)
    ordering = ("-id",)


@admin.register(Debit)
class DebitAdmin(ReadOnlyAdmin):
    """Written by the verbs of their batch."""

    list_display = ("reference", "batch", "invoice", "amount", "status", "reason", "notice")
    list_filter = ("status", "notice")
    list_select_related = ("batch", "invoice")
    raw_id_fields = ("batch", "invoice", "mandate", "payment")
    ordering = ("-id",)

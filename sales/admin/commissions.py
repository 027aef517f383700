"""Commissions in the admin site."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin

from digiweb.admin import ReadOnlyAdmin, RecordedAdmin
from sales.admin.base import OFTEN
from sales.models import CommissionLine, CommissionRate, CommissionStatement, CommissionTerms
from sales.services.commission_rate import change_rate, create_rate, delete_rates


@admin.register(CommissionRate)
class CommissionRateAdmin(RecordedAdmin):
    list_display = ("offer", "person", "part", "basis", "value", "starts_on", "ends_on")
    list_filter = ("basis", "part")
    list_select_related = ("offer", "person")
    raw_id_fields = ("offer", "person")
    readonly_fields = OFTEN
    ordering = ("-id",)

    def create(self, user: Any, obj: Any) -> None:
        create_rate(user=user, rate=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_rate(user=user, rate=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        delete_rates(user=user, pks=[obj.pk for obj in objs])


@admin.register(CommissionStatement)
class CommissionStatementAdmin(ReadOnlyAdmin):
    """Counted, closed and paid on its page."""

    list_display = ("person", "month", "status", "number", "total", "paid_on")
    list_filter = ("status",)
    list_select_related = ("person",)
    ordering = ("-id",)


@admin.register(CommissionLine)
class CommissionLineAdmin(ReadOnlyAdmin):
    list_display = ("person", "month", "kind", "label", "base", "amount")
    list_filter = ("kind",)
    list_select_related = ("person",)
    ordering = ("-id",)


@admin.register(CommissionTerms)
class CommissionTermsAdmin(ReadOnlyAdmin):
    list_display = ("counts_from", "takeback_days", "pairing_days")

"""The books in the admin site."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin

from digiweb.admin import ReadOnlyAdmin, RecordedAdmin
from sales.admin.base import OFTEN
from sales.models import Account, BookEntry, BookLine, Closing
from sales.services.chart import change_account, create_account, delete_accounts


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

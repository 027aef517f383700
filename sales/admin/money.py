"""Payments and bank statements in the admin site."""

from django.contrib import admin

from digiweb.admin import ReadOnlyAdmin
from sales.models import BankLine, BankStatement, Letter, MoneyTotal, Payment, PaymentMatch, WriteOff


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    """Payments are never changed nor deleted: what was wrong is undone on its page."""

    list_display = ("__str__", "kind", "payer", "received_on", "amount", "left", "method", "owner", "letter")
    list_filter = ("kind", "method", "agency")
    list_select_related = ("owner", "letter")
    ordering = ("-id",)


@admin.register(PaymentMatch)
class PaymentMatchAdmin(ReadOnlyAdmin):
    list_display = ("payment", "invoice", "amount", "matched_by", "matched_at")
    list_select_related = ("payment", "invoice", "matched_by")
    ordering = ("-id",)


@admin.register(WriteOff)
class WriteOffAdmin(ReadOnlyAdmin):
    list_display = ("invoice", "amount", "reason", "written_on", "written_by", "undoes")
    list_filter = ("reason",)
    list_select_related = ("invoice", "written_by", "undoes")
    ordering = ("-id",)


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    list_display = ("code", "agency", "lettered_on")
    list_filter = ("agency",)
    list_select_related = ("agency",)
    ordering = ("-id",)


@admin.register(BankStatement)
class BankStatementAdmin(ReadOnlyAdmin):
    list_display = ("name", "agency", "state", "lines_read", "lines_new", "fault_count", "added_by")
    list_filter = ("state", "agency")
    list_select_related = ("agency", "added_by")
    exclude = ("content",)
    ordering = ("-id",)


@admin.register(BankLine)
class BankLineAdmin(ReadOnlyAdmin):
    list_display = ("day", "label", "amount", "state", "payment", "statement")
    list_filter = ("state", "agency")
    list_select_related = ("payment", "statement")
    ordering = ("-id",)


@admin.register(MoneyTotal)
class MoneyTotalAdmin(ReadOnlyAdmin):
    list_display = ("month", "kind", "owner_id", "agency_id", "count", "amount")
    list_filter = ("kind",)
    ordering = ("-month",)

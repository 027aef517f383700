"""The tables of integrations in the admin site: to look at, keys excepted."""

from django.contrib import admin

from digiweb.admin import ReadOnlyAdmin
from sync.models import (
    Call,
    Caller,
    ColleagueConflict,
    ColleaguePiece,
    ColleagueRun,
    ColleagueRunLine,
    ColleagueTurn,
    CompanyLookup,
    Connection,
    ImportedRecord,
    PhoneCall,
    SignatureRequest,
    Solvency,
    WebhookDelivery,
)


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    list_display = ("provider", "active", "state", "checked_at", "last_used_at")
    list_filter = ("state",)
    exclude = ("sealed",)


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    list_display = ("id", "provider", "at", "what", "outcome", "milliseconds", "user")
    list_filter = ("provider", "outcome")
    list_select_related = ("user",)
    ordering = ("-id",)


@admin.register(CompanyLookup)
class CompanyLookupAdmin(ReadOnlyAdmin):
    list_display = ("id", "provider", "key", "fetched_at", "asked_by")
    list_filter = ("provider",)
    list_select_related = ("asked_by",)


@admin.register(Solvency)
class SolvencyAdmin(ReadOnlyAdmin):
    list_display = ("id", "company", "state", "value", "released_on", "asked_by")
    list_filter = ("state",)
    list_select_related = ("company", "asked_by")


@admin.register(SignatureRequest)
class SignatureRequestAdmin(ReadOnlyAdmin):
    list_display = ("quote", "email", "state", "asked_at", "ended_at")
    list_filter = ("state",)
    list_select_related = ("quote",)
    ordering = ("-id",)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    list_display = ("event", "provider", "about", "state", "created_at")
    list_filter = ("provider", "state")
    exclude = ("body", "key")


@admin.register(Caller)
class CallerAdmin(ReadOnlyAdmin):
    list_display = ("number", "state", "waiting", "last_call_at")
    list_filter = ("state",)


@admin.register(PhoneCall)
class PhoneCallAdmin(ReadOnlyAdmin):
    list_display = ("number_there", "provider", "direction", "state", "started_at")
    list_filter = ("provider", "state")
    exclude = ("recording", "voicemail")


@admin.register(ColleagueRun)
class ColleagueRunAdmin(ReadOnlyAdmin):
    list_display = ("id", "origin", "user", "state", "created", "updated", "failed", "created_at")
    list_filter = ("state", "origin")
    list_select_related = ("user",)


@admin.register(ColleagueRunLine)
class ColleagueRunLineAdmin(ReadOnlyAdmin):
    list_display = ("id", "run", "kind", "outcome", "code", "path")
    list_filter = ("outcome", "kind")
    list_select_related = ("run",)
    # What the source sent is read on the run's page, masked for who may not see it.
    exclude = ("piece",)


@admin.register(ColleaguePiece)
class ColleaguePieceAdmin(ReadOnlyAdmin):
    list_display = ("number", "run", "replayed_by", "replayed_at")
    list_select_related = ("run", "replayed_by")
    # As with lines: what the source sent is read on the run's page, or by nobody.
    exclude = ("payload", "result", "key", "digest", "job")


@admin.register(ColleagueConflict)
class ColleagueConflictAdmin(ReadOnlyAdmin):
    list_display = ("number", "name", "reason", "state", "created_at")
    list_filter = ("state", "reason")


@admin.register(ImportedRecord)
class ImportedRecordAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "number", "target_id", "client_id")
    list_filter = ("kind",)
    exclude = ("key", "digest", "parent")


@admin.register(ColleagueTurn)
class ColleagueTurnAdmin(ReadOnlyAdmin):
    list_display = ("id", "turn")

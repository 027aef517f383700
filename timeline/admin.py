"""The tables of what happened in the admin site: to look at."""

from django.contrib import admin

from digiweb.admin import ReadOnlyAdmin
from timeline.models import (
    BinEntry,
    BinFile,
    BulkChange,
    Document,
    Event,
    EventLink,
    JobLine,
    JobRun,
    Merge,
    Note,
    Notification,
    ScheduleSlot,
)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """The audit log; its own page is Settings → Audit log."""

    list_display = ("at", "actor_name", "action", "subject_type", "subject_label", "channel", "ip")
    ordering = ("-id",)


@admin.register(EventLink)
class EventLinkAdmin(ReadOnlyAdmin):
    list_display = ("event_id", "subject_type", "subject_id")
    ordering = ("-id",)


@admin.register(Note)
class NoteAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "author", "subject_type", "subject_id")
    list_select_related = ("author",)
    ordering = ("-id",)


@admin.register(BinEntry)
class BinEntryAdmin(ReadOnlyAdmin):
    list_display = ("deleted_at", "label", "subject_type", "deleted_by", "restored_at")
    list_select_related = ("deleted_by",)
    ordering = ("-id",)


@admin.register(BulkChange)
class BulkChangeAdmin(ReadOnlyAdmin):
    list_display = ("made_at", "user", "view", "action", "undone_at")
    list_select_related = ("user",)
    ordering = ("-made_at",)


@admin.register(BinFile)
class BinFileAdmin(ReadOnlyAdmin):
    list_display = ("entry_id", "name")
    ordering = ("-id",)


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    """To look at: files are added and removed on the pages of their records."""

    list_display = ("created_at", "name", "kind", "size", "subject_type", "subject_id", "scan", "added_by")
    list_filter = ("kind", "scan", "subject_type")
    list_select_related = ("added_by",)
    ordering = ("-id",)


@admin.register(Merge)
class MergeAdmin(ReadOnlyAdmin):
    list_display = ("merged_at", "kept_label", "lost_label", "merged_by", "undone_at")
    list_select_related = ("merged_by",)
    ordering = ("-id",)


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "user", "kind", "read_at", "mailed_at")
    list_select_related = ("user",)
    ordering = ("-id",)


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "label", "user", "state", "done", "total", "ended_at")
    list_filter = ("state",)
    list_select_related = ("user",)
    ordering = ("-id",)


@admin.register(ScheduleSlot)
class ScheduleSlotAdmin(ReadOnlyAdmin):
    list_display = ("name", "slot", "fired_at", "took_ms", "error")
    ordering = ("-id",)


@admin.register(JobLine)
class JobLineAdmin(ReadOnlyAdmin):
    list_display = ("at", "run_id", "level", "text")
    list_filter = ("level",)
    ordering = ("-id",)

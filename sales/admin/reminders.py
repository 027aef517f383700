"""Reminders in the admin site."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin

from digiweb.admin import ReadOnlyAdmin, RecordedAdmin
from sales.admin.base import OFTEN
from sales.models import PenaltyRate, Reminder, ReminderStage
from sales.services.reminder_stage import (
    change_rate,
    change_stage,
    create_rate,
    create_stage,
    delete_rates,
    delete_stages,
)


@admin.register(ReminderStage)
class ReminderStageAdmin(RecordedAdmin):
    list_display = ("name", "agency", "days", "is_formal", "tells_penalties", "is_active")
    list_filter = ("is_active", "is_formal")
    list_select_related = ("agency",)
    readonly_fields = OFTEN
    ordering = ("days", "id")

    def create(self, user: Any, obj: Any) -> None:
        create_stage(user=user, stage=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_stage(user=user, stage=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        delete_stages(user=user, pks=[obj.pk for obj in objs])


@admin.register(PenaltyRate)
class PenaltyRateAdmin(RecordedAdmin):
    list_display = ("kind", "valid_from", "percent", "source")
    list_filter = ("kind",)
    readonly_fields = OFTEN
    ordering = ("kind", "-valid_from")

    def create(self, user: Any, obj: Any) -> None:
        create_rate(user=user, rate=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_rate(user=user, rate=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        delete_rates(user=user, pks=[obj.pk for obj in objs])


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    list_display = ("invoice", "stage_name", "claimed_on", "state", "to", "asked_by")
    list_filter = ("state", "is_formal")
    list_select_related = ("invoice", "asked_by")
    ordering = ("-id",)

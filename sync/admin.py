"""The tables of integrations in the admin site: to look at, keys excepted."""

from django.contrib import admin

from digiweb.admin import ReadOnlyAdmin
from sync.models import Connection


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    list_display = ("provider", "active", "state", "checked_at", "last_used_at")
    list_filter = ("state",)
    exclude = ("sealed",)

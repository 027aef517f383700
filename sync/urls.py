"""Addresses of what comes and goes: `/settings/integrations/` and `/sync/`."""

from django.urls import URLPattern

app_name = "sync"

urlpatterns: list[URLPattern] = []

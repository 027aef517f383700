"""Addresses of the audit log."""

from django.urls import path

from timeline.views import event

app_name = "timeline"

urlpatterns = [
    path("", event.EventListView.as_view(), name="event_list"),
    path("<int:pk>/", event.EventDetailView.as_view(), name="event_detail"),
]

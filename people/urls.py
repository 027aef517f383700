"""Addresses of people: team, roles, audit log, one's own pages."""

from django.urls import path

from people.views import preferences

app_name = "people"

urlpatterns = [
    path("lists/preference/", preferences.ListPreferenceView.as_view(), name="list_preference"),
    path("lists/views/new/", preferences.SavedViewCreateView.as_view(), name="saved_view_new"),
    path("lists/views/<int:pk>/delete/", preferences.SavedViewDeleteView.as_view(), name="saved_view_delete"),
]

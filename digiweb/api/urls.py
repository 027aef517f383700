"""Addresses under /api/v1/."""

from django.urls import path

from digiweb.api.docs import DocsView
from digiweb.api.document import SchemaView
from digiweb.api.root import NotFoundView, RootView
from digiweb.api.router import router

app_name = "api"
urlpatterns = [
    path("", RootView.as_view(), name="root"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    *router().urls,
    path("<path:rest>", NotFoundView.as_view(), name="not-found"),
]

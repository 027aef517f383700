"""Addresses of what comes and goes: `/settings/integrations/` and `/sync/`."""

from django.urls import path

from sync.views import integration, solvency

app_name = "sync"

INTEGRATION = "settings/integrations/<slug:provider>/"

urlpatterns = [
    path("settings/integrations/", integration.IntegrationListView.as_view(), name="integration_list"),
    path(INTEGRATION, integration.IntegrationDetailView.as_view(), name="integration_detail"),
    path(f"{INTEGRATION}test/", integration.IntegrationTestView.as_view(), name="integration_test"),
    path(
        f"{INTEGRATION}disconnect/",
        integration.IntegrationDisconnectView.as_view(),
        name="integration_disconnect",
    ),
    path("sync/outbox/", integration.OutboxView.as_view(), name="outbox"),
    path("sync/companies/<int:pk>/solvency/", solvency.SolvencyAskView.as_view(), name="solvency_ask"),
    path(
        "sync/companies/<int:pk>/solvency/collect/",
        solvency.SolvencyCollectView.as_view(),
        name="solvency_collect",
    ),
]

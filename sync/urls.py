"""Addresses of what comes and goes: `/settings/integrations/`, `/sync/` and the door for webhooks."""

from django.urls import path

from sync.views import (
    aircall,
    caller,
    colleague_conflict,
    colleague_run,
    hook,
    integration,
    solvency,
    webhook_delivery,
)

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
    path("hooks/<slug:provider>/<str:secret>/", hook.HookView.as_view(), name="hook"),
    path("sync/webhooks/", webhook_delivery.WebhookListView.as_view(), name="webhook_list"),
    path("sync/webhooks/bulk/", webhook_delivery.WebhookBulkView.as_view(), name="webhook_bulk"),
    path("sync/webhooks/<int:pk>/", webhook_delivery.WebhookDetailView.as_view(), name="webhook_detail"),
    path(
        "sync/webhooks/<int:pk>/replay/",
        webhook_delivery.WebhookReplayView.as_view(),
        name="webhook_replay",
    ),
    path("sync/aircall/", aircall.AircallView.as_view(), name="aircall"),
    path("sync/aircall/webhook/", aircall.AircallWebhookView.as_view(), name="aircall_webhook"),
    path("sync/aircall/fetch/", aircall.AircallFetchView.as_view(), name="aircall_fetch"),
    path("sync/runs/", colleague_run.RunListView.as_view(), name="run_list"),
    path("sync/runs/start/", colleague_run.RunStartView.as_view(), name="run_start"),
    path("sync/runs/<int:pk>/", colleague_run.RunDetailView.as_view(), name="run_detail"),
    path("sync/runs/<int:pk>/replay/<int:piece>/", colleague_run.RunReplayView.as_view(), name="run_replay"),
    path("sync/conflicts/", colleague_conflict.ConflictListView.as_view(), name="conflict_list"),
    path(
        "sync/conflicts/<int:pk>/",
        colleague_conflict.ConflictDetailView.as_view(),
        name="conflict_detail",
    ),
    path("sync/unknown-calls/", caller.CallerListView.as_view(), name="caller_list"),
    path("sync/unknown-calls/bulk/", caller.CallerBulkView.as_view(), name="caller_bulk"),
    path("sync/unknown-calls/<int:pk>/", caller.CallerDetailView.as_view(), name="caller_detail"),
    path("sync/unknown-calls/<int:pk>/contact/", caller.CallerContactView.as_view(), name="caller_contact"),
    path("sync/unknown-calls/<int:pk>/attach/", caller.CallerAttachView.as_view(), name="caller_attach"),
    path("sync/unknown-calls/<int:pk>/ignore/", caller.CallerIgnoreView.as_view(), name="caller_ignore"),
    path("sync/unknown-calls/<int:pk>/heed/", caller.CallerHeedView.as_view(), name="caller_heed"),
]

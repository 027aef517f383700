"""All addresses of the house (DESIGN §11)."""

from django.contrib import admin
from django.urls import include, path

from crm.views.calendar_feed import CalendarFeedView
from digiweb import health
from digiweb.views import bulk, errors, home, jobs, panels, search, timeline
from sales.views import invoice_public, quote_public
from timeline.views import bin as bin_views
from timeline.views import document, document_file, job_run, notification, schedule

urlpatterns = [
    path("", home.HomeView.as_view(), name="home"),
    path("events/", home.LatestEventsView.as_view(), name="latest_events"),
    path("accounts/", include("allauth.urls")),
    path("admin/django-rq/", include("django_rq.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("digiweb.api.urls")),
    path("crm/", include("crm.urls")),
    path("calendar/<str:token>.ics", CalendarFeedView.as_view(), name="calendar_feed"),
    path("sales/", include("sales.urls")),
    path("", include("sales.agency_urls")),
    path("i/<str:token>/", invoice_public.PublicInvoiceView.as_view(), name="invoice_public"),
    path("i/<str:token>/pdf/", invoice_public.PublicInvoicePdfView.as_view(), name="invoice_public_pdf"),
    path("q/<str:token>/", quote_public.QuotePublicView.as_view(), name="quote_public"),
    path("q/<str:token>/accept/", quote_public.QuotePublicAcceptView.as_view(), name="quote_public_accept"),
    path("q/<str:token>/refuse/", quote_public.QuotePublicRefuseView.as_view(), name="quote_public_refuse"),
    path("q/<str:token>/opened/", quote_public.QuoteOpenedView.as_view(), name="quote_public_opened"),
    path("q/<str:token>/totals/", quote_public.QuotePublicTotalsView.as_view(), name="quote_public_totals"),
    path("q/<str:token>/pdf/", quote_public.QuotePublicPdfView.as_view(), name="quote_public_pdf"),
    path("q/<str:token>/logo/", quote_public.QuoteLogoView.as_view(), name="quote_public_logo"),
    path("q/<str:token>/brand.css", quote_public.QuoteBrandView.as_view(), name="quote_public_brand"),
    path("", include("people.urls")),
    path("", include("sync.urls")),
    path("settings/audit/", include("timeline.urls")),
    path("search/", search.SearchView.as_view(), name="search"),
    path("jobs/", job_run.JobRunListView.as_view(), name="job_list"),
    path("jobs/live/", job_run.JobLiveView.as_view(), name="job_live"),
    path("jobs/<int:pk>/", jobs.JobRunView.as_view(), name="job_run"),
    path("jobs/<int:pk>/cancel/", jobs.JobCancelView.as_view(), name="job_cancel"),
    path("jobs/<int:pk>/retry/", jobs.JobRetryView.as_view(), name="job_retry"),
    path("settings/schedule/", schedule.ScheduleView.as_view(), name="schedule"),
    path("settings/schedule/<str:name>/run/", schedule.ScheduleRunView.as_view(), name="schedule_run"),
    path("bin/", bin_views.BinListView.as_view(), name="bin_list"),
    path("bin/bulk/", bin_views.BinBulkView.as_view(), name="bin_bulk"),
    path("bin/<int:pk>/", bin_views.BinDetailView.as_view(), name="bin_detail"),
    path("bin/<int:pk>/restore/", bin_views.RestoreOneView.as_view(), name="bin_restore_one"),
    path("bin/<uuid:batch>/restore/", bin_views.RestoreView.as_view(), name="bin_restore"),
    path("undo/<uuid:pk>/", bulk.BulkUndoView.as_view(), name="bulk_undo"),
    path("documents/", document.DocumentListView.as_view(), name="document_list"),
    path("documents/new/", document.DocumentCreateView.as_view(), name="document_new"),
    path("documents/bulk/", document.DocumentBulkView.as_view(), name="document_bulk"),
    path("documents/panel/", document.DocumentPanelView.as_view(), name="document_panel"),
    path("documents/<int:pk>/", document.DocumentDetailView.as_view(), name="document_detail"),
    path("documents/<int:pk>/edit/", document.DocumentEditView.as_view(), name="document_edit"),
    path("documents/<int:pk>/delete/", document.DocumentDeleteView.as_view(), name="document_delete"),
    path("documents/<int:pk>/file/", document_file.DocumentFileView.as_view(), name="document_file"),
    path("documents/<int:pk>/view/", document_file.DocumentShowView.as_view(), name="document_view"),
    path("documents/<int:pk>/preview/", document_file.DocumentPreviewView.as_view(), name="document_preview"),
    path("me/notifications/", notification.NotificationListView.as_view(), name="notification_list"),
    path("me/notifications/bell/", notification.BellView.as_view(), name="notification_bell"),
    path("me/notifications/read/", notification.NotificationReadView.as_view(), name="notification_read"),
    path("me/notifications/<int:pk>/", notification.NotificationOpenView.as_view(), name="notification_open"),
    path("panels/<str:kind>/<int:pk>/", panels.PanelsView.as_view(), name="panels"),
    path("timeline/<str:kind>/<int:pk>/notes/", timeline.NoteCreateView.as_view(), name="note_new"),
    path("timeline/<str:kind>/<int:pk>/mentions/", timeline.MentionView.as_view(), name="mentions"),
    path("timeline/notes/<int:pk>/edit/", timeline.NoteEditView.as_view(), name="note_edit"),
    path("timeline/notes/<int:pk>/delete/", timeline.NoteDeleteView.as_view(), name="note_delete"),
    path("healthz/live", health.LiveView.as_view(), name="health_live"),
    path("healthz/ready", health.ReadyView.as_view(), name="health_ready"),
    path("metrics", health.MetricsView.as_view(), name="metrics"),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.not_found
handler500 = errors.server_error
handler429 = errors.too_many  # allauth's rate limits ask for it

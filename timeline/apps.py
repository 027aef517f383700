"""Timeline: what happened, to which record, by whom."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from digiweb import navigation, search
from digiweb.api import router as api
from digiweb.audit import register_writer
from digiweb.job_kinds import register_job
from digiweb.jobs import when_ended
from digiweb.navigation import Item
from digiweb.permissions import ACTIONS, register_module
from digiweb.search import Source
from timeline.notification_kinds import register_kind


class TimelineConfig(AppConfig):
    name = "timeline"
    verbose_name = _("History")

    def ready(self) -> None:
        from timeline import sign_ins  # noqa: F401  (connects Django's and allauth's own signals)
        from timeline.services.event import write_events

        register_writer(write_events)
        navigation.register(
            Item(_("Settings"), _("Audit log"), "timeline:event_list", "history", "people.audit", order=1002)
        )
        register_module(
            "timeline.bin",
            _("Bin"),
            group=_("Settings"),
            actions=("view", "change", "delete"),
            defaults={
                "sales": ("team", ("view", "change")),
                "marketing": ("own", ("view", "change")),
                "am": ("own", ("view", "change")),
            },
        )
        navigation.register(Item("", _("Bin"), "bin_list", "trash", "timeline.bin", order=3))
        self.take_documents()
        api.register("bin", "timeline.api.bin.BinViewSet", order=63)
        api.register("notifications", "timeline.api.notification.NotificationViewSet", order=62)
        api.register("notes", "timeline.api.note.NoteViewSet", order=60)
        api.register("events", "timeline.api.event.EventViewSet", order=61)
        api.register("jobs", "timeline.api.job_run.JobRunViewSet", order=64)
        register_kind("mention", _("Somebody mentioned you"), "at")
        self.follow_jobs()

    def follow_jobs(self) -> None:
        """Background jobs: their pages, their words, and who is told how they ended."""
        from timeline.services.job_run import tell_of_end

        # One's own runs need no grant; this one shows everybody's, and the schedule.
        register_module(
            "timeline.job",
            _("Background jobs"),
            group=_("Settings"),
            actions=("view", "change", "export"),
            scopes=("all",),
        )
        navigation.register(Item("", _("Jobs"), "job_list", "progress-check", order=4))
        navigation.register(
            Item(_("Settings"), _("Schedule"), "schedule", "calendar-time", "timeline.job", order=1003)
        )
        when_ended(tell_of_end)
        register_kind("job.done", _("A job of yours is finished"), "circle-check")
        register_kind("job.failed", _("A job stopped"), "alert-triangle")
        register_job("timeline.jobs.mail_notification", _("Notification by e-mail"), quiet=True)
        register_job("timeline.jobs.look_at_document", _("Check of a document"), quiet=True)
        register_job("timeline.jobs.remove_files", _("Deletion of files"), quiet=True)
        # It looks every few minutes, and mostly finds nothing.
        register_job("timeline.jobs.check_waiting_documents", _("Check of waiting documents"), quiet=True)

    def take_documents(self) -> None:
        """Documents: sight follows their records, so that the grants have no scope of their own."""
        from timeline.models import Document

        register_module(
            "timeline.document",
            _("Documents"),
            group=_("CRM"),
            scopes=("all",),
            defaults={"sales": ("all", ACTIONS)},
        )
        navigation.register(
            Item(_("CRM"), _("Documents"), "document_list", "paperclip", "timeline.document", order=15)
        )
        search.register(
            Source(Document, _("Documents"), "paperclip", "document_list", document_subtitle, order=20)
        )
        api.register("documents", "timeline.api.document.DocumentViewSet", order=59)
        register_kind("document.infected", _("A document contains a virus"), "virus")


def document_subtitle(document: Any) -> str:
    return str(document.type.label)

"""Timeline: what happened, to which record, by whom."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from digiweb import navigation
from digiweb.api import router as api
from digiweb.audit import register_writer
from digiweb.navigation import Item
from digiweb.permissions import register_module
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
        api.register("bin", "timeline.api.bin.BinViewSet")
        api.register("notifications", "timeline.api.notification.NotificationViewSet")
        api.register("notes", "timeline.api.note.NoteViewSet")
        api.register("events", "timeline.api.event.EventViewSet")
        api.register("jobs", "timeline.api.job_run.JobRunViewSet")
        register_kind("mention", _("Somebody mentioned you"), "at")
        # One's own runs need no grant; this one shows everybody's.
        register_module(
            "timeline.job", _("Background jobs"), group=_("Settings"), actions=("view",), scopes=("all",)
        )

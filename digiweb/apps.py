"""The frame: everything that has no table."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from digiweb import navigation
from digiweb.navigation import Item
from digiweb.widgets import Widget, register_widget


class DigiwebConfig(AppConfig):
    name = "digiweb"
    verbose_name = _("DigiWeb ERP")

    def ready(self) -> None:
        from digiweb import checks  # noqa: F401  (registers the system checks)
        from digiweb.home_events import events_widget
        from digiweb.logs import watch_slow_queries
        from digiweb.schedule import name_entries

        watch_slow_queries()
        name_entries()

        navigation.register(Item("", _("Home"), "home", "home", order=1))
        # Announced to everybody, so that nobody looks for it (SPEC I2).
        navigation.register(
            Item(_("Automation"), _("Automation"), "", "robot", order=900, note=_("coming soon"))
        )
        register_widget(Widget("home/events.html", events_widget, "", order=90))

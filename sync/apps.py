"""What comes and goes between the house and services outside."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from digiweb import navigation
from digiweb.navigation import Item
from digiweb.panels import Panel, register_panel
from digiweb.permissions import register_module


class SyncConfig(AppConfig):
    name = "sync"
    verbose_name = _("Integrations")

    def ready(self) -> None:
        settings = _("Settings")
        register_module(
            "sync.connection",
            _("Integrations"),
            group=settings,
            actions=("view", "change"),
            scopes=("all",),
        )
        # Asking costs: by default salespeople see scores, administrators ask for them.
        register_module(
            "sync.solvency",
            _("Solvency"),
            group=_("CRM"),
            actions=("view", "create"),
            scopes=("all",),
            defaults={"sales": ("all", ("view",)), "am": ("all", ("view",))},
        )
        navigation.register(
            Item(
                settings,
                _("Integrations"),
                "sync:integration_list",
                "plug-connected",
                "sync.connection",
                order=1005,
            )
        )
        self.connect()

    def connect(self) -> None:
        """The services, and what the CRM shows of them."""
        from crm.company_data import register_source
        from sync.catalogue import providers
        from sync.panels import solvency_panel
        from sync.providers import register_provider
        from sync.services.company_data import sources

        for provider in providers():
            register_provider(provider)
        for source in sources():
            register_source(source)
        register_panel(
            Panel(
                "crm.company",
                _("Solvency"),
                "sync/solvency/panel.html",
                solvency_panel,
                "sync.solvency",
                order=61,
            )
        )

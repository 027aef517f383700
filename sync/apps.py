"""What comes and goes between the house and services outside."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from digiweb.permissions import register_module


class SyncConfig(AppConfig):
    name = "sync"
    verbose_name = _("Integrations")

    def ready(self) -> None:
        register_module(
            "sync.connection",
            _("Integrations"),
            group=_("Settings"),
            actions=("view", "change"),
            scopes=("all",),
        )

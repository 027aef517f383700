"""People: who signs in, what they may do, how they are led."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from digiweb.permissions import register_module


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = _("Team")

    def ready(self) -> None:
        settings = _("Settings")
        register_module("people.user", _("Team"), group=settings)
        register_module("people.role", _("Roles"), group=settings, scopes=("all",))
        register_module(
            "people.audit", _("Audit log"), group=settings, actions=("view", "export"), scopes=("all",)
        )
        post_migrate.connect(ship_default_roles, sender=self)


def ship_default_roles(**kwargs: object) -> None:
    """The four roles and the grants of modules that are new; what an admin changed stays."""
    from people.services.role import ensure_default_roles

    ensure_default_roles()

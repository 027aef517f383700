"""People: who signs in, what they may do, how they are led."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from digiweb import navigation, search
from digiweb.api import router as api
from digiweb.job_kinds import register_job
from digiweb.navigation import Item
from digiweb.permissions import register_module
from digiweb.search import Source


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
        self.name_jobs()
        api.register("users", "people.api.user.UserViewSet", order=90)
        post_migrate.connect(ship_default_roles, sender=self)
        self.show(settings)

    def name_jobs(self) -> None:
        """What background jobs are called; messages on their way are routine."""
        register_job("people.jobs.hand_over", _("Removal of a member"))
        register_job("people.jobs.send_invitation", _("Invitation by e-mail"), quiet=True)
        register_job("people.jobs.tell_manager", _("Message to a manager"), quiet=True)
        register_job("people.jobs.tell_of_removal", _("Message about a removal"), quiet=True)
        register_job("people.jobs.tell_of_reset", _("Message about a sign-in"), quiet=True)

    def show(self, settings: Any) -> None:
        """What the shell shows of this app: menu, « + », search."""
        from people.models import User

        navigation.register(Item("", _("My space"), "people:me", "user-circle", order=2))
        navigation.register(
            Item(settings, _("Team"), "people:user_list", "users-group", "people.user", order=1000)
        )
        navigation.register(
            Item(settings, _("Roles"), "people:role_list", "shield-lock", "people.role", order=1001)
        )
        navigation.register_create(
            Item("", _("Colleague"), "people:user_new", "user-share", "people.user", "create", order=900)
        )
        search.register(
            Source(User, _("Team"), "users-group", "people:user_list", person_subtitle, ("role",), order=900)
        )


def person_subtitle(person: Any) -> str:
    return " · ".join(part for part in (person.job_title, str(person.role or ""), person.email) if part)


def ship_default_roles(**kwargs: object) -> None:
    """The four roles and the grants of modules that are new; what an admin changed stays."""
    from people.services.role import ensure_default_roles

    ensure_default_roles()

"""Fill an empty database with a believable French agency (SPEC P2)."""

from collections.abc import Iterator
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date

from digiweb.demo import PASSWORD, Demo

LOGINS = ("admin", "manager", "sales", "sales2", "marketing", "am")
SEED = 20261101


class Command(BaseCommand):
    """`manage.py seed_demo`."""

    help = (
        "Fills an empty database with a demo company: 12 people, 400 companies, 900 contacts and their "
        "history of the last 12 months. The same seed and day give the same rows. "
        "Exit codes: 0 done, or nothing to do with --if-empty; 1 there is data already; "
        "2 not allowed here (DEMO_MODE or DEBUG must be on, as everybody knows the password)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where there is somebody already"
        )
        parser.add_argument(
            "--seed", type=int, default=SEED, help=f"another number, another company ({SEED})"
        )
        parser.add_argument("--today", type=_day, help="the day on which the story ends, YYYY-MM-DD (today)")
        parser.add_argument("--without-logins", action="store_true", help="give nobody a password")
        parser.add_argument(
            "--logins", action="store_true", help="only give the demo people their password, after `loaddata`"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO_MODE or settings.DEBUG):
            raise CommandError(
                "seed_demo makes logins whose password everybody knows: "
                "it runs only with DEMO_MODE=1 or DEBUG=1.",
                returncode=2,
            )
        if options["logins"]:
            self._give_logins()
            return
        people = get_user_model()._default_manager.count()
        if people:
            if options["if_empty"]:
                return
            raise CommandError(f"There are {people} people here already: seed_demo needs an empty database.")
        demo = Demo(
            seed=options["seed"],
            today=options["today"] or timezone.localdate(),
            logins=not options["without_logins"],
        )
        with transaction.atomic():
            for step in ("build", "finish"):
                for module in demo_modules():
                    if hasattr(module, step):
                        getattr(module, step)(demo)
        if options["verbosity"]:
            made = ", ".join(f"{count} {label}" for label, count in demo.counts.items())
            self.stdout.write(f"Demo data of {demo.today}: {made}.")

    def _give_logins(self) -> None:
        """Fixtures carry no password; here they get it."""
        people: Any = get_user_model()._default_manager.filter(
            email__in=[f"{key}@digiweb.test" for key in LOGINS]
        )
        for person in people:
            person.set_password(PASSWORD)
            person.save(update_fields=["password"])
        self.stdout.write(f"{len(people)} demo logins have the password {PASSWORD}.")


def demo_modules() -> Iterator[Any]:
    """The `demo` module of each app that has one, in the order of INSTALLED_APPS."""
    for config in apps.get_app_configs():
        if config.name != "digiweb" and find_spec(f"{config.name}.demo"):
            yield import_module(f"{config.name}.demo")


def _day(text: str) -> date:
    day = parse_date(text)
    if day is None:
        raise ValueError(text)
    return day

"""Fill a database with many contacts, to measure with (docs/measures.md)."""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from digiweb.demo.scale import Scale
from digiweb.management.commands.seed_demo import demo_modules


class Command(BaseCommand):
    """`manage.py seed_scale --contacts N`."""

    help = (
        "Adds N contacts with N/3 companies, tags, access and tally rows, 40 salespeople (one of them with "
        "200 contacts, one with 100,000) and one contact with 100,000 events, and N/5 clients; --deals adds "
        "deals with the stages they went through to these contacts, --contracts contracts, payments and "
        "subscriptions to these clients, with their sums, --invoices quotes and invoices (rows alone, no "
        "PDFs). Takes nothing away. The same "
        "N and seed give the same rows on an empty database. Exit codes: 0 done; 1 there is data and --yes "
        "was not given, or it failed (batches that were written stay)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--contacts", type=int, required=True, metavar="N", help="how many contacts to add"
        )
        parser.add_argument("--deals", type=int, default=0, metavar="N", help="how many deals to add (0)")
        parser.add_argument(
            "--contracts", type=int, default=0, metavar="N", help="how many contracts and payments to add (0)"
        )
        parser.add_argument(
            "--invoices", type=int, default=0, metavar="N", help="how many quotes and invoices to add (0)"
        )
        parser.add_argument("--seed", type=int, default=1, help="another number, other rows (1)")
        parser.add_argument("--yes", action="store_true", help="also where there is data already")

    def handle(self, *args: Any, **options: Any) -> None:
        number = options["contacts"]
        if number < 1:
            raise CommandError("--contacts must be 1 or more.")
        for name in ("deals", "contracts", "invoices"):
            if options[name] < 0:
                raise CommandError(f"--{name} must be 0 or more.")
        people: Any = get_user_model()._default_manager
        if people.exists() and not options["yes"]:
            name = settings.DATABASES["default"]["NAME"]
            raise CommandError(f"The database {name} holds data already; --yes adds to it all the same.")
        if people.filter(email="bench-admin@digiweb.test").exists():
            raise CommandError("seed_scale has filled this database already: take a new one.")
        started = time.monotonic()
        scale = Scale(
            number,
            deals=options["deals"],
            contracts=options["contracts"],
            invoices=options["invoices"],
            seed=options["seed"],
            report=self.stderr.write if options["verbosity"] else None,
        )
        for step in ("scale", "scale_finish"):
            for module in demo_modules():
                if hasattr(module, step):
                    getattr(module, step)(scale)
        seconds = time.monotonic() - started
        self.stdout.write(f"{number:,} contacts in {seconds:.1f} s: {number / seconds:,.0f} a second.")

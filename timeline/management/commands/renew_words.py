"""`manage.py renew_words`, for plain cron where `run_schedule` does not run, and for the hand."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from digiweb.fulltext_upkeep import SLOW_MS, renew_words


class Command(BaseCommand):
    help = (
        "Makes full-text indexes anew that have grown slow by many changed rows; prints their tables. "
        "A table can be read but not written meanwhile (a million rows: about a minute). Exit code 0."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--slow-ms",
            type=float,
            default=SLOW_MS,
            metavar="MS",
            help=f"what a search that finds nothing may take in milliseconds ({SLOW_MS:g}); 0: all anew",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for table in renew_words(slow_ms=options["slow_ms"]):
            self.stdout.write(table)

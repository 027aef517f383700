"""`manage.py catch_up_calls`, for plain cron where `run_schedule` does not run."""

from typing import Any

from django.core.management.base import BaseCommand

from sync.aircall.catch_up import DAYS, catch_up


class Command(BaseCommand):
    help = (
        "Reads the calls of the last days from Aircall, so that a lost webhook is no lost call; prints how "
        "many were read. Without a connection: 0. Exit code 0, or 1 when Aircall does not answer."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--days", type=int, default=DAYS, help=f"days to look back (default {DAYS})")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(catch_up(days=options["days"])))

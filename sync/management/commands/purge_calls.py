"""`manage.py purge_calls`, for plain cron where `run_schedule` does not run."""

from typing import Any

from django.core.management.base import BaseCommand

from sync.services.integration import purge_calls


class Command(BaseCommand):
    help = (
        "Forgets calls to services outside that are older than thirty days, prints how many; and company "
        "data that nobody asked for again in a year. "
        "To be run every night. Exit code 0."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(purge_calls()))

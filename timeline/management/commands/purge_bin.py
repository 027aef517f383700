"""`manage.py purge_bin`, for plain cron where `run_schedule` does not run."""

from typing import Any

from django.core.management.base import BaseCommand

from timeline.services.bin import purge_bin


class Command(BaseCommand):
    help = (
        "Removes for good the deleted records that have been in the bin for more than 30 days; "
        "prints how many. Exit code 0."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(purge_bin()))

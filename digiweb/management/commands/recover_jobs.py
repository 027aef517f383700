"""`manage.py recover_jobs`, for plain cron where `run_schedule` does not run."""

from typing import Any

from django.core.management.base import BaseCommand

from digiweb.jobs import recover_runs


class Command(BaseCommand):
    help = (
        "Queues again the background jobs whose worker died or that were lost on their way to Redis; "
        "prints how many. Harmless to repeat. Exit code 0."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(recover_runs()))

"""`manage.py purge_job_runs`, for plain cron where `run_schedule` does not run."""

from typing import Any

from django.core.management.base import BaseCommand

from timeline.services.job_run import purge_job_runs


class Command(BaseCommand):
    help = (
        "Forgets background jobs that ended more than 90 days ago, and after 14 days those that went well "
        "and that nobody asked for; prints how many. Exit code 0."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(purge_job_runs()))

"""`manage.py purge_phone_calls`, for plain cron where `run_schedule` does not run."""

from typing import Any

from django.core.management.base import BaseCommand

from sync import jobs


class Command(BaseCommand):
    help = (
        "Forgets webhooks older than WEBHOOK_DAYS, links to recordings after their days and calls without "
        "an activity older than CALL_DAYS; logs the calls of numbers that are known by now. Exit code 0."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        jobs.purge_phone_calls()

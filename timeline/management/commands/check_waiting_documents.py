"""`manage.py check_waiting_documents`, for plain cron where `run_schedule` does not run."""

from typing import Any

from django.core.management.base import BaseCommand

from timeline.services.document_look import look_at_waiting


class Command(BaseCommand):
    help = (
        "Has the virus scanner look at the documents that wait for it, until it does not answer; "
        "prints how many were looked at. Exit code 0."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(look_at_waiting()))

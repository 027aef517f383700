"""`manage.py remove_orphans`, for plain cron where `run_schedule` does not run."""

from typing import Any

from django.core.management.base import BaseCommand

from timeline.services.document_files import remove_orphans


class Command(BaseCommand):
    help = (
        "Removes stored files that neither a document nor the bin has needed for a day; "
        "prints how many. Exit code 0."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(remove_orphans()))

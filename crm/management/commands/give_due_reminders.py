"""`manage.py give_due_reminders`, for plain cron where `run_schedule` does not run."""

from typing import Any

from django.core.management.base import BaseCommand

from crm.services.reminder import give_due_reminders


class Command(BaseCommand):
    help = (
        "Tells people of their activities whose reminder is due, in the page and by e-mail, each once; "
        "prints how many were told. To be run every minute. Exit code 0."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(give_due_reminders()))

"""`manage.py tell_renewals`: what the schedule does every morning."""

from typing import Any

from django.core.management.base import BaseCommand

from crm.services.renewal import tell_renewals


class Command(BaseCommand):
    help = (
        "Tells salespeople of the renewals of their clients 90, 60 and 30 days ahead, each once; prints of "
        "how many clients. To be run every morning. Exit code 0."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(tell_renewals()))

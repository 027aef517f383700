"""`manage.py tell_renewals`: what the schedule does every morning."""

from typing import Any

from django.core.management.base import BaseCommand

from crm.services.renewal import tell_renewals


class Command(BaseCommand):
    help = "Tell salespeople of the renewals of their clients 90, 60 and 30 days ahead."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{tell_renewals()} clients told of.")

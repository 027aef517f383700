"""`manage.py refresh_clients`: what the schedule does every night."""

from typing import Any

from django.core.management.base import BaseCommand

from crm.services.client_signs import refresh_clients


class Command(BaseCommand):
    help = "Works out last contact, next activity and health of all clients again. Every night. Exit code 0."

    def handle(self, *args: Any, **options: Any) -> None:
        refresh_clients()

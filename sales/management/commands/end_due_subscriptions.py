"""End subscriptions whose last day has passed."""

from typing import Any

from django.core.management.base import BaseCommand

from sales.services.subscription import end_due_subscriptions


class Command(BaseCommand):
    """`manage.py end_due_subscriptions`."""

    help = (
        "Ends subscriptions whose last day has passed, by which the monthly revenue of their clients falls; "
        "tells how many. The schedule does it every night. Exit code 0."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Subscriptions ended: {end_due_subscriptions()}.")

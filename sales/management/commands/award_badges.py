"""Give the badges that were earned."""

from typing import Any

from django.core.management.base import BaseCommand

from sales.services.award import award_badges


class Command(BaseCommand):
    """`manage.py award_badges`."""

    help = (
        "Gives the badges that were earned in this month and the two before (sales/badges.py has the rules) "
        "and tells those who earned them, each once; tells how many. The schedule does it every night. "
        "Exit code 0."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Badges given: {award_badges()}.")

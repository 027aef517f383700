"""Work out the sums of invoices and payments by month anew."""

from typing import Any

from django.core.management.base import BaseCommand

from sales.services.money_totals import recount_money


class Command(BaseCommand):
    """`manage.py recount_money`."""

    help = "Work out the sums of invoices and payments by month anew, from the rows."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Lines put right: {recount_money()}.")

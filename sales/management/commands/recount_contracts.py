"""Work out the sums of contracts anew."""

from typing import Any

from django.core.management.base import BaseCommand

from sales.services.contract_totals import recount_contracts


class Command(BaseCommand):
    """`manage.py recount_contracts`."""

    help = (
        "Compares the sums of contracts (by salesperson, month, offer and status; by salesperson and client) "
        "with the contracts and puts right what differs; tells how many lines did. Services keep them as "
        "contracts change: it is for after rows were written by hand or loaded. Exit code 0."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Lines put right: {recount_contracts()}.")

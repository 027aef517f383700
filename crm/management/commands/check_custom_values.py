"""Compare records with the tables by which their custom fields are found."""

from typing import Any

from django.core.management.base import BaseCommand

from crm.services.custom_value import TABLES, rebuild_values


class Command(BaseCommand):
    """`manage.py check_custom_values`."""

    help = (
        "Compares the custom fields of contacts, companies and deals with the tables by which lists are "
        "filtered, and puts right what differs; tells how many rows did. Services keep them as records "
        "change, and the schedule does this every night: it is for after rows were written by hand or "
        "loaded. Exit code 0."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for model in TABLES:
            wrong = rebuild_values(model)
            self.stdout.write(f"{model._meta.verbose_name_plural}: rows put right: {wrong}.")

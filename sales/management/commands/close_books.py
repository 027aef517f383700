"""Closes the books of an agency up to a day, for good."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from sales.models import Agency
from sales.services.closing import close_books, to_close


class Command(BaseCommand):
    help = (
        "Close the books of an agency up to a day (included): its entries get their numbers and never change "
        "any more. There is no way back. Without --yes it only tells what would be closed. Exit code 0 when "
        "done or told, 1 when refused (the day is not over, or closed already), 2 for an agency or a day "
        "that there is not."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--agency", required=True, help="the code of the agency, such as DF")
        parser.add_argument("--until", required=True, help="the last day to close (AAAA-MM-JJ)")
        parser.add_argument("--yes", action="store_true", help="do close")

    def handle(self, *args: Any, **options: Any) -> None:
        agency = Agency.objects.filter(code=options["agency"]).first()
        if agency is None:
            raise CommandError(f"There is no agency with the code {options['agency']}.", returncode=2)
        try:
            until = date.fromisoformat(options["until"])
        except ValueError:
            raise CommandError(f"{options['until']} is no day (AAAA-MM-JJ).", returncode=2) from None
        try:
            if not options["yes"]:
                told = to_close(agency, until)
                self.stdout.write(
                    f"{told.entries} entries, {told.debit} EUR: nothing was closed (--yes does)."
                )
                return
            closing = close_books(user=None, agency=agency, until=until)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=1) from None
        self.stdout.write(f"{closing.entries} entries closed, {closing.debit} EUR.")

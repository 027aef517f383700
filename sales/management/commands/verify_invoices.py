"""Replays what was issued: seals, files, numbers, totals."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sales.models import Agency
from sales.services.invoice_verify import verify


class Command(BaseCommand):
    help = (
        "Replay the chain of seals of all issued invoices: HMAC, rows, PDF files and their SHA-256, gaps in "
        "the numbers, totals, triggers. Changes nothing. Exit code 0 when all is as it was issued, 1 when "
        "something is not (each on a line), 2 for an agency that there is not."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--agency", help="the code of one agency (all)")

    def handle(self, *args: Any, **options: Any) -> None:
        agency = None
        if options["agency"]:
            agency = Agency.objects.filter(code=options["agency"]).first()
            if agency is None:
                raise CommandError(f"There is no agency with the code {options['agency']}.", returncode=2)
        verdict = verify(agency)
        for problem in verdict.problems:
            self.stderr.write(str(problem))
        if verdict.problems:
            raise CommandError(
                f"{verdict.count} seals replayed, {len(verdict.problems)} problems.", returncode=1
            )
        self.stdout.write(f"{verdict.count} seals replayed: all is as it was issued.")

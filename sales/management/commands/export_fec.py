"""Writes the FEC of a fiscal year, and the text that describes it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sales.models import Agency
from sales.services.fec import description_of, make_fec


class Command(BaseCommand):
    help = (
        "Write the FEC (article A47 A-1 of the LPF) of an agency's fiscal year and its description: two "
        "files, SIRENFECAAAAMMJJ.txt (ISO 8859-15, amounts in euros) and SIRENFECAAAAMMJJ_description.txt "
        "(UTF-8). Only entries of closed periods are in it. Exit code 0 when the file keeps every rule, 1 "
        "when it does not (each problem on a line, nothing is written), 2 for an agency or a folder that "
        "there is not."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--agency", required=True, help="the code of the agency, such as DF")
        parser.add_argument(
            "--year", required=True, type=int, help="the calendar year in which the fiscal year ends (AAAA)"
        )
        parser.add_argument("--output", default=".", help="the folder to write to (the present one)")

    def handle(self, *args: Any, **options: Any) -> None:
        agency = Agency.objects.filter(code=options["agency"]).first()
        if agency is None:
            raise CommandError(f"There is no agency with the code {options['agency']}.", returncode=2)
        folder = Path(options["output"])
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.", returncode=2)
        if not 2000 <= options["year"] <= 2199:
            raise CommandError(f"{options['year']} is no year.", returncode=2)
        made = make_fec(agency, options["year"])
        for problem in made.problems:
            self.stderr.write(problem)
        if made.problems:
            raise CommandError(f"{len(made.problems)} problems: no file was written.", returncode=1)
        path = folder / made.name
        path.write_bytes(made.content)
        text = description_of(agency, options["year"])
        path.with_name(f"{path.stem}_description.txt").write_text(text, encoding="utf-8", newline="")
        self.stdout.write(f"{path}: {made.lines} lines, every rule is kept.")

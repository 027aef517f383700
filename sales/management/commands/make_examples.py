"""An example set of issued documents, each as PDF and XML, with a report of what was checked."""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pypdfium2
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from sales.facturx.reading import read_file, xml_of_pdf
from sales.facturx.validation import check
from sales.models import InvoiceSeal

HEAD = """# Example set of issued documents

Made by `manage.py make_examples`: each was proven, numbered, drawn and sealed by the code that issues
invoices; PDF/A-3b with Factur-X EN 16931 inside, the same XML beside. Numbers, addresses and accounts are
made up.

| file | what it shows | number | before tax | VAT | with tax | pages | rules | read back |
|---|---|---|---:|---:|---:|---:|---|---|
"""


class Command(BaseCommand):
    """`manage.py make_examples FOLDER`."""

    help = (
        "Writes an example set of issued invoices and credit notes into FOLDER: several rates, exemption, "
        "reverse charge, abroad, LOCAM, direct debit, deposit, interim, final, credit notes, 300 lines, long "
        "names. Beside each PDF its XML; report.md says what was checked. It works on a temporary database; "
        "yours is not touched. Exit codes: 0 all as it must be; 1 something is not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where to write; made where it is not there")
        parser.add_argument("--in-this-database", action="store_true", help="used by the command itself")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"].resolve()
        if options["in_this_database"]:
            self._make(folder)
            return
        with tempfile.TemporaryDirectory() as name:
            env = {
                **os.environ,
                "ENV_FILE": os.devnull,
                "DEMO_MODE": "1",
                "DATABASE_URL": f"sqlite:///{name}/examples.sqlite3",
                "MEDIA_ROOT": f"{name}/media",
                "DJANGO_SETTINGS_MODULE": "digiweb.settings",
            }
            _manage(env, "migrate", "--verbosity=0")
            self.stdout.write(_manage(env, "make_examples", str(folder), "--in-this-database"), ending="")

    def _make(self, folder: Path) -> None:
        from sales.demo.examples import make_examples
        from sales.services.invoice_verify import verify

        if InvoiceSeal.objects.exists():
            raise CommandError("This database has issued invoices: the examples want an empty one.")
        folder.mkdir(parents=True, exist_ok=True)
        rows, wrong = [], 0
        with override("fr"):
            for place, example in enumerate(make_examples(), 1):
                row, fine = _kept(folder / f"{place:02d}-{example.name}.pdf", example)
                rows.append(row)
                wrong += not fine
            verdict = verify()
        problems = "".join(f"- {problem}\n" for problem in verdict.problems)
        count = f"{verdict.count} seals replayed, {len(verdict.problems)} problems"
        end = f"\n`verify_invoices`: {count}.\n{problems}"
        (folder / "report.md").write_text(HEAD + "\n".join(rows) + "\n" + end, encoding="utf-8")
        self.stdout.write(
            f"{len(rows)} documents in {folder}; {count}; {wrong} with rules that are not kept."
        )
        if wrong or verdict.problems:
            raise CommandError(f"See {folder / 'report.md'}.", returncode=1)


def _kept(path: Path, example: Any) -> tuple[str, bool]:
    """Write one example and its XML; its row of the report, and whether all rules are kept."""
    invoice = example.invoice
    seal = InvoiceSeal.objects.get(invoice=invoice)
    with default_storage.open(str(seal.pdf.name)) as file:
        content = file.read()
    path.write_bytes(content)
    _name, xml = xml_of_pdf(path)
    path.with_suffix(".xml").write_bytes(xml)
    report, reading = check(xml), read_file(path)
    same = hashlib.sha256(content).hexdigest() == seal.pdf_sha256
    back = same and reading.invoice.totals.gross == invoice.gross
    rules = "kept" if report.is_valid else "; ".join(each.rule for each in report.errors)
    with pypdfium2.PdfDocument(path) as document:
        pages = len(document)
    row = (
        f"| {path.name} | {example.shows} | {invoice.number} | {invoice.net} | {invoice.vat} | "
        f"{invoice.gross} | {pages} | {rules} | {'yes' if back else 'no'} |"
    )
    return row, report.is_valid and back


def _manage(env: dict[str, str], *words: str) -> str:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *words, "--skip-checks"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CommandError(f"{done.stdout}{done.stderr[-3000:]}", returncode=1)
    return done.stdout

"""`manage.py check_colleague_api`: for the colleague, before anything is imported."""

import gzip
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from sync.colleague.client import ColleagueApi
from sync.colleague.conformance import Conformance
from sync.colleague.limits import limits_set
from sync.colleague.stream import elements
from sync.errors import ProviderError
from sync.http import CHUNK


class Command(BaseCommand):
    # Nothing of the pages is needed, nor a database where an address or a file is given.
    requires_system_checks: list[str] = []
    help = (
        "Reads the colleague's list from an address, a file (.json, .json.gz) or “-”, and prints what "
        "conforms to docs/colleague-api.yaml and what does not: counts, the first of each kind of fault "
        "with path and reason, unknown statuses, doubles. Personal data is masked, nothing is imported. "
        "Without an argument: EXTERNAL_API_URL with its token. "
        "Exit codes: 0 it conforms; 1 it does not; 2 it could not be read, or not to its end."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", nargs="?", default="", help="address, file, or - for standard input")
        parser.add_argument(
            "--header", default="", help="a header for the address, such as “Authorization: Bearer …”"
        )
        parser.add_argument(
            "--first", type=int, default=3, help="how many of each kind of fault are shown (default 3)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = Conformance(first=max(options["first"], 1))
        trouble = ""
        try:
            found.add_all(self.elements(options["source"], options["header"]))
        except ProviderError as error:
            trouble = f"{error.text} ({error.detail})" if error.detail else str(error.text)
        except (OSError, EOFError) as error:
            trouble = getattr(error, "strerror", "") or str(error)
        for line in found.report():
            self.stdout.write(line)
        self.stdout.write("")
        if trouble:
            self.stdout.write(_("It could not be read to its end: %(trouble)s") % {"trouble": trouble})
            sys.exit(2)
        self.stdout.write(_("It conforms.") if found.conforms else _("It does not conform."))
        if not found.conforms:
            sys.exit(1)

    def elements(self, source: str, header: str) -> Iterator[Any]:
        if not source or re.match(r"[a-z]+://", source):
            name, _colon, value = header.partition(":")
            if header and not (name.strip() and value.strip()):
                raise CommandError("--header wants “Name: value”.", returncode=2)
            headers = {name.strip(): value.strip()} if header else {}
            if source == settings.EXTERNAL_API_URL and not header:
                source = ""  # with the token that is set for it
            yield from ColleagueApi(url=source, headers=headers).prospects()
        elif source == "-":
            yield from elements(portions(sys.stdin.buffer), limit=limits_set().prospect)
        else:
            with Path(source).open("rb") as file:
                packed = file.read(2) == b"\x1f\x8b"
                file.seek(0)
                unpacked: Any = gzip.GzipFile(fileobj=file) if packed else file
                yield from elements(portions(unpacked), limit=limits_set().prospect)


def portions(file: BinaryIO) -> Iterator[bytes]:
    while portion := file.read(CHUNK):
        yield portion

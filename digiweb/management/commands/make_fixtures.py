"""Write fixtures/ anew: the demo of a fixed day, one file an app, for `loaddata`."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from digiweb.crypto import EncryptedTextField

DAY = "2026-11-01"
# What `migrate` makes by itself; the others point at roles by their key, not by number.
MADE_BY_MIGRATE = {"people.role", "people.grant", "people.knownmodule"}
# Their files are not in fixtures: `seed_demo` writes them.
WITH_FILES = {"timeline.document"}
# Encrypted and found with the keys of an installation, which fixtures cannot know: plain numbers would
# stand in them, and indexes that find nothing. `seed_demo` writes these, too.
WITH_KEYS = {
    "sales.bankaccount", "sales.receivedinvoice", "sales.receivedinvoicerate", "sales.mandate",
    "sales.debitbatch", "sales.debit",
}  # fmt: skip
# Sealed with the keys of an installation, with files beside: `seed_demo` issues them, and numbers them.
WITH_SEALS = {
    "sales.invoice", "sales.invoiceline", "sales.invoicerate", "sales.invoiceseal", "sales.invoicemessage",
    "sales.sealchain",
    # What was paid of them, what the bank and the books tell of them, who was reminded.
    "sales.payment", "sales.paymentmatch", "sales.letter", "sales.letterseries", "sales.writeoff",
    "sales.moneytotal", "sales.bankstatement", "sales.bankline", "sales.bookentry", "sales.bookline",
    "sales.closing", "sales.reminder", "sales.reminderplan", "sales.reminderpause",
    # Closed statements are files with a hash.
    "sales.commissionstatement", "sales.commissionline",
}  # fmt: skip
ONLY: dict[str, dict[str, Any]] = {"sales.series": {"kind": "quote"}}
# Of the history, the fixtures hold what is younger than this; `seed_demo` writes the whole year.
HISTORY_DAYS = 30
HISTORY = {"timeline.event": "at__gte", "timeline.eventlink": "event__at__gte"}
# Nor what happened to records that are not there.
ABOUT = {"timeline.event": "subject_type__in", "timeline.eventlink": "event__subject_type__in"}


class Command(BaseCommand):
    """`manage.py make_fixtures`."""

    help = (
        f"Writes one file an app into fixtures/, numbered in the order of loading, with the demo of {DAY}. "
        "It works on a temporary SQLite database; yours is not touched. The same code gives the same bytes. "
        "Nobody has a password in them: after `loaddata fixtures/*.json`, `seed_demo --logins` gives it. "
        "Exit codes: 0 done, 1 failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        folder = settings.BASE_DIR / "fixtures"
        parser.add_argument("--folder", type=Path, default=folder, help="where to write (fixtures/)")
        parser.add_argument(
            "--from-database", action="store_true", help="write what the configured database holds instead"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if options["from_database"]:
            self._write(folder)
            return
        with tempfile.TemporaryDirectory() as name:
            env = {
                **os.environ,
                "ENV_FILE": os.devnull,
                "DEMO_MODE": "1",
                "DATABASE_URL": f"sqlite:///{name}/demo.sqlite3",
                "MEDIA_ROOT": f"{name}/media",
                "DJANGO_SETTINGS_MODULE": "digiweb.settings",
            }
            _manage(env, "migrate", "--verbosity=0")
            _manage(env, "seed_demo", "--today", DAY, "--without-logins", "--verbosity=0")
            self.stdout.write(
                _manage(env, "make_fixtures", "--from-database", "--folder", str(folder)), ending=""
            )

    def _write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("[0-9][0-9]_*.json"):
            old.unlink()
        number = 0
        for config in apps.get_app_configs():
            if Path(config.path).parent != settings.BASE_DIR:
                continue  # a library's
            lines = list(_lines([model for model in config.get_models() if model._meta.managed]))
            if not lines:
                continue
            number += 1
            path = folder / f"{number:02}_{config.label}.json"
            path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
            self.stdout.write(f"{path.name}: {len(lines)} rows, {path.stat().st_size // 1024} KB")


def _lines(app_models: list[type[models.Model]]) -> Iterator[str]:
    """One row a line, a row after those it points at (within a table: in the order of numbers)."""
    for model in serializers.sort_dependencies([("", app_models)]):
        if model._meta.label_lower in MADE_BY_MIGRATE | WITH_FILES | WITH_KEYS | WITH_SEALS:
            continue
        rows = model._default_manager.filter(**ONLY.get(model._meta.label_lower, {})).order_by("pk")
        if model._meta.label_lower in HISTORY:
            rows = rows.filter(**{HISTORY[model._meta.label_lower]: first_day()})
            rows = rows.exclude(**{ABOUT[model._meta.label_lower]: WITH_KEYS | WITH_SEALS})
        for row in serializers.serialize(
            "python", rows.iterator(chunk_size=1000), use_natural_foreign_keys=True
        ):
            row["fields"] = _telling(model, row["fields"])
            yield json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))


def first_day() -> datetime:
    """From when on the history is written out."""
    return datetime.fromisoformat(DAY).replace(tzinfo=UTC) - timedelta(days=HISTORY_DAYS)


def _telling(model: type[models.Model], values: dict[str, Any]) -> dict[str, Any]:
    """The values that are not what the field has by itself: half the bytes.

    Neither what another installation's keys encrypted, nor the names of files that are not here.
    """
    fields: dict[str, Any] = {field.name: field for field in model._meta.concrete_fields}
    return {
        name: value
        for name, value in values.items()
        if not isinstance(fields[name], EncryptedTextField | models.FileField)
        if isinstance(fields[name], models.DateField) or value != fields[name].get_default()
    }


def _manage(env: dict[str, str], *words: str) -> str:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *words, "--skip-checks"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CommandError(f"manage.py {' '.join(words)} failed:\n{done.stderr[-3000:]}")
    return done.stdout

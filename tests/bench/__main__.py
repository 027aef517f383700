# ruff: noqa: T201
"""`python -m tests.bench --rows 1000000`: fill two databases, measure, print a table, write JSON.

The MariaDB server is that of DATABASE_URL (`make bench` starts a private one); two databases are made
there, with 1,000 and with ROWS contacts. They stay until the server goes: a second run with `--reuse`
measures at once.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests.bench.cases import cases
from tests.bench.load import collect_static, requests_per_second
from tests.bench.memory import measure_memory
from tests.bench.report import Line, line_of, table

ROOT = Path(__file__).resolve().parents[2]
SMALL = 1_000


class Database:
    """A database of so many contacts, and the measurer on it."""

    def __init__(self, rows: int, folder: Path) -> None:
        self.rows, self.folder = rows, folder
        parts = urlsplit(os.environ["DATABASE_URL"])
        self.name = f"digiweb_bench_{rows}"
        self.env = {
            **os.environ,
            "DATABASE_URL": urlunsplit(parts._replace(path=f"/{self.name}")),
            "DJANGO_SETTINGS_MODULE": "digiweb.settings",
            # No line of the log for each request on the terminal.
            "LOG_LEVEL": "INFO",
        }
        self.process: subprocess.Popen[str] | None = None

    def fill(self, *, reuse: bool) -> float | None:
        """Rows a second; None when it was filled before."""
        held = {
            self._sql(f"SELECT COUNT(*) FROM {self.name}.{table}", quiet=True)
            for table in (
                "crm_contact",
                "crm_deal",
                "sales_contract",
                "sales_paymentrecord",
                "sales_quote",
                "sales_invoice",
            )
        }
        if reuse and held == {str(self.rows)}:
            return None
        self._sql(f"DROP DATABASE IF EXISTS {self.name}")
        self._sql(f"CREATE DATABASE {self.name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci")
        self._manage("migrate", "--verbosity=0")
        started = time.monotonic()
        self._manage(
            "seed_scale",
            "--contacts",
            str(self.rows),
            "--deals",
            str(self.rows),
            "--contracts",
            str(self.rows),
            "--invoices",
            str(self.rows),
        )
        seconds = time.monotonic() - started
        self._sql(
            f"ANALYZE TABLE {self.name}.crm_contact, {self.name}.crm_company, {self.name}.crm_deal, "
            f"{self.name}.crm_client, {self.name}.sales_contract, {self.name}.sales_subscription, "
            f"{self.name}.sales_paymentrecord, {self.name}.sales_quote, {self.name}.sales_invoice, "
            f"{self.name}.timeline_event"
        )
        return 6 * self.rows / seconds

    def _manage(self, *words: str) -> None:
        subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=self.env, check=True)

    def _sql(self, sql: str, *, quiet: bool = False) -> str:
        about = urlsplit(os.environ["DATABASE_URL"])
        argv = [
            "mariadb",
            "--no-defaults",
            f"-h{about.hostname}",
            f"-P{about.port}",
            f"-u{about.username}",
            "-N",
            "-e",
            sql,
        ]
        done = subprocess.run(
            argv,
            env={**os.environ, "MYSQL_PWD": about.password or ""},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode and not quiet:
            sys.exit(f"{sql}: {done.stderr}")
        return done.stdout.strip()

    def ask(self, **order: Any) -> dict[str, Any]:
        """One command to the measurer."""
        if self.process is None:
            log = (self.folder / f"measurer-{self.rows}.log").open("w")
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.measure"],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"The measurer ended; see {self.folder}/measurer-{self.rows}.log")
        return dict(json.loads(answer))

    def stop(self) -> None:
        if self.process is not None:
            assert self.process.stdin is not None
            self.process.stdin.close()
            self.process.wait(10)


def measure_pages(small: Database, large: Database, wanted: re.Pattern[str], times: int) -> list[Line]:
    """Every case on both databases in turn: rounds of ten requests, small, large, small, large …"""
    lines, baselines = [], {}
    for case in cases():
        if not wanted.search(case.name) and case.name not in {
            c.like for c in cases() if wanted.search(c.name)
        }:
            continue
        sides: list[dict[str, Any]] = [{"ms": []}, {"ms": []}]
        for _ in range(max(times // 10, 1)):
            for side, database in zip(sides, (small, large), strict=True):
                answer = database.ask(do="run", case=case.name, times=min(times, 10))
                side["ms"] += answer.pop("ms", [])
                side.update(answer)
        for side, database in zip(sides, (small, large), strict=True):
            side.update(queries=database.ask(do="count", case=case.name).get("queries", 0))
            if "error" in side:
                side.pop("ms")
        if "ms" in sides[0]:
            baselines[case.name] = median(sides[0]["ms"])
        line = line_of(case, sides[0], sides[1], baselines.get(case.like))
        lines.append(line)
        if sys.stderr.isatty():
            print(f"  {case.name}: {line.small} {line.large}", file=sys.stderr)
    return lines


def measure_jobs(large: Database, folder: Path) -> list[Line]:
    """What is not a page in a browser: many people at once, the export, the import."""
    lines = []
    cookie = large.ask(do="cookie", who="admin")["cookie"]
    for name, path in (("contact list", "/crm/contacts/?sort=newest"), ("home page", "/")):
        got = requests_per_second(large.env, folder, path, cookie)
        note = f"median {got['median_ms']:.0f} ms, 95 % {got['p95_ms']:.0f} ms, {got['failed']} failed"
        must = "≥ 300 requests/s" if name == "contact list" else ""
        ok = got["per_second"] >= 300 and not got["failed"] if must else None
        what = f"eight people on the {name}: {got['per_second']:.0f} requests/s"
        lines.append(Line(what, must=must, ok=ok, note=note))
    lines.append(measure_memory(large.env, folder))
    export = large.ask(do="export")
    if "error" in export:
        lines.append(Line("CSV export of all contacts", ok=False, note=export["error"]))
    else:
        lines.append(
            Line(
                f"CSV export of {export['rows']:,} contacts: first byte",
                large=export["first_ms"],
                must="≤ 1000 ms, memory flat",
                ok=export["first_ms"] <= 1000 and export["growth_mb"] <= 30,
                note=f"{export['per_second']:,.0f} rows/s, memory +{export['growth_mb']:.0f} MB",
            )
        )
    from tests.bench.colleague import measure_colleague
    from tests.bench.imports import measure_import
    from tests.bench.papers import measure_papers
    from tests.bench.recurring import measure_recurring

    lines += measure_papers(large.env)
    lines += measure_import(large.env, folder)
    lines += measure_recurring(large.env, folder)
    lines += measure_colleague(large.env)
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(
        "make bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="contacts of the large database (1000000)"
    )
    parser.add_argument("--json", type=Path, default=ROOT / "bench.json", help="where to write (bench.json)")
    parser.add_argument("--only", default="", help="only pages whose name matches this regular expression")
    parser.add_argument("--times", type=int, default=30, help="requests of each page (30)")
    parser.add_argument("--reuse", action="store_true", help="take databases that are filled already")
    parser.add_argument("--pages", action="store_true", help="pages only: no load, export, import")
    options = parser.parse_args()
    if not os.environ.get("DATABASE_URL", "").startswith("mysql"):
        parser.error(
            "DATABASE_URL must name a MariaDB server on which databases may be made; see `make bench`."
        )
    with tempfile.TemporaryDirectory(prefix="digiweb-bench-") as name:
        folder = Path(name)
        small, large = Database(SMALL, folder), Database(options.rows, folder)
        lines: list[Line] = []
        try:
            for database in (small, large):
                speed = database.fill(reuse=options.reuse)
                if speed and database is large:
                    must = "≥ 5,000 rows/s"
                    lines.append(
                        Line(f"seed_scale: {speed:,.0f} rows of six lists/s", must=must, ok=speed >= 5000)
                    )
            collect_static(large.env)
            lines += measure_pages(small, large, re.compile(options.only), options.times)
            if not options.pages:
                lines += measure_jobs(large, folder)
        finally:
            small.stop()
            large.stop()
    print(table(lines, SMALL, options.rows))
    options.json.write_text(
        json.dumps([line.as_dict() for line in lines], ensure_ascii=False, indent=1) + "\n"
    )
    missed = [line.what for line in lines if line.ok is False]
    print(f"\n{len(lines) - len(missed)} of {len(lines)} as they must be; {options.json} has the figures.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

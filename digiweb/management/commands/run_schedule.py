"""`manage.py run_schedule`: the clock of the house."""

import logging
import signal
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections, connection
from django.utils import timezone

from digiweb.jobs import do_now, function_at
from digiweb.schedule import SCHEDULE, entry_named, key_of, tick

logger = logging.getLogger(__name__)

FAILED, UNKNOWN, BUSY = 1, 2, 3


class Command(BaseCommand):
    # A process that only looks at the clock needs no page of the product in its memory.
    requires_system_checks: list[str] = []
    help = (
        "Fires what is due of digiweb/schedule.py, at the start of every minute, until SIGTERM or Ctrl-C. "
        "With --once, fires what is due now and ends: for plain cron, every minute. Several may run at "
        "once: each slot fires once. With --entry NAME, does that entry now, in this process, whatever its "
        "time, and prints how it ended; its slots are left alone. With --list, prints the entries. "
        "Exit code 0; of --entry also 1 when the job failed or is to be tried again (the reason is printed), "
        "2 for an unknown name, 3 when the same entry is under way already."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--once", action="store_true", help="fire what is due now, then end")
        group.add_argument("--entry", metavar="NAME", help="do this entry now, then end")
        group.add_argument("--list", action="store_true", help="print name and times of each entry")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for entry in SCHEDULE:
                self.stdout.write(f"{entry.name:26} {entry.cron:14} {entry.label}")
        elif options["entry"]:
            self.do(options["entry"])
        elif options["once"]:
            self.stdout.write(" ".join(tick(timezone.now())) or "-")
        else:
            self.go_on()

    def do(self, name: str) -> None:
        entry = entry_named(name)
        if entry is None:
            known = ", ".join(entry.name for entry in SCHEDULE)
            raise CommandError(f"There is no entry {name}. The entries are: {known}.", returncode=UNKNOWN)
        run = do_now(function_at(entry.func), label=entry.label, key=key_of(entry))
        if run is None:
            raise CommandError(f"{name} is under way already.", returncode=BUSY)
        if run.state != "done":
            raise CommandError(f"{name} ({run.state}): {run.error}", returncode=FAILED)
        for line in run.lines.all():
            self.stdout.write(line.text)
        self.stdout.write(f"{name}: done (job run {run.pk})")

    def go_on(self) -> None:
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        logger.info("Scheduler started")
        while not stopped.is_set():
            close_old_connections()
            try:
                fired = tick(timezone.now())
                logger.debug("Schedule fired %s", fired)
            except Exception:  # a scheduler that ends fires nothing any more
                logger.exception("The schedule could not be read")
                connection.close()
            # A second into the minute, so that clocks a little apart agree on which minute it is.
            stopped.wait(61 - time.time() % 60)

"""`manage.py run_schedule`: the clock of the house."""

import logging
import signal
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections, connection
from django.utils import timezone

from digiweb.schedule import tick

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    # A process that only looks at the clock needs no page of the product in its memory.
    requires_system_checks: list[str] = []
    help = (
        "Fires what is due of digiweb/schedule.py, at the start of every minute, until SIGTERM or Ctrl-C. "
        "With --once, fires what is due now and ends: for plain cron, every minute. Several may run at "
        "once: each slot fires once. Exit code 0."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="fire what is due now, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self.stdout.write(" ".join(tick(timezone.now())) or "-")
            return
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
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

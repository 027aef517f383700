"""`manage.py sync_colleague`: import the colleague's list now, for plain cron."""

import sys
import time
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from digiweb.jobs import run_job
from sync.models import ColleagueRun
from sync.services.colleague_run import start_run
from sync.services.colleague_work import settle_runs

POLL_SECONDS = 1.0


class Command(BaseCommand):
    """Does it in this process; where a worker is at it already, waits for that one."""

    help = """Import prospects, clients and contracts from the colleague's system (EXTERNAL_API_URL).

Two imports never run at once: while one is under way, this command follows it to its end.

Exit codes: 0 the list was read to its end; 1 it was not, or not at all (what was read is kept);
2 no address is set."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = start_run(user=None, origin=ColleagueRun.Origin.COMMAND)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=2) from error
        if run.job_id is not None:
            run_job(run.job_id)
        run.refresh_from_db()
        while run.is_live:
            time.sleep(POLL_SECONDS)
            settle_runs()
            run.refresh_from_db()
        self.stdout.write(
            f"{run.get_state_display()}: {run.read} read, {run.created} created, {run.updated} updated, "
            f"{run.failed} failed, {run.conflicts} to settle."
        )
        if run.error:
            self.stderr.write(run.error)
        if run.state != ColleagueRun.State.DONE:
            sys.exit(1)

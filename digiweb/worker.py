"""The RQ worker of the house: `manage.py rqworker default` (settings.RQ names it)."""

import gc
import time
from typing import Any

from django.db import connection
from rq.worker import Worker as RQWorker

from digiweb.jobs import logger, process_died, recover_runs

# How often an idle worker looks for runs to take up (seconds).
LOOK_SECONDS = 5
# New objects of a job after which the collector looks for cycles among them (Python's own: 700).
GARBAGE = 10_000


class Worker(RQWorker):
    """Takes up by itself, at its start and all few seconds, what is due again or what a dead worker left.

    RQ's own scheduler process is not needed: after a kill -9 its lock would stop delayed jobs for
    minutes, and the database knows what is due.
    """

    _next_look = 0.0

    def main_work_horse(self, job: Any, queue: Any) -> None:
        """In the process of one job: what was loaded before stays until its end.

        The collector looks for cycles in what the job makes only, and less often: all else that it went
        through again and again was a quarter of an import's time.
        """
        gc.freeze()
        gc.set_threshold(GARBAGE)
        super().main_work_horse(job, queue)  # type: ignore[no-untyped-call]

    @property
    def should_run_maintenance_tasks(self) -> bool:
        return time.monotonic() >= self._next_look

    def run_maintenance_tasks(self) -> None:
        self._next_look = time.monotonic() + LOOK_SECONDS
        self._in_database(recover_runs)
        if super().should_run_maintenance_tasks:
            super().run_maintenance_tasks()  # type: ignore[no-untyped-call]

    @property
    def dequeue_timeout(self) -> int:
        return LOOK_SECONDS

    def handle_work_horse_killed(self, job: Any, retpid: int, ret_val: int, rusage: Any) -> None:
        """The process of one job died (memory, kill -9) and we live: no need to wait for its lease."""
        super().handle_work_horse_killed(job, retpid, ret_val, rusage)  # type: ignore[no-untyped-call]
        if retpid:
            self._in_database(process_died, retpid)

    def _in_database(self, act: Any, *args: Any) -> None:
        try:
            act(*args)
        except Exception:  # the jobs that wait are worth more than the recovery of others
            logger.exception("Recovery of job runs failed")
        finally:
            connection.close()  # the next job forks this process: it must not share a connection

"""Is the background at work? Who looks at the clock, who works, what waits: for pages, probes and metrics."""

import logging
from datetime import datetime, timedelta
from typing import Any

import django_rq
import redis.exceptions
from django.db import DatabaseError
from django.db.models import Count, Max, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from rq.worker import Worker

from timeline.models import JobRun, ScheduleSlot

logger = logging.getLogger(__name__)

# The entry that every tick fires, as its time is every minute.
EVERY_MINUTE = "recover_jobs"
# Without a tick for so long, the scheduler is down: one minute may be missed when a machine restarts.
LATE = timedelta(minutes=3)
LIVE = (JobRun.State.QUEUED, JobRun.State.RUNNING)


def last_tick() -> datetime | None:
    """When a scheduler last looked at the clock; None when none ever did."""
    slots = ScheduleSlot.objects.filter(name=EVERY_MINUTE).order_by("-slot")
    return slots.values_list("fired_at", flat=True).first()


def scheduler_is_late(tick: datetime | None) -> bool:
    return tick is None or timezone.now() - tick > LATE


def workers() -> int | None:
    """How many workers there are; None when Redis does not answer. One that was killed counts for minutes."""
    try:
        return int(Worker.count(connection=django_rq.get_connection()))
    except redis.exceptions.RedisError:
        return None


def waiting() -> dict[str, Any]:
    """How many runs wait and are under way, and since when the oldest of those that are due waits."""
    counts = dict(
        JobRun.objects.filter(state__in=LIVE).order_by().values_list("state").annotate(number=Count("pk"))
    )
    due = JobRun.objects.filter(state=JobRun.State.QUEUED, heartbeat_at=None)
    return {
        "queued": counts.get(JobRun.State.QUEUED, 0),
        "running": counts.get(JobRun.State.RUNNING, 0),
        "oldest": due.aggregate(oldest=Min("created_at"))["oldest"],
    }


def last_slots(names: list[str]) -> dict[str, ScheduleSlot]:
    """The last slot of each of these entries of the schedule."""
    rows = ScheduleSlot.objects.filter(name__in=names)
    last = rows.order_by().values("name").annotate(last=Max("pk")).values_list("last", flat=True)
    return {slot.name: slot for slot in ScheduleSlot.objects.filter(pk__in=list(last))}


class Metrics:
    """What Prometheus reads: asked of the database when it asks us, so that every process says the same."""

    def collect(self) -> Any:
        try:
            yield from list(self._ask())
        except DatabaseError:  # what the library counts is told all the same
            logger.warning("The database does not say what the background does", exc_info=True)

    def _ask(self) -> Any:
        tick, state = last_tick(), waiting()
        runs = GaugeMetricFamily("digiweb_job_runs", "Background jobs that have not ended.", labels=["state"])
        for name in ("queued", "running"):
            runs.add_metric([name], state[name])
        yield runs
        wait = (timezone.now() - state["oldest"]).total_seconds() if state["oldest"] else 0
        yield GaugeMetricFamily(
            "digiweb_job_wait_seconds", "For how long the oldest job that is due has waited.", value=wait
        )
        day = timezone.now() - timedelta(days=1)
        failed = JobRun.objects.filter(state=JobRun.State.FAILED, ended_at__gte=day).count()
        yield GaugeMetricFamily(
            "digiweb_job_runs_failed_day", "Jobs that failed in the last 24 hours.", value=failed
        )
        yield GaugeMetricFamily(
            "digiweb_schedule_last_tick_timestamp_seconds",
            "When a scheduler last looked at the clock (0: never).",
            value=tick.timestamp() if tick else 0,
        )

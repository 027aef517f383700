"""When an entry of the schedule is due: its times, slot by slot.

Times are those of Paris. An entry at a fixed hour runs once a day also when clocks change: the hour
that is skipped in March counts an hour later, the one that comes twice in October counts once. An
entry whose hour is `*` runs in every hour that passes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from croniter import croniter

ZONE = ZoneInfo("Europe/Paris")
# Clocks change by one hour.
CHANGE = timedelta(hours=1)


@dataclass(frozen=True)
class Entry:
    """`func` (a function of some jobs.py, without parameters) at the times of `cron` in Paris.

    `catch_up`: how late the latest slot may still be fired. `inline`: done by the scheduler itself,
    without a JobRun; only for what takes no time.
    """

    name: str
    label: Any
    cron: str
    func: str
    catch_up: timedelta
    inline: bool = False

    @property
    def every_hour(self) -> bool:
        return self.cron.split()[1].startswith("*")


def next_slot(entry: Entry, now: datetime) -> datetime | None:
    """The first time of the entry that is after `now`, in UTC."""
    best: datetime | None = None
    wall = _wall(now)
    times = croniter(entry.cron, wall - CHANGE - timedelta(microseconds=1))
    while True:
        local: datetime = times.get_next(datetime)
        if local - wall > timedelta(days=400) or (best is not None and local > wall + CHANGE):
            return best
        for instant in _instants(entry, local):
            if instant > now and (best is None or instant < best):
                best = instant
        if best is not None and _wall(best) + CHANGE < local:
            return best


def last_slot(entry: Entry, now: datetime) -> datetime | None:
    """The latest time of the entry that is not after `now`, in UTC."""
    best: datetime | None = None
    wall = _wall(now)
    for local in _locals(entry, wall + CHANGE):
        if best is not None and local < wall - CHANGE:
            break
        for instant in _instants(entry, local):
            if instant <= now and (best is None or instant > best):
                best = instant
    return best


def _wall(now: datetime) -> datetime:
    """What clocks in Paris show, without a zone: cron expressions are about those."""
    return now.astimezone(ZONE).replace(tzinfo=None)


def _locals(entry: Entry, start: datetime) -> Iterator[datetime]:
    """Times on the clock's face, from `start` backwards (a year at the most)."""
    times = croniter(entry.cron, start + timedelta(microseconds=1))
    while True:
        local: datetime = times.get_prev(datetime)
        if start - local > timedelta(days=400):
            return
        yield local


def _instants(entry: Entry, local: datetime) -> list[datetime]:
    """The moments at which the clock shows `local` and the entry is due."""
    first, second = (local.replace(tzinfo=ZONE, fold=fold).astimezone(UTC) for fold in (0, 1))
    if not entry.every_hour:
        # Twice: the first one. Never (March): `fold=0` reckons with the old offset, an hour later.
        return [first]
    return [instant for instant in {first, second} if _wall(instant) == local]

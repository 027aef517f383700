"""The ground of the demo: a seeded story that each app's `demo.py` writes its part of.

`manage.py seed_demo` makes one `Demo`, calls `build(demo)` of every app that has a `demo` module, in the
order of INSTALLED_APPS, then `finish(demo)` of those that have one. The same seed and the same day give the
same rows, number by number; fixtures/ are made of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from django.db import connection, models
from django.utils import timezone

from digiweb.demo.draw import Draw
from digiweb.fields import DerivedMixin

# Nothing happens before: the agency's year.
DAYS = 365
PASSWORD = "digiweb-demo"  # noqa: S105 (known to everybody, given in demo mode only)


@dataclass(frozen=True)
class Happening:
    """Something in the story, to be written as an event; `body` makes it a note too."""

    at: datetime
    actor: Any
    action: str
    obj: models.Model
    changes: Mapping[str, list[Any]] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[models.Model, ...] = ()
    body: str = ""


class Demo:
    """The story as far as it is told: who works here, what day it is, what happened."""

    def __init__(self, *, seed: int, today: date, logins: bool = True) -> None:
        self.draw = Draw(seed)
        self.today = today
        # Whether people get the demo password (never in fixtures, which anybody may load anywhere).
        self.logins = logins
        self.end = self.at(today, time(0, 0))
        self.start = self.end - timedelta(days=DAYS)
        # People by key, and the salespeople who own contacts; filled by people/demo.py.
        self.people: dict[str, Any] = {}
        self.sellers: list[Any] = []
        # The clients, for the modules that sell to them; filled by crm/demo/clients.py.
        self.clients: list[Any] = []
        # The leasing company that the agency works with; made by crm/demo/companies.py.
        self.lessor: Any = None
        self.happenings: list[Happening] = []
        self.counts: dict[str, int] = {}
        self._numbers: dict[type[models.Model], Iterator[int]] = {}

    def at(self, day: date, moment: time) -> datetime:
        """A moment of a day as people here live it."""
        return timezone.make_aware(datetime.combine(day, moment))

    def moment(self, since: datetime | None = None, within: int = DAYS) -> datetime:
        """A moment of office hours, at most `within` days after `since`, when something happened."""
        start = max(since, self.start) if since else self.start
        end = min(start + timedelta(days=within), self.end)
        for _ in range(50):
            chosen = self.draw.working_moment(start, end)
            if start < chosen < end:
                return chosen
        return start + (end - start) / 2

    def happened(self, at: datetime, actor: Any, action: str, obj: models.Model, **more: Any) -> None:
        """Remember an event; `timeline` writes them all at the end, oldest first."""
        self.happenings.append(Happening(at, actor, action, obj, **more))

    def number(self, model: type[models.Model]) -> int:
        """The next primary key of `model`: given here, so that the same story has the same numbers."""
        if model not in self._numbers:
            last = model._default_manager.aggregate(last=models.Max("pk"))["last"]
            self._numbers[model] = count((last or 0) + 1)
        return next(self._numbers[model])

    def insert(self, rows: Iterable[Any]) -> None:
        """Write new rows of one model as they are: dates in the past stay, derived columns are derived."""
        objs = list(rows)
        if objs:
            insert_rows(objs)
            label = str(type(objs[0])._meta.verbose_name_plural)
            self.counts[label] = self.counts.get(label, 0) + len(objs)


def insert_rows(objs: list[Any]) -> None:
    """INSERT objects whose key and dates are set (`bulk_create` would say that all happened just now)."""
    model = type(objs[0])
    fields = model._meta.concrete_fields
    quote = connection.ops.quote_name
    names = ", ".join(quote(each.column) for each in fields)
    places = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608
    values = [[each.get_db_prep_save(_value(each, obj), connection) for each in fields] for obj in objs]
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)


def _value(each: models.Field, obj: models.Model) -> Any:
    return each.pre_save(obj, True) if isinstance(each, DerivedMixin) else getattr(obj, each.attname)

"""Logs as JSON lines (SPEC P4): request id and person id, never personal data; and the slow-query log.

`settings.LOGGING` names `JSONFormatter`; `digiweb.apps` calls `watch_slow_queries()` once.
"""

import logging
import re
import time
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

Event = MutableMapping[str, Any]

# Who it was is told by the person's id alone. django-structlog binds the first ones by itself.
PERSONAL = frozenset(
    {"ip", "user_agent", "email", "phone", "name", "first_name", "last_name", "password", "token", "username"}
)
EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
# What is searched for, and tokens in addresses, stand behind the question mark.
QUERY = re.compile(r"\?\S*")
# Public addresses whose last part is a secret: /q/<token>/ (quote), /u/ (unsubscribe), /s/ (survey),
# /hooks/<service>/<secret>/.
SECRET_PATH = re.compile(r"(/(?:q|u|s|invitations?|reset|key|hooks/[\w-]+)/)[^/\s\"']+")


def without_personal_data(logger: object, method: str, event: Event) -> Event:
    """Drops personal fields, queries of addresses and whatever looks like an e-mail address."""
    for key in PERSONAL & event.keys():
        del event[key]
    if isinstance(event.get("request"), str):
        event["request"] = _path_only(event["request"])
    for key, value in event.items():
        if isinstance(value, str) and "@" in value:
            event[key] = EMAIL.sub("<e-mail>", value)
    return event


def _path_only(text: str) -> str:
    return SECRET_PATH.sub(r"\1…", QUERY.sub("", text))


def path_without_query(logger: object, method: str, event: Event) -> Event:
    """Django's own messages ("Not Found: /q/abc") and its `request` object, which is no JSON."""
    record = event.get("_record")
    if record is not None and record.name.startswith(("django.request", "django.security")):
        event["event"] = _path_only(str(event.get("event", "")))
    if not isinstance(event.get("request", ""), str):
        del event["request"]
    return event


def _named_ids(logger: object, method: str, event: Event) -> Event:
    """`user_id` is django-structlog's word; ours is person_id, as everywhere in the product."""
    if "user_id" in event:
        event["person_id"] = event.pop("user_id")
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(allow=None),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _named_ids,
    path_without_query,
]

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named_ids,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)


class JSONFormatter(structlog.stdlib.ProcessorFormatter):
    """One JSON object a line, for messages of structlog and of the standard library alike."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                without_personal_data,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
            foreign_pre_chain=SHARED,
        )


# --- Slow queries

_slow = logging.getLogger("digiweb.slow_query")
MAX_SQL = 2000


def _timed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    started = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        took = (time.perf_counter() - started) * 1000
        if took >= settings.SLOW_QUERY_MS:
            # The text has placeholders; the values, which may be personal, are not written.
            alias = context["connection"].alias
            _slow.warning("slow query", extra={"ms": round(took), "sql": str(sql)[:MAX_SQL], "alias": alias})


def _watch(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if _timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(_timed)


def watch_slow_queries() -> None:
    """Each connection, when it opens, begins to log queries slower than SLOW_QUERY_MS (0 switches it off)."""
    if settings.SLOW_QUERY_MS > 0:
        connection_created.connect(_watch, dispatch_uid="digiweb.slow_queries")

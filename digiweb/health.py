"""Is it alive, is it ready, what does it count (SPEC P4): /healthz/live, /healthz/ready, /metrics."""

import ipaddress
import os
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import redis
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django_prometheus.exports import ExportToDjangoView
from prometheus_client import CollectorRegistry, generate_latest

from digiweb.job_state import Metrics, last_tick, scheduler_is_late, workers

TIMEOUT = 2  # seconds that one check may take before the answer is "no"


class Unready(Exception):
    """A check's own word on what is wrong; safe to show to whoever asks."""


@method_decorator(never_cache, name="dispatch")
class LiveView(View):
    """The process answers. It looks at nothing else: a restart would not mend a database."""

    public = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse({"status": "ok"})


@method_decorator(never_cache, name="dispatch")
class ReadyView(View):
    """Whether requests may be sent here: 200, or 503 with the checks that failed."""

    public = True

    def get(self, request: HttpRequest) -> HttpResponse:
        checks = {name: _run(check) for name, check in CHECKS.items()}
        good = all(result["ok"] for result in checks.values())
        background = _background(with_redis=bool(checks["redis"]["ok"]))
        status = {"status": "ok" if good else "failing", "checks": checks, "background": background}
        return JsonResponse(status, status=200 if good else 503)


class MetricsView(View):
    """Prometheus: for the addresses of METRICS_ALLOWED_IPS and for signed-in admins."""

    public = True

    def get(self, request: HttpRequest) -> HttpResponse:
        user = getattr(request, "user", None)
        if not (_from_allowed_address(request) or (user is not None and user.is_superuser)):
            raise PermissionDenied
        response: HttpResponse = ExportToDjangoView(request)
        # With several processes the library reads files of counters; ours are asked of the database, once.
        registry = CollectorRegistry(auto_describe=False)
        registry.register(Metrics())
        response.content += generate_latest(registry)
        return response


def _run(check: Callable[[], None]) -> dict[str, object]:
    started = time.perf_counter()
    problem = ""
    try:
        check()
    except Unready as error:
        problem = str(error)
    except Exception as error:  # whatever a driver raises: the probe must answer
        problem = type(error).__name__  # not its text, which may name hosts and users
    result: dict[str, object] = {"ok": not problem, "ms": round((time.perf_counter() - started) * 1000, 1)}
    return {**result, "problem": problem} if problem else result


def _background(*, with_redis: bool) -> dict[str, object]:
    """What the background does, to be told: pages are served without it, so it fails no check."""
    try:
        tick = last_tick()
        told: dict[str, object] = {"scheduler": "late" if scheduler_is_late(tick) else "ok"}
        if tick is not None:
            told["last_tick"] = tick.isoformat(timespec="seconds")
    except DatabaseError:
        return {"scheduler": "unknown"}
    return {**told, "workers": workers() if with_redis else None}


def _database() -> None:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT 1")


def _redis() -> None:
    with redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT) as client:
        client.ping()


def _migrations() -> None:
    if not _all_applied():
        _all_applied.cache_clear()  # a "no" is asked again; a "yes" stays true for this code
        raise Unready("not all applied")


@cache
def _all_applied() -> bool:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _storage() -> None:
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=root) as probe:
        probe.write(b"ready?")
        probe.flush()
        if os.fstat(probe.fileno()).st_size == 0:
            raise Unready("not writable")


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "redis": _redis,
    "storage": _storage,
}


def _from_allowed_address(request: HttpRequest) -> bool:
    """Every address we can vouch for must be allowed: the peer, and whom our own proxy saw.

    Behind nginx the peer is always 127.0.0.1, so the last word of X-Forwarded-For (nginx's own) counts
    too. A peer that forges that header still has to be allowed itself. A Unix socket has no peer address.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    addresses = [address for address in (request.META.get("REMOTE_ADDR", ""), forwarded) if address]
    return bool(addresses) and all(_allowed(address) for address in addresses)


def _allowed(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    networks = (ipaddress.ip_network(entry, strict=False) for entry in settings.METRICS_ALLOWED_IPS)
    return any(address in network for network in networks)

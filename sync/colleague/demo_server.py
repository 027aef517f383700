"""The colleague's endpoint of the demo: a small HTTP server on this machine, standard library only."""

import gzip
import json
import logging
import os
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils import timezone

from digiweb.numbers import whole_number
from sync.colleague.make_believe import EVERY, changed

PATH = "/prospects"
logger = logging.getLogger(__name__)


class Calls:
    """How often the list was asked for, and when lately; kept in a file, so that a new start goes on."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.number, self._moments = self._kept()

    def count(self) -> int:
        """One more; its number."""
        with self._lock:
            self.number += 1
            self._moments[self.number] = timezone.now()
            self._moments.pop(self.number - 2 * EVERY, None)
            self._keep()
            return self.number

    def moment_of(self, number: int) -> datetime:
        return self._moments.get(number) or timezone.now()

    def _kept(self) -> tuple[int, dict[int, datetime]]:
        try:
            kept = json.loads(self._path.read_text()) if self._path else {}
            moments = {int(name): datetime.fromisoformat(text) for name, text in kept["moments"].items()}
            return int(kept["number"]), moments
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return 0, {}

    def _keep(self) -> None:
        if self._path is None:
            return
        moments = {str(number): moment.isoformat() for number, moment in self._moments.items()}
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps({"number": self.number, "moments": moments}))
        os.replace(part, self._path)


class DemoServer(ThreadingHTTPServer):
    """Gives the list at /prospects, whole or by `page` and `limit`; each first page counts as a call."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self, port: int, *, invent: Callable[[], list[dict[str, Any]]], calls: Calls, header: str, token: str
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.calls, self.header, self.token = calls, header, token
        self._invent = invent
        self._base: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{PATH}"

    def prospects(self, call: int) -> list[dict[str, Any]]:
        with self._lock:
            self._base = self._base or self._invent()
        return changed(self._base, call, self.calls.moment_of)


class _Handler(BaseHTTPRequestHandler):
    server: DemoServer
    protocol_version = "HTTP/1.1"
    # Who connects and says nothing holds a thread no longer than this.
    timeout = 30

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != PATH:
            self._answer(404, {"error": "not found"})
        elif self.server.token and self.headers.get(self.server.header, "") != self.server.token:
            self._answer(401, {"error": "a valid token is expected"})
        else:
            query = parse_qs(parts.query)
            page = whole_number(query.get("page", ["1"])[0]) or 1
            limit = whole_number(query.get("limit", ["0"])[0]) or 0
            number = self.server.calls.count() if page == 1 else self.server.calls.number
            found = self.server.prospects(number)
            self._answer(200, found[(page - 1) * limit : page * limit] if limit else found)

    def _answer(self, status: int, data: Any) -> None:
        body = json.dumps(data, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 5)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        logger.info("colleague_demo %s", format % args)

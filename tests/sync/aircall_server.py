"""A local api.aircall.io: it answers as the documentation says, and badly when told to."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

KEY = "Basic " + base64.b64encode(b"id:secret").decode()


class AircallServer(ThreadingHTTPServer):
    """`account` holds calls and webhooks; `asked` what was asked; `trouble` is the next answer instead."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.calls: list[dict[str, Any]] = []
        self.webhooks: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        # (status, headers, body), used up one an answer.
        self.troubles: list[tuple[int, dict[str, str], bytes]] = []
        self.slow = 0.0
        self.most = 10_000

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up waiting: that is what the test wanted."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: AircallServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.work({})

    def do_POST(self) -> None:
        self.work(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def work(self, body: dict[str, Any]) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        self.server.asked.append((self.command, parts.path, query or body))
        time.sleep(self.server.slow)
        if self.server.troubles:
            status, headers, content = self.server.troubles.pop(0)
            self.answer(status, content, headers)
        elif self.headers.get("Authorization") != KEY:
            self.answer(401, {"error": "Unauthorized", "troubleshoot": "Check your API key"})
        elif parts.path == "/v1/company":
            self.answer(200, {"company": {"name": "DigiWeb", "users_count": 5, "numbers_count": 2}})
        elif parts.path == "/v1/webhooks" and self.command == "POST":
            made = {"webhook_id": "w-1", "active": True, "token": "fresh-token", **body}
            self.server.webhooks.append(made)
            self.answer(201, {"webhook": made})
        elif parts.path == "/v1/webhooks":
            self.answer(200, {"webhooks": self.server.webhooks, "meta": {}})
        elif parts.path == "/v1/calls":
            self.answer(200, self.page(query))
        else:
            self.answer(404, {"error": "Not found"})

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        first, last = int(query["from"]), int(query["to"])
        size, number = int(query["per_page"]), int(query["page"])
        found = [call for call in self.server.calls if first <= call["started_at"] <= last]
        found.sort(key=lambda call: call["started_at"])
        rows = found[: self.server.most][(number - 1) * size : number * size]
        more = number * size < min(len(found), self.server.most)
        meta = {
            "count": len(rows), "total": min(len(found), self.server.most), "current_page": number,
            "per_page": size, "next_page_link": f"{self.server.url}/v1/calls?page=2" if more else None,
            "previous_page_link": None,
        }  # fmt: skip
        return {"meta": meta, "calls": rows}

    def answer(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def aircall_server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[AircallServer]:
    """The real client asks it, without waiting a second between pages."""
    server = AircallServer()
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, "aircall": server.url}
    settings.PROVIDERS_PLAIN_HTTP = True
    monkeypatch.setattr("sync.aircall.catch_up.PAUSE", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()

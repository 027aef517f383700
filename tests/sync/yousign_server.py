"""A server on this machine that speaks as much of Yousign's API v3 as we use, by its documentation."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class Handler(BaseHTTPRequestHandler):
    server: "YousignServer"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.serve(b"")

    def do_POST(self) -> None:
        self.serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def serve(self, body: bytes) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append((self.command, path))
        if self.headers.get("Authorization") != f"Bearer {self.server.key}":
            self.send(401, {"type": "unauthorized"})
            return
        if self.server.down_after is not None and len(self.server.asked) > self.server.down_after:
            self.send(503, {})
            return
        code, answer = self.server.answer(self.command, path.split("/")[2:], body)
        self.send(code, answer)

    def send(self, code: int, data: Any) -> None:
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.send_response(code)
        kind = "application/pdf" if isinstance(data, bytes) else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        return


class YousignServer(ThreadingHTTPServer):
    """`requests`, `files`, `forms` are what was made; `down_after` so many questions it answers 503."""

    daemon_threads = True

    def __init__(self, key: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.key = key
        self.asked: list[tuple[str, str]] = []
        self.requests: dict[Any, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.forms: dict[str, bytes] = {}
        self.down_after: int | None = None
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def close(self) -> None:
        self.shutdown()
        self.server_close()

    def answer(self, method: str, parts: list[str], body: bytes) -> tuple[int, Any]:
        if parts == ["signature_requests"]:
            if method == "GET":
                return 200, {"meta": {"next_cursor": None}, "data": list(self.requests.values())}
            return 201, self.create(json.loads(body))
        request = self.requests.get(parts[1])
        if request is None:
            return 404, {}
        rest = parts[2:]
        if not rest:
            return 200, request
        if rest == ["documents"] and request["status"] == "draft":
            return 201, self.take(request, body)
        if rest == ["signers"] and request["status"] == "draft":
            signer = {**json.loads(body), "id": f"signer-{len(self.requests)}", "status": "initiated"}
            if not request["documents"] or not signer["info"]["last_name"]:
                return 400, {}
            request["signers"].append(signer)
            return 201, signer
        if rest == ["activate"]:
            if request["status"] != "draft" or not request["signers"]:
                return 400, {}
            request["status"] = "ongoing"
            return 201, request
        if rest == ["documents", "download"] or rest[-2:] == ["audit_trails", "download"]:
            return 200, b"%PDF-1.7\n" + "/".join(rest).encode() + b"\n%%EOF\n"
        return 400, {}

    def create(self, given: dict[str, Any]) -> dict[str, Any]:
        number = f"request-{len(self.requests) + 1}"
        self.requests[number] = {**given, "id": number, "status": "draft", "documents": [], "signers": []}
        return self.requests[number]

    def take(self, request: dict[str, Any], body: bytes) -> dict[str, Any]:
        number = f"document-{len(self.files) + 1}"
        start = body.index(b"%PDF")
        self.files[number], self.forms[number] = body[start:], body[:start] + body[-400:]
        request["documents"].append({"id": number, "nature": "signable_document"})
        return {"id": number, "total_anchors": 0}

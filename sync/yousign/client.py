"""Yousign's API v3 (https://developers.yousign.com): requests, documents, signers, signed files."""

from collections.abc import Mapping
from typing import Any

from sync.errors import Down, NoKey
from sync.http import Api, Limits, Upload
from sync.reading import part
from sync.yousign.mapping import read_id, read_status


class YousignApi(Api):
    provider = "yousign"
    # Files go up and come down.
    limits = Limits(connect=3, read=20, total=40, tries=2, size=20 * 1024 * 1024)

    def __init__(self, connection: Any, **given: Any) -> None:
        super().__init__(connection, **given)
        if connection.setting("mode") != "production":
            self.address = "yousign_sandbox"  # type: ignore[misc]

    def headers(self) -> dict[str, str]:
        key = self.connection.secret("api_key")
        if not key:
            raise NoKey
        return {"Authorization": f"Bearer {key}"}

    def demo_answer(self, method: str, path: str, params: Mapping[str, Any]) -> Any:
        if path.endswith("/download"):
            return b"%PDF-1.4\n%%EOF\n"
        return {"id": f"demo-{len(path)}", "status": "ongoing", "data": [], "meta": {"next_cursor": None}}

    def test(self) -> int:
        """How many requests a first page has: it costs nothing."""
        found = part(self.get("/signature_requests", {"limit": 1}), "data")
        if not isinstance(found, list):
            raise Down("answered no list of requests")
        return len(found)

    def create(self, body: Mapping[str, Any]) -> str:
        return self._number(self.post("/signature_requests", dict(body)))

    def add_document(self, request_id: str, *, name: str, content: bytes) -> str:
        fields = {"nature": "signable_document", "parse_anchors": "false"}
        upload = Upload(name, content, "application/pdf", fields)
        return self._number(self.upload(f"/signature_requests/{request_id}/documents", upload))

    def add_signer(self, request_id: str, body: Mapping[str, Any]) -> str:
        return self._number(self.post(f"/signature_requests/{request_id}/signers", dict(body)))

    def status(self, request_id: str) -> str:
        return read_status(self.get(f"/signature_requests/{request_id}"))

    def activate(self, request_id: str) -> str:
        return read_status(self.post(f"/signature_requests/{request_id}/activate", {}))

    def signed_pdf(self, request_id: str) -> bytes:
        return self._pdf(f"/signature_requests/{request_id}/documents/download", {"version": "completed"})

    def audit_trail(self, request_id: str, signer_id: str) -> bytes:
        return self._pdf(f"/signature_requests/{request_id}/signers/{signer_id}/audit_trails/download")

    def _number(self, answer: Any) -> str:
        number = read_id(answer)
        if not number:
            raise Down("answered without a number")
        return number

    def _pdf(self, path: str, params: Mapping[str, Any] | None = None) -> bytes:
        content = self.download(path, params)
        if not content.startswith(b"%PDF"):
            raise Down("answered no PDF")
        return content

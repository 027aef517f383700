"""The virus check, against a server that speaks clamd's protocol, and the small pictures."""

import contextlib
import os
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from PIL import Image

from digiweb.clamd import NotScanned, ScannerDown, find_virus
from digiweb.previews import PreviewError, picture_preview
from people.models import User
from tests.base import client_of, make_cast
from tests.fixtures.worker import StartWorker
from tests.timeline.documents import PDF, bomb, make_document, picture
from timeline.models import Document, Event, Notification
from timeline.services.document_look import look_at, look_at_waiting

pytestmark = pytest.mark.django_db
EICAR = b"%PDF-1.4 EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
LIMIT = 1 << 20


class Clamd(socketserver.BaseRequestHandler):
    """INSTREAM as clamd answers it: chunks with their length, a verdict of one line."""

    def handle(self) -> None:
        assert self.exactly(10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack("!L", self.exactly(4))[0]:
            content += self.exactly(length)
            if len(content) > LIMIT:
                self.request.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        if b"GARBAGE" in content:
            self.request.sendall(b"\xff\xfe")
        elif b"SILENCE" not in content:
            found = b"Eicar-Signature FOUND" if b"EICAR" in content else b"OK"
            self.request.sendall(b"stream: " + found + b"\0")

    def exactly(self, size: int) -> bytes:
        read = b""
        while len(read) < size:
            block = self.request.recv(size - len(read))
            if not block:
                raise ConnectionError
            read += block
        return read


class TCP(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


class Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextlib.contextmanager
def serving(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(params=["tcp", "unix"])
def clamd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "tcp":
        server: Any = TCP(("127.0.0.1", 0), Clamd)
        address = f"127.0.0.1:{server.server_address[1]}"
    else:
        address = str(tmp_path / "clamd.ctl")
        server = Unix(address, Clamd)
    with serving(server):
        yield address


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def hugo(cast: dict[str, User]) -> Client:
    return client_of(cast["sales"])


def opened(tmp_path: Path, content: bytes) -> Any:
    path = tmp_path / "file"
    path.write_bytes(content)
    return path.open("rb")


class TestClient:
    def test_it_tells_clean_from_infected(self, clamd: str, tmp_path: Path) -> None:
        with opened(tmp_path, os.urandom(300_000)) as file:
            assert find_virus(file, clamd) == ""
        with opened(tmp_path, EICAR) as file:
            assert find_virus(file, clamd) == "Eicar-Signature"
        with opened(tmp_path, b"") as file:
            assert find_virus(file, clamd) == ""

    def test_what_it_cannot_look_at_is_not_clean(self, clamd: str, tmp_path: Path) -> None:
        with opened(tmp_path, b"x" * (LIMIT * 3)) as file, pytest.raises((NotScanned, ScannerDown)):
            find_virus(file, clamd)
        with opened(tmp_path, b"GARBAGE") as file, pytest.raises(NotScanned):
            find_virus(file, clamd)
        with opened(tmp_path, b"SILENCE") as file, pytest.raises(ScannerDown):
            find_virus(file, clamd)

    @pytest.mark.parametrize("address", ["127.0.0.1:1", "/nowhere/clamd.ctl", "nobody.invalid:3310"])
    def test_nobody_there_is_told_apart(self, address: str, tmp_path: Path) -> None:
        with opened(tmp_path, PDF) as file, pytest.raises(ScannerDown):
            find_virus(file, address)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class TestStates:
    def test_without_a_scanner_it_is_not_checked_and_goes_out(
        self, cast: dict[str, User], hugo: Client
    ) -> None:
        document = make_document(cast["sales"])
        assert document.scan == "unset"
        assert hugo.get(reverse("document_file", args=[document.pk])).status_code == 200

    def test_clean_goes_out_and_infected_by_no_door(
        self, cast: dict[str, User], hugo: Client, clamd: str, settings: Any
    ) -> None:
        settings.CLAMD_SOCKET = clamd
        good = make_document(cast["sales"])
        bad = make_document(cast["sales"], name="b.pdf", content=EICAR)
        assert {good.scan, bad.scan} == {"waiting"}
        assert hugo.get(reverse("document_file", args=[good.pk])).status_code == 403
        for document in (good, bad):
            look_at(document.pk)
            document.refresh_from_db()
        assert (good.scan, bad.scan, bad.virus) == ("clean", "infected", "Eicar-Signature")
        assert hugo.get(reverse("document_file", args=[good.pk])).status_code == 200
        for client in (hugo, client_of(cast["admin"])):
            for name in ("document_file", "document_view"):
                assert client.get(reverse(name, args=[bad.pk])).status_code == 403
            assert client.get(reverse("document_preview", args=[bad.pk])).status_code == 404
            assert client.get(f"/api/v1/documents/{bad.pk}/download/").status_code == 403
        page = hugo.get(bad.get_absolute_url()).content.decode()
        assert "Eicar-Signature" in page
        assert reverse("document_file", args=[bad.pk]) not in page
        told = Notification.objects.filter(kind="document.infected")
        assert {one.user_id for one in told} == {cast["admin"].pk, cast["sales"].pk}
        assert Event.objects.filter(action="document_infected").count() == 1
        look_at(bad.pk)
        assert told.count() == 2
        settings.CLAMD_SOCKET = ""
        assert hugo.get(reverse("document_file", args=[bad.pk])).status_code == 403

    def test_a_scanner_that_is_down_is_asked_again(
        self, cast: dict[str, User], hugo: Client, settings: Any
    ) -> None:
        port = free_port()
        settings.CLAMD_SOCKET = f"127.0.0.1:{port}"
        document = make_document(cast["sales"])
        address = reverse("document_file", args=[document.pk])
        assert look_at_waiting() == 0
        assert hugo.get(address).status_code == 403
        assert hugo.get(document.get_absolute_url()).status_code == 200
        api = hugo.get(f"/api/v1/documents/{document.pk}/download/")
        assert (api.status_code, api["Retry-After"]) == (409, "60")
        settings.CLAMD_HOLD = False
        assert hugo.get(address).status_code == 200
        settings.CLAMD_HOLD = True
        with serving(TCP(("127.0.0.1", port), Clamd)):
            assert look_at_waiting() == 1
        assert hugo.get(address).status_code == 200

    def test_what_could_not_be_checked_is_held(
        self, cast: dict[str, User], hugo: Client, clamd: str, settings: Any
    ) -> None:
        settings.CLAMD_SOCKET = clamd
        document = make_document(cast["sales"], content=PDF + b"GARBAGE")
        look_at(document.pk)
        document.refresh_from_db()
        assert document.scan == "failed"
        assert hugo.get(reverse("document_file", args=[document.pk])).status_code == 403

    @pytest.mark.worker
    @pytest.mark.django_db(transaction=True)
    def test_a_worker_does_it(self, cast: dict[str, User], worker: StartWorker, settings: Any) -> None:
        server = TCP(("127.0.0.1", 0), Clamd)
        settings.CLAMD_SOCKET = f"127.0.0.1:{server.server_address[1]}"
        with serving(server):
            good = make_document(cast["sales"], name="a.png", content=picture(size=(3000, 2000)))
            bad = make_document(cast["sales"], name="b.pdf", content=EICAR)
            worker(burst=True, CLAMD_SOCKET=settings.CLAMD_SOCKET).wait()
        good.refresh_from_db()
        bad.refresh_from_db()
        assert (good.scan, good.preview, bad.scan, bad.preview) == ("clean", "ready", "infected", "none")
        assert default_storage.exists(good.preview_name)


class TestPreviews:
    def test_a_picture_is_drawn_small_upright_and_bare(self, cast: dict[str, User], hugo: Client) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by 90 degrees
        exif[0x010F] = "Secret camera"
        content = picture("JPEG", (3000, 1500), exif=exif)
        document = make_document(cast["sales"], name="photo.jpg", content=content)
        look_at(document.pk)
        response = hugo.get(reverse("document_preview", args=[document.pk]))
        drawn = b"".join(response.streaming_content)  # type: ignore[attr-defined]
        with default_storage.open(document.preview_name) as file, Image.open(file) as small:
            assert (small.format, small.size) == ("WEBP", (600, 1200))
            assert not small.getexif()
        assert b"Secret" not in drawn
        assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("image/webp", "nosniff")

    def test_the_first_page_of_a_pdf_is_drawn_and_pages_counted(self, cast: dict[str, User]) -> None:
        document = make_document(cast["sales"])
        look_at(document.pk)
        document.refresh_from_db()
        assert (document.preview, document.pages) == ("ready", 1)
        with default_storage.open(document.preview_name) as file, Image.open(file) as page:
            assert page.height > page.width > 100

    def test_what_cannot_be_drawn_has_none(self, cast: dict[str, User]) -> None:
        document = make_document(cast["sales"], content=b"%PDF-1.7\nbroken")
        look_at(document.pk)
        document.refresh_from_db()
        assert (document.preview, document.pages) == ("none", None)

    def test_a_picture_that_unfolds_into_gigabytes_is_not_unfolded(self, tmp_path: Path) -> None:
        with opened(tmp_path, bomb()) as file, pytest.raises(PreviewError):
            picture_preview(file)


def test_a_document_that_went_meanwhile_is_passed_over(cast: dict[str, User]) -> None:
    document = make_document(cast["sales"])
    Document.objects.all().delete()
    assert look_at(document.pk) is True


def test_a_picture_too_large_to_be_drawn_is_kept_without_a_preview(
    cast: dict[str, User], monkeypatch: Any
) -> None:
    monkeypatch.setattr("digiweb.previews.opened_picture.__wrapped__.__defaults__", (1000,))
    document = make_document(cast["sales"], name="grand.png", content=picture(size=(200, 200)))
    look_at(document.pk)
    document.refresh_from_db()
    assert document.preview == "none"

"""Photos: drawn anew, small, private; whatever is no picture is refused."""

import io
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from people.models import User
from tests.base import client_of, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


def picture(kind: str = "JPEG", size: tuple[int, int] = (900, 600), **save: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(file, kind, **save)
    return file.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it is 30 000 × 30 000 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 999))
        + chunk(b"IEND", b"")
    )


def send(person: User, content: bytes, name: str = "me.jpg", **more: Any) -> Any:
    data = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "language": "fr",
        "theme": "auto",
        "version": User.objects.get(pk=person.pk).version,
        "photo": SimpleUploadedFile(name, content),
        **more,
    }
    return client_of(person).post(
        "/me/edit/", {key: value for key, value in data.items() if value is not None}
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_a_small_square_without_metadata(
    cast: dict[str, User], kind: str, media: Path
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    person = cast["sales"]
    assert send(person, picture(kind, exif=exif.tobytes()), "évil name.jpg").status_code == 302
    person.refresh_from_db()
    assert re.fullmatch(r"photos/[0-9a-f]{32}\.webp", person.photo.name)
    with Image.open(media / person.photo.name) as kept:
        assert kept.format == "WEBP"
        assert kept.size == (512, 512)
        assert not kept.getexif()
    assert b"taken at home" not in (media / person.photo.name).read_bytes()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\0" * 40,
        picture()[:200],
        picture("PNG")[:60],
        bomb(),
        picture("BMP"),
    ],
    ids=["empty", "text", "svg", "gif", "cut jpeg", "cut png", "bomb", "bmp"],
)
def test_anything_else_is_refused_beside_the_field(
    cast: dict[str, User], content: bytes, media: Path
) -> None:
    answer = send(cast["sales"], content)
    assert answer.status_code == 422
    assert answer.context["form"].errors["photo"]
    assert not list(media.rglob("*.*"))


def test_a_picture_of_more_than_five_megabytes_is_refused(cast: dict[str, User]) -> None:
    answer = send(cast["sales"], picture() + b"\0" * (5 * 1024 * 1024))
    assert answer.status_code == 422
    assert "5" in answer.context["form"].errors["photo"][0]


def test_only_those_who_signed_in_see_a_photo(cast: dict[str, User]) -> None:
    person = cast["sales"]
    send(person, picture())
    person.refresh_from_db()
    url = person.photo_url
    assert client_of(None).get(url).status_code == 302
    answer = client_of(cast["marketing"]).get(url)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/webp"
    assert "private" in answer["Cache-Control"]
    assert b"".join(answer.streaming_content)[8:12] == b"WEBP"  # type: ignore[attr-defined]
    for other in (
        "/files/photos/../digiweb.sqlite3",
        "/files/photos/x.webp",
        f"/files/photos/{'0' * 32}.webp",
    ):
        assert client_of(person).get(other).status_code == 404


def test_a_new_photo_takes_the_place_of_the_old_file(
    cast: dict[str, User], media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    person = cast["sales"]
    for _time in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            send(person, picture())
    person.refresh_from_db()
    assert [path.name for path in (media / "photos").iterdir()] == [Path(person.photo.name).name]
    with django_capture_on_commit_callbacks(execute=True):
        send(person, b"", photo=None, **{"photo-clear": "on"})
    person.refresh_from_db()
    assert not person.photo
    assert not list((media / "photos").iterdir())


def test_the_time_line_tells_of_a_photo_without_the_name_of_its_file(cast: dict[str, User]) -> None:
    send(cast["sales"], picture())
    page = client_of(cast["admin"]).get(f"{cast['sales'].get_absolute_url()}?events=1").content.decode()
    assert "Photo" in page
    assert not re.findall(r">[^<]*[0-9a-f]{32}\.webp", page)

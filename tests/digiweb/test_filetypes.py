"""What files are, and what they may be called: by content, whatever the name claims."""

import io
import unicodedata
import zipfile

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from digiweb.filenames import LONGEST, clean_file_name, shorten
from digiweb.filetypes import BY_ENDING, TYPES, FileType, Stranger, detect, ending_of, judge
from tests.timeline.documents import CSV, EML, EXE, HTML, PDF, SVG, archive, office, picture

ODT = archive(mimetype="application/vnd.oasis.opendocument.text", content_dot_xml="<x/>")
ODS = archive(mimetype="application/vnd.oasis.opendocument.spreadsheet", content_dot_xml="<x/>")
MACROS = archive(**{"[Content_Types]_dot_xml": "<x/>", "word__vbaProject_dot_bin": "x"})
REAL: dict[str, tuple[str, bytes]] = {
    "pdf": ("a.pdf", PDF),
    "png": ("a.PNG", picture()),
    "jpeg": ("a.jpeg", picture("JPEG")),
    "webp": ("a.webp", picture("WEBP")),
    "gif": ("a.gif", picture("GIF")),
    "docx": ("a.docx", office("word")),
    "xlsx": ("a.xlsx", office("xl")),
    "pptx": ("a.pptx", office("ppt")),
    "odt": ("a.odt", ODT),
    "ods": ("a.ods", ODS),
    "csv": ("a.csv", CSV),
    "txt": ("a.txt", "Bonjour à tous".encode("latin-1")),
    "eml": ("a.eml", EML),
    "zip": ("a.zip", archive(a_dot_txt="x")),
}


def test_every_type_has_its_example_here() -> None:
    assert set(REAL) == set(TYPES)


@pytest.mark.parametrize("kind", sorted(REAL))
def test_a_real_file_of_each_type_is_what_it_says(kind: str) -> None:
    name, content = REAL[kind]
    assert judge(io.BytesIO(content), name).name == kind
    assert judge(io.BytesIO(content), "sans-nom").name == (kind if kind not in ("csv", "eml") else "txt")
    with pytest.raises(ValidationError):
        judge(io.BytesIO(content), name, [other for other in TYPES if other != kind])


@pytest.mark.parametrize("kind", sorted(REAL))
def test_under_the_name_of_any_other_type_it_is_refused(kind: str) -> None:
    texts = {"csv", "txt", "eml"}
    for ending, other in BY_ENDING.items():
        if (
            other.name == kind
            or {other.name, kind} <= texts - {"eml"}
            or (kind == "eml" and other.name in texts)
        ):
            continue
        with pytest.raises(ValidationError):
            judge(io.BytesIO(REAL[kind][1]), f"a{ending}")


@pytest.mark.parametrize(
    "content",
    [
        HTML, SVG, EXE, MACROS, b"  \n<HTML><body>", b"<?php echo 1;", b"#!/bin/sh\n", b"\x7fELF\1",
        b"Rar!\x1a\x07\0", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 50, b"a\0b",
        b"\0" * 100, b"\xef\xbb\xbf<!DOCTYPE html>", b'<?xml version="1.0"?><svg/>', b"%PD", b"....ftypisom",
    ],
)  # fmt: skip
def test_what_could_run_or_is_unknown_is_never_kept(content: bytes) -> None:
    found = detect(io.BytesIO(content))
    if content == b"%PD":  # four letters are a text
        assert isinstance(found, FileType)
        return
    assert isinstance(found, Stranger), found
    for name in ("a.pdf", "a.txt", "a.zip", "a", "a.html"):
        with pytest.raises(ValidationError):
            judge(io.BytesIO(content), name)


def test_an_archive_with_a_huge_table_of_contents_is_not_read() -> None:
    small = bytearray(archive(a_dot_txt="x"))
    place = small.rfind(b"PK\x05\x06")
    small[place + 12 : place + 16] = (200_000_000).to_bytes(4, "little")
    found = detect(io.BytesIO(bytes(small)))
    assert isinstance(found, Stranger)
    assert "many" in str(found.label) or "trop" in str(found.label)


@given(st.binary(max_size=400), st.sampled_from(["", ".pdf", ".png", ".txt", ".docx", ".zip", ".exe"]))
def test_no_content_whatever_makes_it_fail_otherwise(content: bytes, ending: str) -> None:
    for start in (b"", b"PK\x03\x04", b"%PDF-", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP"):
        try:
            found = judge(io.BytesIO(start + content), f"a{ending}")
        except ValidationError:
            continue
        assert not ending or ending in found.endings


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Devis.pdf", "Devis.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Documents\\Devis.pdf", "Devis.pdf"),
        ("facture\u202efdp.exe", "facturefdp.exe"),
        ("a\u200bb\u2066c\u061c.pdf", "abc.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie- x.pdf"),
        ('<img src="x">.png', "-img src=-x--.png"),
        ("  .htaccess  ", "htaccess"),
        ("CON", "CON"),
        ("", "document"),
        ("...", "document"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("👩\u200d💻.png", "👩\u200d💻.png"),
    ],
)
def test_names_lose_what_deceives(given_name: str, kept: str) -> None:
    assert clean_file_name(given_name) == kept


@given(st.text(max_size=400))
def test_a_clean_name_is_clean_and_stays_as_it_is(text: str) -> None:
    name = clean_file_name(text)
    assert 0 < len(name) <= LONGEST
    assert not set(name) & set('/\\<>:"|?*\n\r\t\0')
    assert all(unicodedata.category(char)[0] != "C" or char in "\u200c\u200d" for char in name)
    assert clean_file_name(name) == name


def test_a_long_name_keeps_its_ending() -> None:
    name = shorten("x" * 300 + ".pdf")
    assert (len(name), name[-4:]) == (LONGEST, ".pdf")
    assert ending_of("Devis.tar.GZ") == ".gz"
    assert ending_of("Devis n°3. Version finale") == ""


def test_a_table_of_contents_cannot_hide_behind_its_own_record() -> None:
    """Counts that spell the mark of the last record led another reader than `zipfile`'s astray."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(50_000):
            archive.writestr(f"{number:05}" * 8, b"")
    crafted = bytearray(made.getvalue())
    end = crafted.rfind(b"PK\x05\x06")
    crafted[end + 8 : end + 12] = b"PK\x05\x06"
    with pytest.raises(ValidationError):
        judge(io.BytesIO(bytes(crafted)), "photos.zip")

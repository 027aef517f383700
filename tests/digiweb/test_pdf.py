"""Pages as PDF: nothing fetched from outside, the same bytes again, every character drawn."""

import ctypes
import io
import re
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as raw
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from digiweb import pdf
from digiweb.pdf import About, Files, Paper, PaperTooLarge, Refused, drawable, readable, write_pdf

ABOUT = About("Facture 1", "Digiflow Agency", datetime(2026, 11, 21, 9, 30, tzinfo=UTC))


def words_of(content: bytes) -> str:
    document: Any = pypdfium2.PdfDocument(content)
    return "\n".join(document[n].get_textpage().get_text_range() for n in range(len(document)))


def unfolded(content: bytes) -> bytes:
    """All streams of a PDF as they were before they were packed."""
    found = []
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            found.append(zlib.decompress(part))
        except zlib.error:
            found.append(part)
    return b"\n".join(found)


def test_a_page_becomes_a_pdf_with_its_words_title_and_moment() -> None:
    content = write_pdf(
        Paper('<link rel="stylesheet" href="static/css/pdf.css"><p>Été à Lyon : 1 234,50 €</p>'), ABOUT
    )
    assert content.startswith(b"%PDF-")
    assert "Été à Lyon" in words_of(content)
    document: Any = pypdfium2.PdfDocument(content)
    assert document.get_metadata_dict()["Title"] == "Facture 1"
    assert document.get_metadata_dict()["CreationDate"].startswith("D:20261121093000")


@pytest.mark.parametrize("archive", [False, True])
def test_the_same_page_gives_the_same_bytes_a_while_later(
    archive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    html = '<link rel="stylesheet" href="static/css/pdf.css"><p>Le même <b>texte</b></p>'
    first = write_pdf(Paper(html), ABOUT, archive=archive)
    monkeypatch.setattr("time.time", lambda: 4_000_000_000.0)
    assert write_pdf(Paper(html), ABOUT, archive=archive) == first


def test_fonts_are_inside_and_the_archive_says_what_it_is() -> None:
    content = write_pdf(
        Paper('<link rel="stylesheet" href="static/css/pdf.css"><p>Texte</p>'), ABOUT, archive=True
    )
    page: Any = pypdfium2.PdfDocument(content)[0]
    fonts = [raw.FPDFTextObj_GetFont(each.raw) for each in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT])]
    assert fonts
    for font in fonts:
        name = (ctypes.c_char * 100)()
        raw.FPDFFont_GetBaseFontName(font, name, 100)
        assert b"Paper" in name.value
        assert raw.FPDFFont_GetIsEmbedded(font) == 1
    assert b"pdfaid:part" in unfolded(content)
    assert b"pdfaid:part" not in unfolded(write_pdf(Paper("<p>Texte</p>"), ABOUT))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/logo.png",
        "http://127.0.0.1:1/logo.png",
        "file:///etc/passwd",
        "http://paper.invalid/etc/passwd",
        "http://paper.invalid/static/../manage.py",
        "http://paper.invalid/static/%2e%2e/manage.py",
        "http://paper.invalid/static//etc/passwd",
        "data:text/plain,hello",
    ],
)
def test_nothing_else_than_our_files_is_fetched(url: str) -> None:
    with pytest.raises((Refused, OSError, ValueError)):
        Files().fetch(url)


def test_a_picture_of_the_media_folder_is_drawn_and_no_other_file() -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (40, 20), "#ff0000").save(drawn, "PNG")
    name = default_storage.save("agencies/logo é.png", ContentFile(drawn.getvalue()))
    secret = default_storage.save("agencies/list.txt", ContentFile(b"not a picture"))
    page: Any = pypdfium2.PdfDocument(write_pdf(Paper(f'<img src="media/{name}" alt="">'), ABOUT))[0]
    assert list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]))
    with pytest.raises(Exception, match=r"cannot identify|Refused"):
        Files().fetch(f"{pdf.BASE}media/{secret}")


def test_what_no_font_draws_is_left_out_or_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_all_characters", lambda: frozenset(range(0x250)))
    assert drawable("Site 🚀 vitrine") == "Site  vitrine"
    assert drawable("漢字 SARL") == "?? SARL"
    assert drawable("1\u202f234,50\u00a0€ – « à »") == "1\u202f234,50\u00a0€ – « à »"


def test_a_page_with_an_emoji_is_drawn_without_an_empty_box(caplog: pytest.LogCaptureFixture) -> None:
    write_pdf(
        Paper('<link rel="stylesheet" href="static/css/pdf.css"><p>Site 🚀🧑‍💻 ½ Łódź ě 漢</p>'),
        ABOUT,
        archive=True,
    )
    assert "notdef" not in caplog.text


@pytest.mark.parametrize("colour", ["#ffffff", "#ffee00", "#e86a17", "#3b3a9e", "#000000"])
def test_any_colour_is_readable_on_white(colour: str) -> None:
    found = readable(colour)
    parts = [int(found[place : place + 2], 16) for place in (1, 3, 5)]
    assert 1.05 / (pdf._luminance(parts) + 0.05) >= pdf.LEAST_CONTRAST


def test_a_colour_that_is_none_does_not_reach_the_style_sheet() -> None:
    assert write_pdf(Paper("<p>a</p>", "red; } * { display: none"), ABOUT)


def test_more_text_than_any_document_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_CHARACTERS", 10)
    with pytest.raises(PaperTooLarge):
        Paper("<p>Une facture</p>")


def test_the_style_sheet_names_only_fonts_that_are_there() -> None:
    css = Path("static/css/pdf.css").read_text()
    for name in pdf.FONTS:
        assert f"../{name}" in css
        assert pdf.static_file(name)

"""Small real files for the demo's documents: a PDF of a page or two, a table, a picture of a page."""

import io
import zlib
from collections.abc import Sequence

from PIL import Image, ImageDraw

from digiweb.fulltext import fold

ACCENT, INK, PALE = (70, 52, 199), (24, 32, 50), (238, 236, 252)
LINES_ON_PAGE = 34


def pdf_of(title: str, lines: Sequence[str]) -> bytes:
    """A PDF of A4 pages with a title and lines of text, in a font that every reader has."""
    pages = [lines[start : start + LINES_ON_PAGE] for start in range(0, len(lines), LINES_ON_PAGE)] or [()]
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for place, page in enumerate(pages):
        content = zlib.compress(_drawn(title if not place else "", page))
        objects += [
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>"
            b"/Contents %d 0 R>>" % (5 + 2 * place),
            b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(content), content),
        ]
    return _file_of(objects)


def _drawn(title: str, lines: Sequence[str]) -> bytes:
    """The operators of one page: a bar of colour, the title, the text."""
    parts = [b"0.275 0.204 0.78 rg 56 786 483 4 re f 0.094 0.125 0.196 rg BT"]
    if title:
        parts.append(b"/F 20 Tf 56 742 Td (%s) Tj 0 -38 Td" % _text(title))
    else:
        parts.append(b"56 752 Td")
    parts.append(b"/F 11 Tf 19 TL")
    parts += [b"(%s) Tj T*" % _text(line) for line in lines]
    return b"\n".join([*parts, b"ET"])


def _text(text: str) -> bytes:
    known = text.replace("\u202f", " ").replace("\u00a0", " ").encode("cp1252", "replace")
    return known.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _file_of(objects: Sequence[bytes]) -> bytes:
    """The objects with the table that says where each begins."""
    written = io.BytesIO()
    written.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(written.tell())
        written.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = written.tell()
    written.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    written.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    written.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    return written.getvalue()


def csv_of(rows: Sequence[Sequence[str]]) -> bytes:
    """A table as French spreadsheets write it."""
    return ("\ufeff" + "\r\n".join(";".join(row) for row in rows) + "\r\n").encode()


def page_mockup(name: str, colour: tuple[int, int, int]) -> bytes:
    """A PNG of how the first page of a site might look."""
    image = Image.new("RGB", (960, 600), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 960, 56), fill=INK)
    draw.text((24, 16), fold(name[:40]).title(), fill=(255, 255, 255), font_size=20)
    draw.rectangle((0, 56, 960, 300), fill=colour)
    draw.rectangle((48, 120, 520, 150), fill=PALE)
    draw.rectangle((48, 166, 440, 184), fill=PALE)
    draw.rectangle((48, 214, 200, 254), fill=INK)
    for place in range(3):
        left = 48 + place * 296
        draw.rectangle((left, 340, left + 264, 470), fill=PALE)
        draw.rectangle((left, 486, left + 180, 500), fill=INK)
        draw.rectangle((left, 512, left + 240, 522), fill=(200, 206, 216))
        draw.rectangle((left, 534, left + 220, 544), fill=(200, 206, 216))
    drawn = io.BytesIO()
    image.save(drawn, "PNG", optimize=False, compress_level=6)
    return drawn.getvalue()


def small_picture(content: bytes) -> bytes:
    """The preview of one of these files, drawn here: a process for each would take ten times as long."""
    if content.startswith(b"%PDF"):
        import pypdfium2

        page = pypdfium2.PdfDocument(content)[0]
        image = page.render(scale=0.8).to_pil().convert("RGB")
    else:
        image = Image.open(io.BytesIO(content)).convert("RGB").reduce(2)
    drawn = io.BytesIO()
    image.save(drawn, "WEBP", quality=80, method=0)
    return drawn.getvalue()

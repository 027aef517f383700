"""Pages on paper: a template of ours drawn as PDF by WeasyPrint, all that it needs inside.

Nothing is fetched but our own static files and pictures of the media folder: no network, no other file. The
same context gives the same bytes: no clock, nothing random. Characters that no font here can draw are left
out (an emoji) or marked (a letter), since PDF/A allows no empty boxes.
"""

import io
import os
import re
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils import translation
from fontTools.ttLib import TTCollection, TTFont, TTLibError
from PIL import ImageFile
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from digiweb.previews import opened_picture

# WeasyPrint tells Pillow, for the whole process, to take half a picture for a whole one.
ImageFile.LOAD_TRUNCATED_IMAGES = False

# A name that no network resolves; only `Files` knows what lies there.
BASE = "http://paper.invalid/"
GENERATOR = "DigiWeb ERP"
COLOUR = "#3b3a9e"
ARCHIVE = "pdf/a-3b"
# A document of a thousand lines is 600 kB of HTML; what is ten times that is a mistake.
MOST_CHARACTERS = 6_000_000
MOST_FILE_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 20_000_000
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
FONTS = (
    "vendor/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "vendor/@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
)
# The library that cuts fonts to the letters used would write the moment into each (fontTools, timeTools).
os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
# Page, fonts and colours; lines and totals. A template may ask for others by its context.
SHEETS = ("static/css/pdf.css", "static/css/pdf_document.css")
_COLOUR = re.compile(r"#[0-9a-f]{6}").fullmatch
# WCAG: text of that colour on white.
LEAST_CONTRAST = 4.5


class PaperTooLarge(ValueError):
    """More text than any document of ours has."""


class Refused(ValueError):
    """A page asked for something that is neither a static file of ours nor a picture."""


@dataclass(frozen=True)
class About:
    """What a PDF says of itself; `moment` is when the document was made, in any zone."""

    title: str
    author: str
    moment: datetime
    subject: str = ""
    keywords: tuple[str, ...] = ()
    language: str = "fr-FR"


class Files(URLFetcher):  # type: ignore[misc]
    """What a page may load: `static/…` by the finders of static files, `media/…` for pictures."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}/" != BASE:
            raise Refused(url[:200])
        folder, _slash, name = unquote(parts.path).lstrip("/").partition("/")
        if folder == "static":
            content = static_file(name)
        elif folder == "media":
            content = _picture(name)
        else:
            raise Refused(url[:200])
        kind = "text/css" if name.endswith(".css") else "application/octet-stream"
        return URLFetcherResponse(url, content, {"Content-Type": kind})


def static_file(name: str) -> bytes:
    """A static file of ours, as it lies in the source or was collected. Raises Refused."""
    try:
        found = finders.find(name)
    except SuspiciousFileOperation as error:
        raise Refused(name[:200]) from error
    if found is None:
        root = Path(settings.STATIC_ROOT).resolve()
        collected = (root / name).resolve()
        if not collected.is_relative_to(root) or not collected.is_file():
            raise Refused(name[:200])
        found = str(collected)
    return Path(found).read_bytes()


def _picture(name: str) -> bytes:
    """A picture of the media folder that really is one, of a size that unfolds."""
    with default_storage.open(name) as file:
        content: bytes = file.read(MOST_FILE_BYTES + 1)
    if len(content) > MOST_FILE_BYTES:
        raise Refused(name[:200])
    with opened_picture(io.BytesIO(content), MOST_PIXELS):
        return content


class Paper(HTML):  # type: ignore[misc]
    """A page ready to be drawn; `digiweb.pdf.paper` makes it. Fonts are unpacked once a thread."""

    def __init__(self, html: str, colour: str = "") -> None:
        if len(html) > MOST_CHARACTERS:
            raise PaperTooLarge(len(html))
        super().__init__(string=drawable(html), base_url=BASE, url_fetcher=Files())
        self.colour = colour

    def render(self, font_config: Any = None, **options: Any) -> Any:
        options["stylesheets"] = [*(options.get("stylesheets") or ()), *self._colours()]
        return super().render(font_config=font_config or _fonts(), **options)

    def _colours(self) -> list[CSS]:
        """The house's colour, dark enough to be read; checked, as it goes into a style sheet."""
        colour = readable(self.colour if _COLOUR(self.colour) else COLOUR)
        return [CSS(string=f":root {{ --accent: {colour}; }}", base_url=BASE, url_fetcher=Files())]


def paper(template: str, context: Mapping[str, Any], *, language: str = "fr", colour: str = "") -> Paper:
    """The page that `template` makes of `context`, in `language`, with `colour` (#rrggbb) as its accent.

    Raises PaperTooLarge.
    """
    with translation.override(language):
        values = {"language": language, "sheets": SHEETS, **context}
        return Paper(render_to_string(template, values), colour)


def write_pdf(page: Paper, about: About, *, archive: bool = False) -> bytes:
    """The PDF of a page; `archive`: as PDF/A-3b. The same page and `about` give the same bytes."""
    variant = ARCHIVE if archive else None
    document = page.render(pdf_variant=variant)
    describe(document, about)
    written: bytes = document.write_pdf(pdf_variant=variant)
    return written


def describe(document: Any, about: About) -> datetime:
    """Title, author and moment of a drawn document; the moment as the file says it."""
    moment = about.moment.astimezone(UTC).replace(microsecond=0)
    metadata = document.metadata
    metadata.title = drawable(about.title)
    metadata.authors = [about.author]
    metadata.description = about.subject or about.title
    metadata.keywords = list(about.keywords)
    metadata.generator = GENERATOR
    metadata.created = metadata.modified = moment.isoformat()
    metadata.lang = about.language
    return moment


# --- Fonts

_kept = threading.local()


def _fonts() -> FontConfiguration:
    """Pango's tables of fonts are no thing to share between threads."""
    found: FontConfiguration | None = getattr(_kept, "fonts", None)
    if found is None:
        found = _kept.fonts = FontConfiguration()
    return found


@lru_cache(maxsize=1)
def _own_characters() -> frozenset[int]:
    """Those of Inter, in which pages are set."""
    found: set[int] = set()
    for name in FONTS:
        with TTFont(io.BytesIO(static_file(name)), lazy=True) as font:
            found.update(font.getBestCmap() or ())
    return frozenset(found)


@lru_cache(maxsize=1)
def _all_characters() -> frozenset[int]:
    """Those of all fonts of this machine too, to which Pango falls back; read when first needed."""
    found = set(_own_characters())
    for folder in FONT_FOLDERS:
        for path in sorted(Path(folder).rglob("*.[to]t[fc]")):
            try:
                fonts = (
                    TTCollection(path, lazy=True).fonts
                    if path.suffix == ".ttc"
                    else [TTFont(path, lazy=True)]
                )
                for font in fonts:
                    found.update(font.getBestCmap() or ())
            except (TTLibError, OSError, AssertionError):
                continue  # a broken font draws nothing
    return frozenset(found)


def drawable(text: str) -> str:
    """`text` without what no font here draws: letters become « ? », pictures and marks go."""
    strange = {ord(char) for char in set(text) if char not in "\t\n\r"} - _own_characters()
    # Pango draws blanks of any width with whatever font is at hand.
    strange = {code for code in strange if unicodedata.category(chr(code)) != "Zs"}
    strange -= _all_characters() if strange else set()
    if not strange:
        return text
    return text.translate(
        {code: "?" if unicodedata.category(chr(code))[0] in "LN" else None for code in strange}
    )


# --- Colour


def readable(colour: str) -> str:
    """`colour` (#rrggbb), darkened until white beside it stands out enough to be read."""
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    while 1.05 / (_luminance(parts) + 0.05) < LEAST_CONTRAST:
        parts = [int(part * 0.94) for part in parts]
    return "#" + "".join(f"{part:02x}" for part in parts)


def _luminance(parts: list[int]) -> float:
    """Relative luminance (WCAG 2)."""
    linear = [
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

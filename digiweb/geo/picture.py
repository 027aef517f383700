"""The same file as PNG: drawn with Pillow, twice as large as the sheet, in the colours of the SVG."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

from digiweb.geo.chart import Chart
from digiweb.geo.drawing import (
    ACCENT,
    DARK_FROM,
    HEAD,
    INK,
    LINE_HEIGHT,
    MUTED,
    ON_DARK,
    PAPER,
    SHADES,
    Caption,
    figures,
    fill_of,
    neighbours,
    stroke_of,
)
from digiweb.templatetags.digiweb import number

SCALE = 2
# Drawn so much larger, then made smaller: Pillow's edges are steps.
FINE = 2
FONT = "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"
_ANCHORS = {"start": "lm", "middle": "mm", "end": "rm"}


@lru_cache(maxsize=8)
def _font(size: int, weight: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    path = Path(settings.NODE_MODULES) / FONT
    if not path.is_file():
        return ImageFont.load_default(size * SCALE)
    font = ImageFont.truetype(str(path), size * SCALE)
    font.set_variation_by_axes([weight])
    return font


def as_png(chart: Chart, caption: Caption) -> bytes:
    """The picture with its caption."""
    sheet = chart.sheet
    foot = sheet.height + HEAD + 12
    height = foot + LINE_HEIGHT * (1 + len(caption.notes)) + 14
    image = Image.new("RGB", (sheet.width * SCALE, height * SCALE), PAPER)
    image.paste(_shapes(chart), (0, HEAD * SCALE))
    draw = ImageDraw.Draw(image)

    def text(
        x: float, y: float, words: str, size: int, weight: int = 400, fill: str = INK, anchor: str = "start"
    ) -> None:
        font = _font(size, weight)
        draw.text((x * SCALE, y * SCALE), _one_line(words), font=font, fill=fill, anchor=_ANCHORS[anchor])

    text(12, 14, caption.title, 15, 600)
    text(12, 31, caption.subtitle, 10, fill=MUTED)
    for inset in sheet.insets:
        text(inset.box.x + 7, inset.box.y + 11 + HEAD, inset.title, 9, fill=MUTED)
    for area in neighbours(chart):
        text(area.middle[0], area.middle[1] + HEAD - 4, area.name, 10, fill=MUTED, anchor="middle")
    for area, shade in figures(chart):
        ink = ON_DARK if shade.level >= DARK_FROM else INK
        text(area.middle[0], area.middle[1] + HEAD, number(shade.total), 11, 600, ink, "middle")
    for mark in chart.marks:
        disc = mark.disc
        text(disc.x, disc.y + HEAD, number(disc.total), 11, 600, ON_DARK, "middle")
        if disc.label:
            x, y, anchor = disc.label
            text(x, y + HEAD, disc.name, 11, anchor=anchor)
    x = 12.0
    for level, words in caption.legend:
        box = (x * SCALE, (foot - 9) * SCALE, (x + 10) * SCALE, (foot + 1) * SCALE)
        draw.rounded_rectangle(box, 2 * SCALE, fill=SHADES[level])
        text(x + 14, foot - 4, words, 10)
        x += 24 + len(words) * 5.8
    for line, note in enumerate(caption.notes, start=1):
        text(12, foot + LINE_HEIGHT * line, note, 9, fill=MUTED)
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _shapes(chart: Chart) -> Image.Image:
    """Boxes, departments and discs, without words."""
    sheet, zoom = chart.sheet, SCALE * FINE
    image = Image.new("RGB", (sheet.width * zoom, sheet.height * zoom), PAPER)
    draw = ImageDraw.Draw(image)
    for inset in sheet.insets:
        x, y, width, height = inset.box
        draw.rounded_rectangle(
            (x * zoom, y * zoom, (x + width) * zoom, (y + height) * zoom),
            6 * zoom,
            outline="#e2e6ed",
            width=FINE,
        )
    for area in sheet.areas:
        fill, stroke = fill_of(chart, area.code), stroke_of(chart, area.code)
        for ring in area.rings:
            points = [(x * zoom, y * zoom) for x, y in ring]
            draw.polygon(points, fill=fill)
            draw.line([*points, points[0]], fill=stroke, width=FINE + 1, joint="curve")
    for mark in chart.marks:
        disc = mark.disc
        box = [(disc.x - disc.radius) * zoom, (disc.y - disc.radius) * zoom,
               (disc.x + disc.radius) * zoom, (disc.y + disc.radius) * zoom]  # fmt: skip
        draw.ellipse(box, fill=ACCENT, outline=PAPER, width=3 * FINE)
    return image.resize((sheet.width * SCALE, sheet.height * SCALE), Image.Resampling.LANCZOS)


def _one_line(words: str) -> str:
    """The font has no narrow no-break space."""
    return words.replace("\u202f", "\u00a0").replace("\n", " ")

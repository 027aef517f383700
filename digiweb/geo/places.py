"""Where a company is, by what its address says: a town of France out of a postcode and a name.

The towns are those of places.csv, which `manage.py build_places` makes out of INSEE, La Poste and GeoNames.
A place is named by its INSEE code (`69123`), or by `P69002` where the postcode is known and the town is not.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from digiweb.geo.departments import department_of_postcode
from digiweb.geo.names import plain, telling

FILE = Path(__file__).with_name("places.csv")
# Countries whose postcodes are French ones.
FRENCH = frozenset(("", "FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "WF", "PF", "NC"))
# Paris, Lyon, Marseille: a postcode tells the arrondissement, which is a place of its own.
_DIVIDED = frozenset(("75056", "69123", "13055"))
_POSTCODE = re.compile(r"(?<![0-9])[0-9]{4,5}(?![0-9])")


class Place(NamedTuple):
    """A town, or the middle of a postcode."""

    code: str
    name: str
    department: str
    lat: float
    lng: float


class Town(NamedTuple):
    """A line of the file; `names` are plain, its own first."""

    place: Place
    names: tuple[str, ...]
    postcodes: tuple[str, ...]


class Location(NamedTuple):
    """What an address says; both are "" where it says nothing."""

    place: str
    department: str


NOWHERE = Location("", "")


class _Index(NamedTuple):
    """The lines of the file by postcode and by department.

    They stay text until somebody asks: as objects they would cost a process ten times the memory.
    """

    by_postcode: dict[str, str]
    by_department: dict[str, str]


@cache
def _index() -> _Index:
    by_postcode: dict[str, list[str]] = defaultdict(list)
    by_department: dict[str, list[str]] = defaultdict(list)
    for line in FILE.read_text(encoding="utf-8").splitlines():
        by_department[_department_of(line)].append(line)
        for postcode in line.split(";", 3)[2].split():
            by_postcode[postcode].append(line)
    return _Index(
        {key: "\n".join(lines) for key, lines in by_postcode.items()},
        {key: "\n".join(lines) for key, lines in by_department.items()},
    )


def _department_of(code: str) -> str:
    return code[:3] if code[:2] in ("97", "98") else code[:2]


def _town(line: str) -> Town:
    code, name, postcodes, lat, lng, others = line.split(";")
    shown = name.replace("'", "’").removesuffix(" Arrondissement")
    place = Place(code, shown, _department_of(code), float(lat), float(lng))
    names = (plain(name), *map(plain, others.split("|"))) if others else (plain(name),)
    return Town(place, names, tuple(postcodes.split()))


@lru_cache(maxsize=1024)
def _served_by(postcode: str) -> tuple[Town, ...]:
    """The towns of a postcode."""
    lines = _index().by_postcode.get(postcode, "")
    return tuple(map(_town, lines.splitlines()))


@lru_cache(maxsize=16)
def _towns_in(department: str) -> tuple[Town, ...]:
    lines = _index().by_department.get(department, "")
    return tuple(map(_town, lines.splitlines()))


@cache
def _unique_names() -> dict[str, str]:
    """{plain name: code} of the names that one town of France alone has."""
    codes: dict[str, set[str]] = defaultdict(set)
    for lines in _index().by_department.values():
        for line in lines.splitlines():
            code, name, _ = line.split(";", 2)
            if not _is_arrondissement(code):
                codes[plain(name)].add(code)
    return {name: min(found) for name, found in codes.items() if len(found) == 1}


def towns_of(postcode: str, country: str = "FR") -> list[str]:
    """The names of the towns of a French postcode, as INSEE writes them."""
    if country.strip().upper() not in FRENCH:
        return []
    places = [town.place for town in _served_by(clean_postcode(postcode))]
    names = {place.name.replace("’", "'") for place in places if not _is_arrondissement(place.code)}
    return sorted(names, key=plain)


def place_named(code: str) -> Place | None:
    """The place of a code; None for one that does not exist."""
    if code.startswith("P"):
        towns = _served_by(code[1:])
        if not towns:
            return None
        lats, lngs = [town.place.lat for town in towns], [town.place.lng for town in towns]
        return Place(code, code[1:], _majority(towns), sum(lats) / len(lats), sum(lngs) / len(lngs))
    return _places_of(_department_of(code)).get(code)


@lru_cache(maxsize=128)
def _places_of(department: str) -> dict[str, Place]:
    return {town.place.code: town.place for town in _towns_in(department)}


def _majority(towns: Sequence[Town]) -> str:
    return Counter(town.place.department for town in towns).most_common(1)[0][0]


@lru_cache(maxsize=8192)
def locate(postcode: str, city: str, country: str = "FR") -> Location:
    """Where an address of these parts is. Never raises: what cannot be read is nowhere."""
    if country.strip().upper() not in FRENCH:
        return NOWHERE
    code, name = clean_postcode(postcode), plain(city)
    if not code:
        return _located(_unique_names().get(name, "")) if name else NOWHERE
    towns = _served_by(code)
    if towns:
        town = _match(name, towns) or (towns[0] if len(towns) == 1 else None)
        if town is None and code not in postcode.replace(" ", ""):
            return NOWHERE  # four digits and no town of theirs: an address abroad
        if town is None:
            return Location(f"P{code}", _majority(towns))
        return _located(town.place.code)
    # CEDEX and other postcodes of mail alone: their first digits are right.
    department = department_of_postcode(code)
    whole = [town for town in _towns_in(department) if not _is_arrondissement(town.place.code)]
    town = _match(name, whole, exactly=True) if name else None
    return _located(town.place.code) if town else Location("", department)


def clean_postcode(text: str) -> str:
    """`69 002`, `F-69002`, `1000` (a spreadsheet took the nought) as five digits; "" for anything else."""
    found = _POSTCODE.findall(re.sub(r"[\s.]", "", text))
    return str(found[0]).zfill(5) if len(found) == 1 else ""


def _located(code: str) -> Location:
    return Location(code, _department_of(code)) if code else NOWHERE


def _match(name: str, towns: Sequence[Town], *, exactly: bool = False) -> Town | None:
    """The town of this plain name; else the one that is known by the same words, where there is only one."""
    words = telling(name)
    tests: list[Callable[[str], bool]] = [lambda one: one == name]
    if words:
        tests.append(lambda one: telling(one) == words)
        if not exactly:
            tests.append(lambda one: _within(words, telling(one)))
    for test in tests:
        alike = [town for town in towns if any(map(test, town.names))]
        # Where the postcode tells an arrondissement, that is the better answer.
        parts = [town for town in alike if town.place.code not in _DIVIDED] or alike
        if len(parts) == 1:
            return parts[0]
    return None


def _within(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(other) and (one <= other or other <= one)


def whole_name(places: Sequence[Place]) -> str:
    """What several places close to each other are called, the first of which is the largest: `Lyon` where
    it is one of several arrondissements, else its name.
    """
    first = places[0]
    if len(places) == 1 or not _is_arrondissement(first.code):
        return first.name
    return first.name.rpartition(" ")[0]


def _is_arrondissement(code: str) -> bool:
    return code[:3] in ("751", "132") or code[:4] == "6938"

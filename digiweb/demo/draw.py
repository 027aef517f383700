"""Chance with a seed: everything in the demo that looks accidental comes from here."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import TypeVar

from django.utils import timezone

from digiweb.demo.names import FEMALE, FIRST_NAMES, LAST_NAMES
from digiweb.demo.towns import FICTION, FICTION_MOBILE, STREETS, TOWNS, Town
from digiweb.fulltext import WORD, fold

T = TypeVar("T")

# How busy each month is; August and the end of December are quiet.
_MONTHS = (0.9, 1.0, 1.1, 1.0, 0.85, 1.0, 0.7, 0.3, 1.15, 1.15, 1.1, 0.8)


class Draw:
    """A seeded die with the faces that a company needs."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 (repeatable on purpose)
        self._slugs: set[str] = set()
        self._sirens: set[str] = set()

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self.random.random() * len(options))]

    def weighted(self, options: Sequence[tuple[T, float]]) -> T:
        return self.random.choices([each for each, _ in options], [weight for _, weight in options])[0]

    def between(self, low: int, high: int) -> int:
        return low + int(self.random.random() * (high - low + 1))

    # --- Time

    def working_moment(self, start: datetime, end: datetime) -> datetime:
        """A moment of office hours; busier months and recent ones are likelier."""
        span = (end - start).total_seconds()
        while True:
            share = self.random.random() ** 0.9  # the business grows a little
            local = timezone.localtime(start + timedelta(seconds=span * share))
            if self.random.random() < busyness(local):
                hour = self.random.triangular(8.5, 18.5, 10.5)
                midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
                return midnight + timedelta(seconds=int(hour * 3600))

    # --- People and places

    def first_name(self) -> str:
        return self.pick(FIRST_NAMES)

    def last_name(self) -> str:
        # The head of the list is the most frequent.
        return LAST_NAMES[int(self.random.random() ** 1.5 * len(LAST_NAMES))]

    def town(self) -> Town:
        return self.random.choices(TOWNS, cum_weights=_town_weights())[0]

    def street(self) -> str:
        return f"{self.between(1, 148)} {self.pick(STREETS)}"

    def landline(self, area: str) -> str:
        """A number of the range that ARCEP keeps for fiction: nobody can be called by mistake."""
        return f"{FICTION[area]}{self.between(0, 9999):04d}"

    def mobile(self) -> str:
        return f"{FICTION_MOBILE}{self.between(0, 9999):04d}"

    # --- Firms

    def siren(self) -> str:
        """Nine digits with a right key, each once."""
        while True:
            digits = f"{self.between(300, 949)}{self.between(0, 99999):05d}"
            siren = digits + luhn_digit(digits)
            if siren not in self._sirens:
                self._sirens.add(siren)
                return siren

    def siret(self, siren: str) -> str:
        """The SIRET of one of its first establishments."""
        digits = f"{siren}{self.between(1, 4):04d}"
        return digits + luhn_digit(digits)

    def slug(self, text: str) -> str:
        """A free name of a domain or mailbox out of a text."""
        base = slug_of(text)
        slug, again = base, 2
        while slug in self._slugs:
            slug, again = f"{base}{again}", again + 1
        self._slugs.add(slug)
        return slug


def busyness(local: datetime) -> float:
    """How likely a day is a day of work, 0 to 1."""
    if local.weekday() >= 5:
        return 0.02
    if (local.month, local.day) >= (12, 21) or (local.month, local.day) <= (1, 3):
        return 0.1
    return _MONTHS[local.month - 1] / 1.15


def luhn_digit(digits: str) -> str:
    """The digit that makes `digits` + it pass Luhn's sum."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


@cache
def slug_of(text: str) -> str:
    return "-".join(WORD.findall(fold(text))).replace("_", "")


@cache
def _town_weights() -> list[int]:
    total, weights = 0, []
    for town in TOWNS:
        total += town.weight
        weights.append(total)
    return weights


_FEMALE = frozenset(FEMALE)
# Job titles are written for a man in the tables; the others by their endings, longest first.
_FEMININE = (
    ("Co-gérant", "Co-gérante"), ("Gérant", "Gérante"), ("Directeur", "Directrice"),
    ("Président", "Présidente"), ("Assistant", "Assistante"), ("Chargé", "Chargée"),
    ("Conducteur", "Conductrice"), ("associé", "associée"), ("Associé", "Associée"), ("Avocat", "Avocate"),
    ("Consultant", "Consultante"), ("Négociateur", "Négociatrice"), ("Opticien", "Opticienne"),
    ("Pharmacien", "Pharmacienne"), ("Préparateur", "Préparatrice"), ("Trésorier", "Trésorière"),
    ("Coordinateur", "Coordinatrice"), ("Vigneron", "Vigneronne"), ("Exploitant", "Exploitante"),
    ("Chirurgien", "Chirurgienne"), ("Expert-", "Experte-"), ("général", "générale"),
    ("administratif", "administrative"), ("commercial", "commerciale"),
)  # fmt: skip


def job_for(title: str, first_name: str) -> str:
    """A job title in the gender of the first name."""
    if first_name not in _FEMALE:
        return title
    if title.startswith("Responsable"):
        return title.replace("administratif", "administrative")
    for male, female in _FEMININE:
        if male in title and female not in title:
            title = title.replace(male, female)
    return title

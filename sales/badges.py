"""Badges: what each is called, the rule by which it is earned in words, and the same rule in code.

This is the only place of the rules. They look at the figures of one month (`Month`), or of all time, out of
roll-ups; sales/services/award.py keeps what was earned, once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from people.services.target import Wanted

NOTHING = Wanted()
# The least that a month must hold for some badges to mean something.
ENOUGH_CLOSED, ENOUGH_WON = 5, 3


@dataclass
class Score:
    """What one person did in a month."""

    won: int = 0
    lost: int = 0
    amount: Decimal = Decimal(0)
    # Of the deals won, the days from their first to their last.
    days: int = 0
    done: int = 0
    target: Wanted = NOTHING

    @property
    def rate(self) -> Decimal:
        """Of a hundred deals that ended, how many were won."""
        closed = self.won + self.lost
        return Decimal(self.won * 100) / closed if closed else Decimal(0)

    @property
    def cycle(self) -> Decimal:
        return Decimal(self.days) / self.won if self.won else Decimal(0)


@dataclass
class Month:
    """What everybody did in one month; `ended` once it is over."""

    first: date
    ended: bool
    scores: dict[int, Score] = field(default_factory=dict)


Earned = Iterator[tuple[int, Decimal]]


@dataclass(frozen=True)
class Badge:
    """A badge: `earned(month)` gives who earns it (number of the person, what they reached)."""

    name: str
    label: Any
    rule: Any
    icon: str
    earned: Callable[[Month], Earned]
    # How what was reached is told: "euros", "number", "percent" or "days".
    unit: str = "number"
    # Earned once and for all, not once a month: `earned` is then given the sums of all time.
    for_good: bool = False


def target_reached(month: Month) -> Earned:
    for pk, score in month.scores.items():
        if score.target.revenue and score.amount >= score.target.revenue:
            yield pk, score.amount


def best_seller(month: Month) -> Earned:
    most = max((score.amount for score in month.scores.values()), default=Decimal(0))
    if month.ended and most > 0:
        yield from ((pk, most) for pk, score in month.scores.items() if score.amount == most)


def sharp_shooter(month: Month) -> Earned:
    for pk, score in month.scores.items():
        if month.ended and score.won + score.lost >= ENOUGH_CLOSED and score.rate >= 60:
            yield pk, score.rate


def quick_closer(month: Month) -> Earned:
    for pk, score in month.scores.items():
        if month.ended and score.won >= ENOUGH_WON and score.cycle <= 15:
            yield pk, score.cycle


def steady_worker(month: Month) -> Earned:
    for pk, score in month.scores.items():
        if score.target.activities and score.done >= score.target.activities:
            yield pk, Decimal(score.done)


def first_sale(month: Month) -> Earned:
    for pk, score in month.scores.items():
        if score.won:
            yield pk, Decimal(1)


def won_in_all(number: int) -> Callable[[Month], Earned]:
    def earned(month: Month) -> Earned:
        for pk, score in month.scores.items():
            if score.won >= number:
                yield pk, Decimal(score.won)

    return earned


BADGES = (
    Badge(
        "target",
        _("Target reached"),
        _("The amount of the deals won in a month reaches the month’s revenue target."),
        "target-arrow",
        target_reached,
        "euros",
    ),
    Badge(
        "best",
        _("Best of the month"),
        _("The largest amount of deals won in a month, once the month is over."),
        "trophy",
        best_seller,
        "euros",
    ),
    Badge(
        "sharp",
        _("Sharp eye"),
        _("Of 5 deals or more that ended in a month, at least six in ten were won; once the month is over."),
        "focus-2",
        sharp_shooter,
        "percent",
    ),
    Badge(
        "quick",
        _("Quick closer"),
        _("At least 3 deals won in a month, within 15 days on average, once the month is over."),
        "bolt",
        quick_closer,
        "days",
    ),
    Badge(
        "steady",
        _("Steady worker"),
        _("The activities done in a month reach the month’s target."),
        "calendar-check",
        steady_worker,
    ),
    Badge("first", _("First sale"), _("A first deal won."), "seedling", first_sale, for_good=True),
    Badge("ten", _("Ten sales"), _("Ten deals won in all."), "medal", won_in_all(10), for_good=True),
    Badge("fifty", _("Fifty sales"), _("Fifty deals won in all."), "medal-2", won_in_all(50), for_good=True),
)


def badge_named(name: str) -> Badge | None:
    """The badge of this name; None for one that there is no more."""
    return next((badge for badge in BADGES if badge.name == name), None)

"""Days on which euros are moved between banks (TARGET), and on which of them a debit is taken. Pure."""

from datetime import date, timedelta
from functools import lru_cache

from sales.services.billing_periods import on_day

DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)


@lru_cache(maxsize=64)
def closed_days(year: int) -> frozenset[date]:
    """Days besides Saturdays and Sundays on which TARGET rests, the same in all countries: 8 May is none of
    them (long-term calendar of the ECB, since 2002).
    """
    sunday = easter(year)
    return frozenset(
        {
            date(year, 1, 1),
            sunday - 2 * DAY,
            sunday + DAY,
            date(year, 5, 1),
            date(year, 12, 25),
            date(year, 12, 26),
        }
    )


def is_target_day(day: date) -> bool:
    return day.weekday() < 5 and day not in closed_days(day.year)


def target_day(day: date) -> date:
    """That day, or the next one on which banks work."""
    while not is_target_day(day):
        day += DAY
    return day


def collection_day(earliest: date, withdrawal_day: int | None) -> date:
    """The first day to debit that is not before `earliest`: the client's day of the month (1 to 31, the last
    one of a shorter month), moved to the next TARGET day; without one, the earliest such day.
    """
    if withdrawal_day is None:
        return target_day(earliest)
    year, month = earliest.year, earliest.month
    while True:
        wanted = on_day(year, month, withdrawal_day)
        # A day that fell on a holiday and was moved past `earliest` still serves.
        if (found := target_day(wanted)) >= earliest:
            return found
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)

"""The days on which an agency in France writes to its clients: no weekend, no public holiday.

Public holidays are those of article L. 3133-1 of the Code du travail; Alsace and Moselle have two more.
"""

from datetime import date, timedelta

DAY = timedelta(days=1)
# (month, day)
FIXED = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
# Easter Monday, Ascension, Whit Monday: days after Easter.
MOVING = (1, 39, 50)


def easter(year: int) -> date:
    """Easter Sunday (Gregorian; the rule of Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * weekday) // 433
    month = (h + weekday - 7 * m + 90) // 25
    return date(year, month, (h + weekday - 7 * m + 33 * month + 19) % 32)


def is_holiday(day: date) -> bool:
    """Whether `day` is a public holiday in the whole of France."""
    return (day.month, day.day) in FIXED or (day - easter(day.year)).days in MOVING


def is_working(day: date) -> bool:
    """Whether people work on `day`: Monday to Friday, no public holiday."""
    return day.weekday() < 5 and not is_holiday(day)


def working_day(day: date) -> date:
    """`day`, or the first working day after it."""
    while not is_working(day):
        day += DAY
    return day

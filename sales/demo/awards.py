"""Badges of the demo: what its people earned month by month, by the rules themselves."""

from digiweb.demo import Demo
from digiweb.periods import last_day
from sales.models import Award
from sales.services.award import first_month, give, months_between


def build_awards(demo: Demo) -> None:
    """As if the nightly look had been taken at the end of each month since the first sale."""
    first = first_month()
    if first is None:
        return
    given = 0
    for month in months_between(first, demo.today):
        given += len(give([month], min(last_day(month.first), demo.today), tell=False))
    demo.counts[str(Award._meta.verbose_name_plural)] = given

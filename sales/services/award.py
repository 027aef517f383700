"""Giving badges to those who earned them: by night, each once (sales/badges.py)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Min, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from crm.models import ActivityMonth, DealMonth
from crm.models.deal_total import EVERY_SOURCE
from digiweb.periods import last_day, month_before, next_month
from people.models import User
from people.services.target import targets_by
from sales.badges import BADGES, Badge, Month, Score
from sales.models import Award
from sales.models.award import FOR_GOOD
from timeline.services.notification import notify

# How many months back the nightly look reaches: what is entered late still counts.
BACK = 2


def award_badges(today: date | None = None) -> int:
    """Give what was earned in this month and the two before, and in all; returns how many badges were given.

    Called twice, it gives nothing the second time. People are told of what they earned.
    """
    today = today or timezone.localdate()
    first = month_before(today, BACK)
    return len(give(months_between(first, today), today, tell=True))


def months_between(first: date, today: date) -> list[Month]:
    """What everybody did in each month from that of `first` to that of `today`, from the roll-ups."""
    month, found = first.replace(day=1), {}
    while month <= today:
        found[month] = Month(month, ended=last_day(month) < today)
        month = next_month(month)
    start, end = min(found), last_day(max(found))
    scores: dict[date, dict[int, Score]] = defaultdict(lambda: defaultdict(Score))
    lines = DealMonth.objects.filter(
        source=EVERY_SOURCE, kind__in=("won", "lost"), month__gte=start, month__lte=end
    )
    for line in lines:
        score = scores[line.month][line.owner_id]
        if line.kind == DealMonth.Kind.WON:
            score.won, score.amount, score.days = line.count, line.amount, line.days
        else:
            score.lost = line.count
    done = ActivityMonth.objects.filter(month__gte=start, month__lte=end).order_by()
    for owner, when, count in done.values_list("owner_id", "month").annotate(Sum("count")):
        scores[when][owner].done = count
    for each, one in found.items():
        for person, wanted in targets_by("user_id", None, each, each).items():
            scores[each][person].target = wanted
        one.scores = dict(scores[each])
    return list(found.values())


def of_all_time(today: date) -> Month:
    """How many deals each person has won in all."""
    lines = DealMonth.objects.filter(source=EVERY_SOURCE, kind=DealMonth.Kind.WON, month__lte=today)
    sums = lines.order_by().values_list("owner_id").annotate(Sum("count"))
    return Month(FOR_GOOD, ended=False, scores={owner: Score(won=won) for owner, won in sums})


@transaction.atomic
def give(months: Iterable[Month], today: date, *, tell: bool) -> list[Award]:
    """Keep what was earned in these months and in all, as far as it is new; returns it."""
    months = list(months)
    earned: list[Award] = []
    for badge in BADGES:
        for month in [of_all_time(today)] if badge.for_good else months:
            # What is told of a month that is over was earned on its last day.
            on = today if badge.for_good else min(today, last_day(month.first))
            earned += [
                Award(user_id=pk, badge=badge.name, month=month.first, earned_on=on, value=value)
                for pk, value in badge.earned(month)
            ]
    people = User.objects.filter(is_active=True, pk__in={award.user_id for award in earned})
    # Locked, so that of two who look at once the second sees what the first gave.
    there = {person.pk: person for person in people.select_for_update().order_by("pk")}
    held = set(Award.objects.filter(user__in=there).values_list("user_id", "badge", "month"))
    new = [
        award
        for award in earned
        if award.user_id in there and (award.user_id, award.badge, award.month) not in held
    ]
    Award.objects.bulk_create(new)
    if tell:
        for award in new:
            tell_award(there[award.user_id], award)
    return new


def tell_award(person: Any, award: Award) -> None:
    """A notification of a badge, once."""
    badge: Badge = next(badge for badge in BADGES if badge.name == award.badge)
    with override(person.language):
        text = _("You earned the badge “%(badge)s”") % {"badge": badge.label}
        if award.month != FOR_GOOD:
            text = _("%(text)s for %(month)s") % {"text": text, "month": date_format(award.month, "F Y")}
        notify(
            people=[person],
            kind="sales.award",
            text=f"{text}.",
            url=reverse("sales:performances"),
            key=f"award-{award.badge}-{award.month:%Y-%m}",
        )


def first_month() -> date | None:
    """The month in which the first deal was won."""
    found: date | None = DealMonth.objects.filter(source=EVERY_SOURCE, kind="won").aggregate(
        first=Min("month")
    )["first"]
    return found

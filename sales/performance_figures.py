"""Performances: who leads, how far goals are, which badges were earned (SPEC S11).

People see the figures of their own team, colleagues included (SPEC T3); a figure opens its rows for those who
may see these.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Activity, Contact, ContactTally, Deal
from digiweb.charts import percent_of
from digiweb.periods import Period
from digiweb.querysets import people_in, reach_of
from digiweb.templatetags.digiweb import euros, number
from people.models import User
from people.services.target import Wanted
from sales.badges import BADGES, NOTHING, Score, badge_named
from sales.models import Award
from sales.models.award import FOR_GOOD
from sales.pipeline_figures import progress
from sales.selection import Selection
from sales.services.award import months_between
from sales.tracking_measures import done_url, percent_text

MODULE = "sales.performance"
AMOUNT, DEALS, RATE, DONE = "amount", "deals", "rate", "done"
ORDERS: tuple[tuple[str, Any], ...] = (
    (AMOUNT, gettext_lazy("Amount won")),
    (DEALS, gettext_lazy("Deals won")),
    (RATE, gettext_lazy("Conversion rate")),
    (DONE, gettext_lazy("Activities done")),
)
SHOWN = 6
Scores = dict[int, Score]


def team_of(user: Any) -> list[int] | None:
    """Whose performances one sees: oneself, one's team with colleagues and manager, or everybody (None)."""
    reach = reach_of(user, MODULE, "view")
    if reach is None or reach == "all":
        return [] if reach is None else None
    people = people_in(user, reach)
    if reach == "team" and user.manager_id:
        colleagues = User.objects.filter(manager_id=user.manager_id).values_list("pk", flat=True)
        people = [*people, user.manager_id, *colleagues]
    return sorted(set(people))


def figures_of(selection: Selection, order: str) -> dict[str, Any]:
    """Everything that the page draws; `order` says by what people are ranked."""
    team = team_of(selection.user)
    scores = scores_of(selection.period, team)
    names = people_named(scores)
    scores = {pk: score for pk, score in scores.items() if pk in names}
    return {
        "board": board_of(selection, scores, names, order),
        "order": order,
        "goals": goals_of(selection, scores, names),
        "badges": badges_of(selection, team),
        "mine": own_awards(selection.user),
    }


def scores_of(period: Period, team: Collection[int] | None) -> Scores:
    """What each person of the team did in a period, and was to do."""
    total: Scores = defaultdict(Score)
    for month in months_between(period.start, period.end):
        for pk, one in month.scores.items():
            if team is not None and pk not in team:
                continue
            score = total[pk]
            score.won += one.won
            score.lost += one.lost
            score.amount += one.amount
            score.days += one.days
            score.done += one.done
            score.target = added_up(score.target, one.target)
    return {pk: score for pk, score in total.items() if score != Score()}


def added_up(first: Wanted, second: Wanted) -> Wanted:
    return Wanted(
        first.revenue + second.revenue,
        first.deals_won + second.deals_won,
        first.new_contacts + second.new_contacts,
        first.activities + second.activities,
    )


def people_named(scores: Scores) -> dict[int, User]:
    return {person.pk: person for person in User.objects.active().filter(pk__in=scores)}


def seen_of(user: Any, module: str) -> Collection[int] | None:
    """The people whose rows of a module one sees; None for everybody."""
    reach = reach_of(user, module, "view")
    if reach == "all":
        return None
    return people_in(user, reach) if reach else []


def may_open(seen: Collection[int] | None, pk: int) -> bool:
    return seen is None or pk in seen


# --- Who leads


def value_of(score: Score, order: str) -> Decimal:
    return {
        AMOUNT: score.amount,
        DEALS: Decimal(score.won),
        RATE: score.rate,
        DONE: Decimal(score.done),
    }[order]


def board_of(
    selection: Selection, scores: Scores, names: dict[int, User], order: str
) -> list[dict[str, Any]]:
    """Everybody, best first; those who did as well as each other share a rank."""
    deals, done = seen_of(selection.user, Deal.module), seen_of(selection.user, Activity.module)
    ranked = sorted(scores, key=lambda pk: (-value_of(scores[pk], order), names[pk].sort_name))
    most = max((value_of(score, order) for score in scores.values()), default=Decimal(0))
    rows: list[dict[str, Any]] = []
    for place, pk in enumerate(ranked, start=1):
        score = scores[pk]
        value = value_of(score, order)
        same = bool(rows) and rows[-1]["value"] == value
        rows.append(
            {
                "rank": rows[-1]["rank"] if same else place,
                "person": names[pk],
                "me": pk == selection.user.pk,
                "value": value,
                "text": text_of(value, order),
                "percent": percent_of(value, most),
                "url": row_url(selection, order, pk)
                if may_open(done if order == DONE else deals, pk)
                else "",
                "won": score.won,
                "amount": score.amount,
                "rate": round(score.rate) if score.won + score.lost else None,
                "done": score.done,
            }
        )
    return rows


def text_of(value: Decimal, order: str) -> str:
    if order == AMOUNT:
        return euros(value)
    return percent_text(round(value)) if order == RATE else number(value, 0)


def row_url(selection: Selection, order: str, pk: int) -> str:
    """The rows behind what somebody is ranked by."""
    if order == DONE:
        return done_url(selection, selection.period, owner=pk)
    asked = {"state": "closed"} if order == RATE else {"stage": "won"}
    return selection.rows("crm:deal_list", **asked, **selection.period.query("closed"), owner=pk)


# --- Goals


def goals_of(selection: Selection, scores: Scores, names: dict[int, User]) -> list[dict[str, Any]]:
    """How far the targets are reached, of those whose deals one sees; one's own first."""
    user, period = selection.user, selection.period
    seen = seen_of(user, Deal.module)
    people = [pk for pk in scores if may_open(seen, pk) and scores[pk].target != NOTHING]
    people.sort(key=lambda pk: (pk != user.pk, names[pk].sort_name))
    added = contacts_added(people, period)
    may_see = {model: seen_of(user, model.module) for model in (Deal, Contact, Activity)}
    found = []
    for pk in people:
        score, target = scores[pk], scores[pk].target
        won = row_url(selection, DEALS, pk)
        contacts = selection.rows("crm:contact_list", **period.query("created"), owner=pk)
        goals = [
            goal(_("Revenue"), score.amount, target.revenue, won, euros),
            goal(_("Deals won"), score.won, target.deals_won, won),
            goal(_("New contacts"), added.get(pk, 0), target.new_contacts, contacts)
            if may_open(may_see[Contact], pk)
            else None,
            goal(_("Activities done"), score.done, target.activities, done_url(selection, period, owner=pk))
            if may_open(may_see[Activity], pk)
            else None,
        ]
        found.append({"person": names[pk], "goals": [one for one in goals if one]})
    return found


def goal(label: str, reached: Any, wanted: Any, url: str, text: Any = number) -> dict[str, Any] | None:
    """One goal; None where nothing is wanted."""
    if not wanted:
        return None
    return {
        "label": label,
        "reached": reached,
        "reached_text": text(reached),
        "wanted_text": text(wanted),
        "url": url,
        "done": reached >= wanted,
        **progress(reached, wanted),
    }


def contacts_added(people: Sequence[int], period: Period) -> dict[int, int]:
    """How many of each person's contacts were added in a period."""
    days = ContactTally.objects.filter(owner_id__in=people, day__gte=period.start, day__lte=period.end)
    rows: Any = days.order_by().values_list("owner_id").annotate(Sum("count"))
    return dict(rows)


# --- Badges


def badges_of(selection: Selection, team: Collection[int] | None) -> list[dict[str, Any]]:
    """Every badge with its rule, and who of the team earned it in the period, the latest first."""
    period = selection.period
    awards: dict[str, list[Award]] = defaultdict(list)
    for award in of_the_team(team).filter(earned_on__gte=period.start, earned_on__lte=period.end):
        awards[award.badge].append(award)
    return [
        {
            "badge": badge,
            "count": len(awards[badge.name]),
            "awards": [described(award) for award in awards[badge.name][:SHOWN]],
            "more": max(len(awards[badge.name]) - SHOWN, 0),
        }
        for badge in BADGES
    ]


def of_the_team(team: Collection[int] | None) -> QuerySet:
    awards = Award.objects.select_related("user").order_by("-earned_on", "-pk")
    awards = awards.filter(user__is_active=True)
    return awards if team is None else awards.filter(user__in=team)


def own_awards(user: Any) -> list[dict[str, Any]]:
    """One's own badges, how often each was earned and when last."""
    found: dict[str, list[Award]] = defaultdict(list)
    for award in Award.objects.filter(user=user).order_by("-earned_on", "-pk"):
        found[award.badge].append(award)
    return [
        {"badge": badge, "count": len(found[badge.name]), "last": described(found[badge.name][0])}
        for badge in BADGES
        if found[badge.name]
    ]


def described(award: Award) -> dict[str, Any]:
    """Who earned it, when, and what they had reached."""
    badge = badge_named(award.badge)
    unit = badge.unit if badge else "number"
    monthly = award.month != FOR_GOOD
    when = date_format(award.month, "F Y") if monthly else date_format(award.earned_on, "SHORT_DATE_FORMAT")
    return {"person": award.user, "when": when, "value": value_text(award.value, unit)}


def value_text(value: Decimal, unit: str) -> str:
    if unit == "euros":
        return euros(value)
    if unit == "percent":
        return percent_text(round(value))
    if unit == "days":
        return _("%(n)s days") % {"n": number(round(value))}
    return number(value, 0)

"""The health of a client, 0-100: the sum of lines, each with the rule that gave it (SPEC C9).

A module above adds its rule by one line in its `apps.py`:

    register_health(HealthRule("payments", judge_payments, payment_words, order=60))

Rules look at many clients at once and write nothing; what they find is kept on the client
(`Client.health_lines`), so that the page shows the lines without asking, and they add up always.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from crm.models import Client, Deal

TOP = 100
GOOD, FAIR = 70, 40  # from here on it is well; from here on it is to be watched
# {client: (points, what the words need)}: numbers, texts and days as ISO texts, for they are kept as JSON.
Verdicts = Mapping[int, tuple[int, Mapping[str, Any]]]


@dataclass(frozen=True)
class HealthRule:
    """`judge(clients, today)` gives points, good or bad, to those of `clients` whom it concerns.

    `words(points, facts)` says why, in the language of who reads it.
    """

    name: str
    judge: Callable[[Sequence[Client], date], Verdicts]
    words: Callable[[int, Mapping[str, Any]], str]
    order: int = 100


_rules: dict[str, HealthRule] = {}


def register_health(rule: HealthRule) -> None:
    """Add a rule; one of the same name is replaced."""
    _rules[rule.name] = rule


def rules() -> list[HealthRule]:
    """All rules, in the order of the page."""
    return sorted(_rules.values(), key=lambda rule: (rule.order, rule.name))


def held(points: int) -> int:
    """Within 0 and 100."""
    return max(0, min(TOP, points))


def judge(clients: Sequence[Client], today: date) -> dict[int, list[list[Any]]]:
    """{client: its lines [[rule, points, facts], …]} on that day."""
    found: dict[int, list[list[Any]]] = {client.pk: [] for client in clients}
    for rule in rules():
        for pk, (points, facts) in rule.judge(clients, today).items():
            found[pk].append([rule.name, points, dict(facts)])
    return found


def lines_of(client: Client) -> list[dict[str, Any]]:
    """The lines as a person reads them; those of a module that is gone are named neutrally."""
    return [
        {
            "rule": name,
            "label": _rules[name].words(points, facts) if name in _rules else _("Another reason"),
            "points": points,
        }
        for name, points, facts in client.health_lines
    ]


def level(health: int) -> str:
    """good, warn or bad: the colour, and which words."""
    return "good" if health >= GOOD else "warn" if health >= FAIR else "bad"


def band(health: int) -> str:
    """The same in words."""
    return {"good": _("Healthy"), "warn": _("To be watched"), "bad": _("At risk")}[level(health)]


# --- The rules of the CRM


def _start(clients: Sequence[Client], today: date) -> Verdicts:
    return {client.pk: (50, {}) for client in clients}


def _status(clients: Sequence[Client], today: date) -> Verdicts:
    worth = {Client.Status.INACTIVE: -20, Client.Status.CHURNED: -50}
    return {
        client.pk: (worth[Client.Status(client.status)], {"status": client.status})
        for client in clients
        if client.status in worth
    }


def _status_words(points: int, facts: Mapping[str, Any]) -> str:
    churned = facts.get("status") == Client.Status.CHURNED
    return _("The client has left") if churned else _("The client is inactive")


def _contact(clients: Sequence[Client], today: date) -> Verdicts:
    verdicts: dict[int, tuple[int, Mapping[str, Any]]] = {}
    for client in clients:
        if client.last_contact_at is None:
            verdicts[client.pk] = (-10, {})
            continue
        on = timezone.localdate(client.last_contact_at)
        days = max((today - on).days, 0)
        points = 20 if days <= 30 else 10 if days <= 90 else -10 if days <= 180 else -20
        verdicts[client.pk] = (points, {"on": on.isoformat()})
    return verdicts


def _contact_words(points: int, facts: Mapping[str, Any]) -> str:
    if "on" not in facts:
        return _("No contact on record")
    return _("Last contact on %(day)s") % {"day": _day(facts["on"])}


def _planned(clients: Sequence[Client], today: date) -> Verdicts:
    return {
        client.pk: (5, {"on": timezone.localdate(client.next_activity_at).isoformat()})
        for client in clients
        if client.next_activity_at is not None and timezone.localdate(client.next_activity_at) >= today
    }


def _planned_words(points: int, facts: Mapping[str, Any]) -> str:
    return _("Something is planned on %(day)s") % {"day": _day(facts["on"])}


def _revenue(clients: Sequence[Client], today: date) -> Verdicts:
    return {client.pk: (15, {}) for client in clients if client.mrr > 0}


def _renewal(clients: Sequence[Client], today: date) -> Verdicts:
    verdicts: dict[int, tuple[int, Mapping[str, Any]]] = {}
    for client in clients:
        if client.renewal_on is None or client.status != Client.Status.ACTIVE:
            continue
        facts = {"on": client.renewal_on.isoformat()}
        left = (client.renewal_on - today).days
        if left < 0:
            verdicts[client.pk] = (-20, {**facts, "passed": True})
        elif left <= 90 and client.next_activity_at is None:
            verdicts[client.pk] = (-20 if left <= 30 else -10, facts)
        elif left > 90:
            verdicts[client.pk] = (5, facts)
    return verdicts


def _renewal_words(points: int, facts: Mapping[str, Any]) -> str:
    day = {"day": _day(facts["on"])}
    if facts.get("passed"):
        return _("The renewal date passed on %(day)s") % day
    if points < 0:
        return _("Renewal on %(day)s, and nothing is planned") % day
    return _("Renewal is far: %(day)s") % day


def _deals(clients: Sequence[Client], today: date) -> Verdicts:
    by_company = {client.company_id: client.pk for client in clients if client.company_id}
    by_contact = {client.contact_id: client.pk for client in clients if not client.company_id}
    counts: dict[int, int] = {}
    running = Deal.objects.filter(stage__in=Deal.OPEN).order_by()
    for name, owners in (("company_id", by_company), ("contact_id", by_contact)):
        if owners:
            for pk in running.filter(**{f"{name}__in": list(owners)}).values_list(name, flat=True):
                counts[owners[pk]] = counts.get(owners[pk], 0) + 1
    return {pk: (10, {"count": count}) for pk, count in counts.items()}


def _deals_words(points: int, facts: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s deal in progress", "%(count)s deals in progress", facts["count"])
    return text % {"count": facts["count"]}


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "SHORT_DATE_FORMAT")


register_health(
    HealthRule("start", _start, lambda points, facts: pgettext("health", "Starting point"), order=0)
)
register_health(HealthRule("status", _status, _status_words, order=10))
register_health(HealthRule("contact", _contact, _contact_words, order=20))
register_health(HealthRule("planned", _planned, _planned_words, order=30))
register_health(
    HealthRule("revenue", _revenue, lambda points, facts: _("Recurring revenue every month"), order=40)
)
register_health(HealthRule("renewal", _renewal, _renewal_words, order=50))
register_health(HealthRule("deals", _deals, _deals_words, order=60))

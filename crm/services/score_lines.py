"""Which lines the ledger of a contact's score holds, by the records: read only, for many contacts at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import F, Max, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from crm.models import Activity, Contact, Deal
from crm.models.score_rule import EXCHANGES, FRAGILE_TO, SOLVENT_FROM, ScoreRule, Worth

Subject = ScoreRule.Subject
LATE = (Deal.Stage.PROPOSAL, Deal.Stage.NEGOTIATION)


class Line(NamedTuple):
    """A line of the ledger, without its contact. Equal lines are the same line."""

    rule: str
    source_type: str
    source_id: int
    points: int
    on: date
    expires_on: date | None


def lines_of(contacts: Sequence[int], rules: Mapping[str, Worth], today: date) -> dict[int, list[Line]]:
    """{contact: its lines} on that day. Each rule counts its latest happenings, as many as it says."""
    found: dict[int, list[Line]] = defaultdict(list)
    for source in (_exchanges, _deals, _solvency):
        for contact, line in source(contacts, rules, today):
            found[contact].append(line)
    return found


def last_contacts(contacts: Sequence[int]) -> dict[int, datetime]:
    """{contact: when something was last done with them}; a task is nobody's contact."""
    done = Activity.objects.filter(contact__in=contacts, kind__in=EXCHANGES, done_at__isnull=False)
    last: dict[int, datetime] = {}
    # By kind, as the index has it: the last of each is one look.
    for contact, _kind, at in done.order_by().values_list("contact", "kind").annotate(at=Max("done_at")):
        last[contact] = max(at, last.get(contact, at))
    return last


def _line(rule: str, worth: Worth, kind: str, pk: int, on: date) -> Line:
    until = None if worth.valid_days is None else on + timedelta(days=worth.valid_days)
    return Line(str(rule), kind, pk, worth.points, on, until)


def _exchanges(
    contacts: Sequence[int], rules: Mapping[str, Worth], today: date
) -> Iterable[tuple[int, Line]]:
    worths = {kind: rules[subject] for kind, subject in EXCHANGES.items() if subject in rules}
    if not worths:
        return
    counting = Q()
    for kind, worth in worths.items():
        one = Q(kind=kind)
        if worth.valid_days is not None:
            one &= Q(done_at__gte=_morning(today - timedelta(days=worth.valid_days)))
        counting |= one
    nth = Window(
        RowNumber(), partition_by=[F("contact"), F("kind")], order_by=[F("done_at").desc(), F("id").desc()]
    )
    done = Activity.objects.filter(counting, contact__in=contacts, done_at__isnull=False)
    latest = done.annotate(nth=nth).filter(nth__lte=max(worth.limit for worth in worths.values()))
    names = ("contact_id", "kind", "pk", "done_at", "nth")
    for contact, kind, pk, done_at, row in latest.order_by().values_list(*names):
        worth = worths[kind]
        if row <= worth.limit:
            yield contact, _line(EXCHANGES[kind], worth, "crm.activity", pk, timezone.localdate(done_at))


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _deals(contacts: Sequence[int], rules: Mapping[str, Worth], today: date) -> Iterable[tuple[int, Line]]:
    if not rules.keys() & {Subject.DEAL_OPEN, Subject.DEAL_LATE, Subject.DEAL_WON, Subject.DEAL_LOST}:
        return
    by_rule: dict[tuple[int, str], list[Line]] = defaultdict(list)
    deals = Deal.objects.filter(contact__in=contacts).order_by()
    names = ("contact_id", "pk", "stage", "created_at", "stage_since", "closed_on")
    for contact, pk, stage, created_at, stage_since, closed_on in deals.values_list(*names):
        for subject, on in _of_deal(stage, created_at, stage_since, closed_on):
            if subject in rules:
                line = _line(subject, rules[subject], "crm.deal", pk, on)
                if line.expires_on is None or line.expires_on >= today:
                    by_rule[contact, subject].append(line)
    for (contact, subject), lines in by_rule.items():
        lines.sort(key=lambda line: (line.on, line.source_id), reverse=True)
        for line in lines[: rules[subject].limit]:
            yield contact, line


def _of_deal(stage: Any, created_at: Any, stage_since: Any, closed_on: Any) -> Iterable[tuple[str, date]]:
    """What a deal stands for, and since when."""
    if stage == Deal.Stage.WON:
        yield Subject.DEAL_WON, closed_on
    elif stage == Deal.Stage.LOST:
        yield Subject.DEAL_LOST, closed_on
    else:
        yield Subject.DEAL_OPEN, timezone.localdate(created_at)
        if stage in LATE:
            yield Subject.DEAL_LATE, timezone.localdate(stage_since)


def _solvency(contacts: Sequence[int], rules: Mapping[str, Worth], today: date) -> Iterable[tuple[int, Line]]:
    if not rules.keys() & {Subject.SOLVENT, Subject.FRAGILE}:
        return
    of_scored = Contact.objects.filter(
        pk__in=contacts, company__solvency__isnull=False, company__solvency_on__isnull=False
    )
    names = ("pk", "company_id", "company__solvency", "company__solvency_on")
    for contact, company, solvency, on in of_scored.order_by().values_list(*names):
        subject = (
            Subject.SOLVENT if solvency >= SOLVENT_FROM else Subject.FRAGILE if solvency <= FRAGILE_TO else ""
        )
        if subject in rules:
            line = _line(subject, rules[subject], "crm.company", company, on)
            if line.expires_on is None or line.expires_on >= today:
                yield contact, line

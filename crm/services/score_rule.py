"""Verbs of the rules of the score, and what a change of one would do."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from heapq import nlargest
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max, Min, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Contact, ScoreLine, ScoreRule
from crm.models.score_rule import FAIR, GOOD, Rules, forget_rules, held, rules_now
from crm.services.score import BATCH, READ
from crm.services.score_lines import lines_of
from digiweb.changes import change_record
from digiweb.jobs import enqueue, function_at

# A preview looks at so many contacts; beyond, at a sample of this size, taken in slices over all of them.
LOOKED_AT = 20_000
SHOWN = 10


@transaction.atomic
def change_rule(*, user: Any, rule: ScoreRule, values: Mapping[str, Any], version: int | None = None) -> Any:
    """Change a rule and have all scores worked out by it; returns the JobRun, None when nothing differs.

    Raises StaleVersion when `version` is no longer the current one.
    """
    if not change_record(user=user, obj=rule, values=values, version=version):
        return None
    forget_rules()
    transaction.on_commit(forget_rules)
    return enqueue(
        function_at("crm.jobs.recompute_scores"),
        user=user,
        label=_("Scores by the new rules"),
        key=f"scores-{rule.pk}-{rule.version}",
    )


class Change(NamedTuple):
    """What happens to one contact's score."""

    contact: int
    before: int
    after: int


class Preview(NamedTuple):
    """What a change of a rule would do, to `looked_at` of `total` contacts."""

    total: int
    looked_at: int
    # {lowest score of the band: contacts}
    before: Counter[int]
    after: Counter[int]
    changed: int
    most: list[Change]

    @property
    def is_sample(self) -> bool:
        return self.looked_at < self.total


def band_of(score: int) -> int:
    """The lowest score of the band that a score is in."""
    return GOOD if score >= GOOD else FAIR if score >= FAIR else 0


def preview_rule(rule: ScoreRule, values: Mapping[str, Any]) -> Preview:
    """How scores would change with these values of the rule; nothing is written."""
    changed = copy(rule)
    for name, value in values.items():
        setattr(changed, name, value)
    rules = rules_now()
    rules.pop(rule.subject, None)
    if changed.active and changed.points:
        rules[rule.subject] = changed.worth
    before: Counter[int] = Counter()
    after: Counter[int] = Counter()
    changes: list[Change] = []
    total, looked_at = Contact.objects.count(), 0
    for contacts in _looked_at(total):
        scores = _scores(rule, rules, contacts)
        for contact, score in zip(contacts, scores, strict=True):
            looked_at += 1
            before[band_of(contact.score)] += 1
            after[band_of(score)] += 1
            if score != contact.score:
                changes.append(Change(contact.pk, contact.score, score))
    most = nlargest(SHOWN, changes, key=lambda change: (abs(change.after - change.before), -change.contact))
    return Preview(total, looked_at, before, after, len(changes), most)


def _scores(rule: ScoreRule, rules: Rules, contacts: Sequence[Contact]) -> list[int]:
    """The scores of these contacts when `rules` apply, of which only `rule` has changed."""
    events = {contact.pk: contact.score_events for contact in contacts}
    if not rule.is_a_fact:
        own = ScoreLine.objects.filter(contact__in=list(events), rule=rule.subject).order_by()
        for pk, points in own.values_list("contact").annotate(points=Sum("points")):
            events[pk] -= points
        if rule.subject in rules:
            alone = {rule.subject: rules[rule.subject]}
            for pk, lines in lines_of(list(events), alone, timezone.localdate()).items():
                events[pk] += sum(line.points for line in lines)
    return [held(contact.completeness(rules) + events[contact.pk]) for contact in contacts]


def _looked_at(total: int) -> Iterator[list[Contact]]:
    """All contacts, or slices of them at equal distances."""
    rows = Contact.objects.order_by("pk").only(*READ)
    if total <= LOOKED_AT:
        last = 0
        while found := list(rows.filter(pk__gt=last)[:BATCH]):
            last = found[-1].pk
            yield found
        return
    ends = Contact.objects.aggregate(first=Min("pk"), last=Max("pk"))
    slices, past = LOOKED_AT // BATCH, 0
    for number in range(slices):
        start = ends["first"] + (ends["last"] - ends["first"]) * number // slices
        found = list(rows.filter(pk__gte=max(start, past + 1))[:BATCH])
        if found:
            past = found[-1].pk
            yield found

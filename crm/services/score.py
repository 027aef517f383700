"""Keeping scores and their ledger as what they are made of changes (SPEC C2).

What is known of a contact is derived on every write of its row; what happened with them is a line of the
ledger, worked out here from activities and deals, and its sum a column of the row. Reading writes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from crm.models import Contact, ScoreLine, ScoreRule
from crm.models.score_rule import DEFAULTS, FACTS, TOP, Rules, forget_rules, held, rules_kept, rules_now
from crm.services.score_lines import Line, last_contacts, lines_of
from digiweb.carriers import follow
from digiweb.jobs import Progress

BATCH = 500
# What a score is worked out from, on the row.
READ = (
    "id",
    "score",
    "score_events",
    "last_contact_at",
    *(name for names in FACTS.values() for name in names),
)


@transaction.atomic
def touch_scores(contacts: Iterable[int | None], today: date | None = None) -> None:
    """Work out the ledger and the score of these contacts again, in the transaction of the change.

    No version is counted up and no event written: nothing of the contact itself has changed. Called twice,
    it changes nothing.
    """
    ids = sorted({pk for pk in contacts if pk})
    for start in range(0, len(ids), BATCH):
        _touch(ids[start : start + BATCH], rules_kept(), today or timezone.localdate())


def contacts_of(companies: Iterable[int]) -> set[int]:
    """Those whose score follows from these companies, or did until now."""
    pks = sorted(set(companies))
    found = set(Contact.objects.filter(company__in=pks).values_list("pk", flat=True))
    lines = ScoreLine.objects.filter(source_type="crm.company", source_id__in=pks)
    return found | set(lines.values_list("contact_id", flat=True))


def _touch(ids: Sequence[int], rules: Rules, today: date) -> None:
    # Locked, so that of two people who do something with one contact the second looks again.
    contacts = list(Contact.objects.select_for_update().filter(pk__in=ids).order_by("pk").only(*READ))
    if not contacts:
        return
    pks = [contact.pk for contact in contacts]
    wanted, last = lines_of(pks, rules, today), last_contacts(pks)
    _write_lines(pks, wanted)
    moved, met, scored = [], [], []
    for contact in contacts:
        events = sum(line.points for line in wanted.get(contact.pk, ()))
        score = held(contact.completeness(rules) + events)
        if score != contact.score:
            scored.append(contact.pk)
        if (events, score) != (contact.score_events, contact.score):
            contact.score_events, contact.score = events, score
            moved.append(contact)
        if last.get(contact.pk) != contact.last_contact_at:
            contact.last_contact_at = last.get(contact.pk)
            met.append(contact)
    _write_scores(moved, met)
    if scored:
        follow(Contact, scored)


def _write_scores(moved: Sequence[Contact], met: Sequence[Contact]) -> None:
    """A statement for all who come to the same score; after a change of rules those are most."""
    by_score: dict[tuple[int, int], list[int]] = defaultdict(list)
    for contact in moved:
        by_score[contact.score_events, contact.score].append(contact.pk)
    for (events, score), pks in by_score.items():
        Contact.objects.filter(pk__in=pks).update(score_events=events, score=score)
    Contact.objects.bulk_update(met, ["last_contact_at"], batch_size=BATCH)


def _write_lines(pks: Sequence[int], wanted: dict[int, list[Line]]) -> None:
    """Make the ledger of these locked contacts what it should be; what is right already stays."""
    right: set[tuple[int, Line]] = {(pk, line) for pk, lines in wanted.items() for line in lines}
    stale = []
    for pk, contact, *columns in ScoreLine.objects.filter(contact__in=pks).values_list(
        "pk", "contact_id", *Line._fields
    ):
        one = (contact, Line(*columns))
        if one in right:
            right.remove(one)
        else:
            stale.append(pk)
    if stale:
        ScoreLine.objects.filter(pk__in=stale).delete()
    if right:
        new = sorted(right, key=lambda one: (one[0], one[1][:3]))
        ScoreLine.objects.bulk_create(
            [ScoreLine(contact_id=contact, **line._asdict()) for contact, line in new], batch_size=1000
        )


# --- All of them


def recompute_scores(progress: Progress | None = None) -> None:
    """Work out all scores by the rules as they are now, unless that was done already.

    Killed and called again it begins anew, and comes to the same end; so it does when a rule is changed
    meanwhile.
    """
    rules, last, done = rules_now(), 0, 0
    if not unapplied_rules().exists():
        return
    total = Contact.objects.count()
    while True:
        with transaction.atomic():
            now = rules_now()
            if now.versions != rules.versions:
                rules, last, done = now, 0, 0
            ids = list(_after(last).values_list("pk", flat=True)[:BATCH])
            if not ids:
                for pk, version in rules.versions.items():
                    ScoreRule.objects.filter(pk=pk, version=version).update(applied_version=version)
                return
            _touch(ids, rules, timezone.localdate())
            last, done = ids[-1], done + len(ids)
            if progress is not None:
                progress.set(min(done, total), total)


def _after(pk: int) -> QuerySet:
    return Contact.objects.filter(pk__gt=pk).order_by("pk")


def unapplied_rules() -> QuerySet:
    """The rules by which not all scores are worked out yet."""
    return ScoreRule.objects.exclude(applied_version=F("version"))


# --- Every night


def decay_scores(progress: Progress | None = None) -> None:
    """Lines whose last day has passed stop counting; then what is wrong for any other reason is mended.

    The rest is for rules that were never applied (after an upgrade), and for rows written while a rule was
    being changed.
    """
    if unapplied_rules().exists():
        recompute_scores(progress)
    expired = ScoreLine.objects.filter(expires_on__lt=timezone.localdate()).order_by("expires_on", "contact")
    while ids := list(expired.values_list("contact_id", flat=True)[:BATCH]):
        touch_scores(ids)
    mend_scores(progress)


def mend_scores(progress: Progress | None = None) -> int:
    """Touch the contacts whose score is not what their row says; returns how many there were."""
    rules, mended, last = rules_now(), 0, 0
    end = Contact.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    while last < end:
        rows = Contact.objects.filter(pk__gt=last, pk__lte=last + 100 * BATCH)
        wrong = list(rows.exclude(score=_score_of(rules)).values_list("pk", flat=True))
        forget_rules()
        for start in range(0, len(wrong), BATCH):
            touch_scores(wrong[start : start + BATCH])
        mended += len(wrong)
        last += 100 * BATCH
        if progress is not None:
            with transaction.atomic():
                progress.set(min(last, end), end)
    return mended


def _score_of(rules: Rules) -> Any:
    """The score as the database reckons it: `Contact.derive_score` in SQL."""
    points: Any = F("score_events")
    for fact, names in FACTS.items():
        if fact in rules:
            known = [
                Q(**{f"{name}__isnull": False}) if name.endswith("_id") else ~Q(**{name: ""})
                for name in names
            ]
            said = Q(*known, _connector=Q.AND if fact == "name" else Q.OR)
            points = points + Case(When(said, then=rules[fact].points), default=0)
    return Greatest(0, Least(TOP, points))


def ensure_rules() -> None:
    """A row for each subject that has none yet; what an administrator changed stays.

    Where there are contacts already, their scores follow by night.
    """
    applied = 0 if Contact.objects.exists() else 1
    there = set(ScoreRule.objects.values_list("subject", flat=True))
    order = {str(subject): place for place, subject in enumerate(ScoreRule.Subject, start=1)}
    ScoreRule.objects.bulk_create(
        [
            ScoreRule(subject=subject, position=order[subject], applied_version=applied, **worth._asdict())
            for subject, worth in DEFAULTS.items()
            if subject not in there
        ],
        ignore_conflicts=True,
    )

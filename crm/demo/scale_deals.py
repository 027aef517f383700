# ruff: noqa: SIM905 (columns read better as text)
"""Many deals for `seed_scale --deals N`, tuple by tuple, on the contacts that are there.

What the model derives is put together here, several times faster; tests/digiweb/test_demo.py compares both.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone

from crm.demo.deals import OFFERS
from crm.models import Contact, Deal, DealStep, DealTag, Tag
from crm.models.deal import NO_DATE
from crm.services.deal_totals import Figures, Lines, lines_of, source_key, write_lines
from digiweb.demo.scale import BATCH, Scale, without_words
from digiweb.fulltext import WORD, fold

COLUMNS = (
    "id created_at updated_at version title company_id contact_id owner_id stage amount own_probability "
    "probability expected_on closed_on lost_reason lost_comment postponed_count stage_since source furthest "
    "last_activity_at next_activity_at expected_key sort_name search_text"
).split()
STEP = ("deal_id", "stage", "entered_at", "left_at")
# Of a hundred deals in an agency's third year; most have ended.
STAGES = (
    ("discovery", 8), ("qualification", 7), ("proposal", 6), ("negotiation", 4), ("won", 38), ("lost", 37),
)  # fmt: skip
TAGGED = 0.05


def scale_deals(scale: Scale) -> None:
    """`scale.deals` deals: each contact's in turn, so that owners have deals as they have contacts."""
    if not scale.deals:
        return
    first = (Deal.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    lines: Lines = defaultdict(lambda: [0, Decimal(0), 0])
    with without_words(Deal):
        scale.write(Deal, COLUMNS, _deals(scale, first, lines), scale.deals)
    write_lines(lines)
    scale.write(DealStep, STEP, _steps(first))
    tag, _made = Tag.objects.get_or_create(key="bench deals", defaults={"name": "Bench deals"})
    chosen = sorted(scale.random.sample(range(scale.deals), int(scale.deals * TAGGED)))
    rows = ((first + place, tag.pk) for place in chosen)
    scale.write(DealTag, ("deal_id", "tag_id"), rows, len(chosen))


def _deals(scale: Scale, first: int, lines: Lines) -> Iterator[tuple[Any, ...]]:
    rng, number = scale.random, scale.deals
    sellers = [pk for key, pk in scale.people.items() if key.startswith("seller")]
    stages, weights = zip(*STAGES, strict=True)
    titles = [(title, low, high, tuple(WORD.findall(fold(title)))) for title, low, high, _weight in OFFERS]
    open_stages = set(Deal.OPEN)
    contacts = _contacts(scale)
    for start in range(0, number, BATCH):
        size = min(BATCH, number - start)
        columns = zip(
            range(start, start + size),
            rng.choices(titles, k=size),
            rng.choices(stages, weights=weights, k=size),
            rng.choices(range(1, 180), k=size),
            rng.choices(range(100), k=size),
            strict=True,
        )
        for place, (title, low, high, title_words), stage, days, die in columns:
            pk, company, owner, source, person, firm = next(contacts)
            moment = scale.moment(place, number)
            at = moment.replace(tzinfo=None)
            since = min(moment + timedelta(days=days // 3), scale.end)
            added, moved = timezone.localtime(moment).date(), timezone.localtime(since).date()
            going = stage in open_stages
            amount = Decimal(low * 100 + (place * 7919) % ((high - low) * 100))
            own = die if going and die % 5 == 0 else None
            probability = Deal.USUAL[stage] if own is None else own
            expected = added + timedelta(days=30 + days) if die else None
            planned = (
                (scale.end + timedelta(days=die % 21)).replace(tzinfo=None) if die < 65 and going else None
            )
            owner = owner or sellers[place % len(sellers)]
            closed = None if going else moved
            weighted = amount * probability / 100
            put_off = 1 + die % 3 if die < 22 else 0
            furthest = 1 + die % 4 if stage == "lost" else Deal.RANK[stage]
            figures = (owner, stage, amount, weighted, added, closed, expected, put_off, furthest)
            lines_of([Figures(*figures, source_key(source))], 1, lines)
            found = dict.fromkeys((*title_words, *firm, *person))
            yield (
                first + place, at, at, 1, title, company, pk, owner, stage, amount, own, probability,
                expected, closed, "price" if stage == "lost" else "", "", put_off,
                since.replace(tzinfo=None), source, furthest, since.replace(tzinfo=None), planned,
                expected or NO_DATE, fold(title).strip()[:160],
                " ".join(found),
            )  # fmt: skip


def _steps(first: int) -> Iterator[tuple[Any, ...]]:
    """The stages that each deal went through: evenly between its first day and its last move."""
    stages = [str(stage) for stage in Deal.OPEN]
    columns = ("pk", "stage", "furthest", "created_at", "stage_since")
    while rows := list(Deal.objects.filter(pk__gte=first).order_by("pk").values_list(*columns)[:BATCH]):
        first = rows[-1][0] + 1
        for pk, stage, furthest, created, since in rows:
            passed = stages[:furthest]
            if stage not in Deal.OPEN:
                passed = [*passed, stage]
            start = created.replace(tzinfo=None)
            days = (since - created) / max(len(passed) - 1, 1)
            entered = [start + days * place for place in range(len(passed) - 1)]
            entered.append(since.replace(tzinfo=None))
            for name, at, left in zip(passed, entered, [*entered[1:], None], strict=True):
                yield pk, name, at, left


def _contacts(scale: Scale) -> Iterator[tuple[Any, ...]]:
    """(id, company, owner, source, words of name and company), over and over, in the order of ids."""
    while True:
        last = 0
        while True:
            rows = (
                Contact.objects.filter(pk__gt=last)
                .order_by("pk")
                .values_list(
                    "pk", "company_id", "owner_id", "source", "first_name", "last_name", "company__name"
                )
            )
            batch = list(rows[:BATCH])
            if not batch:
                break
            last = batch[-1][0]
            for pk, company, owner, source, given, family, firm in batch:
                person = WORD.findall(fold(f"{given} {family}"))
                yield pk, company, owner, source, person, WORD.findall(fold(firm)) if firm else ()

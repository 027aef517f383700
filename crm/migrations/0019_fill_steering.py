"""What the new columns and tables hold of the deals and activities that are there already.

What stages a deal went through is read from its events; where they are silent, from its dates. Able to run
twice. Batches of deals; the sums are made anew at the end.
"""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations
from django.db.models import Max, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from digiweb.fulltext import fold

BATCH = 2_000
MOVES = ("created", "imported", "moved", "won", "lost", "reopened", "move_undone")
RANK = {"discovery": 1, "qualification": 2, "proposal": 3, "negotiation": 4, "won": 4, "lost": 1}
NEVER = date(9999, 12, 1)


def fill(apps: Any, schema_editor: Any) -> None:
    Deal = apps.get_model("crm", "Deal")
    last = Deal.objects.aggregate(last=Max("pk"))["last"] or 0
    for start in range(0, last, BATCH):
        fill_deals(apps, start + 1, start + BATCH)
    count_deals(apps)
    count_activities(apps)


def fill_deals(apps: Any, first: int, last: int) -> None:
    Deal, DealStep = apps.get_model("crm", "Deal"), apps.get_model("crm", "DealStep")
    Activity, Contact = apps.get_model("crm", "Activity"), apps.get_model("crm", "Contact")
    part = Deal.objects.filter(pk__range=(first, last))
    theirs = Contact.objects.filter(pk=OuterRef("contact_id")).values("source")[:1]
    part.filter(source="", contact__isnull=False).update(source=Coalesce(Subquery(theirs), Value("")))
    events = apps.get_model("timeline", "Event").objects.filter(
        subject_type="crm.deal", subject_id__range=(first, last), action__in=MOVES
    )
    moves: dict[int, list[Any]] = defaultdict(list)
    for pk, at, action, changes in events.order_by("id").values_list("subject_id", "at", "action", "changes"):
        if isinstance(changes, dict) and "stage" in changes:
            moves[pk].append((at, action, changes["stage"][1]))
    done = dict(
        Activity.objects.filter(deal_id__gte=first, deal_id__lte=last, done_at__isnull=False)
        .order_by()
        .values_list("deal_id")
        .annotate(last=Max("done_at"))
    )
    there = set(
        DealStep.objects.filter(deal_id__gte=first, deal_id__lte=last).values_list("deal_id", flat=True)
    )
    deals = list(part.only("id", "stage", "stage_since", "created_at", "furthest", "last_activity_at"))
    steps = []
    for deal in deals:
        stays = stays_of(deal, moves[deal.pk])
        deal.furthest = max(RANK[stage] for stage, _at in stays)
        times = (deal.created_at, deal.stage_since, done.get(deal.pk))
        deal.last_activity_at = max(moment for moment in times if moment)
        if deal.pk not in there:
            ends = [at for _stage, at in stays[1:]] + [None]
            steps += [
                DealStep(deal_id=deal.pk, stage=stage, entered_at=at, left_at=end)
                for (stage, at), end in zip(stays, ends, strict=True)
            ]
    Deal.objects.bulk_update(deals, ["furthest", "last_activity_at"], batch_size=500)
    DealStep.objects.bulk_create(steps, batch_size=1_000)


def stays_of(deal: Any, moves: list[Any]) -> list[tuple[str, Any]]:
    """[(stage, since)], the last of which is where the deal is now."""
    stays: list[tuple[str, Any]] = []
    for at, action, stage in moves:
        if stage not in RANK:
            continue
        if action == "move_undone" and len(stays) > 1 and stays[-2][0] == stage:
            stays.pop()
        elif not stays or stays[-1][0] != stage:
            stays.append((stage, at))
    if not stays or stays[-1][0] != deal.stage:
        stays.append((deal.stage, deal.stage_since))
    return stays


def count_deals(apps: Any) -> None:
    """The sums by the same rules as crm/services/deal_totals.py had when this was written."""
    Deal, DealMonth = apps.get_model("crm", "Deal"), apps.get_model("crm", "DealMonth")
    Forecast, Funnel = apps.get_model("crm", "DealForecast"), apps.get_model("crm", "DealFunnel")
    months: dict[Any, list[Any]] = {}
    forecasts: dict[Any, list[Any]] = {}
    funnels: dict[Any, list[Any]] = {}

    def add(into: dict[Any, list[Any]], key: Any, *values: Any) -> None:
        line = into.setdefault(key, [0] * len(values))
        for place, value in enumerate(values):
            line[place] += value

    rows = Deal.objects.order_by("pk").values_list(
        "owner_id", "stage", "amount", "probability", "created_at", "closed_on", "expected_on",
        "postponed_count", "furthest", "source",
    )  # fmt: skip
    for owner, stage, amount, percent, created_at, closed, expected, put_off, furthest, text in rows.iterator(
        chunk_size=BATCH
    ):
        added = timezone.localtime(created_at).date()
        going = stage not in ("won", "lost")
        source = fold(text).replace("*", "").strip()[:60]
        for key in ("*", source):
            add(funnels, (key, owner, added.replace(day=1), furthest, "open" if going else stage), 1, amount)
            if key != "*":
                add(months, (key, owner, added.replace(day=1), "created"), 1, amount, 0)
            if going:
                line = (key, owner, stage, (expected or NEVER).replace(day=1), min(put_off, 3))
                add(forecasts, line, 1, amount, amount * Decimal(percent) / 100)
            elif closed and key != "*":
                days = max((closed - added).days, 0)
                add(months, (key, owner, closed.replace(day=1), stage), 1, amount, days)
    DealMonth.objects.exclude(source="*").delete()
    tables: tuple[Any, ...] = (
        (DealMonth, months, ("source", "owner_id", "month", "kind"), ("count", "amount", "days")),
        (
            Forecast,
            forecasts,
            ("source", "owner_id", "stage", "month", "put_off"),
            ("count", "amount", "weighted"),
        ),
        (Funnel, funnels, ("source", "owner_id", "month", "furthest", "outcome"), ("count", "amount")),
    )
    for model, lines, key, sums in tables:
        if model is not DealMonth:
            model.objects.all().delete()
        names = (*key, *sums)
        model.objects.bulk_create(
            [model(**dict(zip(names, (*line, *values), strict=True))) for line, values in lines.items()],
            batch_size=1_000,
        )


def count_activities(apps: Any) -> None:
    Activity, Month = apps.get_model("crm", "Activity"), apps.get_model("crm", "ActivityMonth")
    done = Activity.objects.filter(done_at__isnull=False).order_by("pk")
    lines = Counter(
        (owner, timezone.localtime(at).date().replace(day=1), kind)
        for owner, at, kind in done.values_list("owner_id", "done_at", "kind").iterator(chunk_size=BATCH)
    )
    Month.objects.all().delete()
    Month.objects.bulk_create(
        [
            Month(owner_id=owner, month=month, kind=kind, count=count)
            for (owner, month, kind), count in lines.items()
        ],
        batch_size=1_000,
    )


class Migration(migrations.Migration):
    dependencies = [("crm", "0018_steering"), ("timeline", "0006_job_grants")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]

"""Sums of deals: whatever happens, they equal a recount."""

import threading
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Contact, Deal, DealMonth, DealTotal
from crm.services.deal import change_deal, change_deals, delete_deals, move_deal, take_back_move
from crm.services.deal_totals import TABLES, recount_deals
from people.models import User
from tests.base import make_cast, make_deal
from timeline.models import BinEntry
from timeline.services.bin import restore_from_bin

VERBS = [
    "make", "owner", "amount", "percent", "move", "undo", "bulk", "day", "expect", "source", "delete",
    "restore",
]  # fmt: skip
OPERATIONS = st.tuples(st.sampled_from(VERBS), st.integers(0, 5), st.integers(0, 5))
pytestmark = pytest.mark.django_db


def held() -> dict[Any, Any]:
    return {
        (table, *(getattr(line, name) for name in key)): tuple(getattr(line, name) for name in sums)
        for table, (model, key, sums) in TABLES.items()
        for line in model.objects.all()
        if any(getattr(line, name) for name in sums)
    }


def recounted() -> dict[Any, Any]:
    """The plain rule, deal by deal."""
    lines: dict[Any, list[Any]] = defaultdict(lambda: [0, Decimal(0), Decimal(0)])

    def add(*key: Any, amount: Decimal, more: Any = 0) -> None:
        line = lines[key]
        line[0] += 1
        line[1] += amount
        line[2] += more

    for deal in Deal.objects.all():
        owner, worth = deal.owner_id, deal.amount * deal.probability / 100
        add("crm.DealTotal", owner, deal.stage, amount=deal.amount, more=worth)
        added = timezone.localtime(deal.created_at).date()
        outcome = deal.stage if deal.stage in ("won", "lost") else "open"
        for source in ("*", deal.source.lower()):
            month = added.replace(day=1)
            add("crm.DealMonth", source, owner, month, "created", amount=deal.amount)
            add("crm.DealFunnel", source, owner, month, deal.furthest, outcome, amount=deal.amount)
            if deal.closed_on:
                days, closed = max((deal.closed_on - added).days, 0), deal.closed_on.replace(day=1)
                add("crm.DealMonth", source, owner, closed, deal.stage, amount=deal.amount, more=days)
            else:
                expected = deal.expected_on.replace(day=1) if deal.expected_on else date(9999, 12, 1)
                put_off = min(deal.postponed_count, 3)
                add(
                    "crm.DealForecast", source, owner, deal.stage, expected, put_off,
                    amount=deal.amount, more=worth,
                )  # fmt: skip
    return {
        key: tuple(values[:2] if key[0] == "crm.DealFunnel" else values)
        for key, values in lines.items()
        if any(values)
    }


def stays_are_whole() -> None:
    """Each deal's stays follow each other without a gap, and the last is where it stands."""
    for deal in Deal.objects.all():
        steps = list(deal.steps.order_by("entered_at", "pk"))
        assert steps
        assert (steps[-1].stage, steps[-1].left_at) == (deal.stage, None)
        assert [step.left_at for step in steps[:-1]] == [step.entered_at for step in steps[1:]]
        assert deal.furthest >= max(Deal.RANK[step.stage] for step in steps)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(OPERATIONS, max_size=12))
def test_sums_equal_a_recount_after_any_operations(operations: list[tuple[str, int, int]]) -> None:
    for model in (BinEntry, *(table[0] for table in TABLES.values()), Deal, Contact, User):
        model.objects.all().delete()
    cast = make_cast()
    admin, owners = cast["admin"], [cast["sales"], cast["sales2"], cast["stranger"]]
    stages = Deal.Stage.values
    moved: tuple[Deal, dict[str, Any], int] | None = None
    for verb, which, what in operations:
        deals = list(Deal.objects.order_by("pk"))
        deal = deals[which % len(deals)] if deals else None
        if verb == "make":
            reason = "price" if stages[what] == "lost" else ""
            amount = Decimal("33.33") * which
            make_deal(admin, owner=owners[what % 3], stage=stages[what], lost_reason=reason, amount=amount)
        elif verb == "restore":
            entry = BinEntry.objects.filter(restored_at__isnull=True).order_by("-pk").first()
            if entry:
                restore_from_bin(user=admin, batch=entry.batch)
        elif deal is None:
            continue
        elif verb == "owner":
            change_deal(user=admin, deal=deal, values={"owner": owners[what % 3]})
        elif verb == "amount":
            change_deal(user=admin, deal=deal, values={"amount": Decimal("99.99") * what})
        elif verb == "percent":
            change_deal(user=admin, deal=deal, values={"own_probability": [None, 0, 33, 50, 99, 100][what]})
        elif verb == "move":
            before = move_deal(user=admin, deal=deal, to=stages[what], reason="price")
            moved = (deal, before, deal.version)
        elif verb == "undo" and moved and Deal.objects.filter(pk=moved[0].pk, version=moved[2]).exists():
            take_back_move(user=admin, deal=moved[0], before=moved[1], version=moved[2])
        elif verb == "bulk":
            values: dict[str, Any] = {"stage": stages[what], "lost_reason": "price"}
            change_deals(user=admin, pks=[each.pk for each in deals], values=values)
        elif verb == "day" and deal.closed_on:
            day = timezone.localdate() - timedelta(days=20 * what)
            change_deal(user=admin, deal=deal, values={"closed_on": day})
        elif verb == "expect":
            values = {"expected_on": timezone.localdate() + timedelta(days=25 * what) if what else None}
            change_deal(user=admin, deal=deal, values=values)
        elif verb == "source":
            change_deal(
                user=admin, deal=deal, values={"source": ["", "Salon", "SALON", "Site web"][what % 4]}
            )
        elif verb == "delete":
            delete_deals(user=admin, pks=[deal.pk])
    assert held() == recounted()
    stays_are_whole()
    assert recount_deals() == 0


def test_a_recount_puts_wrong_sums_right(capsys: Any) -> None:
    cast = make_cast()
    make_deal(cast["sales"], amount=Decimal(70))
    DealTotal.objects.update(count=9, amount=1)
    DealMonth.objects.all().delete()
    DealTotal.objects.create(owner_id=77, stage="won", count=3)
    call_command("recount_deals")
    assert held() == recounted()
    assert "4" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_many_who_move_deals_at_once_leave_the_sums_right() -> None:
    cast = make_cast()
    deals = [make_deal(cast["sales"], amount=Decimal(10)) for _number in range(12)]
    troubles: list[Exception] = []
    barrier = threading.Barrier(4)

    def work(place: int) -> None:
        try:
            barrier.wait()
            for deal in deals[place::4]:
                for to in ("proposal", "won", "qualification"):
                    move_deal(user=cast["admin"], deal=Deal.objects.get(pk=deal.pk), to=to)
        except Exception as error:
            troubles.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    assert held() == recounted()

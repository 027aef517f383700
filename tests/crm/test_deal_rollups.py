"""Sums of deals: whatever happens, they equal a recount."""

import threading
from collections import defaultdict
from datetime import timedelta
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
from crm.services.deal_totals import recount_deals
from people.models import User
from tests.base import make_cast, make_deal
from timeline.models import BinEntry
from timeline.services.bin import restore_from_bin

VERBS = ["make", "owner", "amount", "percent", "move", "undo", "bulk", "day", "delete", "restore"]
OPERATIONS = st.tuples(st.sampled_from(VERBS), st.integers(0, 5), st.integers(0, 5))
pytestmark = pytest.mark.django_db


def held() -> tuple[dict[Any, Any], dict[Any, Any]]:
    totals = {
        (t.owner_id, t.stage): (t.count, t.amount, t.weighted)
        for t in DealTotal.objects.all()
        if any((t.count, t.amount, t.weighted))
    }
    months = {
        (m.owner_id, m.month, m.kind): (m.count, m.amount, m.days)
        for m in DealMonth.objects.all()
        if any((m.count, m.amount, m.days))
    }
    return totals, months


def recounted() -> tuple[dict[Any, Any], dict[Any, Any]]:
    """The plain rule, deal by deal."""
    totals: dict[Any, list[Any]] = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    months: dict[Any, list[Any]] = defaultdict(lambda: [0, Decimal(0), 0])
    for deal in Deal.objects.all():
        line = totals[deal.owner_id, deal.stage]
        line[0] += 1
        line[1] += deal.amount
        line[2] += deal.amount * deal.probability / 100
        added = timezone.localtime(deal.created_at).date()
        kinds = [("created", added, 0)]
        if deal.closed_on:
            kinds.append((deal.stage, deal.closed_on, max((deal.closed_on - added).days, 0)))
        for kind, day, days in kinds:
            month = months[deal.owner_id, day.replace(day=1), kind]
            month[0] += 1
            month[1] += deal.amount
            month[2] += days
    return (
        {key: tuple(values) for key, values in totals.items()},
        {key: tuple(values) for key, values in months.items()},
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(OPERATIONS, max_size=12))
def test_sums_equal_a_recount_after_any_operations(operations: list[tuple[str, int, int]]) -> None:
    for model in (BinEntry, DealTotal, DealMonth, Deal, Contact, User):
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
        elif verb == "delete":
            delete_deals(user=admin, pks=[deal.pk])
    assert held() == recounted()
    assert recount_deals() == 0


def test_a_recount_puts_wrong_sums_right(capsys: Any) -> None:
    cast = make_cast()
    make_deal(cast["sales"], amount=Decimal(70))
    DealTotal.objects.update(count=9, amount=1)
    DealMonth.objects.all().delete()
    DealTotal.objects.create(owner_id=77, stage="won", count=3)
    call_command("recount_deals")
    assert held() == recounted()
    assert "3" in capsys.readouterr().out


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

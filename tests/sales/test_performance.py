"""Performances: ranks, goals, badges, each badge once (SPEC S11, N9)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crm.models import Activity, Deal
from crm.services.activity_totals import recount_activities
from crm.services.deal_totals import recount_deals
from digiweb.periods import last_day, month_before
from people.models import User
from people.services.target import set_targets
from sales.badges import BADGES
from sales.models import Award
from sales.models.award import FOR_GOOD
from sales.services.award import award_badges
from tests.base import client_of, make_activity, make_cast, make_contact, make_deal, make_role, make_user
from timeline.models import Notification

pytestmark = pytest.mark.django_db
URL = "/sales/performances/"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def want(cast: dict[str, User], person: str, month: date, **values: Any) -> None:
    set_targets(user=cast["admin"], person=cast[person], year=month.year, values={month.month: values})


def win(owner: User, on: date, amount: int, days: int = 10) -> None:
    """A deal that was won on a day, so many days after it was added."""
    deal = make_deal(owner, stage="won", amount=Decimal(amount))
    began = timezone.now() - (timezone.localdate() - on) - timedelta(days=days)
    Deal.objects.filter(pk=deal.pk).update(closed_on=on, created_at=began)
    recount_deals()


def earned(user: User) -> set[tuple[str, date]]:
    return set(Award.objects.filter(user=user).values_list("badge", "month"))


# --- Leaderboard and goals


def test_people_are_ranked_and_figures_open_their_rows(cast: dict[str, User]) -> None:
    for name, amounts in (("sales", [500, 700]), ("sales2", [2000]), ("manager", [1200])):
        for amount in amounts:
            make_deal(cast[name], stage="won", amount=Decimal(amount))
    make_deal(cast["sales2"], stage="lost", lost_reason="price")
    make_activity(cast["sales"], status="done", starts_at=timezone.now())
    client = client_of(cast["admin"])
    for order, first in (("amount", "sales2"), ("deals", "sales"), ("done", "sales")):
        board = client.get(f"{URL}?by={order}").context["board"]
        assert board[0]["person"] == cast[first], order
        for row in board:
            listed = [one["record"] for one in client.get(row["url"]).context["list"]["rows"]]
            shown = sum((one.amount for one in listed), Decimal(0)) if order == "amount" else len(listed)
            assert shown == row["value"], (order, row["url"])
    # 1 200 twice: a rank is shared.
    assert [row["rank"] for row in client.get(f"{URL}?by=amount").context["board"]] == [1, 2, 2]
    rate = client.get(f"{URL}?by=rate").context["board"]
    assert {row["person"]: row["value"] for row in rate}[cast["sales2"]] == 50


def test_salespeople_read_the_figures_of_their_team_and_open_their_own(cast: dict[str, User]) -> None:
    for name in ("sales", "sales2", "manager", "stranger"):
        make_deal(cast[name], stage="won", amount=Decimal(1000))
    board = client_of(cast["sales"]).get(URL).context["board"]
    opened = {row["person"]: bool(row["url"]) for row in board}
    assert opened == {cast["sales"]: True, cast["sales2"]: False, cast["manager"]: False}
    assert all(row["url"] for row in client_of(cast["manager"]).get(URL).context["board"])


def test_the_scope_of_the_grant_holds(cast: dict[str, User]) -> None:
    for name in ("sales", "sales2"):
        make_deal(cast[name], stage="won")
    rights = {"sales_performance": ("own", ["view"]), "crm_deal": ("own", ["view"])}
    alone = make_user("seul", role=make_role("seul", **rights), manager=cast["manager"])
    make_deal(alone, stage="won")
    assert [row["person"] for row in client_of(alone).get(URL).context["board"]] == [alone]
    everybody = make_user("tous", role=make_role("tous", sales_performance=("all", ["view"])))
    board = client_of(everybody).get(URL).context["board"]
    assert len(board) == 3
    assert not any(row["url"] for row in board)  # figures, but no deals
    assert client_of(cast["marketing"]).get(URL).status_code == 403


def test_goals_say_how_far_targets_are_reached(cast: dict[str, User]) -> None:
    month = timezone.localdate().replace(day=1)
    want(cast, "sales", month, revenue=Decimal(2000), deals_won=1, new_contacts=4, activities=10)
    want(cast, "sales2", month, revenue=Decimal(9000))
    make_deal(cast["sales"], stage="won", amount=Decimal(500))
    make_contact(cast["sales"], owner=cast["sales"])
    make_activity(cast["sales"], status="done", starts_at=timezone.now())
    client = client_of(cast["sales"])
    (mine,) = client.get(URL).context["goals"]
    assert [goal["percent"] for goal in mine["goals"]] == [25, 100, 25, 10]
    assert [goal["done"] for goal in mine["goals"]] == [False, True, False, False]
    for goal in mine["goals"][1:]:
        assert len(client.get(goal["url"]).context["list"]["rows"]) == goal["reached"], goal["url"]
    assert len(client_of(cast["manager"]).get(URL).context["goals"]) == 2


# --- Badges


def test_badges_are_earned_by_their_rules(cast: dict[str, User]) -> None:
    today = timezone.localdate()
    month = month_before(today, 1)
    want(cast, "sales", month, revenue=Decimal(3000), activities=1)
    for _time in range(3):
        win(cast["sales"], month, 1000, days=10)
    win(cast["sales2"], month, 2999, days=90)
    one = make_activity(cast["sales"], status="done", starts_at=timezone.now())
    at = timezone.now() - (today - month) + timedelta(hours=1)
    Activity.objects.filter(pk=one.pk).update(done_at=at)
    recount_activities()
    assert award_badges(today) == 6
    assert earned(cast["sales"]) == {
        ("target", month),
        ("best", month),
        ("quick", month),
        ("steady", month),
        ("first", FOR_GOOD),
    }
    assert earned(cast["sales2"]) == {("first", FOR_GOOD)}
    assert Award.objects.get(badge="target").earned_on == last_day(month)


def test_a_badge_is_given_and_told_once(cast: dict[str, User]) -> None:
    for _time in range(10):
        make_deal(cast["sales"], stage="won")
    assert award_badges() == 2
    assert award_badges() == 0
    told = Notification.objects.filter(user=cast["sales"], kind="sales.award")
    assert told.count() == 2
    assert {note.url for note in told} == {URL}


def test_the_best_of_a_month_is_known_when_it_is_over(cast: dict[str, User]) -> None:
    make_deal(cast["sales"], stage="won")
    award_badges()
    assert "best" not in {badge for badge, _month in earned(cast["sales"])}
    award_badges(last_day(timezone.localdate()) + timedelta(1))
    assert "best" in {badge for badge, _month in earned(cast["sales"])}


def test_a_badge_stays_when_its_ground_is_gone(cast: dict[str, User]) -> None:
    make_deal(cast["sales"], stage="won")
    award_badges()
    Deal.objects.all().delete()
    recount_deals()
    assert award_badges() == 0
    assert Award.objects.count() == 1


def test_nobody_who_left_earns_anything(cast: dict[str, User]) -> None:
    make_deal(cast["sales"], stage="won")
    User.objects.filter(pk=cast["sales"].pk).update(is_active=False)
    assert award_badges() == 0


def test_every_badge_says_its_rule_and_who_of_the_team_earned_it(cast: dict[str, User]) -> None:
    for name in ("sales", "stranger"):
        make_deal(cast[name], stage="won")
    award_badges()
    page = client_of(cast["sales2"]).get(URL)
    shown = {
        one["badge"].name: [award["person"] for award in one["awards"]] for one in page.context["badges"]
    }
    assert set(shown) == {badge.name for badge in BADGES}
    assert shown["first"] == [cast["sales"]]
    assert client_of(cast["sales"]).get(URL).context["mine"][0]["count"] == 1
    assert all(str(badge.rule) for badge in BADGES)


def test_the_page_costs_the_same_for_many(cast: dict[str, User], django_assert_max_num_queries: Any) -> None:
    for _time in range(5):
        for name in ("sales", "sales2", "manager", "stranger"):
            make_deal(cast[name], stage="won")
    award_badges()
    client = client_of(cast["sales"])
    client.get(URL)
    with django_assert_max_num_queries(16):
        client.get(URL)

"""The health of clients, line by line, and what keeps it."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Client
from crm.services import client_health
from crm.services.client import change_client
from crm.services.client_health import HealthRule, lines_of, register_health
from crm.services.client_signs import refresh_clients, touch_clients
from crm.services.deal import change_deal
from people.models import User
from sales.models import Subscription
from sales.services.subscription import create_subscription, end_subscription
from tests.base import client_of, make_activity, make_cast, make_client, make_company, make_contact, make_deal

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def lines(client: Client) -> dict[str, int]:
    client.refresh_from_db()
    return {name: points for name, points, _facts in client.health_lines}


def test_the_health_is_the_sum_of_its_lines_held_within_0_and_100(cast: dict[str, User]) -> None:
    hugo, now = cast["sales"], timezone.now()
    client = make_client(hugo, owner=hugo, renewal_on=timezone.localdate() + timedelta(days=200))
    assert lines(client) == {"start": 50, "contact": -10, "renewal": 5}
    make_activity(hugo, company=client.company, kind="call", status="done", starts_at=now)
    make_activity(hugo, company=client.company, starts_at=now + timedelta(days=2))
    deal = make_deal(hugo, company=client.company)
    Client.objects.filter(pk=client.pk).update(mrr=Decimal("99.90"))
    touch_clients([client.pk])
    assert lines(client) == {
        "start": 50, "contact": 20, "planned": 5, "revenue": 15, "renewal": 5, "deals": 10,
    }  # fmt: skip
    assert client.health == 100  # 105, held
    page = client_of(hugo).get(client.get_absolute_url())
    described = page.context["health"]
    assert sum(line["points"] for line in described["lines"]) == 105
    assert described["held"] == {"top": True, "text": "−5"}
    change_deal(user=hugo, deal=deal, values={"stage": "won"})
    assert "deals" not in lines(client)
    assert client.health == 95
    change_client(user=hugo, client=client, values={"status": "churned"})
    assert lines(client)["status"] == -50
    assert "renewal" not in lines(client)


@pytest.mark.parametrize(
    ("days", "points"), [(0, 20), (30, 20), (31, 10), (90, 10), (91, -10), (180, -10), (181, -20)]
)
def test_silence_costs_more_the_longer_it_lasts(days: int, points: int, cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    client = make_client(hugo, owner=hugo)
    day = timezone.localdate() - timedelta(days=days)
    at = timezone.make_aware(datetime.combine(day, time()))
    make_activity(hugo, company=client.company, kind="meeting", status="done", starts_at=at)
    assert lines(client)["contact"] == points


@pytest.mark.parametrize(("days", "points"), [(-1, -20), (0, -20), (30, -20), (31, -10), (90, -10), (91, 5)])
def test_a_renewal_ahead_asks_for_a_planned_activity(days: int, points: int, cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    client = make_client(hugo, owner=hugo, renewal_on=timezone.localdate() + timedelta(days=days))
    assert lines(client)["renewal"] == points
    make_activity(hugo, company=client.company)
    assert lines(client).get("renewal", 0) == (0 if 0 <= days <= 90 else points)


def test_the_night_lets_health_follow_the_days(
    cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.services.client_signs.BATCH", 2)
    hugo = cast["sales"]
    made = [make_client(hugo, renewal_on=timezone.localdate() + timedelta(days=91)) for _ in range(5)]
    assert {client.health for client in made} == {45}
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr(
        "django.utils.timezone.localdate", lambda value=None: _local(value) if value else tomorrow
    )
    call_command("refresh_clients")
    refresh_clients()
    assert set(Client.objects.values_list("health", flat=True)) == {30}
    assert set(Client.objects.values_list("version", flat=True)) == {1}


def _local(value: datetime) -> date:
    return timezone.localtime(value).date()


def test_a_module_above_adds_its_rule(cast: dict[str, User]) -> None:
    def judge(clients: Any, today: date) -> dict[int, tuple[int, dict[str, Any]]]:
        return {client.pk: (-25, {"count": 2}) for client in clients}

    register_health(HealthRule("late", judge, lambda points, facts: f"{facts['count']} late", order=80))
    try:
        client = make_client(cast["sales"])
        assert lines(client)["late"] == -25
        assert lines_of(client)[-1] == {"rule": "late", "label": "2 late", "points": -25}
    finally:
        del client_health._rules["late"]
    assert lines_of(client)[-1]["points"] == -25  # its module is gone: the sum is right until the night
    touch_clients([client.pk])
    assert "late" not in lines(client)


def test_many_clients_are_judged_in_a_few_queries(cast: dict[str, User]) -> None:
    made = [make_client(cast["sales"]).pk for _ in range(6)]
    with CaptureQueriesContext(connection) as one:
        touch_clients(made[:1])
    with CaptureQueriesContext(connection) as many:
        touch_clients(made)
    assert len(one) == len(many) <= 10


def test_reading_writes_nothing(cast: dict[str, User]) -> None:
    client = make_client(cast["sales"], owner=cast["sales"])
    browse = client_of(cast["sales"])
    browse.get(client.get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        browse.get(client.get_absolute_url())
    assert not [query for query in queries if query["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]


def test_a_person_and_a_company_share_what_was_done(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    company = make_company(hugo)
    contact = make_contact(hugo)
    client = make_client(hugo, company=company, contact=contact)
    make_activity(hugo, contact=contact, kind="call", status="done", starts_at=timezone.now())
    assert lines(client)["contact"] == 20


def test_a_subscription_counts_as_soon_as_it_begins(cast: dict[str, User]) -> None:
    client = make_client(cast["sales"], owner=cast["sales"])
    subscription = Subscription(client=client, label="Maintenance", monthly_amount=Decimal("49.90"))
    create_subscription(user=cast["admin"], subscription=subscription)
    assert lines(client)["revenue"] == 15
    assert (client.mrr, client.arr) == (Decimal("49.90"), Decimal("598.80"))
    end_subscription(user=cast["admin"], subscription=subscription)
    assert "revenue" not in lines(client)

"""What the pipeline reads: stays in stages, stale deals, activities by month, and what migrations fill."""

import importlib
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.utils import timezone
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Activity, ActivityMonth, Deal, DealFunnel, DealMonth, DealStep, StageRule
from crm.services.activity import change_activities, change_activity, delete_activities, reopen_activity
from crm.services.activity_totals import lines_of, recount_activities
from crm.services.deal import change_deal, change_deals, move_deal, take_back_move
from crm.services.deal_step import set_stale_days
from crm.services.deal_totals import recount_deals
from crm.tables.deal import quiet_text
from people.models import User
from tests.base import client_of, make_activity, make_cast, make_contact, make_deal
from timeline.models import BinEntry, Event
from timeline.services.bin import restore_from_bin

pytestmark = pytest.mark.django_db
KINDS = Activity.Kind.values


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def stays(deal: Deal) -> list[str]:
    return list(deal.steps.order_by("entered_at", "pk").values_list("stage", flat=True))


def test_each_move_is_a_stay_and_a_move_taken_back_never_was(cast: dict[str, User]) -> None:
    deal = make_deal(cast["sales"])
    move_deal(user=cast["sales"], deal=deal, to="proposal")
    before = move_deal(user=cast["sales"], deal=deal, to="won")
    assert stays(deal) == ["discovery", "proposal", "won"]
    assert deal.furthest == 4
    take_back_move(user=cast["sales"], deal=deal, before=before, version=deal.version)
    assert stays(deal) == ["discovery", "proposal"]
    assert DealStep.objects.get(deal=deal, left_at=None).stage == "proposal"
    deal.refresh_from_db()
    assert deal.furthest == 3


def test_a_deal_lost_keeps_how_far_it_came(cast: dict[str, User]) -> None:
    deal = make_deal(cast["sales"], stage="negotiation")
    move_deal(user=cast["sales"], deal=deal, to="lost", reason="price")
    assert (deal.stage, deal.furthest) == ("lost", 4)
    other = make_deal(cast["sales"])
    change_deals(user=cast["admin"], pks=[deal.pk, other.pk], values={"stage": "qualification"})
    assert set(Deal.objects.values_list("pk", "furthest")) == {(deal.pk, 4), (other.pk, 2)}
    assert stays(other) == ["discovery", "qualification"]


def test_the_source_is_that_of_the_contact_unless_said(cast: dict[str, User]) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"], source="Salon")
    assert make_deal(cast["sales"], contact=contact).source == "Salon"
    assert make_deal(cast["sales"], contact=contact, source="Site web").source == "Site web"


def test_what_is_done_on_a_deal_is_its_last_activity(cast: dict[str, User]) -> None:
    deal = make_deal(cast["sales"])
    long_ago = timezone.now() - timedelta(days=40)
    Deal.objects.update(created_at=long_ago, stage_since=long_ago, last_activity_at=long_ago)
    make_activity(cast["sales"], deal=deal)  # planned: nothing was done
    deal.refresh_from_db()
    assert deal.last_activity_at == long_ago
    done = make_activity(
        cast["sales"], deal=deal, status="done", starts_at=timezone.now() - timedelta(days=3)
    )
    deal.refresh_from_db()
    assert deal.last_activity_at == done.done_at
    delete_activities(user=cast["sales"], pks=[done.pk])
    deal.refresh_from_db()
    assert deal.last_activity_at == long_ago


def test_stale_deals_are_those_without_activity_for_as_long_as_their_stage_allows(
    cast: dict[str, User],
) -> None:
    for stage, days in (("discovery", 15), ("discovery", 13), ("negotiation", 8), ("negotiation", 6)):
        deal = make_deal(cast["sales"], title=f"{stage} {days}", stage=stage)
        Deal.objects.filter(pk=deal.pk).update(last_activity_at=timezone.now() - timedelta(days=days))
    lost = make_deal(cast["sales"], title="lost", stage="lost", lost_reason="price")
    Deal.objects.filter(pk=lost.pk).update(last_activity_at=timezone.now() - timedelta(days=99))
    address = "/crm/deals/?mode=list&all=1&stale=yes"
    page = client_of(cast["sales"]).get(address)
    assert {row["label"] for row in page.context["list"]["rows"]} == {"discovery 15", "negotiation 8"}
    with override("fr"):
        told = quiet_text(Deal.objects.get(title="negotiation 8"), timezone.now())
    assert told in client_of(cast["sales"]).get("/crm/deals/?mode=kanban").content.decode()
    page = client_of(cast["sales"]).get(Deal.objects.get(title="negotiation 8").get_absolute_url())
    assert told in page.content.decode()
    assert "&lt;time" not in page.content.decode()
    days = {"discovery": 20, "qualification": 14, "proposal": 10, "negotiation": 5}
    assert set_stale_days(user=cast["admin"], days=days, version=0)
    page = client_of(cast["sales"]).get(address)
    assert {row["label"] for row in page.context["list"]["rows"]} == {"negotiation 8", "negotiation 6"}


def test_rules_of_stages_are_set_by_administrators_and_guarded(cast: dict[str, User]) -> None:
    url = "/crm/stages/"
    data = {"version": 0, "discovery": 21, "qualification": 14, "proposal": 10, "negotiation": 7}
    assert client_of(cast["sales"]).get(url).status_code == 403
    client = client_of(cast["admin"])
    assert client.get(url).status_code == 200
    assert client.post(url, data | {"discovery": 0}).status_code == 422
    assert client.post(url, data).status_code == 302
    assert StageRule.objects.get().stale_days == 21
    assert Event.objects.get(subject_type="crm.stagerule").changes == {"stale_days": [14, 21]}
    assert client.post(url, data | {"discovery": 5}).status_code == 409


# --- Activities by month


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["make", "kind", "owner", "bulk", "reopen", "delete", "restore"]),
        st.integers(0, 5),
        st.integers(0, 4),
    ),
    max_size=12,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(OPERATIONS)
def test_activities_by_month_equal_a_recount(operations: list[tuple[str, int, int]]) -> None:
    for model in (BinEntry, ActivityMonth, Activity, User):
        model.objects.all().delete()
    cast = make_cast()
    admin, owners = cast["admin"], [cast["sales"], cast["sales2"], cast["stranger"]]
    for verb, which, what in operations:
        there = list(Activity.objects.order_by("pk"))
        one = there[which % len(there)] if there else None
        if verb == "make":
            at = timezone.now() - timedelta(days=20 * what)
            make_activity(owners[which % 3], kind=KINDS[what], status="done", starts_at=at)
        elif verb == "restore":
            entry = BinEntry.objects.filter(restored_at__isnull=True).order_by("-pk").first()
            if entry:
                restore_from_bin(user=admin, batch=entry.batch)
        elif one is None:
            continue
        elif verb == "kind":
            change_activity(user=admin, activity=one, values={"kind": KINDS[what]})
        elif verb == "owner":
            change_activity(user=admin, activity=one, values={"owner": owners[what % 3]})
        elif verb == "bulk":
            status = ["planned", "done", "cancelled"][what % 3]
            change_activities(user=admin, pks=[each.pk for each in there], values={"status": status})
        elif verb == "reopen" and one.status == "done":
            reopen_activity(user=admin, activity=one)
        elif verb == "delete":
            delete_activities(user=admin, pks=[one.pk])
    held = {(m.owner_id, m.month, m.kind): m.count for m in ActivityMonth.objects.all() if m.count}
    assert held == lines_of(Activity.objects.all())
    assert recount_activities() == 0


def test_a_recount_puts_wrong_activities_right(cast: dict[str, User], capsys: Any) -> None:
    make_activity(cast["sales"], status="done", starts_at=timezone.now())
    ActivityMonth.objects.update(count=7)
    call_command("recount_activities")
    assert "1" in capsys.readouterr().out
    assert ActivityMonth.objects.get().count == 1


# --- What was there before


def test_the_migration_fills_what_is_known_and_may_run_twice(cast: dict[str, User]) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"], source="Salon")
    deal = make_deal(cast["sales"], contact=contact, amount=Decimal(500))
    move_deal(user=cast["sales"], deal=deal, to="negotiation")
    before = move_deal(user=cast["sales"], deal=deal, to="won")
    take_back_move(user=cast["sales"], deal=deal, before=before, version=deal.version)
    move_deal(user=cast["sales"], deal=deal, to="lost", reason="price")
    change_deal(user=cast["sales"], deal=deal, values={"amount": Decimal(700)})
    silent = make_deal(cast["sales"], title="Sans événements", stage="proposal")
    Event.objects.filter(subject_type="crm.deal", subject_id=silent.pk).delete()
    make_activity(cast["sales"], status="done", starts_at=timezone.now())
    wanted = [stays(deal), stays(silent)]
    DealStep.objects.all().delete()
    Deal.objects.update(source="", furthest=1, last_activity_at=timezone.now() + timedelta(days=9))
    for model in (DealFunnel, ActivityMonth):
        model.objects.all().delete()
    DealMonth.objects.exclude(source="*").delete()
    fill = importlib.import_module("crm.migrations.0019_fill_steering").fill
    for _time in range(2):
        fill(apps, None)
        assert [stays(deal), stays(silent)] == wanted
    deal.refresh_from_db()
    assert (deal.source, deal.furthest) == ("Salon", 4)
    assert deal.last_activity_at == deal.stage_since
    assert recount_deals() == 0
    assert recount_activities() == 0

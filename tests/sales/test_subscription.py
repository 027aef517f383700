"""Subscriptions, and the monthly revenue that follows from them."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Client
from people.models import User
from sales.models import Subscription
from sales.services.subscription import (
    change_subscription,
    create_subscription,
    delete_subscriptions,
    end_due_subscriptions,
    end_subscription,
    pause_subscription,
    refresh_revenue,
    resume_subscription,
)
from tests.base import client_of, make_cast
from tests.contracts.api import APIContract, caller
from tests.contracts.pages import PageContract
from tests.sales.records import make_client, make_offer, make_subscription
from timeline.models import Event
from timeline.services.bin import restore_from_bin

pytestmark = pytest.mark.django_db


def assert_right(client: Client) -> None:
    """The client's revenue is the sum of what is active."""
    active = Subscription.objects.filter(client=client, status="active")
    wanted = active.aggregate(total=Sum("monthly_amount"))["total"] or Decimal(0)
    assert Client.objects.get(pk=client.pk).mrr == wanted
    assert refresh_revenue([client.pk]) == 0


class TestSubscriptionPages(PageContract):
    """The contract of every module, on subscriptions."""

    model = Subscription
    urls = "sales:subscription"
    make = staticmethod(make_subscription)
    form = {"label": "Hébergement", "status": "active", "monthly_amount": "29,90"}
    change = {"label": "Hébergement renforcé"}
    shown = "label"
    bulk = ("delete",)
    list_queries = 12

    @pytest.fixture(autouse=True)
    def _with_client(self, cast: dict[str, User]) -> None:
        self.form = {**type(self).form, "client": make_client(cast["sales"]).pk}

    def test_the_offer_fills_what_is_left_empty(self, cast: dict[str, User]) -> None:
        offer = make_offer(name="Maintenance Plus", monthly_price=Decimal(79))
        data = {"client": self.form["client"], "offer": offer.pk, "status": "active"}
        assert client_of(cast["sales"]).post(self.url("new"), data).status_code == 302
        subscription = Subscription.objects.get()
        assert (subscription.label, subscription.monthly_amount) == ("Maintenance Plus", Decimal(79))
        assert_right(subscription.client)
        nothing = {"client": self.form["client"], "status": "active"}
        assert client_of(cast["sales"]).post(self.url("new"), nothing).status_code == 422

    def test_it_is_paused_taken_up_again_and_ended(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"])
        for verb, status in (("pause", "paused"), ("resume", "active")):
            assert client.post(self.url(verb, record.pk)).status_code == 302
            record.refresh_from_db()
            assert record.status == status
            assert_right(record.client)
        assert Event.objects.latest("id").action == "resumed"
        url = self.url("end", record.pk)
        assert client.get(url).status_code == 200
        soon = timezone.localdate() + timedelta(5)
        assert client.post(url, {"version": record.version, "ended_on": soon.isoformat()}).status_code == 302
        record.refresh_from_db()
        assert (record.status, record.ended_on) == ("active", soon)
        assert end_due_subscriptions(soon) == 0
        assert end_due_subscriptions(soon + timedelta(1)) == 1
        assert end_due_subscriptions(soon + timedelta(1)) == 0
        record.refresh_from_db()
        assert (record.status, record.ended_on) == ("ended", soon)
        assert_right(record.client)
        with pytest.raises(ValidationError):
            pause_subscription(user=cast["sales"], subscription=record)

    def test_verbs_of_anothers_answer_404_and_of_one_only_seen_403(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        for verb in ("pause", "resume", "end"):
            assert client_of(cast["stranger"]).post(self.url(verb, record.pk)).status_code == 404
            assert client_of(cast["am"]).post(self.url(verb, record.pk)).status_code == 403

    def test_nobody_makes_them_for_clients_out_of_their_reach(self, cast: dict[str, User]) -> None:
        client = make_client(cast["sales"])
        with pytest.raises(PermissionDenied):
            create_subscription(user=cast["stranger"], subscription=Subscription(client=client, label="x"))
        data = {**self.form, "client": client.pk}
        assert client_of(cast["stranger"]).post(self.url("new"), data).status_code == 422

    def test_filters_find_what_they_say(self, record: Any, cast: dict[str, User]) -> None:
        other = make_subscription(cast["sales2"], status="paused", label="SEO mensuel")
        client = client_of(cast["manager"])

        def found(query: str) -> set[int]:
            return {row["pk"] for row in client.get(f"{self.url('list')}?{query}").context["list"]["rows"]}

        assert found("status=paused") == {other.pk}
        assert found(f"client={record.client_id}") == {record.pk}
        assert found(f"owner={cast['sales2'].pk}") == {other.pk}
        assert found("q=seo") == {other.pk}


class TestSubscriptionAPI(APIContract):
    model = Subscription
    path = "subscriptions"
    make = staticmethod(make_subscription)
    body = {"label": "Hébergement", "monthly_amount": "29.90", "status": "active"}
    change = {"label": "Hébergement renforcé"}
    listed_by = {"status": "paused"}
    wrong = {
        "monthly_amount": "-1",
        "status": "heaven",
        "client": 999_999,
        "offer": 999_999,
        "started_on": "31/12/2026",
    }
    list_queries = 4

    @pytest.fixture(autouse=True)
    def _with_client(self, cast: dict[str, User]) -> None:
        self.body = {**type(self).body, "client": make_client(None).pk}

    def test_a_record_cannot_be_given_away(self, cast: dict[str, User]) -> None:
        """It belongs to its client's salesperson: another's client is none to choose."""
        mine, theirs = make_subscription(cast["stranger"]), make_client(cast["sales"])
        client = caller(cast["stranger"])
        assert self.send(client, "patch", mine.pk, {"client": theirs.pk}).status_code == 422
        assert self.send(client, "post", body={**self.body, "client": theirs.pk}).status_code == 422


def test_a_move_to_another_client_and_the_bin_change_both_sums() -> None:
    cast = make_cast()
    first, second = make_client(cast["sales"]), make_client(cast["sales"])
    one = make_subscription(cast["sales"], client=first)
    change_subscription(user=cast["sales"], subscription=one, values={"client": second})
    for client in (first, second):
        assert_right(client)
    batch = delete_subscriptions(user=cast["sales"], pks=[one.pk])
    assert_right(second)
    restore_from_bin(user=cast["sales"], batch=batch)
    assert_right(second)
    assert Client.objects.get(pk=second.pk).mrr == Decimal(49)
    end_subscription(user=cast["sales"], subscription=one)
    assert_right(second)
    resume_subscription(user=cast["sales"], subscription=one)
    one.refresh_from_db()
    assert (one.status, one.ended_on) == ("active", None)
    with pytest.raises(ValidationError):
        change_subscription(
            user=None,
            subscription=one,
            values={"started_on": timezone.localdate(), "ended_on": timezone.localdate() - timedelta(1)},
        )


VERBS = st.lists(
    st.tuples(
        st.sampled_from(["make", "amount", "pause", "resume", "end", "delete"]),
        st.integers(0, 4),
        st.integers(0, 99_999),
    ),
    max_size=10,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(verbs=VERBS)
def test_the_revenue_is_the_sum_of_what_is_active_after_any_verbs(db: Any, verbs: list[Any]) -> None:
    people = list(User.objects.filter(email__endswith="@digiweb.test")) or list(make_cast().values())
    client = make_client(people[0])
    act = {"pause": pause_subscription, "resume": resume_subscription, "end": end_subscription}
    for verb, which, cents in verbs:
        known = list(Subscription.objects.filter(client=client).order_by("pk"))
        if verb == "make" or not known:
            make_subscription(None, client=client, monthly_amount=Decimal(cents) / 100)
            continue
        one = known[which % len(known)]
        if verb == "amount":
            values = {"monthly_amount": Decimal(cents) / 100}
            change_subscription(user=None, subscription=one, values=values)
        elif verb == "delete":
            delete_subscriptions(user=None, pks=[one.pk])
        else:
            try:
                act[verb](user=None, subscription=one)
            except ValidationError:
                continue
    assert_right(client)


@pytest.mark.django_db(transaction=True)
def test_several_who_change_subscriptions_of_one_client_at_once_leave_the_sum_right() -> None:
    cast = make_cast()
    client = make_client(cast["sales"])
    ones = [make_subscription(cast["sales"], client=client) for _ in range(4)]
    barrier = threading.Barrier(4)
    troubles: list[Exception] = []

    def change(one: Subscription) -> None:
        try:
            barrier.wait()
            for amount in range(5):
                values = {"monthly_amount": Decimal(amount)}
                change_subscription(user=None, subscription=one, values=values)
            pause_subscription(user=None, subscription=one)
            resume_subscription(user=None, subscription=one)
        except Exception as error:
            troubles.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=(one,)) for one in ones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    assert_right(client)


@pytest.mark.django_db
def test_in_the_tab_of_a_client_the_client_goes_without_saying() -> None:
    cast = make_cast()
    client = make_subscription(cast["sales"]).client
    page = client_of(cast["sales"])
    for name in ("subscriptions", "payments", "bank-accounts", "contracts"):
        address = f"/sales/{name}/?client={client.pk}"
        tab = page.get(f"{address}&within=client").context["list"]
        assert "client" not in [column["name"] for column in tab["columns"]], name
        assert next(one["checked"] for one in tab["column_choices"] if one["name"] == "client"), name
        whole = page.get(address).context["list"]
        assert "client" in [column["name"] for column in whole["columns"]], name
    documents = page.get(f"/documents/?subject=crm.client:{client.pk}&within=subject").context["list"]
    assert documents["empty"]["action_label"]


@pytest.mark.django_db
def test_one_that_is_deleted_while_others_end_is_passed_over(monkeypatch: Any) -> None:
    """The night's job found it, and somebody was quicker."""
    from sales.services import subscription as service

    cast = make_cast()
    yesterday = timezone.localdate() - timedelta(1)
    gone, due = (make_subscription(cast["sales"], ended_on=yesterday) for _each in range(2))
    hold = service.hold_clients

    def slowly(pks: Any) -> None:
        hold(pks)
        Subscription.objects.filter(pk=gone.pk).delete()

    monkeypatch.setattr(service, "hold_clients", slowly)
    assert service.end_due_subscriptions() == 1
    due.refresh_from_db()
    assert due.status == "ended"

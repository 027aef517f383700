"""Payments and subscriptions carry the owner of their client: whatever happens, it is the client's."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Client
from crm.services.client import change_client, change_clients
from people.models import User
from sales.models import PaymentRecord, Subscription
from sales.services.payment_intake import import_payments
from sales.services.subscription import change_subscription, create_subscription, delete_subscriptions
from sales.services.subscription_intake import import_subscriptions
from tests.base import make_cast
from tests.sales.accounts import make_payment
from tests.sales.records import make_client, make_subscription
from timeline.models import BinEntry
from timeline.services.bin import restore_from_bin

MODELS: tuple[Any, ...] = (PaymentRecord, Subscription)
VERBS = "take give give_many pay subscribe move import delete restore".split()  # noqa: SIM905


def assert_right() -> None:
    for model in MODELS:
        rows = list(model.objects.values_list("pk", "owner_id", "client__owner_id"))
        assert [row for row in rows if row[1] != row[2]] == [], model


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 3), st.integers(0, 3)), max_size=14))
def test_the_owner_is_the_clients_after_any_verbs(db: Any, verbs: list[tuple[str, int, int]]) -> None:
    for model in (BinEntry, *MODELS):
        model.objects.all().delete()
    people: list[Any] = [
        *(list(User.objects.filter(email__endswith="@digiweb.test")[:3]) or list(make_cast().values())[:3]),
        None,
    ]
    clients = [make_client(people[0]), make_client(people[1]), make_client(None)]
    for verb, which, whom in verbs:
        client, owner = clients[which % 3], people[whom]
        known = list(Subscription.objects.order_by("pk"))
        if verb == "take":
            change_client(user=None, client=Client.objects.get(pk=client.pk), values={"owner": owner})
        elif verb == "give":  # through a row that was read before: the copies must not follow that one
            change_client(user=None, client=client, values={"owner": owner})
        elif verb == "give_many":
            change_clients(user=None, pks=[each.pk for each in clients[: whom + 1]], values={"owner": owner})
        elif verb == "pay":
            number = PaymentRecord.objects.count()
            import_payments(user=None, new=[PaymentRecord(client=client, reference=f"P{number}")])
        elif verb == "subscribe":
            create_subscription(user=None, subscription=Subscription(client=client, label="Abo"))
        elif verb == "import":
            changed = [(one, {"label": f"{one.label}!"[:160]}) for one in known[:1]]
            import_subscriptions(user=None, new=[Subscription(client=client, label="Abo")], changed=changed)
        elif verb == "move" and known:
            one = known[which % len(known)]
            change_subscription(user=None, subscription=one, values={"client": clients[whom % 3]})
        elif verb == "delete" and known:
            delete_subscriptions(user=None, pks=[known[which % len(known)].pk])
        elif verb == "restore" and BinEntry.objects.exists():
            entry = BinEntry.objects.order_by("pk").first()
            assert entry is not None
            restore_from_bin(user=None, batch=entry.batch)
        assert_right()


@pytest.mark.django_db
def test_an_import_with_clients_read_earlier_writes_the_owner_of_now() -> None:
    cast = make_cast()
    client = make_client(cast["sales"])
    subscription = make_subscription(cast["sales"], client=client)
    payment = make_payment(cast["sales"], client=client, reference="A")
    before: dict[Any, Any] = {
        model: model.objects.select_related("client").get(client=client) for model in MODELS
    }
    stale = Client.objects.get(pk=client.pk)
    change_client(user=None, client=Client.objects.get(pk=client.pk), values={"owner": cast["sales2"]})
    assert_right()
    import_payments(
        user=None,
        new=[PaymentRecord(client=stale, reference="B")],
        changed=[(before[PaymentRecord], {"amount": payment.amount + 1})],
    )
    import_subscriptions(
        user=None,
        new=[Subscription(client=stale, label="Abo")],
        changed=[(before[Subscription], {"label": f"{subscription.label} 2"})],
    )
    create_subscription(user=None, subscription=Subscription(client=stale, label="Abo"))
    assert_right()
    for model in MODELS:
        assert not model.objects.visible_to(cast["sales"]).exists()
        assert model.objects.visible_to(cast["sales2"]).count() >= 2


@pytest.mark.django_db
def test_the_migration_writes_the_copies_and_may_be_run_again() -> None:
    cast = make_cast()
    make_subscription(cast["sales"])
    make_payment(cast["sales"], reference="A")
    for model in MODELS:
        model.objects.update(owner_id=None)
    for _ in range(2):
        import_module("sales.migrations.0007_owners_of_payments").copy_owners(apps, None)
        assert_right()
        assert all(model.objects.exclude(owner_id=F("client__owner_id")).count() == 0 for model in MODELS)

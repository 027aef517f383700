"""Subscriptions that another system tells of, and the monthly revenue of their clients."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from crm.models import Client
from digiweb.audit import Change, differences, record_many, snapshot
from digiweb.changes import initial_values
from sales.models import Subscription

BATCH = 1000


@transaction.atomic
def import_subscriptions(
    *,
    user: Any,
    new: Sequence[Subscription] = (),
    changed: Iterable[tuple[Subscription, Mapping[str, Any]]] = (),
    data: Mapping[str, Any] | None = None,
) -> int:
    """Save new subscriptions and set values on known ones, in a few statements; returns how many differed.

    The caller touches the clients (crm.services.client_signs).
    """
    for start in range(0, len(new), BATCH):
        Subscription.objects.bulk_create(new[start : start + BATCH])
    told = [
        Change("imported", each, initial_values(each, {}), data=data or {}, also=(each.client,))
        for each in new
    ]
    names, now = set[str](), timezone.now()
    differing = []
    for one, values in changed:
        before = snapshot(one, values)
        for name, value in values.items():
            setattr(one, name, value)
        changes = differences(before, snapshot(one, values))
        if changes:
            one.version += 1
            one.updated_at = now
            names |= changes.keys()
            differing.append(one)
            told.append(Change("changed", one, changes, data=data or {}, also=(one.client,)))
    if differing:
        columns = [*sorted(names), "version", "updated_at"]
        Subscription.objects.bulk_update(differing, columns, batch_size=BATCH)
    record_many(user=user, changes=told)
    refresh_revenue(each.client_id for each in [*new, *differing])
    return len(differing)


def refresh_revenue(clients: Iterable[int]) -> None:
    """What active subscriptions bring their clients in a month."""
    pks = sorted(set(clients))
    if not pks:
        return
    held = list(Client.objects.select_for_update().filter(pk__in=pks).order_by("pk").only("id", "mrr"))
    active = Subscription.objects.filter(client__in=pks, status=Subscription.Status.ACTIVE).order_by()
    sums = dict(active.values_list("client_id").annotate(total=Sum("monthly_amount")))
    moved = []
    for client in held:
        total = sums.get(client.pk, 0)
        if client.mrr != total:
            client.mrr = total
            moved.append(client)
    Client.objects.bulk_update(moved, ["mrr"], batch_size=BATCH)

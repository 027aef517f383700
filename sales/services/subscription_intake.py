"""Subscriptions that another system tells of, and the monthly revenue of their clients."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from digiweb.audit import Change, differences, record_many, snapshot
from digiweb.changes import derived_fields, initial_values
from sales.models import Subscription
from sales.services.subscription import AROUND, TOLD, also_of, hold_clients, refresh_revenue, settle

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
    known = list(changed)
    hold_clients(each.client_id for each in [*new, *(one for one, _values in known)])
    if connection.features.can_return_rows_from_bulk_insert:
        Subscription.objects.bulk_create(new, batch_size=BATCH)
    else:  # MySQL tells the number of one row at a time
        for each in new:
            each.save(force_insert=True)
    prefetch_related_objects(list(new), *AROUND)
    told = [
        Change("imported", each, initial_values(each, {}), data=data or {}, also=also_of(each))
        for each in new
    ]
    names, now, derived = set[str](), timezone.now(), derived_fields(Subscription)
    differing = []
    for one, given in known:
        values = settle(one, given)
        status = values.get("status", one.status)
        action = TOLD.get(status, "changed") if status != one.status else "changed"
        before = snapshot(one, values)
        for name, value in values.items():
            setattr(one, name, value)
        changes = differences(before, snapshot(one, values))
        if changes:
            one.version += 1
            one.updated_at = now
            for name in derived:
                field: Any = Subscription._meta.get_field(name)
                field.pre_save(one, False)
            names |= changes.keys()
            differing.append(one)
            told.append(Change(action, one, changes, data=data or {}, also=also_of(one)))
    if differing:
        columns = [*sorted(names), *derived, "version", "updated_at"]
        Subscription.objects.bulk_update(differing, columns, batch_size=BATCH)
    record_many(user=user, changes=told)
    refresh_revenue(each.client_id for each in [*new, *differing])
    return len(differing)

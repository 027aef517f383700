"""Subscriptions that another system tells of, and the monthly revenue of their clients."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects

from digiweb.carriers import refresh_copies
from digiweb.changes import change_each, create_many
from sales.models import Subscription
from sales.services.subscription import AROUND, action_of, also_of, hold_clients, settle, work_out_revenue


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
    prefetch_related_objects(list(new), *AROUND)
    create_many(user=user, objs=new, action="imported", data=data, also=also_of)
    found = change_each(
        user=user,
        wanted=[(one, settle(one, values)) for one, values in known],
        action=action_of,
        also=also_of,
        data=data,
    )
    differing = [one.client_id for one, _values in known if one.pk in found]
    # Clients in hand may be older than a change of their salesperson.
    refresh_copies(Subscription, [*(each.client_id for each in new), *differing])
    work_out_revenue([*(each.client_id for each in new), *differing])
    return len(found)

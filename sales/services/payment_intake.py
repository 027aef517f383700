"""Payments that another system tells of: nobody changes them here."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from digiweb.carriers import refresh_copies
from digiweb.changes import change_each, create_many
from sales.models import PaymentRecord


@transaction.atomic
def import_payments(
    *,
    user: Any,
    new: Sequence[PaymentRecord] = (),
    changed: Iterable[tuple[PaymentRecord, Mapping[str, Any]]] = (),
    data: Mapping[str, Any] | None = None,
) -> int:
    """Save new payments and set values on known ones, in a few statements; returns how many differed.

    The caller touches the clients (crm.services.client_signs).
    """
    create_many(user=user, objs=new, action="imported", data=data, also=_also)
    known = list(changed)
    found = change_each(user=user, wanted=known, also=_also, data=data)
    # Clients in hand may be older than a change of their salesperson.
    differing = [one.client_id for one, _values in known if one.pk in found]
    refresh_copies(PaymentRecord, [*(each.client_id for each in new), *differing])
    return len(found)


def _also(payment: PaymentRecord) -> tuple[Any, ...]:
    return (payment.client,)

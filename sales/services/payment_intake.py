"""Payments that another system tells of: nobody changes them here."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from digiweb.audit import Change, differences, record_many, snapshot
from digiweb.changes import derived_fields, initial_values
from sales.models import PaymentRecord

BATCH = 1000


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
    PaymentRecord.objects.bulk_create(new, batch_size=BATCH)
    if any(each.pk is None for each in new):  # MySQL tells no numbers
        pairs = PaymentRecord.objects.filter(client__in={each.client_id for each in new})
        numbers = {
            (client, text): pk for pk, client, text in pairs.values_list("pk", "client_id", "reference")
        }
        for each in new:
            each.pk = numbers[each.client_id, each.reference]
    told = [
        Change("imported", each, initial_values(each, {}), data=data or {}, also=(each.client,))
        for each in new
    ]
    names = set[str]()
    differing, now, derived = [], timezone.now(), derived_fields(PaymentRecord)
    for payment, values in changed:
        before = snapshot(payment, values)
        for name, value in values.items():
            setattr(payment, name, value)
        changes = differences(before, snapshot(payment, values))
        if changes:
            payment.version += 1
            payment.updated_at = now
            for name in derived:
                field: Any = PaymentRecord._meta.get_field(name)
                field.pre_save(payment, False)
            names |= changes.keys()
            differing.append(payment)
            told.append(Change("changed", payment, changes, data=data or {}, also=(payment.client,)))
    if differing:
        columns = [*sorted(names), *derived, "version", "updated_at"]
        PaymentRecord.objects.bulk_update(differing, columns, batch_size=BATCH)
    record_many(user=user, changes=told)
    return len(differing)

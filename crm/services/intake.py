"""What another system brings: new contacts and the clients that they are, many at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from crm.models import Client, Contact
from crm.services.tally import adjust_tally, tally_of
from digiweb.audit import Change, record_many
from digiweb.changes import BATCH, initial_values


@transaction.atomic
def import_contacts(*, user: Any, contacts: Sequence[Contact], data: Mapping[str, Any]) -> None:
    """Save new contacts without company and tags in a few statements; they have their numbers afterwards.

    `data` goes into their events ("source": whose data they are).
    """
    _insert(Contact, contacts)
    record_many(
        user=user,
        changes=[Change("imported", each, initial_values(each, {}), data=data) for each in contacts],
    )
    adjust_tally(tally_of(contacts))


@transaction.atomic
def import_clients(*, user: Any, clients: Sequence[Client], data: Mapping[str, Any]) -> None:
    """Save the new clients that new contacts are, who have the status of clients already.

    The caller touches them (crm.services.client_signs) when all that came with them is written.
    """
    _insert(Client, clients)
    record_many(
        user=user,
        changes=[
            Change(
                "imported",
                each,
                initial_values(each, {}),
                data=data,
                also=(each.contact,) if each.contact else (),
            )
            for each in clients
        ],
    )


def _insert(model: type[Any], objs: Sequence[Any]) -> None:
    if connection.features.can_return_rows_from_bulk_insert:
        model.objects.bulk_create(objs, batch_size=BATCH)
    else:  # MySQL tells the number of one row at a time
        for each in objs:
            each.save(force_insert=True)

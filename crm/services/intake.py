"""What another system brings: new contacts and the clients that they are, many at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from crm.models import Client, Contact
from crm.services.tally import adjust_tally, tally_of
from digiweb.changes import create_many


@transaction.atomic
def import_contacts(*, user: Any, contacts: Sequence[Contact], data: Mapping[str, Any]) -> None:
    """Save new contacts without company and tags in a few statements; they have their numbers afterwards.

    `data` goes into their events ("source": whose data they are).
    """
    create_many(user=user, objs=contacts, action="imported", data=data)
    adjust_tally(tally_of(contacts))


@transaction.atomic
def import_clients(*, user: Any, clients: Sequence[Client], data: Mapping[str, Any]) -> None:
    """Save the new clients that new contacts are, who have the status of clients already.

    The caller touches them (crm.services.client_signs) when all that came with them is written.
    """
    create_many(
        user=user,
        objs=clients,
        action="imported",
        data=data,
        also=lambda client: (client.contact,) if client.contact else (),
    )

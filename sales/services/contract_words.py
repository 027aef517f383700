"""The words by which contracts are found follow the name of their client."""

from collections.abc import Sequence

from django.db.models import prefetch_related_objects

from digiweb.changes import BATCH
from sales.models import Contract


def reword_contracts(clients: Sequence[int]) -> None:
    """Derive the words of these clients' contracts again; the clients are locked."""
    # Locked alone: who changes one of them meanwhile derives its words after us.
    contracts = list(Contract.objects.select_for_update().filter(client__in=clients).order_by("pk"))
    prefetch_related_objects(contracts, "client__company", "client__contact")
    for contract in contracts:
        contract.search_text = contract.derive_search_text()
    Contract.objects.bulk_update(contracts, ["search_text"], batch_size=BATCH)

"""The words of payments, derived again when a client has another name."""

from collections.abc import Sequence

from django.db.models import prefetch_related_objects

from sales.models import Payment

BATCH = 1000


def reword_payments(clients: Sequence[int]) -> None:
    """Derive the words of these clients' payments again; the clients are locked."""
    payments = list(Payment.objects.select_for_update().filter(client__in=clients).order_by("pk"))
    prefetch_related_objects(payments, "client__company", "client__contact")
    for payment in payments:
        payment.sort_name = payment.derive_sort_name()
        payment.search_text = payment.derive_search_text()
    Payment.objects.bulk_update(payments, ["sort_name", "search_text"], batch_size=BATCH)

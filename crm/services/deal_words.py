"""The words by which deals are found follow the names of their company and of their contact."""

from typing import Any

from django.db.models import prefetch_related_objects

from crm.models import Deal
from digiweb.changes import BATCH


def reword_deals(**of: Any) -> None:
    """Derive the words again: `reword_deals(company=company)` after its name changed."""
    # Locked, so that who changes one of them meanwhile derives its words after us; without the join's rows.
    deals = list(Deal.objects.select_for_update().filter(**of).order_by("pk"))
    prefetch_related_objects(deals, "company", "contact")
    for deal in deals:
        deal.search_text = deal.derive_search_text()
    Deal.objects.bulk_update(deals, ["search_text"], batch_size=BATCH)

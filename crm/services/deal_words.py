"""The words by which deals are found follow the names of their company and of their contact."""

from typing import Any

from crm.models import Deal
from digiweb.changes import BATCH


def reword_deals(**of: Any) -> None:
    """Derive the words again: `reword_deals(company=company)` after its name changed."""
    deals = list(Deal.objects.filter(**of).select_related("company", "contact"))
    for deal in deals:
        deal.search_text = deal.derive_search_text()
    Deal.objects.bulk_update(deals, ["search_text"], batch_size=BATCH)

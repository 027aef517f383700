"""The order in which rows that hang together are locked: contact, deal, activity, company.

Scores follow deals and activities, what comes next on a deal follows activities, the name of a contact is
among the words of its deals, and the numbers of a company follow its contacts. Who locks in another order
meets somebody who waits for them.
"""

from collections.abc import Iterable
from typing import Any

from crm.models import Contact, Deal


def hold(*, contacts: Iterable[int | None] = (), deals: Iterable[int | None] = ()) -> None:
    """Lock these contacts, then these deals, before what points at them is locked or written.

    A row that is written takes its parents for reading: two who then both want to write one of these would
    wait for each other for ever.
    """
    for model, given in ((Contact, contacts), (Deal, deals)):
        pks = sorted({pk for pk in given if pk})
        if pks:
            rows: Any = model.objects.select_for_update().filter(pk__in=pks).order_by("pk")
            list(rows.values_list("pk"))

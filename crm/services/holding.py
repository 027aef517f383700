"""The order in which rows that hang together are locked: contact, deal, activity, company, tallies, client.

Scores follow deals and activities, what comes next on a deal follows activities, the name of a contact is
among the words of its deals, and companies count their contacts. A client shows what happened with its
company and its person, so it comes after them (crm/services/client_signs.py); its subscriptions come after
it. Who locks in another order meets somebody who waits for them.
"""

from collections.abc import Iterable
from typing import Any

from crm.models import Company, Contact, Deal


def hold(
    *,
    contacts: Iterable[int | None] = (),
    deals: Iterable[int | None] = (),
    companies: Iterable[int | None] = (),
) -> None:
    """Lock these contacts, then deals, then companies, before what points at them is locked or written.

    A row that is written takes its parents for reading: two who then both want to write one of these would
    wait for each other for ever.
    """
    for model, given in ((Contact, contacts), (Deal, deals), (Company, companies)):
        pks = sorted({pk for pk in given if pk})
        if pks:
            rows: Any = model.objects.select_for_update().filter(pk__in=pks).order_by("pk")
            list(rows.values_list("pk"))


def hold_members(companies: Iterable[int | None]) -> None:
    """Lock the contacts and deals of these companies, then the companies: these go, or change their name."""
    pks = sorted({pk for pk in companies if pk})
    hold(
        contacts=Contact.objects.filter(company__in=pks).values_list("pk", flat=True),
        deals=Deal.objects.filter(company__in=pks).values_list("pk", flat=True),
        companies=pks,
    )

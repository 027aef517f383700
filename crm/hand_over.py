"""How records of the CRM pass to somebody else when their owner leaves (people/hand_over.py)."""

from collections.abc import Sequence
from typing import Any

from crm.services.activity import change_activities
from crm.services.client import change_clients
from crm.services.company import change_companies
from crm.services.contact import change_contacts
from crm.services.deal import change_deals


def give_contacts(user: Any, pks: Sequence[int], to: Any) -> None:
    """Contacts, with the tallies and the sight of companies that follow from their owner."""
    change_contacts(user=user, pks=pks, values={"owner": to})


def give_clients(user: Any, pks: Sequence[int], to: Any) -> None:
    """Clients."""
    change_clients(user=user, pks=pks, values={"owner": to})


def give_activities(user: Any, pks: Sequence[int], to: Any) -> None:
    """Activities that are still to be done."""
    change_activities(user=user, pks=pks, values={"owner": to})


def give_companies(user: Any, pks: Sequence[int], to: Any) -> None:
    """Companies."""
    change_companies(user=user, pks=pks, values={"owner": to})


def give_deals(user: Any, pks: Sequence[int], to: Any) -> None:
    """Deals, with the sums that go by owner."""
    change_deals(user=user, pks=pks, values={"owner": to})

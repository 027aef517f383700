"""The demo's sales: what the agency offers, and what its clients bought in a year."""

from digiweb.demo import Demo
from digiweb.demo.scale import Scale
from sales.demo.agencies import build_agencies
from sales.demo.awards import build_awards
from sales.demo.bank_accounts import build_bank_accounts
from sales.demo.closings import build_closings
from sales.demo.commissions import build_commissions
from sales.demo.contracts import build_contracts, build_subscriptions
from sales.demo.invoices import build_invoices
from sales.demo.leases import build_leases
from sales.demo.offers import build_offers
from sales.demo.payments import build_payments
from sales.demo.quotes import build_quotes
from sales.demo.received import build_received
from sales.demo.recurring import build_debits
from sales.demo.reminders import build_reminders
from sales.demo.scale import scale_sales
from sales.models import Account, BookTerms, Mention, PenaltyRate, ReminderStage

__all__ = ["build", "scale"]


def build(demo: Demo) -> None:
    """Agencies, offers, contracts of what was won, subscriptions; and their sums, by their services."""
    agencies = build_agencies(demo)
    offers = build_offers(demo)
    contracts = build_contracts(demo, offers)
    build_subscriptions(demo, offers, contracts)
    quotes = build_quotes(demo, agencies, offers, contracts)
    leases = build_leases(demo, quotes)
    build_bank_accounts(demo)
    build_payments(demo)
    build_invoices(demo, agencies, quotes, leases)
    build_debits(demo)
    # After the money that came in: what is still owed is reminded of.
    build_reminders(demo)
    build_received(demo)
    build_awards(demo)
    build_commissions(demo)
    # Last of all: nothing is dated in closed books.
    build_closings(demo, agencies)
    # What the law says came with `migrate`, of whatever day that was.
    for model in (Account, BookTerms, Mention, PenaltyRate, ReminderStage):
        model.objects.update(created_at=demo.start, updated_at=demo.start)


def scale(scale: Scale) -> None:
    """Many contracts, subscriptions, payments, quotes and invoices of the clients that are there."""
    scale_sales(scale)

"""Kinds of revenue that the tracking of sales shows month by month.

A kind is added by one line: `register_revenue(Revenue(…))`, in `show_revenue` or another app's `ready()`. It
then stands in charts, tables, comparisons and exports, for those who may view its module. `lines` reads a
roll-up, never the rows themselves; `url` leads to exactly the rows that a figure counts (SPEC N9).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from crm.models import Deal, DealMonth
from crm.models.deal_total import EVERY_SOURCE
from digiweb.periods import Period
from sales.models import Contract, ContractTotal, Invoice, MoneyTotal, Payment
from sales.selection import Selection

NOBODY = 0


class Line(NamedTuple):
    """What one person sold of one offer in one month; 0 for nobody and for no offer."""

    owner_id: int
    month: date
    offer_id: int
    number: int
    amount: Decimal


class Address(Protocol):
    """The list of the rows of a period, of one person or of one offer where given."""

    def __call__(
        self, selection: Selection, period: Period, *, owner: int | None = None, offer: int | None = None
    ) -> str: ...


@dataclass(frozen=True)
class Revenue:
    """A kind of revenue: `lines(selection, start, end)` are its sums in the months from `start` to `end`."""

    name: str
    label: Any
    module: str
    lines: Callable[[Selection, date, date], Iterable[Line]]
    url: Address
    # Whether its lines tell what was sold.
    offers: bool = False
    order: int = 100


_kinds: list[Revenue] = []


def register_revenue(series: Revenue) -> None:
    """Add a kind of revenue to the tracking of sales."""
    _kinds.append(series)


def revenue_for(user: Any) -> list[Revenue]:
    """The kinds of revenue that this person may see, in their order."""
    return sorted((one for one in _kinds if user.can(one.module, "view")), key=lambda one: one.order)


# --- Deals won


def won_lines(selection: Selection, start: date, end: date) -> Iterable[Line]:
    lines = selection.narrow(
        DealMonth.objects.filter(
            source=EVERY_SOURCE, kind=DealMonth.Kind.WON, month__gte=start, month__lte=end
        ),
        Deal.module,
    )
    for owner, month, count, amount in lines.values_list("owner_id", "month", "count", "amount"):
        if count:
            yield Line(owner, month, NOBODY, count, amount)


def won_url(
    selection: Selection, period: Period, *, owner: int | None = None, offer: int | None = None
) -> str:
    if owner == NOBODY:  # a deal always has an owner
        return ""
    person = {} if owner is None else {"owner": owner}
    return selection.rows("crm:deal_list", stage="won", **period.query("closed"), **person)


# --- Contracts signed


def signed_lines(selection: Selection, start: date, end: date) -> Iterable[Line]:
    lines = selection.narrow(ContractTotal.objects.filter(month__gte=start, month__lte=end), Contract.module)
    keys = ("owner_id", "month", "offer_id")
    rows = lines.order_by().values_list(*keys).annotate(Sum("count"), Sum("amount"))
    return [Line(*row) for row in rows if row[3]]


def signed_url(
    selection: Selection, period: Period, *, owner: int | None = None, offer: int | None = None
) -> str:
    asked: dict[str, Any] = {} if owner is None else {"owner": owner or "nobody"}
    if offer is not None:
        asked |= {"offer": offer} if offer else {"without_offer": "yes"}
    return selection.rows("sales:contract_list", **period.query("signed"), **asked)


# --- Invoiced and paid


def money_lines(kind: str, module: str) -> Callable[[Selection, date, date], Iterable[Line]]:
    """The months of one kind of `MoneyTotal`, for those whose rows of `module` one sees."""

    def lines(selection: Selection, start: date, end: date) -> Iterable[Line]:
        found = selection.narrow(
            MoneyTotal.objects.filter(kind=kind, month__gte=start, month__lte=end), module
        )
        rows = found.order_by().values_list("owner_id", "month").annotate(Sum("count"), Sum("amount"))
        return [Line(owner, month, NOBODY, count, amount) for owner, month, count, amount in rows if count]

    return lines


def invoiced_url(
    selection: Selection, period: Period, *, owner: int | None = None, offer: int | None = None
) -> str:
    if owner == NOBODY:  # an invoice of nobody is found by no filter
        return ""
    person = {} if owner is None else {"owner": owner}
    return selection.rows("sales:invoice_list", **period.query("issued"), **person)


def paid_url(
    selection: Selection, period: Period, *, owner: int | None = None, offer: int | None = None
) -> str:
    person = {} if owner is None else {"owner": owner or "nobody"}
    return selection.rows("sales:payment_list", **period.query("received"), **person)


def show_revenue() -> None:
    """What this app hands over to the tracking of sales; called by sales/apps.py."""
    register_revenue(Revenue("won", _("Deals won"), Deal.module, won_lines, won_url, order=10))
    register_revenue(
        Revenue(
            "signed", _("Contracts signed"), Contract.module, signed_lines, signed_url, offers=True, order=20
        )
    )
    for name, label, model, url, order in (
        ("invoiced", _("Invoiced"), Invoice, invoiced_url, 30),
        ("paid", _("Received"), Payment, paid_url, 40),
    ):
        lines = money_lines(name, model.module)
        register_revenue(Revenue(name, label, model.module, lines, url, order=order))

"""Contracts at a glance, by salesperson, month, offer and client; every figure opens its rows.

All but the latest contracts is read from the roll-ups (sales/services/contract_totals.py), within sight.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import Client
from digiweb.charts import Bar, bars
from digiweb.paging import Sort, fetch_in_order, keyset_page
from digiweb.periods import Period, period_named
from digiweb.querysets import people_in, reach_of
from digiweb.templatetags.digiweb import euros, number
from people.models import User
from sales.models import Contract, ContractClientTotal, Offer
from sales.models.contract import NO_DATE
from sales.services.contract_totals import NOBODY, within_sight
from sales.tables.contract import STATUS_COLOURS, amount_text

# (month, whose, number, amount)
Line = tuple[date, Any, int, Decimal]
SHOWN = 8
RECENT = 6
SIGNED_LAST = Sort("-signed", "", ("signed_key", "id"), descending=True)
SIGNED = "signed"
PERIODS = (
    ("12m", gettext_lazy("12 months")),
    ("month", gettext_lazy("This month")),
    ("quarter", gettext_lazy("This quarter")),
    ("year", gettext_lazy("This year")),
    ("last-year", gettext_lazy("Last year")),
)


def address(**query: Any) -> str:
    """The list of contracts, narrowed."""
    return f"{reverse('sales:contract_list')}?{urlencode(query)}"


def figures_of(user: Any, period_name: str, *, mine: bool = False) -> dict[str, Any]:
    """Everything that the part of the home page draws."""
    period = period_named(period_name)
    lines = within_sight(user)
    narrowed: dict[str, Any] = {}
    if mine:
        lines, narrowed = lines.filter(owner_id=user.pk), {"owner": "me"}
    signed = lines.filter(month__gte=period.start, month__lte=period.end)
    by_both = list(signed.order_by().values_list("month", "owner_id").annotate(Sum("count"), Sum("amount")))
    sellers = by_seller(by_both, period)
    total = sum((row["count"] for row in sellers), 0)
    amount = sum((row["amount"] for row in sellers), Decimal(0))
    unsigned = lines.filter(month=NO_DATE.replace(day=1)).aggregate(found=Sum("count"))["found"] or 0
    return {
        "period": period,
        "total": total,
        "amount": amount,
        "total_url": address(**narrowed, **period.query(SIGNED)),
        "unsigned": unsigned,
        "unsigned_url": address(**narrowed, unsigned="yes"),
        "sellers": sellers,
        "seller_bars": bars(
            Bar(row["label"], Decimal(row["count"]), number(row["count"]), row["url"], euros(row["amount"]))
            for row in sellers[:SHOWN]
        ),
        "months": by_month(by_both, period, narrowed),
        "offers": by_offer(signed, period, narrowed) if user.can(Offer.module, "view") else [],
        "clients": by_client(user, mine=mine),
        "recent": latest_signed(user, mine=mine),
    }


def summed(lines: Sequence[Line], place: int) -> list[tuple[Any, int, Decimal]]:
    """[(key, number, amount)] of lines, by one of their columns."""
    sums: dict[Any, list[Any]] = {}
    for line in lines:
        held = sums.setdefault(line[place], [0, Decimal(0)])
        held[0] += line[-2]
        held[1] += line[-1]
    return [(key, count, amount) for key, (count, amount) in sums.items() if count]


def by_seller(lines: Sequence[Line], period: Period) -> list[dict[str, Any]]:
    """Most contracts first, those of nobody last."""
    found = summed(lines, 1)
    people = {person.pk: str(person) for person in User.objects.filter(pk__in=[key for key, _n, _a in found])}
    rows = [
        {
            "label": people.get(key, "") if key != NOBODY else _("Nobody"),
            "count": count,
            "amount": amount,
            "url": address(owner=key if key != NOBODY else "nobody", **period.query(SIGNED)),
        }
        for key, count, amount in found
        if key == NOBODY or key in people
    ]
    nobody = str(_("Nobody"))
    return sorted(rows, key=lambda row: (row["label"] == nobody, -row["count"], -row["amount"], row["label"]))


def by_month(lines: Sequence[Line], period: Period, narrowed: dict[str, Any]) -> list[Bar]:
    """Each month of the period, empty ones too."""
    found = {month: (count, amount) for month, count, amount in summed(lines, 0)}
    return bars(
        Bar(
            date_format(month, "F Y"),
            Decimal(found.get(month, (0, 0))[0]),
            number(found.get(month, (0, 0))[0]),
            address(**narrowed, month=f"{month:%Y-%m}"),
            euros(found.get(month, (0, Decimal(0)))[1]),
            date_format(month, "M")[:4],
        )
        for month in period.months
    )


def by_offer(lines: QuerySet, period: Period, narrowed: dict[str, Any]) -> list[Bar]:
    """What was sold most first; contracts without an offer last."""
    # By month too: so the index is read as it stands.
    by_both = lines.order_by().values_list("month", "offer_id").annotate(Sum("count"), Sum("amount"))
    found = summed(list(by_both), 1)
    names = {offer.pk: offer.name for offer in Offer.objects.filter(pk__in=[key for key, _n, _a in found])}
    sold = sum((count for _key, count, _amount in found), 0)
    rows = sorted(found, key=lambda row: (row[0] == 0, -row[1], -row[2]))
    drawn = []
    for key, count, amount in rows:
        asked = {"offer": key} if key else {"without_offer": "yes"}
        share = f"{count * 100 / sold:.0f}\u00a0%"
        drawn.append(
            Bar(
                names.get(key) or _("Without an offer"),
                Decimal(count),
                number(count),
                address(**narrowed, **asked, **period.query(SIGNED)),
                f"{share} · {euros(amount)}",
            )
        )
    return bars(drawn)


def by_client(user: Any, *, mine: bool) -> list[Bar]:
    """The clients with the largest contracts in force, whenever signed; each with one salesperson."""
    lines = within_sight(user, ContractClientTotal)
    if mine:
        lines = lines.filter(owner_id=user.pk)
    found = list(
        lines.order_by("-amount", "-id").values_list("client_id", "owner_id", "count", "amount")[:SHOWN]
    )
    numbers = {row[0] for row in found}
    clients = {
        client.pk: str(client)
        for client in Client.objects.filter(pk__in=numbers).select_related("company", "contact")
    }
    in_force = [("status", str(status)) for status in Contract.IN_FORCE]
    rows = []
    for client, owner, count, amount in found:
        asked = [("client", client), ("owner", owner or "nobody"), *in_force]
        told = ngettext("%(n)s contract", "%(n)s contracts", count) % {"n": number(count)}
        url = f"{reverse('sales:contract_list')}?{urlencode(asked)}"
        rows.append(Bar(clients.get(client, ""), amount, euros(amount), url, told))
    return bars(rows)


def latest_signed(user: Any, *, mine: bool) -> Sequence[dict[str, Any]]:
    """The contracts signed last, by the index of each salesperson."""
    branches = Contract.objects.scope_branches(user)
    if mine:
        branches = [Contract.objects.visible_to(user).filter(owner=user)]
    page = keyset_page(branches, SIGNED_LAST, size=RECENT)
    around = ("client__company", "client__contact", "owner")
    rows = fetch_in_order(Contract.objects.visible_to(user).select_related(*around), page.ids)
    return [
        {
            "contract": contract,
            "colour": STATUS_COLOURS[contract.status],
            "amount": amount_text(contract.amount),
        }
        for contract in rows
        if contract.signed_on  # what is not signed comes last in this order
    ]


def may_choose_mine(user: Any) -> bool:
    """Whether one's own contracts are fewer than those one sees."""
    reach = reach_of(user, Contract.module, "view")
    return reach == "all" or (reach == "team" and len(people_in(user, reach)) > 1)


def contracts_widget(user: Any) -> dict[str, Any]:
    """Where the home page gets the figures from, once it is drawn."""
    return {
        "title": _("Contracts by salesperson"),
        "url": reverse("sales:contract_figures"),
        "create_url": reverse("sales:contract_new") if user.can(Contract.module, "create") else "",
        "list_url": reverse("sales:contract_list"),
    }

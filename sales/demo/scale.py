# ruff: noqa: SIM905 (columns read better as text)
"""Many contracts, subscriptions and payments for `seed_scale --contracts N`, tuple by tuple; quotes and
invoices for `--invoices N` are in scale_quotes.py and scale_invoices.py.

They go to the clients that are there, so that owners have of them as they have contacts: one salesperson 200,
one 100,000, and the first client a thousand. What models derive is put together here, several times faster;
tests/sales/test_scale.py compares both.
"""

import random
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from crm.models import Client
from digiweb.demo.scale import BATCH, Scale, without_words
from digiweb.fulltext import WORD, fold
from sales.demo.offers import CATALOGUE
from sales.demo.scale_documents import agencies_of, buyers_of
from sales.demo.scale_invoices import scale_invoices
from sales.demo.scale_quotes import scale_quotes
from sales.models import (
    Contract,
    ContractClientTotal,
    ContractTotal,
    Offer,
    PaymentRecord,
    Subscription,
)
from sales.models.contract import NO_DATE
from sales.services.contract_totals import NOBODY

CONTRACT = (
    "id created_at updated_at version reference description client_id owner_id offer_id supplier kind status "
    "status_text amount signed_on validated_on starts_on ends_on payment_method withdrawal_day "
    "termination_reason document_path audit_trail_path absent_since signed_key sort_name search_text"
).split()
SUBSCRIPTION = (
    "id created_at updated_at version client_id offer_id label monthly_amount status started_on ended_on "
    "owner_id"
).split()
PAYMENT = (
    "id created_at updated_at version client_id contract_id reference paid_on amount method status "
    "status_text owner_id paid_key"
).split()
MANY, LARGE = 100_000, 1_000
# Of a hundred.
CONTRACT_STATUSES = (
    ("validated", 45), ("signed", 25), ("ended", 13), ("pending", 8), ("terminated", 8), ("unknown", 1),
)  # fmt: skip
PAYMENT_STATUSES: tuple[tuple[str, int], ...] = (
    ("paid", 88), ("pending", 7), ("rejected", 3), ("refunded", 1), ("unknown", 1),
)  # fmt: skip
METHODS = (("debit", 60), ("transfer", 20), ("card", 10), ("cheque", 4), ("lease", 5), ("", 1))
SUPPLIERS = ("", "LOCAM", "Grenke", "")
KINDS = ("Location", "Vente", "Abonnement")
DESCRIPTION = "Site vitrine et référencement"


@dataclass
class Clients:
    """What sales need of the clients, in the order of their numbers."""

    pks: "array[int]"
    owners: list[int | None]
    revenues: list[Decimal]
    names: list[tuple[str, ...]]
    people: dict[str, int]

    def draw(self, number: int) -> list[int]:
        """The places of the clients of `number` rows, in the order in which these came."""
        few, many = (self.people[key] for key in ("few", "many"))
        by: dict[int, list[int]] = {0: [], few: [], many: []}
        for place, owner in enumerate(self.owners):
            if place:
                by[owner if owner in (few, many) else 0].append(place)
        large = min(LARGE, max(min(60, number), number // 100))
        drawn = [0] * large + by[few]
        drawn += _in_turn(by[many], min(MANY, number // 4))
        drawn += _in_turn(by[0], max(number - len(drawn), 0))
        del drawn[number:]
        random.Random(number).shuffle(drawn)  # noqa: S311 (repeatable)
        return drawn


def scale_sales(scale: Scale) -> None:
    """Contracts, as many payments, two fifths of subscriptions, and the sums of contracts; documents."""
    clients = _clients(scale)
    if not clients.pks:
        return
    if scale.contracts:
        _fill(scale, clients)
    if scale.invoices:
        scale_documents(scale, clients.draw(scale.invoices))


def scale_documents(scale: Scale, drawn: list[int]) -> None:
    """A quote and an invoice for each of these places of clients; what was invoiced names the quote."""
    agencies, buyers = agencies_of(), buyers_of(scale)
    scale_quotes(scale, agencies, buyers, drawn)
    scale_invoices(scale, agencies, buyers, drawn)


def _fill(scale: Scale, clients: Clients) -> None:
    number = scale.contracts
    offers = _offers()
    firsts = array("q", [0]) * len(clients.pks)
    with without_words(Subscription, Contract, PaymentRecord):
        subscriptions = max(number * 2 // 5, len(clients.pks))
        scale.write(
            Subscription, SUBSCRIPTION, _subscriptions(scale, clients, offers, subscriptions), subscriptions
        )
        scale.write(Contract, CONTRACT, _contracts(scale, clients, offers, firsts), number)
        scale.write(PaymentRecord, PAYMENT, _payments(scale, clients, firsts), number)
    _totals(scale, clients)


def _in_turn(places: list[int], number: int) -> list[int]:
    """So many of them, one after the other, over and over."""
    if not places:
        return []
    return (places * (number // len(places) + 1))[:number]


def _clients(scale: Scale) -> Clients:
    found = Clients(array("q"), [], [], [], scale.people)
    columns = ("pk", "owner_id", "mrr", "company__name", "contact__first_name", "contact__last_name")
    last = 0
    while rows := list(Client.objects.filter(pk__gt=last).order_by("pk").values_list(*columns)[:BATCH]):
        last = rows[-1][0]
        for pk, owner, mrr, firm, given, family in rows:
            found.pks.append(pk)
            found.owners.append(owner)
            found.revenues.append(mrr)
            found.names.append(tuple(WORD.findall(fold(firm or f"{given} {family}"))))
    return found


def _offers() -> list[Offer]:
    """The catalogue of the demo, where there is none yet."""
    for name, category, price, monthly, *_rest in CATALOGUE:
        if not Offer.objects.filter(name=name).exists():
            Offer(name=name, category=category, price=price, monthly_price=monthly).save()
    return list(Offer.objects.order_by("pk"))


def _next(model: Any) -> int:
    return int(model.objects.aggregate(last=Max("pk"))["last"] or 0) + 1


def _subscriptions(
    scale: Scale, clients: Clients, offers: list[Offer], number: int
) -> Iterator[tuple[Any, ...]]:
    """The first active one of a client is worth what the client brings in a month; others have ended."""
    first, today = _next(Subscription), timezone.localdate(scale.end)
    due = list(clients.revenues)
    # Whoever brings something has one, then in turn.
    paying = [place for place, revenue in enumerate(due) if revenue]
    drawn = paying + clients.draw(max(number - len(paying), 0))
    random.Random(number).shuffle(drawn)  # noqa: S311 (repeatable)
    for row, place in enumerate(drawn[:number] if len(paying) <= number else drawn):
        at = scale.moment(row, number)
        start = timezone.localdate(at)
        offer = offers[row % len(offers)]
        status, amount, end = "active", due[place], None
        due[place] = Decimal(0)
        if not amount:
            status, amount = ("ended" if row % 5 else "paused"), Decimal(20 + row % 180)
            end = min(start + timedelta(days=30 + row % 700), today) if status == "ended" else None
        at = at.replace(tzinfo=None)
        yield (
            first + row, at, at, 1, clients.pks[place], offer.pk, offer.name, amount, status, start, end,
            clients.owners[place],
        )  # fmt: skip


def _contracts(
    scale: Scale, clients: Clients, offers: list[Offer], firsts: "array[int]"
) -> Iterator[tuple[Any, ...]]:
    number, first = scale.contracts, _next(Contract)
    rng = random.Random(number)  # noqa: S311 (repeatable)
    statuses, status_weights = zip(*CONTRACT_STATUSES, strict=True)
    methods, method_weights = zip(*METHODS, strict=True)
    described = tuple(WORD.findall(fold(DESCRIPTION)))
    suppliers = [(name, tuple(WORD.findall(fold(name)))) for name in SUPPLIERS]
    drawn = clients.draw(number)
    of_status = rng.choices(statuses, weights=status_weights, k=number)
    of_method = rng.choices(methods, weights=method_weights, k=number)
    for row, (place, status, method) in enumerate(zip(drawn, of_status, of_method, strict=True)):
        moment = scale.moment(row, number)
        at, day = moment.replace(tzinfo=None), timezone.localdate(moment)
        signed = None if status == "pending" else day
        starts = signed and signed + timedelta(days=row % 20)
        ends = starts + timedelta(days=300 + row * 7 % 900) if starts and row % 2 else None
        reference = f"{row * 7919 % 10_007:05d}-{row}"
        supplier, supplier_words = suppliers[row % len(suppliers)]
        found = dict.fromkeys((*WORD.findall(reference), *clients.names[place], *supplier_words, *described))
        firsts[place] = firsts[place] or first + row
        yield (
            first + row, at, at, 1, reference, DESCRIPTION, clients.pks[place], clients.owners[place],
            offers[row * 31 % len(offers)].pk if row % 10 else None, supplier, KINDS[row % 3], status,
            "Inconnu" if status == "unknown" else "", Decimal(60_000 + row * 7919 % 1_900_000) / 100, signed,
            signed if status == "validated" else None, starts, ends, method,
            1 + row % 28 if method == "debit" else None, "Cessation" if status == "terminated" else "",
            "", "", at if row % 100 == 99 else None, signed or NO_DATE, reference, " ".join(found),
        )  # fmt: skip


def _payments(scale: Scale, clients: Clients, firsts: "array[int]") -> Iterator[tuple[Any, ...]]:
    number, first = scale.contracts, _next(PaymentRecord)
    rng = random.Random(number + 1)  # noqa: S311 (repeatable)
    statuses, status_weights = zip(*PAYMENT_STATUSES, strict=True)
    methods, method_weights = zip(*METHODS, strict=True)
    of_status = rng.choices(statuses, weights=status_weights, k=number)
    of_method = rng.choices(methods, weights=method_weights, k=number)
    for row, place in enumerate(clients.draw(number)):
        moment = scale.moment(row, number)
        at, day, status = moment.replace(tzinfo=None), timezone.localdate(moment), of_status[row]
        paid = None if status == "pending" and row % 10 == 0 else day + timedelta(days=row % 9 - 4)
        yield (
            first + row, at, at, 1, clients.pks[place], firsts[place] or None if row % 5 else None,
            f"P{first + row}", paid, Decimal(1_000 + row * 7919 % 90_000) / 100, of_method[row], status,
            "Inconnu" if status == "unknown" else "", clients.owners[place], paid or NO_DATE,
        )  # fmt: skip


def _totals(scale: Scale, clients: Clients) -> None:
    """The sums of contracts (sales/services/contract_totals.py), by the database."""
    figures = (Count("pk"), Sum("amount"))
    by = {"month": TruncMonth("signed_key")}
    found = Contract.objects.order_by().values_list("owner_id", by["month"], "offer_id", "status")
    rows = [
        (owner or NOBODY, month, offer or NOBODY, *rest)
        for owner, month, offer, *rest in found.annotate(*figures)
    ]
    names = ("owner_id", "month", "offer_id", "status", "count", "amount")
    scale.write(ContractTotal, names, rows, len(rows))
    scale.write(ContractClientTotal, ("owner_id", "client_id", "count", "amount"), _of_clients(clients))


def _of_clients(clients: Clients) -> Iterator[tuple[Any, ...]]:
    in_force = Contract.objects.filter(status__in=Contract.IN_FORCE).order_by()
    for start in range(0, len(clients.pks), BATCH):
        part = clients.pks[start : start + BATCH]
        some = in_force.filter(client_id__gte=part[0], client_id__lte=part[-1])
        for owner, client, count, amount in list(
            some.values_list("owner_id", "client_id").annotate(Count("pk"), Sum("amount"))
        ):
            yield owner or NOBODY, client, count, amount

"""Rates and rules of commissions: what a sale earns whom, and changing that."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from digiweb.changes import change_record, create_record
from people.models import Salesperson
from sales.models import CommissionRate, CommissionTerms
from sales.services.commission_sales import CENT, NOUGHT, Sale
from timeline.services.bin import move_to_bin

Basis, Part = CommissionRate.Basis, CommissionRate.Part


@dataclass(frozen=True)
class Rate:
    """So many percent of the amount before tax, or so many euros a sale."""

    basis: str
    value: Decimal

    def earns(self, base: Decimal, net: Decimal) -> Decimal:
        """Of a sale of `net` of which `base` counts, both in euros before tax; to the cent."""
        if self.basis == Basis.FIXED:
            return (self.value * base / net).quantize(CENT, ROUND_HALF_UP) if net else NOUGHT
        return (base * self.value / 100).quantize(CENT, ROUND_HALF_UP)


class Rates:
    """All rates, to be asked sale by sale."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int | None, int | None], list[CommissionRate]] = defaultdict(list)
        # The latest first.
        for row in CommissionRate.objects.order_by("-starts_on", "-pk"):
            self.rows[row.offer_id, row.person_id].append(row)
        columns = ("user_id", "commission_rate", "recurring_rate")
        self.profiles = {row[0]: row[1:] for row in Salesperson.objects.order_by().values_list(*columns)}

    def of(self, sale: Sale) -> Rate | None:
        """The most particular one that holds on the day of the sale.

        The person's on this offer, everybody's on this offer, the person's on any, the percentage of their
        profile, everybody's on any.
        """
        offers = [sale.offer] if sale.offer is not None else []
        for key in [(offer, person) for offer in offers for person in (sale.person, None)]:
            found = self._first(key, sale)
            if found is not None:
                return found
        return (
            self._first((None, sale.person), sale) or self._profile(sale) or self._first((None, None), sale)
        )

    def _first(self, key: tuple[int | None, int | None], sale: Sale) -> Rate | None:
        for row in self.rows.get(key, ()):
            if row.holds_on(sale.day) and row.part in (Part.ALL, sale.part):
                fixed_twice = row.basis == Basis.FIXED and row.part == Part.ALL and sale.is_second
                return Rate(row.basis, NOUGHT if fixed_twice else row.value)
        return None

    def _profile(self, sale: Sale) -> Rate | None:
        signature, recurring = self.profiles.get(sale.person, (None, None))
        percent = recurring if sale.part == Part.RECURRING and recurring is not None else signature
        return None if percent is None else Rate(str(Basis.PERCENT), percent)


# --- Changing them


@transaction.atomic
def create_rate(*, user: Any, rate: CommissionRate) -> CommissionRate:
    """Save a new rate; drafts of statements follow at the next recount. Raises ValidationError."""
    rate.clean()
    return create_record(user=user, obj=rate)


@transaction.atomic
def change_rate(
    *, user: Any, rate: CommissionRate, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change a rate; what is closed keeps its own. Raises StaleVersion, ValidationError."""
    changes = change_record(user=user, obj=rate, values=values, version=version)
    rate.clean()
    return changes


@transaction.atomic
def delete_rates(*, user: Any, pks: Iterable[int], batch: Any = None) -> Any:
    """Move rates to the bin as one batch; what is closed keeps what it earned."""
    rates = list(CommissionRate.objects.select_for_update().filter(pk__in=list(pks)).order_by("pk"))
    return move_to_bin(user=user, objs=rates, batch=batch)


def shown_terms() -> CommissionTerms:
    """The rules in force, as far as somebody saved them; for pages."""
    return CommissionTerms.objects.order_by("pk").first() or CommissionTerms(counts_from=usual_start())


def usual_start() -> date:
    """Unless somebody says otherwise, what is sold from the month of the first recount on counts."""
    return timezone.localdate().replace(day=1)


def hold_terms() -> CommissionTerms:
    """The locked row of rules, made where there is none: recounts and closings wait for each other here."""
    if not CommissionTerms.objects.exists():
        first = CommissionTerms(pk=1, counts_from=usual_start())
        CommissionTerms.objects.bulk_create([first], ignore_conflicts=True)
    return CommissionTerms.objects.select_for_update().order_by("pk")[0]


@transaction.atomic
def change_commission_terms(
    *, user: Any, values: Mapping[str, Any], version: int | None = None
) -> CommissionTerms:
    """Change the rules; what is closed stays as it is. Raises StaleVersion."""
    terms = hold_terms()
    change_record(user=user, obj=terms, values=values, version=version)
    return terms

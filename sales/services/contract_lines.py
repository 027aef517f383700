"""What the lines of a contract come to: by period, before tax, VAT by rate. Always `Decimal`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from digiweb.templatetags.digiweb import money
from sales.models import Contract, ContractLine

CENT = Decimal("0.01")
# A contract without an end is counted for a year, as its renewal is.
MONTHS = 12


@dataclass(frozen=True)
class Totals:
    """The sums of some lines over `months` months."""

    once: Decimal = Decimal(0)
    month: Decimal = Decimal(0)
    year: Decimal = Decimal(0)
    months: int = MONTHS
    # Before tax, VAT as (rate, base, VAT) with the lowest rate first, and with tax.
    net: Decimal = Decimal(0)
    vat: tuple[tuple[Decimal, Decimal, Decimal], ...] = ()
    gross: Decimal = Decimal(0)
    amounts: tuple[Decimal, ...] = field(default=(), repr=False)


def months_between(start: date | None, end: date | None) -> int:
    """Whole months that a contract lasts, one at least; a year where its end is not known."""
    if start is None or end is None or end < start:
        return MONTHS
    # The last day counts: from 1 January to 31 December are twelve months, and so they are to 1 January.
    whole = (end.year - start.year) * 12 + end.month - start.month
    return max(whole + (end.day > start.day), 1)


def line_amount(line: Mapping[str, Any]) -> Decimal:
    """A line before tax, to the cent."""
    return (Decimal(line["quantity"]) * Decimal(line["unit_amount"])).quantize(CENT, ROUND_HALF_UP)


def totals_of(
    lines: Iterable[Mapping[str, Any]], *, starts_on: date | None = None, ends_on: date | None = None
) -> Totals:
    """The sums of lines given as {quantity, unit_amount, vat_rate, period}.

    What is due by the month or by the year counts for as long as the contract lasts; VAT is rounded once
    for each rate.
    """
    months = months_between(starts_on, ends_on)
    times = {
        ContractLine.Period.ONCE: Decimal(1),
        ContractLine.Period.MONTH: Decimal(months),
        ContractLine.Period.YEAR: Decimal(months) / 12,
    }
    periods: dict[str, Decimal] = dict.fromkeys(ContractLine.Period.values, Decimal(0))
    bases: dict[Decimal, Decimal] = {}
    amounts = []
    for line in lines:
        amount = line_amount(line)
        amounts.append(amount)
        period = line.get("period") or ContractLine.Period.ONCE
        periods[period] += amount
        whole = (amount * times[ContractLine.Period(period)]).quantize(CENT, ROUND_HALF_UP)
        rate = Decimal(line["vat_rate"]).quantize(CENT)
        bases[rate] = bases.get(rate, Decimal(0)) + whole
    vat = tuple(
        (rate, base, (base * rate / 100).quantize(CENT, ROUND_HALF_UP))
        for rate, base in sorted(bases.items())
    )
    net = sum(bases.values(), Decimal(0))
    return Totals(
        once=periods[ContractLine.Period.ONCE],
        month=periods[ContractLine.Period.MONTH],
        year=periods[ContractLine.Period.YEAR],
        months=months,
        net=net,
        vat=vat,
        gross=net + sum((tax for _rate, _base, tax in vat), Decimal(0)),
        amounts=tuple(amounts),
    )


def as_values(lines: Iterable[ContractLine]) -> list[dict[str, Any]]:
    """Saved lines as forms, the API and `totals_of` speak of them."""
    return [
        {
            "label": line.label,
            "quantity": line.quantity,
            "unit_amount": line.unit_amount,
            "vat_rate": line.vat_rate,
            "period": str(line.period),
        }
        for line in lines
    ]


def lines_text(lines: Sequence[Mapping[str, Any]]) -> str:
    """Lines as the log tells them: « Site vitrine: 4 800,00 € »."""
    return " · ".join(f"{line['label']} {money(line_amount(line))}" for line in lines)


def write_lines(contract: Contract, lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Make `lines` the contract's, in their order; returns [before, after] as texts, alike when equal."""
    before = as_values(contract.lines.order_by("position", "id"))
    after = [{**line, "period": str(line.get("period") or ContractLine.Period.ONCE)} for line in lines]
    if before == after:
        return ["", ""]
    contract.lines.all().delete()
    ContractLine.objects.bulk_create(
        ContractLine(contract=contract, position=place, **line) for place, line in enumerate(after)
    )
    return [lines_text(before), lines_text(after)]

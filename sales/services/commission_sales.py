"""What was sold, as commissions see it: contracts in their parts, won deals without one, what was credited.

Nothing is written here; docs/commissions.md says the rules.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crm.models import Deal
from sales.models import (
    CommissionLine,
    CommissionRate,
    CommissionTerms,
    Contract,
    ContractLine,
    Invoice,
    Quote,
)
from sales.services.contract_lines import totals_of

CENT = Decimal("0.01")
NOUGHT = Decimal("0.00")
Cause = CommissionLine.Cause
Part = CommissionRate.Part
# A contract that was signed once, whatever became of it.
SIGNED = (*Contract.IN_FORCE, Contract.Status.TERMINATED, Contract.Status.ENDED)


@dataclass
class Sale:
    """A contract, a part of one, or a won deal: whose, of which day, worth what."""

    key: str
    person: int
    day: date
    net: Decimal
    # Of the whole contract, of which `net` may be a part: what invoices are held against.
    whole: Decimal
    label: str
    offer: int | None = None
    contract: int | None = None
    deal: int | None = None
    part: str = Part.ONCE
    # A fixed amount is earned once a contract: not by its second part.
    is_second: bool = False
    # From when it earns nothing, and why.
    over_on: date | None = None
    over_why: str = ""
    # (day, invoiced, credited) before tax; only where something was credited.
    billed: list[tuple[date, Decimal, Decimal]] = field(default_factory=list)

    def base(self, until: date) -> tuple[Decimal, str]:
        """What of it counts at the end of the day `until` (€ before tax), and why that is less than all."""
        if self.day > until:
            return NOUGHT, ""
        if self.over_on is not None and self.over_on <= until:
            return NOUGHT, self.over_why
        invoiced = sum((plus for day, plus, _minus in self.billed if day <= until), NOUGHT)
        credited = sum((minus for day, _plus, minus in self.billed if day <= until), NOUGHT)
        # What was credited and not invoiced again.
        lost = min(credited, max(self.whole - (invoiced - credited), NOUGHT))
        if lost <= 0 or not self.whole:
            return self.net, ""
        left = max(self.whole - lost, NOUGHT)
        return (self.net * left / self.whole).quantize(CENT, ROUND_HALF_UP), str(Cause.CREDITED)


def sales_of(terms: CommissionTerms) -> dict[str, Sale]:
    """{key: sale} of all that counts by these terms, whoever sold it."""
    contracts = _contracts(terms)
    pairs = _pairs(terms)
    found: dict[str, Sale] = {}
    for contract in contracts:
        for sale in _parts(contract, terms):
            found[sale.key] = sale
    _split(found)
    for sale in _deals(terms, pairs):
        found[sale.key] = sale
    _bill(found)
    return found


def _contracts(terms: CommissionTerms) -> list[Contract]:
    signed = Contract.objects.filter(
        status__in=SIGNED, signed_on__gte=terms.counts_from, owner__isnull=False, amount__gt=0
    )
    names = ("reference", "owner", "offer", "status", "amount", "signed_on", "starts_on", "ends_on")
    around = ("client__company__name", "client__contact__first_name", "client__contact__last_name")
    joined = ("client__company", "client__contact")
    return list(signed.select_related(*joined).only(*names, *around, "client__id").order_by("pk"))


def _parts(contract: Contract, terms: CommissionTerms) -> Iterable[Sale]:
    """One sale a contract; `_split` parts it where some of it is paid by month or year."""
    day: Any = contract.signed_on
    sale = Sale(
        key=f"contract-{contract.pk}",
        person=contract.owner_id or 0,
        day=day,
        net=contract.amount,
        whole=contract.amount,
        label=f"{contract.reference} · {contract.client}"[:300],
        offer=contract.offer_id,
        contract=contract.pk,
    )
    if contract.status == Contract.Status.TERMINATED:
        ended = max(contract.ends_on or day, day)
        if ended - day <= timedelta(days=terms.takeback_days):
            sale.over_on, sale.over_why = ended, str(Cause.TERMINATED)
    yield sale


def _split(found: dict[str, Sale]) -> None:
    """Contracts with lines by the month or the year become two sales, with the amount shared to the cent."""
    wanted = [sale.contract for sale in found.values()]
    recurring = ContractLine.objects.filter(contract__in=wanted).exclude(period=ContractLine.Period.ONCE)
    lines: dict[int, list[dict[str, Any]]] = defaultdict(list)
    columns = ("contract_id", "quantity", "unit_amount", "vat_rate", "period")
    several = ContractLine.objects.filter(contract__in=recurring.order_by().values("contract"))
    for line in several.order_by("contract_id", "position").values(*columns):
        lines[line["contract_id"]].append(line)
    for pk, rows in lines.items():
        whole = found[f"contract-{pk}"]
        once = min(totals_of([row for row in rows if row["period"] == "once"]).net, whole.net)
        key = f"{whole.key}-recurring"
        found[key] = Sale(**{**whole.__dict__, "key": key, "net": whole.net - once, "billed": []})
        found[key].part, found[key].is_second = str(Part.RECURRING), bool(once)
        whole.net = once


# --- Deals, and which contract is the same sale


def _pairs(terms: CommissionTerms) -> dict[int, date]:
    """{won deal: the day its contract was signed}: the contract counts, the deal does not.

    A quote says which belong together. Else each contract stands for at most one deal of its client, the
    nearest in time within `pairing_days`.
    """
    since = terms.counts_from - timedelta(days=terms.pairing_days)
    signed = Contract.objects.filter(status__in=SIGNED, signed_on__gte=since, owner__isnull=False)
    rows = list(
        signed.order_by("pk").values_list("pk", "signed_on", "client__company_id", "client__contact_id")
    )
    days: dict[int, Any] = {pk: day for pk, day, _company, _contact in rows}
    pairs: dict[int, date] = {}
    quoted = Quote.objects.filter(contract__isnull=False, deal__isnull=False)
    taken = set()
    for deal, contract in quoted.order_by("pk").values_list("deal_id", "contract_id"):
        if contract in days:
            pairs[deal] = days[contract]
            taken.add(contract)
    by_client: dict[tuple[str, int], list[int]] = defaultdict(list)
    for pk, _day, company, contact in rows:
        if pk not in taken:
            for name, number in (("company", company), ("contact", contact)):
                if number:
                    by_client[name, number].append(pk)
    near: set[tuple[int, int, int]] = set()
    for pk, day, company, contact in _won(terms).values_list("pk", "closed_on", "company_id", "contact_id"):
        if pk in pairs:
            continue
        for name, number in (("company", company), ("contact", contact)):
            for contract in by_client.get((name, number or 0), ()):
                apart = abs((days[contract] - day).days)
                if apart <= terms.pairing_days:
                    near.add((apart, pk, contract))
    for _apart, deal, contract in sorted(near):
        if deal not in pairs and contract not in taken:
            pairs[deal] = days[contract]
            taken.add(contract)
    return pairs


def _won(terms: CommissionTerms) -> Any:
    return Deal.objects.filter(stage=Deal.Stage.WON, closed_on__gte=terms.counts_from, amount__gt=0).order_by(
        "pk"
    )


def _deals(terms: CommissionTerms, pairs: dict[int, date]) -> Iterable[Sale]:
    names = ("pk", "title", "owner_id", "amount", "closed_on", "company__name")
    for pk, title, owner, amount, day, company in _won(terms).values_list(*names):
        sale = Sale(
            key=f"deal-{pk}",
            person=owner,
            day=day,
            net=amount,
            whole=amount,
            label=" · ".join(part for part in (title, company) if part)[:300],
            deal=pk,
        )
        if pk in pairs:
            sale.over_on, sale.over_why = max(pairs[pk], day), str(Cause.REPLACED)
        yield sale


# --- Credit notes


def _bill(found: dict[str, Sale]) -> None:
    """What was invoiced and credited of the sales of which something was credited."""
    names = ("contract_id", "quote__contract_id", "deal_id")
    notes = Invoice.objects.filter(status=Invoice.Status.ISSUED, corrects__isnull=False)
    credited = [
        (_key_of(row[:3]), row[3], row[4])
        for row in notes.order_by("pk").values_list(
            *(f"corrects__{name}" for name in names), "issued_on", "net"
        )
    ]
    keys = {key for key, _day, _net in credited if key in found}
    if not keys:
        return
    invoices = Invoice.objects.filter(status=Invoice.Status.ISSUED, corrects=None)
    wanted = {
        name: [number for kind, number in (key.split("-") for key in keys) if kind == what]
        for name, what in (
            ("contract__in", "contract"),
            ("quote__contract__in", "contract"),
            ("deal__in", "deal"),
        )
    }
    rows: set[Any] = set()
    for name, numbers in wanted.items():
        if numbers:
            mine = invoices.filter(**{name: numbers}).order_by()
            rows.update(mine.values_list("pk", *names, "issued_on", "net"))
    billed: dict[str, list[tuple[date, Decimal, Decimal]]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row[0]):
        billed[_key_of(row[1:4])].append((row[4], row[5], NOUGHT))
    for key, day, net in credited:
        billed[key].append((day, NOUGHT, net))
    for key in keys:
        for name in (key, f"{key}-recurring"):
            if name in found:
                found[name].billed = billed[key]


def _key_of(numbers: Any) -> str:
    """Of which sale an invoice is: of its contract, its quote's, or its deal."""
    contract, of_quote, deal = numbers
    if contract or of_quote:
        return f"contract-{contract or of_quote}"
    return f"deal-{deal}" if deal else ""

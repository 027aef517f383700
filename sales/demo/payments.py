"""Payments of the demo: what contracts come to, month by month, and a few that the bank sent back."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from digiweb.demo import DAYS, Demo
from digiweb.demo.draw import Draw
from sales.models import Contract, ContractLine, PaymentRecord

SEED = 20261123
VAT = Decimal("1.20")
CENT = Decimal("0.01")
# What is paid when the contract is signed, and how many days later the rest.
DEPOSIT, REST_AFTER = Decimal("0.3"), 45
REJECTED, LATE = 0.025, 0.01
# The next month's withdrawals are announced, no more.
AHEAD = 20
Status = PaymentRecord.Status


def build_payments(demo: Demo) -> list[PaymentRecord]:
    """By a draw of its own: what is told here changes nothing in the rest of the story."""
    draw = Draw(SEED)
    signed = Contract.objects.exclude(status=Contract.Status.PENDING).exclude(signed_on=None)
    rows = signed.select_related("client", "subscription").prefetch_related("lines").order_by("pk")
    payments = [payment for contract in rows for payment in _payments(demo, draw, contract)]
    demo.insert(payments)
    return payments


def _payments(demo: Demo, draw: Draw, contract: Contract) -> Iterator[PaymentRecord]:
    lines = list(contract.lines.all())
    month = sum((line.amount for line in lines if line.period == ContractLine.Period.MONTH), Decimal(0))
    once = sum((line.amount for line in lines if line.period == ContractLine.Period.ONCE), Decimal(0))
    if not month and contract.subscription is not None:
        month = contract.subscription.monthly_amount
    if not lines and not month:
        once = contract.amount
    first = demo.today - timedelta(days=DAYS)
    dues = [*_once(contract, once), *(_monthly(demo, contract, month) if month else ())]
    for number, (day, amount) in enumerate(sorted(dues), start=1):
        if day < first or day > demo.today + timedelta(days=AHEAD) or not amount:
            continue
        yield from _payment(demo, draw, contract, number, day, (amount * VAT).quantize(CENT))


def _once(contract: Contract, amount: Decimal) -> list[tuple[date, Decimal]]:
    """A deposit, then the rest."""
    day = contract.signed_on
    if not amount or day is None:
        return []
    deposit = (amount * DEPOSIT).quantize(CENT)
    return [(day + timedelta(days=5), deposit), (day + timedelta(days=REST_AFTER), amount - deposit)]


def _monthly(demo: Demo, contract: Contract, amount: Decimal) -> Iterator[tuple[date, Decimal]]:
    """On the day of the withdrawal, from the first month to the last."""
    start = contract.starts_on or contract.signed_on
    if start is None:
        return
    last = min(contract.ends_on or date.max, demo.today + timedelta(days=AHEAD))
    day = start.replace(day=min(contract.withdrawal_day or 5, 28))
    while day <= last:
        if day >= start:
            yield day, amount
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=day.day)


def _payment(
    demo: Demo, draw: Draw, contract: Contract, number: int, day: date, amount: Decimal
) -> Iterator[PaymentRecord]:
    """A payment; one that is sent back is asked for once more ten days later."""
    if day >= demo.today:
        status = Status.PENDING
    elif contract.payment_method == Contract.PaymentMethod.DEBIT and draw.chance(REJECTED):
        status = Status.REJECTED
    else:
        recent = (demo.today - day).days < 60
        status = Status.PENDING if recent and draw.chance(LATE * 6) else Status.PAID
    yield _row(demo, contract, f"{contract.reference}-{number:02d}", day, amount, status)
    again = day + timedelta(days=10)
    if status == Status.REJECTED and again < demo.today:
        yield _row(demo, contract, f"{contract.reference}-{number:02d}-R", again, amount, Status.PAID)


def _row(
    demo: Demo, contract: Contract, reference: str, day: date, amount: Decimal, status: str
) -> PaymentRecord:
    heard: datetime = min(demo.at(day, time(6, 0)), demo.end)
    return PaymentRecord(
        pk=demo.number(PaymentRecord),
        client=contract.client,
        contract=contract,
        reference=reference[-120:],
        paid_on=day,
        amount=amount,
        method=contract.payment_method,
        status=status,
        created_at=heard,
        updated_at=heard,
    )

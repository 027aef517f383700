"""Payments of the demo: what contracts come to, month by month, and a few that the bank sent back."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from digiweb.demo import DAYS, Demo
from digiweb.demo.draw import Draw
from sales.models import Contract, ContractLine, Lease, PaymentRecord, Subscription

SEED = 20261123
VAT = Decimal("1.20")
CENT = Decimal("0.01")
# What is paid when the contract is signed, and how many days later the rest.
DEPOSIT, REST_AFTER = Decimal("0.3"), 45
REJECTED, LATE = 0.025, 0.03
# The next month's withdrawals are announced, no more.
AHEAD = 20
Status = PaymentRecord.Status


def build_payments(demo: Demo) -> list[PaymentRecord]:
    """By a draw of its own: what is told here changes nothing in the rest of the story."""
    draw = Draw(SEED)
    signed = Contract.objects.exclude(status=Contract.Status.PENDING).exclude(signed_on=None)
    rows = signed.select_related("client").prefetch_related("lines", "quotes__lease").order_by("pk")
    payments = [payment for contract in rows for payment in _of_contract(demo, draw, contract)]
    taken = Subscription.objects.exclude(started_on=None).select_related("client").order_by("pk")
    for subscription in taken.prefetch_related("contracts"):
        payments += _of_subscription(demo, draw, subscription)
    demo.insert(payments)
    return payments


def _of_contract(demo: Demo, draw: Draw, contract: Contract) -> Iterator[PaymentRecord]:
    """What is due once, in two parts, and what its lines say of each month."""
    lines = list(contract.lines.all())
    month = sum((line.amount for line in lines if line.period == ContractLine.Period.MONTH), Decimal(0))
    once = sum((line.amount for line in lines if line.period == ContractLine.Period.ONCE), Decimal(0))
    start = contract.starts_on or contract.signed_on
    dues = _once(contract, once if lines else contract.amount)
    if month and start:
        dues += _monthly(demo, start, contract.ends_on, contract.withdrawal_day, month)
    for number, (day, amount) in enumerate(sorted(dues), start=1):
        first = PaymentRecord(
            client=contract.client,
            contract=contract,
            reference=f"{contract.reference}-{number:02d}",
            method=contract.payment_method,
        )
        yield from _payment(demo, draw, first, day, amount)


def _of_subscription(demo: Demo, draw: Draw, subscription: Subscription) -> Iterator[PaymentRecord]:
    """Withdrawn every month for as long as it lasts."""
    contract = next(iter(subscription.contracts.all()), None)
    day_of_month = (contract.withdrawal_day if contract else None) or draw.pick((5, 10, 15, 25))
    start = subscription.started_on
    if start is None or not subscription.monthly_amount:
        return
    dues = _monthly(demo, start, subscription.ended_on, day_of_month, subscription.monthly_amount)
    for day, amount in dues:
        first = PaymentRecord(
            client=subscription.client,
            contract=contract,
            reference=f"ABO-{subscription.pk:04d}-{day:%Y-%m}",
            method=Contract.PaymentMethod.DEBIT,
        )
        yield from _payment(demo, draw, first, day, amount)


def _once(contract: Contract, amount: Decimal) -> list[tuple[date, Decimal]]:
    """A deposit, then the rest; all of it by the lessor at the end of a lease."""
    day = contract.signed_on
    if not amount or day is None:
        return []
    if contract.payment_method == Contract.PaymentMethod.LEASE:
        leases = [quote.lease for quote in contract.quotes.all()]
        return [(lease.status_on, amount) for lease in leases if lease.status == Lease.Status.FINANCED]
    deposit = (amount * DEPOSIT).quantize(CENT)
    return [(day + timedelta(days=5), deposit), (day + timedelta(days=REST_AFTER), amount - deposit)]


def _monthly(
    demo: Demo, start: date, end: date | None, day_of_month: int | None, amount: Decimal
) -> list[tuple[date, Decimal]]:
    """On the day of the withdrawal, from the first month to the last."""
    last = min(end or date.max, demo.today + timedelta(days=AHEAD))
    day, found = start.replace(day=min(day_of_month or 5, 28)), []
    while day <= last:
        if day >= start:
            found.append((day, amount))
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=day.day)
    return found


def _payment(
    demo: Demo, draw: Draw, first: PaymentRecord, day: date, amount: Decimal
) -> Iterator[PaymentRecord]:
    """A payment of this year; one that is sent back is asked for once more ten days later."""
    in_story = demo.today - timedelta(days=DAYS) <= day <= demo.today + timedelta(days=AHEAD)
    if not in_story or not amount:
        return
    if day >= demo.today:
        status = Status.PENDING
    elif first.method == Contract.PaymentMethod.DEBIT and draw.chance(REJECTED):
        status = Status.REJECTED
    else:
        late = (demo.today - day).days < 60 and draw.chance(LATE)
        status = Status.PENDING if late else Status.PAID
    amount = (amount * VAT).quantize(CENT)
    yield _row(demo, first, first.reference, day, amount, status)
    again = day + timedelta(days=10)
    if status == Status.REJECTED and again < demo.today:
        yield _row(demo, first, f"{first.reference}-R", again, amount, Status.PAID)


def _row(
    demo: Demo, like: PaymentRecord, reference: str, day: date, amount: Decimal, status: str
) -> PaymentRecord:
    heard: datetime = min(demo.at(day, time(6, 0)), demo.end)
    return PaymentRecord(
        pk=demo.number(PaymentRecord),
        client=like.client,
        contract=like.contract,
        reference=reference[:120],
        paid_on=day,
        amount=amount,
        method=like.method,
        status=status,
        created_at=heard,
        updated_at=heard,
    )

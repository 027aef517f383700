"""What a subscription or a contract asks again and again: prices with their days, pauses, the last day."""

from datetime import date
from decimal import Decimal

from sales.models import BillingPlan, Contract, ContractLine, Subscription
from sales.services.billing_periods import DAY, Charge

USUAL_RATE = Decimal(20)
MONTHS = {ContractLine.Period.MONTH: 1, ContractLine.Period.YEAR: 12}


def charges_of(plan: BillingPlan) -> list[Charge]:
    """All prices of a plan, each with its days."""
    if plan.subscription is not None:
        return _of_subscription(plan, plan.subscription)
    return [] if plan.contract is None else _of_contract(plan.contract)


def _of_subscription(plan: BillingPlan, subscription: Subscription) -> list[Charge]:
    offer = subscription.offer
    rate = plan.vat_rate
    if rate is None:
        rate = USUAL_RATE if offer is None else offer.vat_rate
    found = []
    for start, end, amount in price_steps(subscription):
        span = _within(start, end, subscription.started_on, subscription.ended_on)
        if span is not None:
            found.append(Charge(subscription.label, 1, amount, rate, *span, offer=subscription.offer_id))
    return found


def price_steps(subscription: Subscription) -> list[tuple[date | None, date | None, Decimal]]:
    """(first day, last day, amount a month), one after the other.

    A price whose day has come has been written into the subscription, which remembers what was `before`; so
    what somebody corrects there by hand is what counts since the last of them.
    """
    prices = sorted(subscription.prices.all(), key=lambda price: price.starts_on)
    steps: list[tuple[date | None, date | None, Decimal]] = []
    start: date | None = None
    amount = subscription.monthly_amount
    for place, price in enumerate(prices):
        if price.before is not None:
            amount = price.before
        elif place and prices[place - 1].before is not None:
            amount = subscription.monthly_amount
        steps.append((start, price.starts_on - DAY, amount))
        start = price.starts_on
        amount = price.monthly_amount if price.before is None else subscription.monthly_amount
    return [*steps, (start, None, amount)]


def _of_contract(contract: Contract) -> list[Charge]:
    return [
        Charge(
            line.label,
            MONTHS[ContractLine.Period(line.period)],
            line.amount,
            line.vat_rate,
            contract.starts_on,
            contract.ends_on,
            quantity=line.quantity or Decimal(1),
        )
        for line in sorted(contract.lines.all(), key=lambda line: (line.position, line.pk))
        if line.period in MONTHS
    ]


def gaps_of(plan: BillingPlan) -> list[tuple[date, date | None]]:
    """Days on which nothing is due."""
    if plan.subscription is None:
        return []
    return [(pause.starts_on, pause.ends_on) for pause in plan.subscription.pauses.all()]


def last_day(plan: BillingPlan) -> date | None:
    """The last day that is invoiced; None while no end is known."""
    if plan.subscription is not None:
        return plan.subscription.ended_on
    return None if plan.contract is None else plan.contract.ends_on


def is_waiting(plan: BillingPlan) -> bool:
    """Nothing is made for now: a subscription that is paused, a contract that nobody signed."""
    if plan.subscription is not None:
        ended = plan.subscription.status == Subscription.Status.ENDED and plan.subscription.ended_on is None
        return ended or plan.subscription.status == Subscription.Status.PAUSED
    contract = plan.contract
    if contract is None or contract.is_in_force:
        return contract is None
    over = (Contract.Status.TERMINATED, Contract.Status.ENDED)
    return contract.status not in over or contract.ends_on is None


def _within(
    start: date | None, end: date | None, first: date | None, last: date | None
) -> tuple[date | None, date | None] | None:
    """Two spans' common days; None where there are none."""
    begin = max((day for day in (start, first) if day is not None), default=None)
    until = min((day for day in (end, last) if day is not None), default=None)
    return None if begin and until and begin > until else (begin, until)

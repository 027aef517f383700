"""What a firm owes besides an invoice that it pays late: our tables → sales/penalties.py."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sales.models import Agency, Invoice, PaymentMatch, PenaltyRate
from sales.penalties import INDEMNITY, NOUGHT, POINTS, TIMES, Span, half_year, spans, total


@dataclass(frozen=True)
class Charges:
    """Penalties and indemnity of one invoice as of a day (€); nought for a consumer, or before the day."""

    on: date
    days: int
    spans: tuple[Span, ...] = ()
    indemnity: Decimal = NOUGHT

    @property
    def penalties(self) -> Decimal:
        return total(self.spans)

    @property
    def all(self) -> Decimal:
        return self.penalties + self.indemnity

    @property
    def percent(self) -> Decimal | None:
        """The rate in force."""
        return self.spans[-1].percent if self.spans else None


def is_firm(invoice: Invoice) -> bool:
    """Whether it was made out to a firm: penalties and the 40 € are between firms only (L. 441-10, II)."""
    return bool((invoice.facts or {}).get("buyer", {}).get("is_firm"))


def charges_of(invoice: Invoice, on: date) -> Charges:
    """Penalties from the day after the due date to `on`, included, and the 40 € (L. 441-10, II; D. 441-5).

    What was received counts from its day; what was credited or given up counts from the start.
    """
    if invoice.due_on is None or on <= invoice.due_on:
        return Charges(on, 0)
    days = (on - invoice.due_on).days
    if not is_firm(invoice):
        return Charges(on, days)
    received = received_of(invoice)
    # What was paid that no match tells of was paid in time.
    known = sum((amount for _day, amount in received), NOUGHT)
    owed = invoice.gross - invoice.credited - invoice.written_off - (invoice.paid - known)
    found = spans(owed, received, due=invoice.due_on, until=on, rate=rates_of(invoice.agency))
    return Charges(on, days, tuple(found), INDEMNITY if found else NOUGHT)


def received_of(invoice: Invoice) -> list[tuple[date, Decimal]]:
    """(day, amount) of what came in for an invoice, below nought what the bank took back."""
    matches = PaymentMatch.objects.filter(invoice=invoice).select_related("payment").order_by("pk")
    return [(match.payment.received_on, match.amount * match.payment.sign) for match in matches]


def rates_of(agency: Agency) -> Callable[[date], Decimal]:
    """The percent a year that an agency asks for on a day, by its rule; nought where no rate is known."""
    known: dict[date, Decimal] = {}

    def rate(day: date) -> Decimal:
        if day not in known:
            found = PenaltyRate.objects.at(agency.penalty_rule, day)
            if found is None:
                known[day] = NOUGHT
            elif agency.penalty_rule == Agency.PenaltyRule.ECB:
                known[day] = found.percent + POINTS
            else:
                known[day] = found.percent * TIMES
        return known[day]

    return rate


def is_rate_missing(today: date) -> bool:
    """Whether nobody entered the legal interest of this half-year yet."""
    found = PenaltyRate.objects.at(PenaltyRate.Kind.LEGAL, today)
    return found is None or found.valid_from < half_year(today)


def in_force(agency: Agency, day: date) -> Decimal:
    """The percent a year that penalties of an agency run at on `day`."""
    return rates_of(agency)(half_year(day))

"""What the lines of a quote or an invoice come to. Pure, always `Decimal`; nothing here reads a table.

VAT is worked out and rounded once for each rate, on what that rate's lines come to after discounts
(EN 16931, BR-CO-17; half a cent away from nought). So the document's VAT is not the sum of its lines' VAT.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
NOUGHT = Decimal("0.00")
HUNDRED = Decimal(100)


def to_cent(amount: Decimal) -> Decimal:
    """Rounded to the cent, half a cent away from nought."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Line:
    """What of a line counts: a price before tax of one unit, and a discount in percent of the line."""

    quantity: Decimal
    unit_price: Decimal
    vat_rate: Decimal
    discount_percent: Decimal = Decimal(0)

    @property
    def before_discount(self) -> Decimal:
        return to_cent(self.quantity * self.unit_price)

    @property
    def discount(self) -> Decimal:
        return to_cent(self.before_discount * self.discount_percent / HUNDRED)

    @property
    def net(self) -> Decimal:
        """Before tax, after its own discount (BT-131)."""
        return self.before_discount - self.discount


@dataclass(frozen=True)
class Discount:
    """The discount on a whole document: in percent of its lines, or an amount before tax."""

    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)

    def of(self, subtotal: Decimal) -> Decimal:
        return to_cent(subtotal * self.percent / HUNDRED) + to_cent(self.amount)


@dataclass(frozen=True)
class RateSums:
    """The lines of one VAT rate: what they come to, their share of the discount, the base and its VAT."""

    rate: Decimal
    lines: Decimal
    discount: Decimal
    base: Decimal
    vat: Decimal


@dataclass(frozen=True)
class Sums:
    """What a document comes to; `nets` are its lines before tax, in their order."""

    nets: tuple[Decimal, ...] = ()
    subtotal: Decimal = NOUGHT
    discount: Decimal = NOUGHT
    net: Decimal = NOUGHT
    vat: Decimal = NOUGHT
    gross: Decimal = NOUGHT
    # The lowest rate first.
    rates: tuple[RateSums, ...] = ()


def sums_of(lines: Iterable[Line], discount: Discount | None = None) -> Sums:
    """What `lines` come to, less `discount`, which is spread over the rates as their lines weigh.

    Raises ValueError for a discount that is more than the lines come to, or on lines that come to nothing.
    """
    lines = list(lines)
    weights: dict[Decimal, Decimal] = {}
    for line in lines:
        rate = line.vat_rate.quantize(CENT)
        weights[rate] = weights.get(rate, NOUGHT) + line.net
    subtotal = sum(weights.values(), NOUGHT)
    off = discount.of(subtotal) if discount else NOUGHT
    if off and not NOUGHT <= off <= subtotal:
        raise ValueError(f"a discount of {off} on lines of {subtotal}")
    rates = sorted(weights)
    shares = spread(off, [weights[rate] for rate in rates]) if off else [NOUGHT] * len(rates)
    found = []
    for rate, share in zip(rates, shares, strict=True):
        base = weights[rate] - share
        found.append(RateSums(rate, weights[rate], share, base, to_cent(base * rate / HUNDRED)))
    net = subtotal - off
    vat = sum((each.vat for each in found), NOUGHT)
    nets = tuple(line.net for line in lines)
    return Sums(nets, subtotal, off, net, vat, net + vat, tuple(found))


def spread(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`amount` in shares to the cent, as `weights` weigh; together they are `amount` to the cent.

    What rounding leaves goes to the shares that lost most by it, the first of them where they lost the same.
    Raises ValueError when the weights come to nothing and the amount does not.
    """
    total = sum(weights, Decimal(0))
    if total == 0:
        if amount == 0:
            return [NOUGHT] * len(weights)
        raise ValueError("nothing to spread over")
    exact = [amount * weight / total for weight in weights]
    shares = [each.quantize(CENT, ROUND_DOWN) for each in exact]
    left = to_cent(amount) - sum(shares, NOUGHT)
    step = CENT if left > 0 else -CENT
    lost = sorted(range(len(weights)), key=lambda place: (-abs(exact[place] - shares[place]), place))
    for turn in range(int(abs(left) / CENT)):
        shares[lost[turn % len(lost)]] += step
    return shares

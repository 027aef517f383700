"""What an invoice, a payment, a write-off are in the books: entries that come to nought, to the cent.

An amount of a posting is signed: what is debited is above nought, what is credited below. Accounts are named
by their role, the VAT rate and the category of the offer; the chart of an agency says which number that is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sales.amounts import NOUGHT, spread, to_cent

CLIENT, SALES, VAT, PENDING, DEPOSIT = "client", "sales", "vat", "pending", "deposit"
BANK, SUSPENSE, LOSS, ROUNDING, GESTURE = "bank", "suspense", "loss", "rounding", "gesture"
PROFIT, DEFICIT = "profit", "deficit"
IN_SALES, IN_BANK, IN_MISC, IN_OPENING = "sales", "bank", "misc", "opening"


@dataclass(frozen=True)
class Aux:
    """The account of one client within the collective one: a code that stays, and a name."""

    code: str
    label: str
    client: int | None = None


@dataclass(frozen=True)
class Posting:
    """An amount on an account; what it is about follows letters."""

    role: str
    amount: Decimal
    rate: Decimal | None = None
    category: str = ""
    aux: Aux | None = None
    invoice: int | None = None
    payment: int | None = None
    # Of opening balances: the account as it was closed, and the document that is still open.
    account: tuple[str, str] | None = None

    @property
    def place(self) -> tuple[str, Decimal | None, str, str]:
        """Where it counts: what is compared with what was closed."""
        return self.role, self.rate, self.category, self.aux.code if self.aux else ""


@dataclass(frozen=True)
class Draft:
    """An entry as it would be written."""

    key: str
    journal: str
    on: date
    piece: str
    piece_on: date
    label: str
    postings: tuple[Posting, ...]

    @property
    def balance(self) -> Decimal:
        return sum((posting.amount for posting in self.postings), NOUGHT)


@dataclass(frozen=True)
class SoldLine:
    """What of a line counts: before tax; whether it is a deposit, or takes one off."""

    rate: Decimal
    net: Decimal
    category: str = ""
    is_deposit: bool = False


@dataclass(frozen=True)
class Sale:
    """An issued invoice (sign 1) or credit note (sign -1), whose amounts are never below nought in all."""

    pk: int
    number: str
    on: date
    label: str
    aux: Aux
    sign: int
    gross: Decimal
    # (rate, base, VAT).
    rates: tuple[tuple[Decimal, Decimal, Decimal], ...]
    lines: tuple[SoldLine, ...]
    pending: bool = False

    @property
    def vat_role(self) -> str:
        return PENDING if self.pending else VAT

    @property
    def vats(self) -> dict[Decimal, Decimal]:
        return {rate: vat for rate, _base, vat in self.rates if vat}


@dataclass(frozen=True)
class Match:
    """How much of a payment was set against what."""

    invoice: int
    amount: Decimal
    aux: Aux


@dataclass(frozen=True)
class Money:
    """A payment: sign 1 received, -1 paid back or returned."""

    pk: int
    piece: str
    on: date
    label: str
    sign: int
    amount: Decimal
    matches: tuple[Match, ...] = ()
    # Whose the rest is; None while nobody knows.
    aux: Aux | None = None


@dataclass(frozen=True)
class Loss:
    """What of an invoice was given up, and the VAT in it (rate by rate) that is not owed any more."""

    pk: int
    on: date
    reason: str
    amount: Decimal
    invoice: int
    number: str
    label: str
    aux: Aux
    vats: Mapping[Decimal, Decimal] = field(default_factory=dict)
    pending: bool = False


def _kept(postings: Iterable[Posting]) -> tuple[Posting, ...]:
    """Those that are something; what is on the same place of the same document is one line."""
    sums: dict[tuple[object, ...], Posting] = {}
    for each in postings:
        key = (*each.place, each.invoice, each.payment, each.account)
        known = sums.get(key)
        amount = each.amount + (known.amount if known else NOUGHT)
        sums[key] = Posting(
            each.role, amount, each.rate, each.category, each.aux, each.invoice, each.payment, each.account
        )
    return tuple(posting for posting in sums.values() if posting.amount)


def parts_of(sale: Sale) -> list[SoldLine]:
    """The bases of its rates by what was sold: each line with its share of the discount of the whole.

    Together they are the base of each rate, to the cent.
    """
    found = []
    for rate, base, _vat in sale.rates:
        lines = [line for line in sale.lines if line.rate == rate]
        nets = [line.net for line in lines]
        total = sum(nets, NOUGHT)
        if total == base:
            shares = nets
        elif total == 0:
            shares, lines = [base], [SoldLine(rate, base)]
        else:
            shares = spread(base, nets)
        found += [
            SoldLine(rate, share, line.category, line.is_deposit)
            for share, line in zip(shares, lines, strict=True)
        ]
    return found


def sale_entry(sale: Sale) -> Draft:
    """Debit the client, credit what was sold and the VAT; a credit note the other way.

    A deposit is owed to the client (4191) until the final invoice takes it off.
    """
    postings = [Posting(CLIENT, sale.sign * sale.gross, aux=sale.aux, invoice=sale.pk)]
    for part in parts_of(sale):
        amount = -sale.sign * part.net
        if part.is_deposit:
            postings.append(Posting(DEPOSIT, amount, aux=sale.aux, invoice=sale.pk))
        else:
            postings.append(Posting(SALES, amount, part.rate, part.category, invoice=sale.pk))
    postings += [
        Posting(sale.vat_role, -sale.sign * vat, rate, invoice=sale.pk) for rate, vat in sale.vats.items()
    ]
    return Draft(f"invoice:{sale.pk}", IN_SALES, sale.on, sale.number, sale.on, sale.label, _kept(postings))


def money_entry(money: Money) -> Draft:
    """Debit the bank, credit the client for what was matched; the rest is held (4191), or waits (471).

    What is paid back or returned goes the other way.
    """
    postings = [Posting(BANK, money.sign * money.amount, payment=money.pk)]
    rest = money.amount
    for match in money.matches:
        rest -= match.amount
        postings.append(
            Posting(
                CLIENT,
                -money.sign * match.amount,
                aux=match.aux,
                invoice=match.invoice,
                payment=money.pk,
            )
        )
    role = DEPOSIT if money.aux is not None else SUSPENSE
    postings.append(Posting(role, -money.sign * rest, aux=money.aux, payment=money.pk))
    return Draft(
        f"payment:{money.pk}", IN_BANK, money.on, money.piece, money.on, money.label, _kept(postings)
    )


def vat_within(amount: Decimal, gross: Decimal, vats: Mapping[Decimal, Decimal]) -> dict[Decimal, Decimal]:
    """The VAT in a part of an invoice, rate by rate; all of it in the whole."""
    if not gross:
        return {}
    return {rate: to_cent(vat * amount / gross) for rate, vat in vats.items()}


def vat_shares(
    amounts: Iterable[Decimal], gross: Decimal, vats: Mapping[Decimal, Decimal]
) -> list[dict[Decimal, Decimal]]:
    """The VAT in each of several parts of an invoice: together that in their sum, to the cent."""
    found, given = [], NOUGHT
    before = dict.fromkeys(vats, NOUGHT)
    for amount in amounts:
        given += amount
        after = vat_within(given, gross, vats)
        found.append({rate: vat - before[rate] for rate, vat in after.items()})
        before = after or before
    return found


def loss_entry(loss: Loss) -> Draft:
    """Credit the client; debit the loss before tax and the VAT in it (article 272, 1 of the CGI).

    Where the VAT stays owed (goodwill without a credit note, a few cents) all of it is debited.
    """
    role = {"loss": LOSS, "rounding": ROUNDING, "gesture": GESTURE}[loss.reason]
    vat = sum(loss.vats.values(), NOUGHT)
    postings = [
        Posting(CLIENT, -loss.amount, aux=loss.aux, invoice=loss.invoice),
        Posting(role, loss.amount - vat, invoice=loss.invoice),
    ]
    vat_role = PENDING if loss.pending else VAT
    postings += [Posting(vat_role, each, rate, invoice=loss.invoice) for rate, each in loss.vats.items()]
    return Draft(f"write_off:{loss.pk}", IN_MISC, loss.on, loss.number, loss.on, loss.label, _kept(postings))


@dataclass(frozen=True)
class Step:
    """What moves the VAT that waits: a credit note or a loss takes of it, money releases it."""

    key: str
    on: date
    piece: str
    gross: Decimal = NOUGHT
    vats: Mapping[Decimal, Decimal] = field(default_factory=dict)
    received: Decimal = NOUGHT
    payment: int | None = None


def vat_entries(sale: Sale, steps: Sequence[Step], label: str) -> list[Draft]:
    """As an invoice is paid, its VAT goes from 44574 to 44571: after each step as much of it as was paid.

    Once all is paid, all has gone. `steps` come in the order of their days.
    """
    gross, received = sale.gross, NOUGHT
    vats = dict(sale.vats)
    gone = dict.fromkeys(vats, NOUGHT)
    found = []
    for step in steps:
        gross -= step.gross
        received += step.received
        postings = []
        for rate in vats:
            vats[rate] -= step.vats.get(rate, NOUGHT)
            if gross:
                due = to_cent(vats[rate] * received / gross)
            elif received and sale.gross:
                # All of it was credited, and money is still there that is to be paid back.
                due = to_cent(sale.vats[rate] * received / sale.gross)
            else:
                # Nothing is left: nor do cents of rounding between credit notes and losses wait.
                due = vats[rate]
            moved, gone[rate] = due - gone[rate], due
            postings += [
                Posting(PENDING, moved, rate, invoice=sale.pk),
                Posting(VAT, -moved, rate, invoice=sale.pk),
            ]
        kept = _kept(postings)
        if kept:
            found.append(
                Draft(f"vat:{sale.pk}:{step.key}", IN_MISC, step.on, step.piece, step.on, label, kept)
            )
    return found

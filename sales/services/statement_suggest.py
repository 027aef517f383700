"""What a line of the bank may be: proposals with reasons and a score, worked out when they are looked at.

A number of an invoice in the label weighs most, then an amount that is exactly what is left to pay (of one
invoice, or of two or three of one client), then the name of the client in the label. A proposal is certain
when it says enough and no other says as much: those may be confirmed together.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

from digiweb.fulltext import fold
from sales.amounts import NOUGHT
from sales.models import Agency, BankLine, Invoice, Payment
from sales.services.payment_rules import told_by_bank

# So many open invoices are looked at, the oldest due first; so many of a client for sums.
MOST_INVOICES, MOST_OF_CLIENT, SHOWN = 20_000, 12, 3
NUMBER, AMOUNT, NAME, SUM = 60, 30, 20, 25
CERTAIN = 80
NEAR = timedelta(days=7)
PLAIN = re.compile(r"[^a-z0-9]+")
# Words that say nothing of who paid.
COMMON = frozenset(
    {
        "virement", "vir", "sepa", "recu", "les", "sarl", "sas", "eurl", "sasu", "sci", "prlv", "prelevement",
        "cheque", "chq", "remise", "carte", "facture", "fact", "ref", "inst", "instantane", "paiement", "mme",
        "monsieur", "madame", "societe", "ste", "agence", "france", "cabinet",
    }
)  # fmt: skip
RETURNED = ("rejet", "impaye", "retour", "r-transaction", "rejete")


@dataclass(frozen=True)
class Proposal:
    """What a line may be. `kind`: invoices, known, return, credit_note or over_payment."""

    kind: str
    score: int
    reasons: tuple[str, ...]
    matches: tuple[tuple[int, Decimal], ...] = ()
    payment: int | None = None
    certain: bool = False

    @property
    def token(self) -> str:
        """What a button sends: the service checks all of it again."""
        if self.kind == "invoices":
            return "invoices:" + ",".join(f"{pk}={amount}" for pk, amount in self.matches)
        pk = self.payment if self.payment is not None else self.matches[0][0]
        return f"{self.kind}:{pk}"


@dataclass
class Book:
    """What is open in an agency, by what lines are told."""

    agency: Agency
    invoices: dict[int, Invoice] = field(default_factory=dict)
    numbers: list[tuple[str, Invoice]] = field(default_factory=list)
    by_amount: dict[Decimal, list[Invoice]] = field(default_factory=lambda: defaultdict(list))
    by_client: dict[int, list[Invoice]] = field(default_factory=lambda: defaultdict(list))
    words: dict[int, frozenset[str]] = field(default_factory=dict)
    notes: dict[Decimal, list[Invoice]] = field(default_factory=lambda: defaultdict(list))
    sums: dict[Decimal, list[tuple[Invoice, ...]]] | None = None


def open_book(agency: Agency, user: Any) -> Book:
    """What is open in this agency, as far as `user` sees it."""
    book = Book(agency)
    rows = (
        Invoice.objects.visible_to(user)
        .filter(agency=agency, status=Invoice.Status.ISSUED, balance__gt=0)
        .select_related("company", "contact")
        .defer("facts", "terms", "introduction")
        .order_by("due_key", "pk")
    )
    for invoice in rows[:MOST_INVOICES]:
        book.invoices[invoice.pk] = invoice
        book.words[invoice.pk] = words_of(str(invoice.addressee or ""))
        if invoice.is_credit_note:
            book.notes[invoice.balance].append(invoice)
            continue
        book.numbers.append((PLAIN.sub("", fold(invoice.number or "")), invoice))
        book.by_amount[invoice.balance].append(invoice)
        if invoice.client_id is not None:
            book.by_client[invoice.client_id].append(invoice)
    return book


def words_of(text: str) -> frozenset[str]:
    """The words of a name that tell who it is."""
    words = (word for word in PLAIN.split(fold(text)) if len(word) >= 3 and word not in COMMON)
    return frozenset(words)


def suggest(book: Book, lines: Iterable[BankLine], user: Any) -> dict[int, list[Proposal]]:
    """{line: proposals, best first}, of lines of the book's agency that wait."""
    waiting = list(lines)
    known = _known(book, waiting, user)
    found = {}
    for line in waiting:
        proposals = [
            *known.get(line.pk, []),
            *(_credit(book, line) if line.is_credit else _notes(book, line)),
        ]
        found[line.pk] = _ranked(proposals)
    return found


def _ranked(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Best first; the best is certain where it says enough and more than all others."""
    once: dict[str, Proposal] = {}
    for one in proposals:
        if one.token not in once or once[one.token].score < one.score:
            once[one.token] = one
    ranked = sorted(once.values(), key=lambda one: (-one.score, len(one.matches), one.token))[:SHOWN]
    if ranked and ranked[0].score >= CERTAIN and (len(ranked) == 1 or ranked[0].score > ranked[1].score):
        best = ranked[0]
        ranked[0] = Proposal(best.kind, best.score, best.reasons, best.matches, best.payment, certain=True)
    return ranked


def _credit(book: Book, line: BankLine) -> list[Proposal]:
    """Invoices that a credit may pay."""
    plain, words = PLAIN.sub("", fold(line.label)), words_of(line.label)
    named = [invoice for number, invoice in book.numbers if number and number in plain]
    found = []
    if named:
        total = sum((invoice.balance for invoice in named), NOUGHT)
        whole = total == line.amount
        by_name = _is_named(book, named[0], words)
        score = NUMBER + (AMOUNT if whole else 0) + (NAME if by_name else 0)
        reasons = ["number", *(["amount"] if whole else []), *(["name"] if by_name else [])]
        found.append(Proposal("invoices", score, tuple(reasons), _spread(named, line.amount)))
    for invoice in book.by_amount.get(line.amount, ()):
        if invoice in named:
            continue
        by_name = _is_named(book, invoice, words)
        reasons = ["amount", *(["name"] if by_name else [])]
        score = AMOUNT + (NAME if by_name else 0)
        found.append(Proposal("invoices", score, tuple(reasons), ((invoice.pk, invoice.balance),)))
    if not named:
        found += _sums(book, line, words)
        found += _by_name(book, line, words, found)
    return found


def _sums(book: Book, line: BankLine, words: frozenset[str]) -> list[Proposal]:
    """Two or three invoices of one client that come to the amount."""
    if book.sums is None:
        book.sums = defaultdict(list)
        for invoices in book.by_client.values():
            for size in (2, 3):
                for group in combinations(invoices[:MOST_OF_CLIENT], size):
                    book.sums[sum((one.balance for one in group), NOUGHT)].append(group)
    found = []
    for group in book.sums.get(line.amount, ())[:10]:
        by_name = _is_named(book, group[0], words)
        score = SUM + (NAME if by_name else 0)
        reasons = ("sum", *(("name",) if by_name else ()))
        found.append(Proposal("invoices", score, reasons, tuple((one.pk, one.balance) for one in group)))
    return found


def _by_name(book: Book, line: BankLine, words: frozenset[str], found: list[Proposal]) -> list[Proposal]:
    """A part of the oldest invoice of whom the label names, where nothing says more."""
    if found or not words:
        return []
    for pk, name in book.words.items():
        invoice = book.invoices[pk]
        if name and name <= words and not invoice.is_credit_note:
            return [Proposal("invoices", NAME, ("name",), _spread([invoice], line.amount))]
    return []


def _is_named(book: Book, invoice: Invoice, words: frozenset[str]) -> bool:
    """Whether the label says the name: all its words, or the longest one."""
    name = book.words.get(invoice.pk, frozenset())
    if not name:
        return False
    longest = max(name, key=lambda word: (len(word), word))
    return name <= words or (len(longest) >= 5 and longest in words)


def _spread(invoices: Sequence[Invoice], amount: Decimal) -> tuple[tuple[int, Decimal], ...]:
    found = []
    for invoice in invoices:
        part = min(invoice.balance, amount)
        if part > 0:
            found.append((invoice.pk, part))
            amount -= part
    return tuple(found)


def _notes(book: Book, line: BankLine) -> list[Proposal]:
    """Credit notes that a debit may have paid back."""
    words, plain = words_of(line.label), PLAIN.sub("", fold(line.label))
    found = []
    for note in book.notes.get(-line.amount, ()):
        score, reasons = AMOUNT, ["amount"]
        if PLAIN.sub("", fold(note.number or "")) in plain:
            score, reasons = score + NUMBER, [*reasons, "number"]
        if _is_named(book, note, words):
            score, reasons = score + NAME, [*reasons, "name"]
        found.append(Proposal("credit_note", score, tuple(reasons), ((note.pk, -line.amount),)))
    return found


def _known(book: Book, lines: Sequence[BankLine], user: Any) -> dict[int, list[Proposal]]:
    """Payments that are these lines already; for debits those that went back, and over-payments."""
    amounts = {abs(line.amount) for line in lines}
    if not amounts:
        return {}
    seen = Payment.objects.visible_to(user).filter(agency=book.agency)
    standing = seen.filter(undone_by__isnull=True, undoes__isnull=True)
    # Not yet told by the bank.
    untold = told_by_bank(seen.filter(amount__in=amounts, bank_line__isnull=True))
    rows = list(untold.order_by("-pk")[:5000])
    debits = {-line.amount for line in lines if not line.is_credit}
    came = standing.filter(kind=Payment.Kind.RECEIPT)
    received = list(came.filter(amount__in=debits).order_by("-pk")[:5000]) if debits else []
    over = list(came.filter(left__in=debits).order_by("-pk")[:5000]) if debits else []
    found: dict[int, list[Proposal]] = defaultdict(list)
    by_amount: dict[Decimal, list[Payment]] = defaultdict(list)
    for one in rows:
        by_amount[one.sign * one.amount].append(one)
    for line in lines:
        words = words_of(line.label)
        for one in by_amount.get(line.amount, ()):
            if abs(one.received_on - line.day) <= NEAR:
                named = bool(words_of(one.payer) & words) or bool(
                    one.reference and one.reference in line.label
                )
                score = CERTAIN + (NAME if named else 0) - abs((one.received_on - line.day).days)
                reasons = ("recorded", *(("name",) if named else ()))
                found[line.pk].append(Proposal("known", score, reasons, payment=one.pk))
        if line.is_credit:
            continue
        returned = any(word in fold(line.label) for word in RETURNED)
        for one in received:
            if one.amount == -line.amount and one.received_on <= line.day:
                named = bool(words_of(one.payer) & words)
                score = AMOUNT + (NAME if named else 0) + (30 if returned else 0)
                reasons = ("amount", *(("name",) if named else ()), *(("returned",) if returned else ()))
                found[line.pk].append(Proposal("return", score, reasons, payment=one.pk))
        for one in over:
            if one.left == -line.amount and one.received_on <= line.day:
                named = bool(words_of(one.payer) & words)
                reasons = ("over", *(("name",) if named else ()))
                score = AMOUNT + (NAME if named else 0)
                found[line.pk].append(Proposal("over_payment", score, reasons, payment=one.pk))
    return found

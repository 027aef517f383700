"""One element of the colleague's list → a `Prospect`, and what was wrong with it, piece by piece.

A field that cannot be read tells nothing (its name stands in `unknown`), a piece without what tells it apart
is left out, a prospect that cannot be matched with anybody is refused; everything else of it stays. Pure: any
JSON value gives a Reading, nothing raises.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.colleague import values
from sync.colleague.faults import Effect, Fault, fault, shown_text
from sync.colleague.fields import KEYS, TABLES, UPDATED, Field
from sync.colleague.shape import (
    BankDetails,
    Contract,
    Offer,
    Payment,
    Prospect,
    Reading,
    Salesperson,
    Subscription,
)
from sync.colleague.values import Wrong, expect, is_empty
from sync.colleague.words import UNKNOWN, meaning

MOST_TOLD, MOST_IGNORED = 100, 50
MISSING = object()


def read_prospect(raw: Any, *, now: datetime | None = None) -> Reading:
    """Read one element; with `now`, an `updatedAt` that lies after it is not believed."""
    reader = _Reader(now)
    prospect = reader.prospect(raw)
    number = reader.number if prospect is None else prospect.number
    return Reading(
        prospect,
        number,
        tuple(reader.faults),
        tuple(reader.notices),
        reader.untold,
        frozenset(reader.ignored),
        reader.complete,
    )


@dataclass
class _Piece:
    """What was read of an object's plain fields."""

    raw: Mapping[str, Any]
    path: str
    values: dict[str, Any]
    unknown: set[str]
    updated_at: datetime | None
    # A compulsory field was wrong, and the piece cannot stand without it.
    lost: bool = False

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def made(self) -> dict[str, Any]:
        known = {name: value for name, value in self.values.items() if name not in self.unknown}
        return {**known, "updated_at": self.updated_at, "unknown": frozenset(self.unknown)}


class _Reader:
    def __init__(self, now: datetime | None) -> None:
        self.now = now
        self.faults: list[Fault] = []
        self.notices: list[Fault] = []
        self.untold = 0
        self.ignored: set[str] = set()
        self.complete = True
        self.number: int | None = None
        self._references: set[str] = set()
        self._payments: set[str] = set()

    # --- What is told

    def tell(self, path: str, code: str, effect: Effect, value: Any, key: str = "", /, **params: Any) -> None:
        told = self.notices if effect is Effect.KEPT else self.faults
        if len(told) >= MOST_TOLD:
            self.untold += 1
        else:
            told.append(fault(path, code, effect, value, key, **params))

    def tell_wrong(self, path: str, wrong: Wrong, effect: Effect, value: Any, key: str = "") -> None:
        self.tell(path, wrong.code, effect, value, key, **wrong.params)

    # --- Pieces

    def piece(self, raw: Any, path: str, kind: str, outer: datetime | None) -> _Piece | None:
        """The plain fields of an object; None for what is no object."""
        if not isinstance(raw, dict):
            effect = Effect.LEFT_OUT if path else Effect.REFUSED
            self.tell_wrong(path, expect(raw, "object"), effect, raw)
            return None
        piece = _Piece(raw, path, {}, set(), self.updated(raw, path, outer))
        for field in TABLES[kind]:
            value = raw.get(field.key, MISSING)
            if value is MISSING or is_empty(value):
                self.without(piece, field, value)
                continue
            try:
                piece.values[field.name] = field.read(value)
            except Wrong as wrong:
                piece.unknown.add(field.name)
                piece.lost = piece.lost or field.wanted is Effect.LEFT_OUT
                effect = field.wanted or Effect.EMPTIED
                self.tell_wrong(piece.at(field.key), wrong, effect, value, field.key)
        self.ignore(raw, path, KEYS[kind])
        return piece

    def without(self, piece: _Piece, field: Field, value: Any) -> None:
        """A field that is missing tells nothing; one that is empty tells so, unless it is compulsory."""
        missing = value is MISSING
        if not missing:
            piece.values[field.name] = field.empty
        if missing or field.wanted:
            piece.unknown.add(field.name)
        if field.wanted:
            piece.lost = piece.lost or field.wanted is Effect.LEFT_OUT
            code, sent = ("missing", None) if missing else ("empty", value)
            self.tell(piece.at(field.key), code, field.wanted, sent)

    def updated(self, raw: Mapping[str, Any], path: str, outer: datetime | None) -> datetime | None:
        value = raw.get(UPDATED)
        if is_empty(value):
            return outer
        try:
            return values.moment(value, self.now)
        except Wrong as wrong:
            where = f"{path}.{UPDATED}" if path else UPDATED
            self.tell_wrong(where, wrong, Effect.EMPTIED, value, UPDATED)
            return outer

    def ignore(self, raw: Mapping[str, Any], path: str, known: frozenset[str]) -> None:
        for key in raw.keys() - known:
            if len(self.ignored) < MOST_IGNORED:
                plain = "".join(part.partition("[")[0] + "." for part in path.split(".") if part)
                self.ignored.add(f"{plain}{shown_text(str(key), 60)}")

    def items(self, piece: _Piece, key: str, name: str) -> Iterator[tuple[str, Any]]:
        """(path, element) of a list; what is no list tells nothing."""
        value = piece.raw.get(key)
        if key not in piece.raw:
            piece.unknown.add(name)
        if value is None:
            return
        if not isinstance(value, list):
            piece.unknown.add(name)
            self.tell_wrong(piece.at(key), expect(value, "list"), Effect.EMPTIED, value)
            self.complete = self.complete and key not in ("Souscription", "contrats")
            return
        for place, element in enumerate(value):
            yield f"{piece.at(key)}[{place}]", element

    # --- The prospect and what is in it

    def prospect(self, raw: Any) -> Prospect | None:
        piece = self.piece(raw, "", "prospect", None)
        if piece is None:
            return None
        self.number = piece.values.get("number")
        if not piece.values.get("email") and not piece.values.get("phone"):
            self.tell("", "no_way", Effect.REFUSED, raw)
            return None
        salesperson = self.salesperson(piece)
        bank_details = {
            bank.iban: bank
            for path, element in self.items(piece, "informationsPaiement", "bank_details")
            if (bank := self.bank(element, path, piece.updated_at))
        }
        subscriptions = tuple(
            found
            for path, element in self.items(piece, "Souscription", "subscriptions")
            if (found := self.subscription(element, path, piece.updated_at))
        )
        made = piece.made()
        if salesperson and salesperson.source_id:
            given = made.get("salesperson_id")
            if given and given != salesperson.source_id:
                self.tell("commercialId", "another", Effect.KEPT, str(given))
            made["salesperson_id"] = salesperson.source_id
            made["unknown"] -= {"salesperson_id"}
        return Prospect(
            **made,
            salesperson=salesperson,
            bank_details=tuple(bank_details.values()),
            subscriptions=subscriptions,
        )

    def salesperson(self, piece: _Piece) -> Salesperson | None:
        value = piece.raw.get("commercial")
        if "commercial" not in piece.raw:
            piece.unknown.add("salesperson")
        if value is None:
            return None
        found = self.piece(value, "commercial", "salesperson", piece.updated_at)
        if found is None:
            piece.unknown.add("salesperson")
            return None
        return Salesperson(**found.made())

    def bank(self, raw: Any, path: str, outer: datetime | None) -> BankDetails | None:
        piece = self.piece(raw, path, "bank", outer)
        return None if piece is None or piece.lost else BankDetails(**piece.made())

    def subscription(self, raw: Any, path: str, outer: datetime | None) -> Subscription | None:
        piece = self.piece(raw, path, "subscription", outer)
        if piece is None:
            self.complete = False
            return None
        self.in_order(piece, "dateFin", "started_on", "ended_on")
        offer = self.offer(piece)
        contracts = tuple(
            found
            for at, element in self.items(piece, "contrats", "contracts")
            if (found := self.contract(element, at, piece.updated_at))
        )
        payments = self.payments(piece)
        self.status(piece, "subscription")
        return Subscription(**piece.made(), offer=offer, contracts=contracts, payments=payments)

    def offer(self, piece: _Piece) -> Offer | None:
        value = piece.raw.get("offre")
        if "offre" not in piece.raw:
            piece.unknown.add("offer")
        if value is None:
            return None
        found = self.piece(value, piece.at("offre"), "offer", piece.updated_at)
        if found is None or found.lost:
            piece.unknown.add("offer")
            return None
        return Offer(**found.made())

    def contract(self, raw: Any, path: str, outer: datetime | None) -> Contract | None:
        piece = self.piece(raw, path, "contract", outer)
        if piece is None or piece.lost:
            self.complete = False
            return None
        reference = piece.values["reference"]
        if reference in self._references:
            self.tell(piece.at("titre"), "twice", Effect.LEFT_OUT, reference)
            return None
        self._references.add(reference)
        self.in_order(piece, "dateFin", "starts_on", "ends_on")
        self.status(piece, "contract")
        self.method(piece, "modePaiement", "payment_method")
        payments = self.payments(piece)
        return Contract(**piece.made(), payments=payments)

    def payments(self, piece: _Piece) -> tuple[Payment, ...]:
        return tuple(
            found
            for path, element in self.items(piece, "paiements", "payments")
            if (found := self.payment(element, path, piece.updated_at))
        )

    def payment(self, raw: Any, path: str, outer: datetime | None) -> Payment | None:
        piece = self.piece(raw, path, "payment", outer)
        if piece is None:
            return None
        day, amount = piece.values.get("paid_on"), piece.values.get("amount")
        reference = piece.values.get("reference") or ""
        if day is None and amount is None:
            self.tell(path, "bare", Effect.LEFT_OUT, raw)
            return None
        if not reference:
            # What tells it apart then: its day, its amount, and how many of the same stood before it.
            reference = base = " ".join(str(each) for each in (day, amount) if each is not None)
            again = 2
            while reference in self._payments:
                reference, again = f"{base} ({again})", again + 1
        elif reference in self._payments:
            self.tell(piece.at("reference"), "twice", Effect.LEFT_OUT, reference)
            return None
        self._payments.add(reference)
        piece.values["reference"] = reference
        piece.unknown.discard("reference")
        self.status(piece, "payment")
        self.method(piece, "mode", "method")
        return Payment(**piece.made())

    # --- Words

    def in_order(self, piece: _Piece, key: str, start: str, end: str) -> None:
        first, last = piece.values.get(start), piece.values.get(end)
        if first and last and last < first:
            piece.unknown.add(end)
            self.tell(piece.at(key), "order", Effect.EMPTIED, piece.raw[key], key)

    def status(self, piece: _Piece, table: str) -> None:
        """What the source's word means; an unknown one stays beside it and is told."""
        said = piece.values.get("status_text") or ""
        if "status_text" in piece.unknown:
            piece.unknown.add("status")
            return
        piece.values["status"] = meaning(table, said) if said else ""
        if piece.values["status"] == UNKNOWN:
            value = shown_text(said)
            self.tell(piece.at("statut"), "unknown_status", Effect.KEPT, said, "statut", value=value)

    def method(self, piece: _Piece, key: str, name: str) -> None:
        said = piece.values.get(name) or ""
        if not said or name in piece.unknown:
            return
        found = meaning("method", said)
        if found == UNKNOWN:
            self.tell(piece.at(key), "unknown_method", Effect.KEPT, said, key, value=shown_text(said))
            found = "other"
        piece.values[name] = found

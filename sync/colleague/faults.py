"""What was wrong with a piece of what the colleague's system sent, said for people and kept as JSON.

A fault holds a code and its parts, not a sentence: it is put into words in the language of whoever reads
it. Bank numbers never stand in it; other personal data is marked, so that it can be shown masked.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from django.utils.translation import gettext_lazy as _


class Effect(StrEnum):
    """What was done about it."""

    KEPT = "kept"  # a notice: taken as it is
    EMPTIED = "emptied"  # the field tells nothing, what is stored stays
    LEFT_OUT = "left_out"  # the piece (a contract, a payment, an account) was not taken
    REFUSED = "refused"  # the whole prospect was not taken


EFFECTS = {
    Effect.KEPT: _("taken as it is"),
    Effect.EMPTIED: _("field not taken"),
    Effect.LEFT_OUT: _("piece left out"),
    Effect.REFUSED: _("prospect refused"),
}

REASONS = {
    "missing": _("It is compulsory and is missing."),
    "type": _("%(expected)s is expected, %(given)s was sent."),
    "empty": _("It is compulsory and is empty."),
    "too_long": _("It has %(length)s characters: at most %(most)s are taken."),
    "control": _("It holds a character that no text may hold (NUL, a control character, half an emoji)."),
    "email": _("It is no e-mail address."),
    "phone": _("It is no phone number."),
    "no_way": _("Neither a valid e-mail nor a valid phone: it cannot be matched with a client."),
    "amount": _("It is no amount: a number is expected, or a text such as “1 234,56 €”."),
    "ambiguous": _("This amount can be read in two ways: send it as a number."),
    "range": _("It must lie between %(least)s and %(most)s."),
    "day": _("It is no date: 2026-03-31, 31/03/2026, 20260331 or an ISO date with time are expected."),
    "moment": _("It is no moment: an ISO date with time and zone is expected (2026-03-31T14:05:00Z)."),
    "zone": _("The time zone is missing: Z or +02:00 is expected at the end."),
    "future": _("This moment lies in the future."),
    "order": _("The end lies before the start."),
    "uuid": _("It is no UUID."),
    "iban": _("The IBAN is not valid."),
    "bic": _("The BIC is not valid."),
    "twice": _("This reference stands twice in the same prospect."),
    "another": _("It says another salesperson than “commercial”."),
    "bare": _("It has neither a date nor an amount."),
    "nested": _("It is nested too deeply, or too large."),
    "unknown_status": _("This status is unknown: “%(value)s”."),
    "unknown_method": _("This method of payment is unknown: “%(value)s”."),
}

# What things are called when another type was expected or sent.
TYPES = {
    "text": _("a text"),
    "number": _("a number"),
    "integer": _("a whole number"),
    "boolean": _("true or false"),
    "list": _("a list"),
    "object": _("an object"),
    "null": _("nothing (null)"),
}

LONGEST_PIECE, DEEPEST, WIDEST, SHOWN = 1000, 4, 8, 80
BANK_KEYS = frozenset({"iban", "bic"})
# What is no personal data as long as it is what it should be: shown to everybody when it is short.
OPEN_KEYS = frozenset(
    {"montant", "montantMensuel", "prix", "prixMensuel", "tauxCommission", "tauxRecurrent", "statut", "mode"}
    | {"modePaiement", "jourPrelevement", "type", "dateSignature", "dateValidation", "dateDebut", "dateFin"}
    | {"date", "updatedAt", "idProspect"}
)
_PERSONAL = re.compile(r"@|(?:[0-9][ .\-]?){9}").search
# Fifteen to thirty-four letters and digits after a country and its two digits, spaced or not.
_IBAN_LIKE = re.compile(r"\b[A-Za-z]{2}[0-9]{2}(?:[ \-]?[A-Za-z0-9]){11,30}\b")
HIDDEN = "•••"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that was wrong, where (`Souscription[0].contrats[2].montant`), and what was done about it."""

    path: str
    code: str
    effect: Effect
    params: Mapping[str, Any] = field(default_factory=dict)
    # What was sent there, as JSON cut short; bank numbers are never in it.
    piece: str = ""
    # The same with every text hidden: for those who may not see personal data.
    masked: str = ""

    @property
    def reason(self) -> str:
        """Why, in the language that is active."""
        params = {
            name: str(TYPES.get(value, value)) if name in ("expected", "given") else value
            for name, value in self.params.items()
        }
        text = str(REASONS.get(self.code, self.code))
        text = text % params if params else text
        return text[:1].upper() + text[1:]

    @property
    def effect_label(self) -> str:
        return str(EFFECTS[self.effect])

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "effect": str(self.effect), "params": dict(self.params)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**data, "effect": Effect(data["effect"])})


def fault(path: str, code: str, effect: Effect, value: Any, key: str = "", /, **params: Any) -> Fault:
    """A fault with what was sent; the key says whether it is a bank number."""
    if code == "missing":
        return Fault(path, code, effect, params)
    shown = _shortened({key: value} if key.lower() in BANK_KEYS else value, 0, hide=False)
    plain = value is None or isinstance(value, (str, int, float, Decimal))
    openly = key in OPEN_KEYS and plain and not _PERSONAL(_figure(value)) and len(_figure(value)) < 50
    hidden = _shortened(value, 0, hide=not openly)
    if key.lower() in BANK_KEYS and isinstance(shown, dict):
        shown = shown.get(key)
    return Fault(path, code, effect, params, _written(shown), _written(hidden))


def type_name(value: Any) -> str:
    """What JSON calls it; a key of TYPES."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float, Decimal)):
        return "number"
    return "text" if isinstance(value, str) else "list" if isinstance(value, list) else "object"


def shown_text(text: str, limit: int = SHOWN) -> str:
    """A text of the source for a message: short, and without what cannot be printed."""
    clean = "".join(char if char.isprintable() else "�" for char in text[: limit + 1])
    return f"{clean[:limit]}…" if len(text) > limit else clean


def _shortened(value: Any, depth: int, *, hide: bool) -> Any:
    if isinstance(value, str):
        if hide:
            return HIDDEN if value else ""
        return _IBAN_LIKE.sub(HIDDEN, shown_text(_cut_for_search(value)))
    if isinstance(value, Decimal):
        return _number(value, hide)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return _number(value, hide)
    if depth >= DEEPEST:
        return "…"
    if isinstance(value, list):
        rest = ["…"] if len(value) > WIDEST else []
        return [_shortened(each, depth + 1, hide=hide) for each in value[:WIDEST]] + rest
    if isinstance(value, dict):
        found = {}
        for name in list(value)[: WIDEST * 2]:
            kept = value[name]
            bank = str(name).lower() in BANK_KEYS and kept not in (None, "")
            short = shown_text(str(name), 40)
            found[short] = HIDDEN if bank else _shortened(kept, depth + 1, hide=hide)
        return found
    return HIDDEN


def _cut_for_search(value: str) -> str:
    """Masks a number that the cut would go through."""
    return _IBAN_LIKE.sub(HIDDEN, value[: SHOWN * 4])


def _number(value: Any, hide: bool) -> Any:
    """As text: a number may be a phone, or have a thousand digits."""
    return HIDDEN if hide else shown_text(_figure(value), 40)


def _figure(value: Any) -> str:
    """As text; Python refuses to write whole numbers of thousands of digits."""
    return "…" if isinstance(value, int) and value.bit_length() > 400 else str(value)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:LONGEST_PIECE]

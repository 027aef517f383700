"""Whether a FEC keeps every rule of article A47 A-1 of the LPF; what it says is for people."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from sales.books.fec import CHARSET, COLUMNS, SEPARATOR

# So many problems are told; a file with one is not handed out.
MOST = 50
NAME = re.compile(r"\d{9}FEC(\d{8})\.txt")
AMOUNT = re.compile(r"-?\d+,\d{2}")
ACCOUNT = re.compile(r"\d{3}[0-9A-Za-z]*")
MAY_BE_EMPTY = {
    "CompAuxNum", "CompAuxLib", "EcritureLet", "DateLet", "Montantdevise", "Idevise",
}  # fmt: skip
PAIRS = (("CompAuxNum", "CompAuxLib"), ("EcritureLet", "DateLet"), ("Montantdevise", "Idevise"))
DAYS = ("EcritureDate", "PieceDate", "ValidDate", "DateLet")


@dataclass
class _Entry:
    """What the lines of a number have in common."""

    number: str
    row: int
    head: tuple[str, ...]
    balance: Decimal = Decimal("0.00")


@dataclass
class _State:
    problems: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    entry: _Entry | None = None
    last: int = 0
    total: Decimal = Decimal("0.00")
    opened: bool = False

    def tell(self, row: int, text: str) -> None:
        if len(self.problems) < MOST:
            self.problems.append(_("Line %(row)s: %(text)s") % {"row": row, "text": text})


def check_fec(content: bytes, name: str, *, first: date, last: date, opening: str = "") -> list[str]:
    """What is wrong with a file of the fiscal year from `first` to `last`; nothing where it is right.

    `opening` is the code of the journal of opening balances, which come first.
    """
    state = _State()
    found = NAME.fullmatch(name)
    if found is None or found[1] != f"{last:%Y%m%d}":
        state.problems.append(
            _("The file is to be named by the SIREN, FEC and the last day of the year, not “%(name)s”.")
            % {"name": name}
        )
    if content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) or any(
        0x80 <= byte <= 0x9F for byte in set(content)
    ):
        state.problems.append(_("The file is not in ISO 8859-15."))
    text = content.decode(CHARSET)
    if not text.endswith("\n"):
        state.problems.append(_("The last line has no end."))
    rows = _rows(text)
    head = next(rows, (1, []))[1]
    if tuple(head) != COLUMNS:
        state.problems.append(_("The first line does not name the eighteen columns in their order."))
        return state.problems
    for row, values in rows:
        _check_row(state, row, values, first, last, opening)
        if len(state.problems) >= MOST:
            return state.problems
    _end_entry(state)
    if state.last == 0:
        state.problems.append(_("There is no entry."))
    if state.total:
        state.problems.append(_("Debit and credit differ by %(by)s in all.") % {"by": state.total})
    return state.problems


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    for row, line in enumerate(text.replace("\r\n", "\n").rstrip("\n").split("\n"), start=1):
        yield row, line.split(SEPARATOR)


def _check_row(state: _State, row: int, values: list[str], first: date, last: date, opening: str) -> None:
    if len(values) != len(COLUMNS):
        state.tell(row, _("%(n)s columns, not 18.") % {"n": len(values)})
        return
    line = dict(zip(COLUMNS, values, strict=True))
    for name, value in line.items():
        if not value.strip() and name not in MAY_BE_EMPTY:
            state.tell(row, _("%(column)s is empty.") % {"column": name})
        elif value != value.strip():
            state.tell(row, _("%(column)s is padded with blanks.") % {"column": name})
        elif any(ord(letter) < 0x20 for letter in value):
            state.tell(row, _("%(column)s holds a control character.") % {"column": name})
    for one, other in PAIRS:
        if bool(line[one]) != bool(line[other]):
            state.tell(row, _("%(a)s and %(b)s go together.") % {"a": one, "b": other})
    if not ACCOUNT.fullmatch(line["CompteNum"]):
        state.tell(
            row,
            _("The account %(account)s does not begin with three digits.") % {"account": line["CompteNum"]},
        )
    _check_days(state, row, line, first, last)
    amount = _check_amounts(state, row, line)
    _check_number(state, row, line, amount)
    is_opening = bool(opening) and line["JournalCode"] == opening
    if is_opening and state.opened:
        state.tell(row, _("Opening balances come before all other entries."))
    state.opened = state.opened or not is_opening


def _check_days(state: _State, row: int, line: dict[str, str], first: date, last: date) -> None:
    for name in DAYS:
        if not line[name]:
            continue
        day = _day(line[name])
        if day is None:
            state.tell(row, _("%(column)s “%(value)s” is no day.") % {"column": name, "value": line[name]})
        elif name == "EcritureDate" and not first <= day <= last:
            state.tell(row, _("The entry of %(value)s is not of this year.") % {"value": line[name]})


def _day(text: str) -> date | None:
    if not re.fullmatch(r"\d{8}", text):
        return None
    try:
        return datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return None


def _check_amounts(state: _State, row: int, line: dict[str, str]) -> Decimal:
    """What the line adds to its entry."""
    found = {}
    for name in ("Debit", "Credit"):
        if not AMOUNT.fullmatch(line[name]):
            text = _("%(column)s “%(value)s” is no amount with a comma and two decimals.")
            state.tell(row, text % {"column": name, "value": line[name]})
            return Decimal("0.00")
        found[name] = Decimal(line[name].replace(",", "."))
    if bool(found["Debit"]) == bool(found["Credit"]):
        state.tell(row, _("A line has a debit or a credit, one of both."))
    state.total += found["Debit"] - found["Credit"]
    return found["Debit"] - found["Credit"]


def _check_number(state: _State, row: int, line: dict[str, str], amount: Decimal) -> None:
    """Numbers run 1, 2, 3 …; the lines of one stand together and share journal, day, day of validation."""
    number = line["EcritureNum"]
    head = tuple(line[name] for name in ("JournalCode", "EcritureDate", "ValidDate"))
    entry = state.entry
    if entry is None or entry.number != number:
        _end_entry(state)
        if number in state.seen:
            state.tell(row, _("The lines of entry %(number)s do not stand together.") % {"number": number})
        elif not number.isdigit() or int(number) != state.last + 1:
            text = _("The entry %(number)s does not follow number %(last)s.")
            state.tell(row, text % {"number": number, "last": state.last})
        state.seen.add(number)
        state.last = int(number) if number.isdigit() else state.last + 1
        state.entry = entry = _Entry(number, row, head)
    elif entry.head != head:
        text = _("The lines of entry %(number)s differ in journal, day or day of validation.")
        state.tell(row, text % {"number": number})
    entry.balance += amount


def _end_entry(state: _State) -> None:
    entry = state.entry
    if entry is not None and entry.balance:
        text = _("The entry %(number)s is out of balance by %(by)s.")
        state.tell(entry.row, text % {"number": entry.number, "by": entry.balance})

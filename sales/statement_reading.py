"""Bank statements as French banks write them in CSV. Pure: text in, lines and faults out.

`;`, `,` or tab; cp1252 or UTF-8; some lines above the header (account, balance); days as 31/12/2026; one
column of amounts with a comma, or one of debits and one of credits. Which column is what is guessed from the
header, or from the values, and may be said otherwise.
"""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from digiweb.fulltext import fold

DELIMITERS = (";", "\t", ",", "|")
# The header stands within so many rows; so many are looked at to guess what a column is.
PREAMBLE, LOOKED_AT = 40, 60
# No bank has more columns; each is offered for each part on the page.
MOST_COLUMNS = 100
LABEL_LENGTH = 300
MOST_AMOUNT = Decimal("999999999999.99")
PARTS = ("date", "label", "amount", "debit", "credit")
WORDS: dict[str, tuple[str, ...]] = {
    "date": ("date operation", "date de l'operation", "date comptable", "date de comptabilisation", "date"),
    "label": (
        "libelle complet", "libelle operation", "libelle", "libelle simplifie", "intitule", "description",
        "nature", "operation", "communication", "label", "details", "detail", "motif",
    ),
    "amount": ("montant", "amount", "montant(euros)", "montant en euros", "somme"),
    "debit": ("debit", "debit euros", "sortie"),
    "credit": ("credit", "credit euros", "entree"),
}  # fmt: skip
# Some banks write the time behind the day.
DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?:[ T]+\d{1,2}[:hH]\d{2}(?::\d{2})?)?$")
BLANKS = re.compile(r"[\s\u00a0\u202f']+")


@dataclass(frozen=True)
class Table:
    """A file cut into cells: where its header stands (-1 without), what follows with the numbers of lines."""

    rows: tuple[tuple[int, tuple[str, ...]], ...]
    header: tuple[str, ...]
    encoding: str
    delimiter: str

    @property
    def width(self) -> int:
        return max([len(self.header), *(len(cells) for _number, cells in self.rows[:LOOKED_AT])], default=0)


@dataclass(frozen=True)
class BankRow:
    """A line of a statement: credits are above nought, debits below."""

    number: int
    day: date
    amount: Decimal
    label: str


@dataclass(frozen=True)
class Fault:
    """Why a line could not be read: `code` of `FAULTS`, and what stood there."""

    number: int
    code: str
    text: str


class Unreadable(ValueError):
    """The file is no statement."""


def decode(content: bytes) -> tuple[str, str]:
    """(text, encoding). Raises Unreadable for what is no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, encoding
    raise Unreadable("binary")


def cut(content: bytes) -> Table:
    """The cells of a file. Raises Unreadable where there is no table in it."""
    text, encoding = decode(content)
    if not text.strip():
        raise Unreadable("empty")
    delimiter = max(DELIMITERS, key=lambda one: _columns_of(text, one))
    try:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter)
        rows = [(reader.line_num, tuple(cell.strip() for cell in row)) for row in reader if any(row)]
    except csv.Error as error:
        raise Unreadable("csv") from error
    if any(len(cells) > MOST_COLUMNS for _number, cells in rows):
        raise Unreadable("wide")
    place = _header_of([cells for _number, cells in rows[:PREAMBLE]])
    if place < 0:
        return Table(tuple(rows), (), encoding, delimiter)
    return Table(tuple(rows[place + 1 :]), rows[place][1], encoding, delimiter)


def _columns_of(text: str, delimiter: str) -> tuple[int, int]:
    """How often lines have the same number of these: the right one parts most lines alike."""
    counts = [line.count(delimiter) for line in text.splitlines()[:LOOKED_AT] if line.strip()]
    several = [count for count in counts if count >= 1]
    if not several:
        return 0, 0
    usual = max(set(several), key=several.count)
    return several.count(usual) * min(usual, 3), usual


def _header_of(rows: list[tuple[str, ...]]) -> int:
    """The row that names a date and an amount; -1 for none."""
    for place, cells in enumerate(rows):
        found = guess_by_words(cells)
        if "date" in found and ({"amount"} <= found.keys() or {"debit", "credit"} <= found.keys()):
            return place
    return -1


def guess_by_words(header: tuple[str, ...]) -> dict[str, int]:
    """{part: column} as the words of a header say; the first of the better words wins."""
    plain = [BLANKS.sub(" ", re.sub(r"\(.*?\)|[€:_]", " ", fold(cell))).strip() for cell in header]
    found: dict[str, int] = {}
    for part, words in WORDS.items():
        for word in words:
            same = [at for at, cell in enumerate(plain) if cell == word and at not in found.values()]
            starts = [
                at
                for at, cell in enumerate(plain)
                if cell.startswith(f"{word} ") and at not in found.values()
            ]
            if same or starts:
                found[part] = (same or starts)[0]
                break
    if "debit" in found and "credit" in found:
        found.pop("amount", None)
    return found


def guess(table: Table) -> dict[str, int]:
    """{part: column} by the header, or by what the columns hold."""
    found = guess_by_words(table.header)
    sample = [cells for _number, cells in table.rows[:LOOKED_AT]]
    for part, reads in (("date", read_day), ("amount", read_amount)):
        if part in found or (part == "amount" and {"debit", "credit"} <= found.keys()):
            continue
        best = _best(sample, table.width, reads, taken=set(found.values()))
        if best is not None:
            found[part] = best
    if "label" not in found:
        lengths = {
            at: sum(len(cells[at]) for cells in sample if at < len(cells) and read_amount(cells[at]) is None)
            for at in range(table.width)
            if at not in found.values()
        }
        if lengths and max(lengths.values()):
            found["label"] = max(lengths, key=lambda at: lengths[at])
    return found


def _best(
    sample: list[tuple[str, ...]], width: int, reads: Callable[[str], object], taken: set[int]
) -> int | None:
    """The column of which most cells can be read so."""
    counts = {
        at: sum(1 for cells in sample if at < len(cells) and reads(cells[at]) is not None)
        for at in range(width)
        if at not in taken
    }
    best = max(counts, key=lambda at: counts[at], default=None)
    return best if best is not None and counts[best] * 2 >= len(sample) and counts[best] else None


def is_enough(columns: Mapping[str, int]) -> bool:
    """Whether lines can be read by these columns."""
    amounts = "amount" in columns or {"debit", "credit"} <= columns.keys()
    return {"date", "label"} <= columns.keys() and amounts


def read_day(text: str) -> date | None:
    """31/12/2026, 31-12-26, 31.12.2026, 2026-12-31, with a time or without; None for anything else."""
    text = text.strip()
    match = DAY.match(text)
    try:
        if match:
            day, month, year = (int(part) for part in match.groups())
            return date(year + 2000 if year < 100 else year, month, day)
        return datetime.strptime(text[:10], "%Y-%m-%d").date()
    except ValueError:
        return None


def read_amount(text: str) -> Decimal | None:
    """-1 234,56 · 1.234,56 € · 1,234.56 · (12,00) · 12,00- ; None for what is no amount."""
    plain = BLANKS.sub("", text).replace("\u2212", "-").replace("€", "")
    plain = re.sub(r"(?i)eur$", "", plain)
    if plain.startswith("(") and plain.endswith(")"):
        plain = f"-{plain[1:-1]}"
    if plain.endswith(("-", "+")):
        plain = plain[-1] + plain[:-1]
    if "," in plain and "." in plain:
        plain = plain.replace("," if plain.rfind(".") > plain.rfind(",") else ".", "")
    plain = plain.replace(",", ".")
    if not re.fullmatch(r"[+-]?\d{1,12}(\.\d{1,2})?", plain):
        return None
    try:
        amount = Decimal(plain)
    except InvalidOperation:  # pragma: no cover - the pattern lets only numbers through
        return None
    return amount if abs(amount) <= MOST_AMOUNT else None


def read_rows(table: Table, columns: Mapping[str, int]) -> Iterator[BankRow | Fault]:
    """The lines of a statement, and what could not be read. Rows without day and amount (sums, blank ones)
    are passed over.
    """
    for number, cells in table.rows:
        part = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        text = part.get("date", "")
        told = [part.get(name, "") for name in ("amount", "debit", "credit") if part.get(name)]
        if not text and not (told and part.get("label")):
            continue
        day, amount = read_day(text), _amount_of(part)
        if day is None and amount is None:
            continue
        if day is None:
            yield Fault(number, "day", text[:60])
        elif amount is None:
            yield Fault(number, "amount", " ".join(told)[:60])
        elif amount == 0:
            yield Fault(number, "nought", part.get("label", "")[:60])
        else:
            label = " ".join(part.get("label", "").split())[:LABEL_LENGTH]
            yield BankRow(number, day, amount, label)


def _amount_of(part: Mapping[str, str]) -> Decimal | None:
    if "amount" in part:
        return read_amount(part["amount"])
    debit, credit = part.get("debit", ""), part.get("credit", "")
    if credit and debit and read_amount(debit) and read_amount(credit):
        return None
    if credit and read_amount(credit):
        return read_amount(credit)
    found = read_amount(debit) if debit else read_amount(credit)
    return None if found is None else -abs(found)


def keys_of(rows: list[BankRow], agency: int) -> list[str]:
    """What makes a line the same one in another statement: agency, day, amount, label, and which of those
    that are alike it is.
    """
    ranks: dict[tuple[date, Decimal, str], int] = {}
    keys = []
    for row in rows:
        like = (row.day, row.amount, fold(row.label).strip())
        rank = ranks[like] = ranks.get(like, -1) + 1
        text = f"{agency}|{row.day.isoformat()}|{row.amount:.2f}|{like[2]}|{rank}"
        keys.append(hashlib.sha256(text.encode()).hexdigest())
    return keys

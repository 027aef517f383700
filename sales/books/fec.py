"""The FEC of a fiscal year (« fichier des écritures comptables », article A47 A-1 of the LPF).

Eighteen columns in order, tabs between them, ISO 8859-15, a comma before the cents, days as AAAAMMJJ.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date
from decimal import Decimal

CHARSET = "iso-8859-15"
SEPARATOR = "\t"
END = "\r\n"
COLUMNS = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum",
    "CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet",
    "ValidDate", "Montantdevise", "Idevise",
)  # fmt: skip
# What is written with several letters where ISO 8859-15 has none.
SPELLED = str.maketrans(
    {
        "’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "•": "-", "→": "->",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i",
    }
)  # fmt: skip


@dataclass(frozen=True)
class FecLine:
    """A line, in the order of the columns."""

    journal_code: str
    journal_label: str
    number: str
    entry_on: date
    account: str
    account_label: str
    aux: str
    aux_label: str
    piece: str
    piece_on: date
    label: str
    debit: Decimal
    credit: Decimal
    letter: str
    lettered_on: date | None
    validated_on: date
    amount_abroad: str = ""
    currency: str = ""


def file_name(siren: str, last: date) -> str:
    """SIRENFECAAAAMMJJ.txt: the day is the last of the fiscal year."""
    return f"{siren}FEC{last:%Y%m%d}.txt"


def latin(text: str) -> str:
    """A text in characters of ISO 8859-15: others lose their accents, or become « ? »."""
    found = []
    for letter in " ".join(text.translate(SPELLED).split()):
        try:
            letter.encode(CHARSET)
        except UnicodeEncodeError:
            plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
            letter = plain or ("" if unicodedata.category(letter)[0] in "MC" else "?")
        found.append("" if unicodedata.category(letter[:1] or " ") == "Cc" else letter)
    return "".join(found)


def value_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%Y%m%d}"
    if isinstance(value, Decimal):
        return f"{value:.2f}".replace(".", ",")
    return latin(str(value))


def line_text(line: FecLine) -> str:
    return SEPARATOR.join(value_text(value) for value in astuple(line)) + END


def write_fec(lines: Iterable[FecLine]) -> bytes:
    """The whole file."""
    text = SEPARATOR.join(COLUMNS) + END + "".join(map(line_text, lines))
    return text.encode(CHARSET)

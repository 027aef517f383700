"""Columns of the lines of the books."""

from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from digiweb.tables import Column, Table, escape
from digiweb.templatetags.digiweb import money
from sales.models import BookLine

LETTERED = ("entry", "invoice__letter", "payment__letter")


def piece_cell(line: BookLine) -> SafeString:
    text = escape(line.entry.piece)
    return SafeString(f'<a class="dw-name" href="{line.get_absolute_url()}">{text}</a>')


def number_text(line: BookLine) -> str:
    """The number of a closed entry; an open one says so."""
    entry = line.entry
    return str(entry.number) if entry.number is not None else pgettext("entry", "Provisional")


def number_cell(line: BookLine) -> SafeString:
    if line.entry.number is None:
        return SafeString(f'<span class="dw-badge dw-badge-slate">{escape(number_text(line))}</span>')
    return SafeString(escape(number_text(line)))


def side(name: str) -> Any:
    def cell(line: BookLine) -> str:
        amount: Decimal = getattr(line, name)
        return money(amount) if amount else ""

    return cell


def letter_text(line: BookLine) -> str:
    return line.letter_text


def lettered_on(line: BookLine) -> Any:
    letter = line.letter
    return letter.lettered_on if letter is not None else ""


DAY = Column("entry_on", gettext_lazy("Date"), sort="entry_on")
JOURNAL = Column(
    "journal",
    gettext_lazy("Journal"),
    cell=lambda line: escape(line.entry.journal_code),
    export=lambda line: line.entry.journal_code,
    select_related=("entry",),
)
NUMBER = Column(
    "number",
    gettext_lazy("Entry no."),
    cell=number_cell,
    export=lambda line: line.entry.number if line.entry.number is not None else number_text(line),
    select_related=("entry",),
)
PIECE = Column(
    "piece",
    pgettext_lazy("entry", "Document"),
    cell=piece_cell,
    export=lambda line: line.entry.piece,
    select_related=("entry",),
)
ACCOUNT = Column("account", gettext_lazy("Account"), sort="account")
ACCOUNT_LABEL = Column("account_label", gettext_lazy("Name of the account"), default=False)
AUX = Column("aux", gettext_lazy("Account of the client"), default=False)
CLIENT = Column("aux_label", gettext_lazy("Client"))
LABEL = Column(
    "label",
    gettext_lazy("Label"),
    cell=lambda line: escape(line.entry.label),
    export=lambda line: line.entry.label,
    select_related=("entry",),
)
DEBIT = Column("debit", gettext_lazy("Debit"), cell=side("debit"), sort="debit", align="end")
CREDIT = Column("credit", gettext_lazy("Credit"), cell=side("credit"), sort="credit", align="end")
LETTER = Column(
    "letter",
    gettext_lazy("Letter"),
    cell=lambda line: escape(letter_text(line)),
    export=letter_text,
    select_related=LETTERED,
)
LETTERED_ON = Column(
    "lettered_on",
    gettext_lazy("Lettered on"),
    cell=lambda line: date_format(lettered_on(line), "SHORT_DATE_FORMAT") if lettered_on(line) else "",
    export=lettered_on,
    default=False,
    select_related=LETTERED,
)
PIECE_DAY = Column(
    "piece_on",
    gettext_lazy("Date of the document"),
    path="entry.piece_on",
    default=False,
    select_related=("entry",),
)
VALIDATED = Column(
    "validated_on",
    gettext_lazy("Closed on"),
    path="entry.validated_on",
    default=False,
    select_related=("entry",),
)
AGENCY = Column(
    "agency",
    gettext_lazy("Agency"),
    cell=lambda line: escape(str(line.agency)),
    export=lambda line: str(line.agency),
    default=False,
    select_related=("agency",),
)


class BookLineTable(Table):
    """The list of lines of the books."""

    columns = (
        DAY, JOURNAL, PIECE, ACCOUNT, DEBIT, CREDIT, LETTER, CLIENT, LABEL, NUMBER, ACCOUNT_LABEL, AUX,
        LETTERED_ON, PIECE_DAY, VALIDATED, AGENCY,
    )  # fmt: skip


def sums_text(count: str, debit: Decimal, credit: Decimal) -> str:
    """What filtered lines come to."""
    return _("%(count)s lines: debit %(debit)s, credit %(credit)s, balance %(balance)s.") % {
        "count": count,
        "debit": money(debit),
        "credit": money(credit),
        "balance": money(debit - credit),
    }

"""The FEC: written as article A47 A-1 asks, checked before anybody gets it."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from people.models import User
from sales import triggers
from sales.books.check_fec import check_fec
from sales.books.fec import CHARSET, COLUMNS, FecLine, latin, write_fec
from sales.models import Agency, BookEntry, BookExport, BookLine, Invoice, Letter, Payment
from sales.services.book_verify import wrong_in_books
from sales.services.closing import close_books
from sales.services.fec import ask_for_fec, make_fec, run_export
from tests.base import make_cast
from tests.sales.invoices import issued, line, make_buyer
from tests.sales.test_books import TODAY, pay

pytestmark = pytest.mark.django_db
YESTERDAY = TODAY() - timedelta(days=1)
FIRST, LAST = date(YESTERDAY.year, 1, 1), date(YESTERDAY.year, 12, 31)


@pytest.fixture
def sales() -> User:
    return make_cast()["sales"]


@pytest.fixture
def books(sales: User) -> Agency:
    """Two invoices, one of them paid and lettered, in books that are closed."""
    client = make_buyer(sales, name="Łódź – L’Épicerie “Ω”")
    paid = issued(sales, [line(price=100)], client=client, on=YESTERDAY)
    issued(sales, [line(price=200)], client=client, on=YESTERDAY)
    payment = pay(paid, 120, YESTERDAY, reference="VIR\t42")
    letter = Letter.objects.create(agency=paid.agency, code="A", lettered_on=YESTERDAY)
    Invoice.objects.filter(pk=paid.pk).update(letter=letter)
    Payment.objects.filter(pk=payment.pk).update(letter=letter)
    close_books(user=None, agency=paid.agency, until=YESTERDAY)
    return paid.agency


def test_a_fec_keeps_every_rule(books: Agency) -> None:
    made = make_fec(books, YESTERDAY.year)
    assert made.problems == []
    assert made.name == f"732829320FEC{LAST:%Y%m%d}.txt"
    rows = [row.split("\t") for row in made.content.decode(CHARSET).split("\r\n")[:-1]]
    assert tuple(rows[0]) == COLUMNS
    assert {len(row) for row in rows} == {18}
    client = next(row for row in rows if row[4] == "411000")
    assert client[6].startswith("411")
    assert client[7] == 'Lódz - L\'Épicerie "?"'
    assert client[11:16] == ["120,00", "0,00", "A", f"{YESTERDAY:%Y%m%d}", f"{TODAY():%Y%m%d}"]
    assert [row[2] for row in rows[1:]] == sorted((row[2] for row in rows[1:]), key=int)


def sample() -> bytes:
    """A file of three entries, the first an opening balance; no table is asked."""

    def one(number: int, account: str, amount: int, *, journal: str = "VE", letter: str = "") -> FecLine:
        aux = "411000001" if account == "411000" else ""
        value = Decimal(amount).quantize(Decimal("0.01"))
        return FecLine(
            journal, "Ventes", str(number), YESTERDAY, account, "Compte", aux, aux and "Lefèvre", "FA-1",
            YESTERDAY, "Facture", max(value, Decimal(0)), max(-value, Decimal(0)), letter,
            YESTERDAY if letter else None, TODAY(),
        )  # fmt: skip

    return write_fec(
        [
            one(1, "411000", 60, journal="AN"), one(1, "512000", -60, journal="AN"),
            one(2, "411000", 120, letter="A"), one(2, "706000", -100), one(2, "445711", -20),
            one(3, "411000", 240), one(3, "706000", -240),
        ]
    )  # fmt: skip


NAME = f"732829320FEC{LAST:%Y%m%d}.txt"


def test_the_sample_is_right() -> None:
    assert check_fec(sample(), NAME, first=FIRST, last=LAST, opening="AN") == []


def broken(change: Callable[[list[list[str]]], object]) -> Callable[[bytes], bytes]:
    """The file with its fields changed."""

    def of(content: bytes) -> bytes:
        rows = [row.split("\t") for row in content.decode(CHARSET).split("\r\n")[:-1]]
        change(rows)
        return "".join("\t".join(row) + "\r\n" for row in rows).encode(CHARSET)

    return of


def put(row: int, column: str, value: str) -> Callable[[bytes], bytes]:
    return broken(lambda rows: rows[row].__setitem__(COLUMNS.index(column), value))


BROKEN = {
    "a column less": broken(lambda rows: rows[2].pop()),
    "columns in another order": broken(lambda rows: rows[0].reverse()),
    "no label": put(1, "EcritureLib", ""),
    "no document": put(1, "PieceRef", ""),
    "a day that is none": put(1, "EcritureDate", "20260230"),
    "another year": put(1, "EcritureDate", "19990101"),
    "a day with slashes": put(1, "PieceDate", "01/02/2026"),
    "a point for the comma": put(1, "Debit", "60.00"),
    "a blank between thousands": put(1, "Debit", "1 200,00"),
    "both sides": put(1, "Credit", "60,00"),
    "no side": put(1, "Debit", "0,00"),
    "another amount": put(1, "Debit", "60,01"),
    "an account of two digits": put(1, "CompteNum", "41"),
    "a letter without a day": put(2, "EcritureLet", "B"),
    "a currency without an amount": put(1, "Idevise", "USD"),
    "a number that is missing": broken(lambda rows: [r.__setitem__(2, "9") for r in rows[1:] if r[2] == "2"]),
    "an entry that is torn": broken(lambda rows: rows.append(rows.pop(1))),
    "two days in an entry": put(2, "EcritureDate", f"{FIRST:%Y%m%d}"),
    "a validation of another day": put(2, "ValidDate", "20200101"),
    "a field padded": put(1, "JournalCode", "VE "),
    "opening balances that come late": broken(
        lambda rows: [r.__setitem__(0, "AN") for r in rows if r[2] == "3"]
    ),
    "no last line end": lambda content: content.rstrip(b"\r\n"),
    "a mark of UTF-8": lambda content: b"\xef\xbb\xbf" + content,
    "characters of Windows": lambda content: content.replace(b"Ventes", b"Ventes\x80"),
    "no entry": broken(lambda rows: rows.__delitem__(slice(1, None))),
    "nothing at all": lambda content: b"",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told(name: str) -> None:
    assert check_fec(BROKEN[name](sample()), NAME, first=FIRST, last=LAST, opening="AN")


def test_a_wrong_name_is_told() -> None:
    for name in ("fec.txt", f"732829320FEC{FIRST:%Y%m%d}.txt", NAME.replace("FEC", "fec")):
        assert check_fec(sample(), name, first=FIRST, last=LAST)


@given(st.binary(max_size=400))
def test_the_checker_reads_anything(content: bytes) -> None:
    head = ("\t".join(COLUMNS) + "\r\n").encode()
    for each in (content, head + content):
        assert isinstance(check_fec(each, "x", first=FIRST, last=LAST), list)


@given(st.text(max_size=60))
def test_any_text_is_written_in_latin_9(text: str) -> None:
    found = latin(text)
    assert not any(ord(letter) < 0x20 for letter in found.encode(CHARSET).decode(CHARSET))


def test_a_file_with_problems_is_not_kept(books: Agency) -> None:
    Agency.objects.filter(pk=books.pk).update(siren="")
    books.refresh_from_db()
    export = BookExport.objects.create(agency=books, fiscal_year=YESTERDAY.year)
    run_export(export.pk)
    export.refresh_from_db()
    assert export.problems
    assert not export.file


def test_a_job_makes_the_file_once(books: Agency, admin_user_of: User) -> None:
    export = ask_for_fec(user=admin_user_of, agency=books, year=YESTERDAY.year)
    assert run_export(export.pk) is not None
    assert run_export(export.pk) is None
    export.refresh_from_db()
    assert export.problems == []
    assert export.lines == BookLine.objects.count()
    assert export.sha256


@pytest.fixture
def admin_user_of(sales: User) -> User:
    return User.objects.get(email__startswith="admin@")


def test_the_command_writes_file_and_description(books: Agency, tmp_path: Path) -> None:
    call_command("export_fec", agency="DF", year=YESTERDAY.year, output=str(tmp_path), stdout=StringIO())
    assert sorted(path.name for path in tmp_path.glob("*.txt")) == [
        NAME,
        NAME.replace(".txt", "_description.txt"),
    ]


@pytest.mark.parametrize(("agency", "year", "code"), [("ZZ", 2026, 2), ("DF", 2001, 1), ("DF", 26, 2)])
def test_the_command_says_what_is_wrong(
    books: Agency, tmp_path: Path, agency: str, year: int, code: int
) -> None:
    with pytest.raises(CommandError) as error:
        call_command("export_fec", agency=agency, year=year, output=str(tmp_path), stderr=StringIO())
    assert error.value.returncode == code
    assert not list(tmp_path.glob("*.txt"))


class TestVerify:
    def test_closed_books_that_were_not_touched_are_right(self, books: Agency) -> None:
        assert wrong_in_books(books) == []

    @pytest.mark.django_db(transaction=True)
    def test_what_was_changed_past_the_triggers_is_told(self, books: Agency) -> None:
        entry = BookEntry.objects.filter(number=1).get()
        triggers.remove(connection)
        try:
            BookEntry.objects.filter(pk=entry.pk).update(label="Autre")
            assert len(wrong_in_books(books)) == 1
            BookLine.objects.filter(entry=entry).delete()
            BookEntry.objects.filter(pk=entry.pk).delete()
            assert len(wrong_in_books(books)) > 2
        finally:
            triggers.install(connection)

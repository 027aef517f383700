"""Bank statements: their dialects, each line once, what lines may be, dealt with once."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from people.models import User
from sales.models import BankLine, BankStatement, Invoice, Payment
from sales.services.invoice_credit import cancel_invoice
from sales.services.payment import undo_payment
from sales.services.statement import (
    ignore_line,
    record_line,
    remove_statement,
    reopen_line,
    start_reading,
    upload_statement,
)
from sales.services.statement_certain import confirm_all, confirm_certain
from sales.services.statement_suggest import open_book, suggest
from sales.statement_reading import (
    BankRow,
    Fault,
    Unreadable,
    cut,
    guess,
    keys_of,
    read_amount,
    read_day,
    read_rows,
)
from tests.base import client_of, make_cast
from tests.sales.invoices import D, issued, line, make_buyer
from tests.sales.payments import pay, state, today
from timeline.models import Event

BOURSO = (
    'dateOp;dateVal;label;category;amount\n2026-11-03;2026-11-03;"VIR SEPA MARTIN";Virements;"1 200,00"\n'
)
DIALECTS = {
    "one column, preamble, cp1252": (
        "Compte courant n° 123;;\nSolde au 20/11/2026;5 432,10;\n\nDate;Libellé;Montant (€)\n"
        "03/11/2026;VIR SEPA BOULANGERIE LEFÈVRE;1 200,00\n04/11/2026;PRLV URSSAF;-345,67\n"
    ).encode("cp1252"),
    "debit and credit, tab": (
        "Date opération\tDate valeur\tLibellé\tDébit\tCrédit\n03/11/2026\t03/11/2026\t"
        "VIR SEPA BOULANGERIE LEFÈVRE\t\t1200,00\n04/11/2026\t04/11/2026\tPRLV URSSAF\t345,67\t\n"
    ).encode(),
    "negative debits, BOM": (
        "\ufeffDate de comptabilisation;Libelle simplifie;Debit;Credit\n"
        "03/11/2026;VIR SEPA BOULANGERIE LEFÈVRE;;+1200,00\n04/11/2026;PRLV URSSAF;-345,67;\n"
    ).encode(),
    "English, comma": (
        'Date,Description,Amount\n2026-11-03,"VIR SEPA BOULANGERIE LEFÈVRE","1,200.00"\n'
        "2026-11-04,PRLV URSSAF,-345.67\n"
    ).encode(),
    "no header": (
        "03/11/26;VIR SEPA BOULANGERIE LEFÈVRE;1 200,00 €\n04/11/26;PRLV URSSAF;-345,67 €\n"
    ).encode(),
    "days with the time (Qonto)": (
        "Date de l'opération (local);Libellé;Montant total (TTC)\n"
        "03-11-2026 09:14:05;VIR SEPA BOULANGERIE LEFÈVRE;1200,00\n04/11/2026 18:02;PRLV URSSAF;-345,67\n"
    ).encode(),
    "UTF-16": (
        "Date;Libellé;Montant\n03/11/2026;VIR SEPA BOULANGERIE LEFÈVRE;1200,00\n"
        "04/11/2026;PRLV URSSAF;-345,67\n"
    ).encode("utf-16"),
}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is refused is told in the source language here."""
    with translation.override("en"):
        yield


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def invoice(cast: dict[str, User]) -> Invoice:
    """1 200 € with tax."""
    return issued(cast["sales"], [line(price=1000)])


# --- Reading


@pytest.mark.parametrize("name", DIALECTS)
def test_statements_as_banks_write_them(name: str) -> None:
    table = cut(DIALECTS[name])
    rows = list(read_rows(table, guess(table)))
    assert [(row.day, row.amount, row.label) for row in rows if isinstance(row, BankRow)] == [
        (date(2026, 11, 3), D(1200), "VIR SEPA BOULANGERIE LEFÈVRE"),
        (date(2026, 11, 4), D("-345.67"), "PRLV URSSAF"),
    ]


def test_what_cannot_be_read_is_told_by_its_line() -> None:
    content = b"Date;Libelle;Montant\n32/13/2026;A;1,00\n03/11/2026;B;abc\n04/11/2026;C;0,00\n;;\nTotal;;\n"
    table = cut(content)
    assert list(read_rows(table, guess(table))) == [
        Fault(2, "day", "32/13/2026"), Fault(3, "amount", "abc"), Fault(4, "nought", "C"),
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"  \n", b"\x89PNG\r\n\x00\x00", b"\xff\xd8\x00\x01"])
def test_what_is_no_statement(content: bytes) -> None:
    with pytest.raises(Unreadable):
        cut(content)


def test_amounts_as_people_and_banks_write_them() -> None:
    told = {
        "1 234,56": "1234.56", "-1.234,56": "-1234.56", "1,234.56": "1234.56", "+12": "12", "12,5-": "-12.5",
        "(3,00)": "-3.00", "7\u00a0000,10 EUR": "7000.10", "\u22128,00": "-8.00",
    }  # fmt: skip
    for text, amount in told.items():
        assert read_amount(text) == D(amount), text
    for text in ("", "abc", "1,234", "12,345", "1e9", "--3", "9" * 20):
        assert read_amount(text) is None, text
    assert (read_day("3/1/26"), read_day("2026-02-30"), read_day("x")) == (date(2026, 1, 3), None, None)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        table = cut(content)
    except Unreadable:
        return
    list(read_rows(table, guess(table)))


@given(st.lists(st.sampled_from([("A", 1), ("A", 2), ("B", 1)]), max_size=12))
def test_each_line_has_a_key_of_its_own_and_always_the_same(picked: list[tuple[str, int]]) -> None:
    rows = [BankRow(at, date(2026, 1, 1), D(amount), label) for at, (label, amount) in enumerate(picked)]
    keys = keys_of(rows, 1)
    assert len(set(keys)) == len(keys)
    assert set(keys_of(rows[: len(rows) // 2], 1)) <= set(keys)
    assert not set(keys) & set(keys_of(rows, 2))


# --- Kept once


def csv(*rows: tuple[Any, str, Any]) -> bytes:
    lines = [f"{day:%d/%m/%Y};{label};{str(amount).replace('.', ',')}" for day, label, amount in rows]
    return "\n".join(["Date;Libellé;Montant", *lines]).encode("cp1252")


def read(cast: dict[str, User], invoice: Invoice, *rows: tuple[Any, str, Any]) -> BankStatement:
    made = upload_statement(user=cast["admin"], agency=invoice.agency, name="releve.csv", content=csv(*rows))
    return start_reading(user=cast["admin"], statement=made, columns=made.columns)


def test_the_same_lines_again_add_nothing(cast: dict[str, User], invoice: Invoice) -> None:
    rows = [(today(), "VIR A", 10), (today(), "VIR A", 10), (today(), "VIR B", 5)]
    first = read(cast, invoice, *rows)
    assert (first.lines_read, first.lines_new, first.state, first.content) == (3, 3, "read", None)
    again = read(cast, invoice, *rows, (today(), "VIR C", 7))
    assert (again.lines_read, again.lines_new) == (4, 1)
    assert BankLine.objects.count() == 4


def test_the_columns_of_an_agency_are_remembered(cast: dict[str, User], invoice: Invoice) -> None:
    content = b"Date;Note;Communication;Montant\n03/11/2026;x;VIR MARTIN;10,00\n"
    made = upload_statement(user=cast["admin"], agency=invoice.agency, name="a.csv", content=content)
    assert made.columns["label"] == 2
    start_reading(user=cast["admin"], statement=made, columns={"date": 0, "label": 1, "amount": 3})
    assert BankLine.objects.get().label == "x"
    assert upload_statement(
        user=cast["admin"], agency=invoice.agency, name="b.csv", content=content
    ).columns == {"date": 0, "label": 1, "amount": 3}
    with pytest.raises(ValidationError, match="read already"):
        start_reading(user=cast["admin"], statement=made, columns=made.columns)


@pytest.mark.parametrize("columns", [{}, {"date": 0, "label": 1}, {"date": 0, "label": 0, "amount": 2}])
def test_columns_that_are_not_enough(cast: dict[str, User], invoice: Invoice, columns: Any) -> None:
    made = upload_statement(
        user=cast["admin"], agency=invoice.agency, name="a.csv", content=csv((today(), "A", 1))
    )
    with pytest.raises(ValidationError):
        start_reading(user=cast["admin"], statement=made, columns=columns)


# --- What a line may be


def proposals(cast: dict[str, User], statement: BankStatement) -> dict[str, list[Any]]:
    lines = list(statement.lines.filter(state="waiting"))
    found = suggest(open_book(statement.agency, cast["admin"]), lines, cast["admin"])
    return {line.label: found[line.pk] for line in lines}


def test_reasons_and_certainty(cast: dict[str, User], invoice: Invoice) -> None:
    client = make_buyer(cast["sales"], name="Atelier Morvan")
    two = [issued(cast["sales"], [line(price=price)], client=client) for price in (100, 200)]
    day = today()
    statement = read(
        cast, invoice,
        (day, f"VIR SEPA {str(invoice.number).replace('-', ' ')}", 1200),
        (day, f"VIR {two[0].number} ACOMPTE", 50),
        (day, "VIR ATELIER MORVAN", 360),
        (day, "VIR INCONNU", 240),
        (day, "VIR LEFEVRE BOULANGERIE", 12),
        (day, "CHQ 123", 3),
    )  # fmt: skip
    found = proposals(cast, statement)
    first, part, both, alone, named, none = found.values()
    assert (first[0].matches, first[0].certain) == (((invoice.pk, D(1200)),), True)
    assert (part[0].matches, part[0].certain, part[0].reasons) == (
        ((two[0].pk, D(50)),), False, ("number",),
    )  # fmt: skip
    assert both[0].reasons == ("sum", "name")
    assert {pk for pk, _amount in both[0].matches} == {one.pk for one in two}
    assert (alone[0].reasons, alone[0].certain) == (("amount",), False)
    assert named[0].matches == ((invoice.pk, D(12)),)
    assert none == []
    assert confirm_certain(user=cast["admin"], statement=statement) == 1
    assert state(invoice)[4:] == ("paid", "A")


def test_a_payment_that_is_known_is_not_recorded_twice(cast: dict[str, User], invoice: Invoice) -> None:
    payment = pay(1200, invoice, received_on=today() - timedelta(days=1))
    statement = read(cast, invoice, (today(), f"VIR {invoice.number}", 1200))
    (found,) = proposals(cast, statement).values()
    assert (found[0].kind, found[0].payment) == ("known", payment.pk)
    client = client_of(cast["admin"])
    line_ = statement.lines.get()
    answer = client.post(reverse("sales:line_confirm", args=[statement.pk, line_.pk]), {"as": found[0].token})
    assert answer.status_code == 302
    line_.refresh_from_db()
    assert (line_.state, line_.payment, Payment.objects.count()) == ("matched", payment, 1)


def test_debits_are_returns_and_refunds_of_what_is_known(cast: dict[str, User], invoice: Invoice) -> None:
    pay(1200, invoice, method="debit")
    over = pay(77)
    other = issued(cast["sales"], [line(price=50)], client=invoice.client)
    pay(60, other)
    note = cancel_invoice(user=None, invoice=other, reason="Erreur")
    statement = read(
        cast,
        invoice,
        (today(), "REJET PRLV LEFEVRE", -1200),
        (today(), "VIR EMIS", -77),
        (today(), "VIR EMIS", -60),
    )
    lines = list(statement.lines.order_by("pk"))
    found = suggest(open_book(statement.agency, cast["admin"]), lines, cast["admin"])
    kinds = [[one.kind for one in found[each.pk]] for each in lines]
    assert kinds[0][0] == "return"
    assert "over_payment" in kinds[1]
    assert "credit_note" in kinds[2]
    client = client_of(cast["admin"])
    for each, kind in zip(lines, ("return", "over_payment", "credit_note"), strict=True):
        token = next(one.token for one in found[each.pk] if one.kind == kind)
        client.post(reverse("sales:line_confirm", args=[statement.pk, each.pk]), {"as": token})
        each.refresh_from_db()
        assert each.state == "matched", kind
    assert state(invoice)[3] == D(1200)
    over.refresh_from_db()
    assert (over.left, state(note)[3]) == (D(0), D(0))


# --- Dealt with once


def test_a_line_is_dealt_with_once(cast: dict[str, User], invoice: Invoice) -> None:
    statement = read(cast, invoice, (today(), "VIR", 1200))
    row = statement.lines.get()
    payment = record_line(user=cast["admin"], line=row, matches={invoice.pk: D(1200)})
    with pytest.raises(ValidationError, match="meanwhile"):
        record_line(user=cast["admin"], line=row, matches={})
    with pytest.raises(ValidationError, match="meanwhile"):
        ignore_line(user=cast["admin"], line=row)
    with pytest.raises(ValidationError, match="Undo"):
        reopen_line(user=cast["admin"], line=row)
    undo_payment(user=cast["admin"], payment=payment, on=today(), reason="Erreur")
    reopen_line(user=cast["admin"], line=row)
    row.refresh_from_db()
    assert (row.state, row.payment) == ("waiting", None)
    ignore_line(user=cast["admin"], line=row)
    reopen_line(user=cast["admin"], line=row)
    assert confirm_all(statement.pk, cast["sales"].pk) == 0


# --- Pages


def test_a_file_of_another_agency_is_taken_away(cast: dict[str, User], invoice: Invoice) -> None:
    """With its lines, so that the file can be added again; not once a payment rests on it."""
    statement = read(cast, invoice, (today(), f"VIR {invoice.number}", invoice.gross), (today(), "VIR B", 5))
    url = reverse("sales:statement_remove", args=[statement.pk])
    assert client_of(cast["sales"]).get(url).status_code == 403
    assert client_of(cast["stranger"]).post(url).status_code == 403
    admin = client_of(cast["admin"])
    paid = statement.lines.order_by("pk")[0]
    record_line(user=cast["admin"], line=paid, matches={invoice.pk: invoice.gross})
    with translation.override("en"), pytest.raises(ValidationError, match="undo these first"):
        remove_statement(user=cast["admin"], statement=statement)
    assert url not in admin.get(statement.get_absolute_url()).content.decode()
    assert admin.post(url)["Location"] == statement.get_absolute_url()
    paid.refresh_from_db()
    undo_payment(user=cast["admin"], payment=paid.payment, on=today(), reason="Erreur")
    reopen_line(user=cast["admin"], line=paid)
    assert url in admin.get(statement.get_absolute_url()).content.decode()
    assert "Ses lignes partent avec lui" in admin.get(url).content.decode()
    assert admin.post(url)["Location"] == reverse("sales:statement_list")
    assert not BankLine.objects.exists()
    assert not BankStatement.objects.exists()
    assert Event.objects.filter(subject_type="sales.agency", action="statement_removed").count() == 1
    assert read(cast, invoice, (today(), "VIR B", 5)).lines_new == 1


def test_from_the_file_to_the_payment(cast: dict[str, User], invoice: Invoice) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = client_of(cast["admin"])
    content = csv(
        (today(), f"VIR {invoice.number}", 1200), (today(), "SALAIRES", -3000), (today(), "VIR X", 9)
    )
    new = reverse("sales:statement_new")
    for bad in (b"", b"\x00\x01"):
        given = {"agency": invoice.agency_id, "file": SimpleUploadedFile("a.csv", bad)}
        assert client.post(new, given).status_code == 422
    given = {"agency": invoice.agency_id, "file": SimpleUploadedFile("releve.csv", content)}
    answer = client.post(new, given)
    assert answer.status_code == 302
    statement = BankStatement.objects.get()
    page = client.get(answer["Location"])
    form = page.context["form"]
    assert client.post(answer["Location"], {"date": "0"}).status_code == 422
    data = {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}
    assert client.post(answer["Location"], data).status_code == 302
    page = client.get(answer["Location"])
    assert "Certain" in page.content.decode()
    client.post(reverse("sales:statement_certain", args=[statement.pk]))
    assert state(invoice)[4] == "paid"
    lines = {row.label: row for row in statement.lines.all()}
    ignore = reverse("sales:line_ignore", args=[statement.pk, lines["SALAIRES"].pk])
    client.post(ignore)
    edit = reverse("sales:line_edit", args=[statement.pk, lines["VIR X"].pk])
    form = client.get(edit).context["form"]
    assert form["amount"].value() == D(9)
    answer = client.post(edit, {"client": invoice.client_id, "method": "transfer", "amount": "1"})
    assert answer.status_code == 302, answer.context["form"].errors
    payment = Payment.objects.latest("pk")
    assert (payment.amount, payment.left) == (D(9), D(9))
    assert client.post(edit, {"client": invoice.client_id, "method": "transfer"}).status_code == 422
    for name in ("waiting", "matched", "ignored"):
        assert client.get(f"{statement.get_absolute_url()}?state={name}").status_code == 200
    for key in ("sales", "am", "marketing"):
        assert client_of(cast[key]).get(statement.get_absolute_url()).status_code == 403

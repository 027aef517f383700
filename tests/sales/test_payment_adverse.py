"""Payments as somebody hostile or unlucky would have them: whose invoice it is, odd amounts, closed books."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections
from django.urls import reverse
from django.utils import translation

from people.models import User
from sales.models import BookEntry, BookLine, Invoice, ReminderPlan, WriteOff
from sales.services import write_off as verbs
from sales.services.closing import close_books
from sales.services.debit import collect_batch
from sales.services.payment import return_payment, undo_payment
from sales.services.statement import link_line, start_reading, upload_statement
from sales.services.statement_certain import confirm_certain
from sales.services.write_off import undo_write_off, write_off
from tests.base import client_of, make_cast, make_role
from tests.contracts.api import caller
from tests.sales.debits import debit_invoice, make_batch, sent_batch
from tests.sales.invoices import D, issued, line
from tests.sales.payments import pay, state, today
from timeline.models import Event

ALL = ("view", "create", "change")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def cast(db: Any) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def invoice(cast: dict[str, User]) -> Invoice:
    """1 200 € with tax, of Hugo."""
    return issued(cast["sales"], [line(price=1000)])


def clerk_of(cast: dict[str, User], key: str = "stranger") -> User:
    """Somebody who sees all and records for themselves alone."""
    role = make_role(
        "clerk",
        sales_payment=("own", ("create", "change")),
        sales_invoice=("all", ("view",)),
        sales_statement=("all", ALL),
    )
    role.grants.create(module="sales.payment", action="view", scope="all")
    User.objects.filter(pk=cast[key].pk).update(role=role)
    return User.objects.get(pk=cast[key].pk)


def read(cast: dict[str, User], invoice: Invoice, *rows: tuple[Any, str, int]) -> Any:
    text = "".join(f"{day:%d/%m/%Y};{label};{amount},00\n" for day, label, amount in rows)
    content = f"Date;Libelle;Montant\n{text}".encode()
    made = upload_statement(user=cast["admin"], agency=invoice.agency, name="r.csv", content=content)
    return start_reading(user=cast["admin"], statement=made, columns=made.columns)


# --- For whom


def test_nobody_writes_off_what_is_not_theirs_to_record(cast: dict[str, User], invoice: Invoice) -> None:
    given: dict[str, Any] = {"invoice": invoice, "amount": D(100), "on": today(), "reason": "loss"}
    clerk = clerk_of(cast)
    with pytest.raises(PermissionDenied):
        write_off(user=clerk, **given)
    made = write_off(user=cast["admin"], **given)
    with pytest.raises(PermissionDenied):
        undo_write_off(user=clerk, given_up=made)
    client = client_of(clerk)
    url = reverse("sales:invoice_write_off", args=[invoice.pk])
    sent = {"amount": "5", "on": today().isoformat(), "reason": "loss"}
    assert client.post(url, sent).status_code in (403, 422)
    assert client.post(reverse("sales:write_off_undo", args=[invoice.pk, made.pk])).status_code == 403
    assert WriteOff.objects.count() == 1
    page = client.get(invoice.get_absolute_url()).content.decode()
    assert url not in page
    assert reverse("sales:write_off_undo", args=[invoice.pk, made.pk]) not in page


def test_a_line_of_the_bank_takes_back_no_payment_of_others(cast: dict[str, User], invoice: Invoice) -> None:
    payment = pay(1200, invoice)
    clerk = clerk_of(cast)
    statement = read(cast, invoice, (today(), "REJET PRLV", -1200))
    url = reverse("sales:line_confirm", args=[statement.pk, statement.lines.get().pk])
    client_of(clerk).post(url, {"as": f"return:{payment.pk}"})
    assert statement.lines.get().state == "waiting"
    assert state(invoice)[0] == D(1200)


def test_nobody_pays_back_what_is_not_theirs_to_change(cast: dict[str, User], invoice: Invoice) -> None:
    """Of nobody: those who see all look for whose it is."""
    over = pay(50, client=None, owner=None, agency=invoice.agency)
    body = {"kind": "refund", "amount": "50.00", "refunds": over.pk, "agency": invoice.agency_id}
    answer = caller(clerk_of(cast)).post("/api/v1/money/", body, content_type="application/json")
    assert answer.status_code in (403, 422), answer.content
    over.refresh_from_db()
    assert over.left == D(50)


# --- Amounts


@pytest.mark.parametrize("amount", ["1e40", "NaN", "Infinity", "-1", "0.001", "9" * 40])
def test_amounts_that_are_none_are_told(cast: dict[str, User], invoice: Invoice, amount: str) -> None:
    with pytest.raises(ValidationError):
        pay(10, invoice, matches={invoice.pk: D(amount)})
    sent = {"amount": "10", "matches": [{"invoice": invoice.pk, "amount": amount}]}
    answer = caller(cast["admin"]).post("/api/v1/money/", sent, content_type="application/json")
    assert answer.status_code in (400, 422)


# --- Lines of the bank


def test_a_line_is_never_a_payment_that_was_undone(cast: dict[str, User], invoice: Invoice) -> None:
    """Entered by mistake and undone; then the money does come in."""
    wrong = pay(1200, invoice)
    correction = undo_payment(user=None, payment=wrong, on=today(), reason="Erreur")
    statement = read(cast, invoice, (today(), f"VIR {invoice.number}", 1200), (today(), "VIR", -1200))
    assert confirm_certain(user=cast["admin"], statement=statement) == 1
    assert state(invoice)[3] == 0
    back = statement.lines.get(amount=-1200)
    for one in (wrong, correction):
        with pytest.raises(ValidationError):
            link_line(user=None, line=back, payment=one)


def test_a_payment_that_the_bank_took_back_has_both_its_lines(
    cast: dict[str, User], invoice: Invoice
) -> None:
    payment = pay(1200, invoice)
    back = return_payment(user=None, payment=payment, returned_on=today(), reason="AM04")
    statement = read(cast, invoice, (today(), "VIR", 1200), (today(), "REJET", -1200))
    came, went = statement.lines.order_by("pk")
    link_line(user=None, line=came, payment=payment)
    link_line(user=None, line=went, payment=back)


def test_a_file_of_many_columns_is_refused(cast: dict[str, User], invoice: Invoice) -> None:
    with pytest.raises(ValidationError):
        upload_statement(
            user=cast["admin"], agency=invoice.agency, name="wide.csv", content=b"a;" * 100_000 + b"\n1;2\n"
        )


# --- What one does not see is not named


def test_the_page_of_a_payment_names_no_invoice_out_of_sight(cast: dict[str, User], invoice: Invoice) -> None:
    payment = pay(1300, invoice, reference="VIR SECRET")
    role = make_role("cashier", sales_payment=("all", ("view",)), sales_invoice=("own", ("view",)))
    User.objects.filter(pk=cast["stranger"].pk).update(role=role)
    page = client_of(User.objects.get(pk=cast["stranger"].pk)).get(payment.get_absolute_url())
    assert page.status_code == 200
    (match,) = page.context["matches"]
    assert not match["url"]
    assert str(invoice.number) not in match["label"]


def test_the_page_of_an_invoice_names_no_payment_out_of_sight(
    cast: dict[str, User], invoice: Invoice
) -> None:
    pay(1200, invoice, reference="VIR SECRET")
    role = make_role("biller", sales_payment=("own", ("view",)), sales_invoice=("all", ("view",)))
    User.objects.filter(pk=cast["stranger"].pk).update(role=role)
    page = client_of(User.objects.get(pk=cast["stranger"].pk)).get(invoice.get_absolute_url())
    assert page.status_code == 200
    assert "VIR SECRET" not in page.content.decode()


# --- Direct debits


def test_a_debit_that_is_returned_by_its_payment_may_be_collected_anew(cast: dict[str, User]) -> None:
    bill = debit_invoice(cast["sales"])
    batch = sent_batch(None, [bill])
    collect_batch(user=None, batch=batch)
    debit = batch.debits.get()
    return_payment(user=cast["admin"], payment=debit.payment, returned_on=today(), reason="AM04")
    debit.refresh_from_db()
    assert (debit.status, debit.live_key, debit.returned_on) == ("returned", None, today())
    assert Event.objects.filter(action="debit_returned").count() == 1
    assert ReminderPlan.objects.get(invoice=bill).state != "debit"
    assert make_batch(None, [bill]).count == 1


# --- The books


def test_what_is_given_up_in_three_parts_comes_to_all_of_its_vat(invoice: Invoice) -> None:
    for _turn in range(3):
        write_off(user=None, invoice=invoice, amount=D(400), on=today(), reason="loss")
    sums: dict[str, Any] = {}
    for one in BookLine.objects.all():
        sums[one.role] = sums.get(one.role, D(0)) + one.debit - one.credit
    assert {role: amount for role, amount in sums.items() if amount} == {"loss": D(1000), "sales": D(-1000)}


def test_a_line_of_the_books_leads_to_its_payment(invoice: Invoice) -> None:
    payment = pay(1200, invoice)
    line_ = BookLine.objects.filter(payment=payment, role="bank").get()
    assert line_.get_absolute_url() == payment.get_absolute_url()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite writes one after the other")
@pytest.mark.django_db(transaction=True)
def test_nothing_is_written_off_in_books_that_close_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day was open when it was looked at; the closing is through before the row is written."""
    invoice = issued(make_cast()["sales"], [line(price=1000)], on=today() - timedelta(days=3))
    day, looked = today() - timedelta(days=1), verbs.check_open
    closed: list[Any] = []

    def close() -> None:
        try:
            closed.append(close_books(user=None, agency=invoice.agency, until=day))
        finally:
            connections.close_all()

    def look(*given: Any, **named: Any) -> None:
        looked(*given, **named)
        if not closed:
            thread = threading.Thread(target=close)
            thread.start()
            thread.join(20)

    monkeypatch.setattr(verbs, "check_open", look)
    with pytest.raises(ValidationError, match="closed until"):
        write_off(user=None, invoice=invoice, amount=D(1200), on=day, reason="loss")
    assert closed
    assert not WriteOff.objects.exists()
    assert not BookEntry.objects.filter(source__startswith="write_off").exists()

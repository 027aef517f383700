"""What holds for payments whatever is done, by two people at once, and when one is killed."""

from contextlib import suppress
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sales.models import BankLine, Invoice, Payment, PaymentMatch, WriteOff
from sales.services import payment as verbs
from sales.services.lettering import group_of
from sales.services.money_totals import recount_money
from sales.services.payment import (
    match_payment,
    record_payment,
    return_payment,
    undo_payment,
    unmatch_payment,
)
from sales.services.settlement import refresh_settlement
from sales.services.statement import read_statement, record_line, start_reading, upload_statement
from sales.services.write_off import undo_write_off, write_off
from tests.base import make_cast
from tests.sales.invoices import D, issued, line, make_buyer
from tests.sales.payments import pay, state, today

NOUGHT = Decimal(0)
steps = st.lists(
    st.tuples(
        st.sampled_from(["pay", "match", "unmatch", "return", "undo", "refund", "off", "off_undone"]),
        st.integers(0, 6),
        st.integers(0, 2),
        st.integers(1, 20_000),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(asked=steps)
def test_sums_hold_whatever_is_done(asked: list[tuple[str, int, int, int]], three: list[Invoice]) -> None:
    with transaction.atomic():
        for step in asked:
            with suppress(ValidationError), transaction.atomic():
                do(three, *step)
        hold(three)
        transaction.set_rollback(True)


@pytest.fixture
def three(db: None) -> list[Invoice]:
    """Three invoices of one client: 12, 60 and 120 euros."""
    user = make_cast()["sales"]
    client = make_buyer(user)
    return [issued(user, [line(price=price)], client=client) for price in (10, 50, 100)]


def do(three: list[Invoice], verb: str, which: int, bill: int, cents: int) -> None:
    """One thing that somebody may try; most of it is refused at some time."""
    amount, invoice = D(cents) / 100, three[bill]
    payments = list(Payment.objects.order_by("pk"))
    one = payments[which % len(payments)] if payments else None
    if verb == "pay":
        pay(amount, *three[bill:])
    elif verb == "off":
        write_off(user=None, invoice=invoice, amount=amount, on=today(), reason="loss")
    elif verb == "off_undone":
        for given_up in WriteOff.objects.filter(invoice=invoice, undoes=None)[:1]:
            undo_write_off(user=None, given_up=given_up)
    elif one is None:
        return
    elif verb == "match":
        match_payment(user=None, payment=one, invoice=invoice, amount=amount if cents % 2 else None)
    elif verb == "unmatch":
        unmatch_payment(user=None, payment=one, invoice=invoice)
    elif verb == "return":
        return_payment(user=None, payment=one, returned_on=today(), reason="AM04")
    elif verb == "undo":
        undo_payment(user=None, payment=one, on=today(), reason="Erreur")
    else:
        pay(min(amount, one.left or amount), kind="refund", refunds=one)


def hold(three: list[Invoice]) -> None:
    """The rules, told once more and plainly."""
    for payment in Payment.objects.all():
        matched = payment.matches.aggregate(sum=Sum("amount"))["sum"] or NOUGHT
        assert payment.matched == matched <= payment.amount
        assert 0 <= payment.left <= payment.amount - payment.matched
    for invoice in three:
        invoice.refresh_from_db()
        paid = sum((each.payment.sign * each.amount for each in invoice.matches.all()), NOUGHT)
        off = sum((each.sign * each.amount for each in invoice.write_offs.all()), NOUGHT)
        assert (invoice.paid, invoice.written_off) == (paid, off)
        assert invoice.balance == invoice.gross - paid - off >= 0
        assert paid >= 0
        whole = "paid" if paid else "none"
        assert invoice.settlement == (whole if not invoice.balance else "partly" if paid else "pending")
        assert refresh_settlement([invoice.pk]) == []
        group = group_of(invoices=[invoice.pk])
        bills = Invoice.objects.filter(pk__in=group.invoices)
        moved = Payment.objects.filter(pk__in=group.payments)
        total = sum((each.gross for each in bills), NOUGHT) - sum((p.sign * p.amount for p in moved), NOUGHT)
        total -= sum((w.sign * w.amount for w in WriteOff.objects.filter(invoice__in=group.invoices)), NOUGHT)
        letters = {*bills.values_list("letter", flat=True), *moved.values_list("letter", flat=True)}
        assert (letters != {None} and len(letters) == 1) == (total == 0)
    assert recount_money() == 0


# --- Two at once


def both(work: Any) -> list[Any]:
    """Do it twice at the same moment; what each got, or its error."""
    start, found = Barrier(2), []

    def one() -> None:
        try:
            start.wait()
            found.append(work())
        except Exception as error:
            found.append(error)
        finally:
            connection.close()

    threads = [Thread(target=one) for _turn in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_two_people_who_confirm_the_same_line_record_one_payment() -> None:
    cast = make_cast()
    invoice = issued(cast["sales"], [line(price=1000)])
    content = f"Date;Libelle;Montant\n{today():%d/%m/%Y};VIR;1200,00\n".encode()
    made = upload_statement(user=None, agency=invoice.agency, name="a.csv", content=content)
    row = start_reading(user=None, statement=made, columns=made.columns).lines.get()
    found = both(lambda: record_line(user=cast["admin"], line=row, matches={invoice.pk: D(1200)}))
    assert [type(each) for each in sorted(found, key=str)].count(ValidationError) == 1
    assert Payment.objects.count() == 1
    assert state(invoice)[3:] == (D(0), "paid", "A")


@pytest.mark.django_db(transaction=True)
def test_two_payments_at_once_never_pay_more_than_is_owed() -> None:
    invoice = issued(make_cast()["sales"], [line(price=1000)])
    values = {"agency": invoice.agency, "received_on": today(), "amount": D(800), "method": "transfer"}
    found = both(lambda: record_payment(user=None, matches={invoice.pk: D(800)}, **values))
    assert sum(isinstance(each, ValidationError) for each in found) == 1, found
    assert state(invoice)[3] == D(400)


@pytest.mark.django_db(transaction=True)
def test_killed_in_between_nothing_was_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    invoice = issued(make_cast()["sales"], [line(price=1000)])

    def killed(*_args: Any, **_given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(verbs, "refresh_letters", killed)
    with pytest.raises(KeyboardInterrupt):
        pay(1200, invoice)
    assert not Payment.objects.exists()
    assert not PaymentMatch.objects.exists()
    assert state(invoice)[3] == D(1200)


@pytest.mark.django_db(transaction=True)
def test_a_statement_whose_reading_was_killed_is_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    invoice = issued(make_cast()["sales"])
    rows = "".join(f"{today():%d/%m/%Y};VIR {n};{n},00\n" for n in range(1, 1201))
    content = f"Date;Libelle;Montant\n{rows}".encode()
    made = upload_statement(user=None, agency=invoice.agency, name="a.csv", content=content)
    start_reading(user=None, statement=made, columns=made.columns)

    class Killed:
        def set(self, done: int, total: int) -> None:
            if done > 600:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_statement(made.pk, Killed())  # type: ignore[arg-type]
    assert BankLine.objects.count() == 500
    read_statement(made.pk)
    read_statement(made.pk)
    made.refresh_from_db()
    assert (made.state, made.lines_read, made.lines_new, BankLine.objects.count()) == (
        "read",
        1200,
        1200,
        1200,
    )

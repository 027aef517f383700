"""Payments: what they settle, how they are undone, what is refused, the letters that tie them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import translation

from crm.services.company import change_company
from people.models import User
from sales.models import Closing, Invoice, Letter, Payment, PaymentMatch, WriteOff
from sales.services.invoice_credit import cancel_invoice
from sales.services.lettering import next_code
from sales.services.payment import (
    match_payment,
    record_payment,
    return_payment,
    undo_payment,
    unmatch_payment,
)
from sales.services.settlement import refresh_settlement
from sales.services.write_off import undo_write_off, write_off
from tests.base import make_cast, make_role
from tests.sales.agencies import make_agency
from tests.sales.invoices import D, issued, line, make_buyer, make_invoice
from tests.sales.payments import pay, state, today
from timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is refused is told in the source language here."""
    with translation.override("en"):
        yield


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def invoice(cast: dict[str, User]) -> Invoice:
    """1 200 € with tax."""
    return issued(cast["sales"], [line(price=1000)])


# --- What settles what


def test_a_payment_in_two_parts(invoice: Invoice) -> None:
    pay(500, invoice)
    assert state(invoice) == (D(500), D(0), D(0), D(700), "partly", "")
    payment = pay(700, invoice)
    assert state(invoice) == (D(1200), D(0), D(0), D(0), "paid", "A")
    assert invoice.paid_on == today()
    assert (payment.owner, payment.client, payment.payer) == (
        invoice.owner, invoice.client, str(invoice.client),
    )  # fmt: skip
    assert Event.objects.filter(subject_type="sales.payment", action="created").count() == 2


def test_one_payment_of_several_invoices(cast: dict[str, User]) -> None:
    client = make_buyer(cast["sales"])
    bills = [issued(cast["sales"], [line(price=price)], client=client) for price in (100, 200)]
    payment = pay(360, *bills)
    assert [state(bill)[3:] for bill in bills] == [(D(0), "paid", "A"), (D(0), "paid", "A")]
    payment.refresh_from_db()
    assert (payment.matched, payment.left, str(payment.letter)) == (D(360), D(0), "A")


def test_an_over_payment_is_credit_and_goes_to_the_next_invoice(
    cast: dict[str, User], invoice: Invoice
) -> None:
    payment = pay(1500, invoice)
    assert (payment.matched, payment.left, payment.letter) == (D(1200), D(300), None)
    assert state(invoice) == (D(1200), D(0), D(0), D(0), "paid", "")
    second = issued(cast["sales"], [line(price=250)], client=invoice.client)
    match_payment(user=cast["admin"], payment=payment, invoice=second)
    assert (payment.left, str(payment.letter)) == (D(0), "A")
    assert state(second)[3:] == (D(0), "paid", "A")
    unmatch_payment(user=cast["admin"], payment=payment, invoice=second)
    assert (payment.left, payment.letter) == (D(300), None)
    assert state(invoice)[3:] == (D(0), "paid", "")
    assert not Letter.objects.exists()


def test_an_over_payment_is_paid_back(cast: dict[str, User], invoice: Invoice) -> None:
    payment = pay(1500, invoice)
    back = record_payment(
        user=cast["admin"], agency=invoice.agency, received_on=today(), amount=D(300), method="transfer",
        kind="refund", refunds=payment,
    )  # fmt: skip
    payment.refresh_from_db()
    assert (payment.left, back.left, str(payment.letter), str(back.letter)) == (D(0), D(0), "A", "A")
    assert (back.client, back.payer) == (payment.client, payment.payer)
    with pytest.raises(ValidationError, match="paid back: undo that first"):
        undo_payment(user=None, payment=payment, on=today(), reason="Erreur")
    undo_payment(user=None, payment=back, on=today(), reason="Erreur")
    payment.refresh_from_db()
    assert (payment.left, payment.letter) == (D(300), None)


def test_a_credit_note_of_a_paid_invoice_is_paid_back(cast: dict[str, User], invoice: Invoice) -> None:
    pay(1200, invoice)
    note = cancel_invoice(user=cast["admin"], invoice=invoice, reason="Prestation annulée")
    assert state(note)[3] == D(1200)
    assert state(invoice)[3:] == (D(0), "paid", "")
    record_payment(
        user=cast["admin"], agency=note.agency, received_on=today(), amount=D(1200), method="transfer",
        kind="refund", matches={note.pk: D(1200)},
    )  # fmt: skip
    assert state(note) == (D(1200), D(0), D(0), D(0), "none", "B")
    assert state(invoice)[5] == "B"


def test_an_invoice_and_its_credit_note_have_one_letter(cast: dict[str, User], invoice: Invoice) -> None:
    note = cancel_invoice(user=cast["admin"], invoice=invoice, reason="Erreur")
    assert state(invoice) == (D(0), D(1200), D(0), D(0), "none", "A")
    assert state(note)[3:] == (D(0), "none", "A")


def test_a_return_opens_again_what_was_paid(cast: dict[str, User], invoice: Invoice) -> None:
    payment = pay(1200, invoice, method="debit")
    back = return_payment(user=None, payment=payment, returned_on=today(), reason="AM04")
    assert (back.kind, back.undoes, back.matched, back.left) == ("return", payment, D(1200), D(0))
    assert state(invoice) == (D(0), D(0), D(0), D(1200), "pending", "")
    payment.refresh_from_db()
    assert (payment.left, payment.letter) == (D(0), None)
    with pytest.raises(ValidationError, match="undone already"):
        return_payment(user=None, payment=payment, returned_on=today(), reason="AM04")
    with pytest.raises(ValidationError, match="undone already"):
        match_payment(user=None, payment=payment, invoice=invoice)
    pay(1200, invoice)
    assert state(invoice)[3:] == (D(0), "paid", "B")


def test_a_return_that_was_none_is_undone(cast: dict[str, User], invoice: Invoice) -> None:
    back = return_payment(user=None, payment=pay(1200, invoice), returned_on=today(), reason="AM04")
    again = undo_payment(user=None, payment=back, on=today(), reason="Mauvais règlement")
    assert again.kind == "receipt"
    assert state(invoice)[3:] == (D(0), "paid", "B")
    with pytest.raises(ValidationError, match="corrects another"):
        undo_payment(user=None, payment=again, on=today(), reason="Encore")


def test_a_return_is_not_undone_where_the_invoice_was_paid_meanwhile(invoice: Invoice) -> None:
    back = return_payment(user=None, payment=pay(1200, invoice), returned_on=today(), reason="AM04")
    pay(1, invoice)
    with pytest.raises(ValidationError, match="paid otherwise"):
        undo_payment(user=None, payment=back, on=today(), reason="Mauvais règlement")


def test_what_was_paid_back_stays_paid_back_when_the_bank_takes_the_money(
    cast: dict[str, User], invoice: Invoice
) -> None:
    payment = pay(1200, invoice)
    note = cancel_invoice(user=cast["admin"], invoice=invoice, reason="Erreur")
    record_payment(
        user=None, agency=note.agency, received_on=today(), amount=D(1200), method="transfer",
        kind="refund", matches={note.pk: D(1200)},
    )  # fmt: skip
    return_payment(user=None, payment=payment, returned_on=today(), reason="MD06")
    assert state(note)[3] == D(0)
    assert state(invoice)[3:] == (D(1200), "pending", "")


# --- Given up


def test_a_write_off_settles_the_rest(cast: dict[str, User], invoice: Invoice) -> None:
    pay(1199, invoice)
    given_up = write_off(user=cast["admin"], invoice=invoice, amount=D(1), on=today(), reason="rounding")
    assert state(invoice) == (D(1199), D(0), D(1), D(0), "paid", "A")
    undo_write_off(user=cast["admin"], given_up=given_up, on=today())
    assert state(invoice) == (D(1199), D(0), D(0), D(1), "partly", "")
    with pytest.raises(ValidationError, match="back already"):
        undo_write_off(user=cast["admin"], given_up=given_up, on=today())


def test_an_invoice_given_up_as_a_whole_has_nothing_to_pay(cast: dict[str, User], invoice: Invoice) -> None:
    write_off(user=None, invoice=invoice, amount=D(1200), on=today(), reason="loss", note="Liquidation")
    assert state(invoice) == (D(0), D(0), D(1200), D(0), "none", "A")
    assert invoice.paid_on is None


@pytest.mark.parametrize(
    ("amount", "reason", "match"),
    [
        (D("1200.01"), "loss", "left to pay"), (D(0), "loss", "above nought"), (D("0.001"), "loss", "cent"),
        (D(1), "because", "why"), (D(-1), "loss", "above nought"),
    ],
)  # fmt: skip
def test_what_is_not_written_off(invoice: Invoice, amount: Any, reason: str, match: str) -> None:
    with pytest.raises(ValidationError, match=match):
        write_off(user=None, invoice=invoice, amount=amount, on=today(), reason=reason)


# --- What is refused


@pytest.mark.parametrize("amount", [D(0), D(-5), D("0.001"), 0.1 + 0.2, D("NaN"), D("1e20"), D("Infinity")])
def test_amounts_that_are_none(invoice: Invoice, amount: Any) -> None:
    with pytest.raises(ValidationError):
        pay(1, invoice, amount=amount, matches={})
    with pytest.raises(ValidationError):
        pay(1200, invoice, matches={invoice.pk: amount})
    assert not Payment.objects.exists()


def test_a_tenth_and_two_tenths_are_three(invoice: Invoice) -> None:
    pay(D("0.1") + D("0.2"), invoice)
    assert state(invoice)[3] == D("1199.70")


def test_never_more_than_is_owed_nor_than_is_there(cast: dict[str, User], invoice: Invoice) -> None:
    with pytest.raises(ValidationError, match="more than the"):
        pay(2000, invoice, matches={invoice.pk: D("1200.01")})
    with pytest.raises(ValidationError, match="only"):
        pay(500, invoice, matches={invoice.pk: D(600)})
    payment = pay(100)
    with pytest.raises(ValidationError, match="only"):
        match_payment(user=None, payment=payment, invoice=invoice, amount=D("100.01"))
    match_payment(user=None, payment=payment, invoice=invoice, amount=D(40))
    match_payment(user=None, payment=payment, invoice=invoice)
    assert PaymentMatch.objects.get().amount == D(100)


def test_invoices_that_are_not_paid(cast: dict[str, User], invoice: Invoice) -> None:
    other = issued(cast["sales"], agency=_second_agency())
    draft = make_invoice(cast["sales"], client=invoice.client)
    note = cancel_invoice(user=None, invoice=issued(cast["sales"], client=invoice.client), reason="Erreur")
    for bill, match in ((other, "another agency"), (draft, "draft"), (note, "credit note")):
        with pytest.raises(ValidationError, match=match):
            pay(10, invoice, matches={bill.pk: D(10)})
    with pytest.raises(ValidationError, match="no such invoice"):
        pay(10, invoice, matches={10**9: D(10)})
    with pytest.raises(ValidationError, match="no such invoice"):
        pay(10, invoice, user=cast["stranger"], matches={invoice.pk: D(10)})


def _second_agency() -> Any:
    from tests.sales.invoices import IBAN

    return make_agency(
        name="Be Hype", code="BH", siren="443061841", iban=IBAN, bic="AGRIFRPP", email="a@b.test",
        register="RCS Lyon", capital=D(1000),
    )  # fmt: skip


def test_days_that_cannot_be(invoice: Invoice) -> None:
    with pytest.raises(ValidationError, match="yet to come"):
        pay(10, invoice, received_on=today() + timedelta(days=1))
    with pytest.raises(ValidationError, match="too long ago"):
        pay(10, invoice, received_on=today().replace(year=26))
    payment = pay(10, invoice)
    with pytest.raises(ValidationError, match="before the payment"):
        return_payment(user=None, payment=payment, returned_on=today() - timedelta(days=1), reason="AM04")


def test_nothing_is_dated_in_closed_books(invoice: Invoice) -> None:
    payment = pay(10, invoice)
    Closing.objects.create(agency=invoice.agency, closed_until=today())
    before = state(invoice)
    for verb in (
        lambda: pay(10, invoice),
        lambda: unmatch_payment(user=None, payment=payment, invoice=invoice),
        lambda: return_payment(user=None, payment=payment, returned_on=today(), reason="AM04"),
        lambda: undo_payment(user=None, payment=payment, on=today(), reason="Erreur"),
        lambda: write_off(user=None, invoice=invoice, amount=D(1), on=today(), reason="loss"),
    ):
        with pytest.raises(ValidationError, match="closed until"):
            verb()
    assert (Payment.objects.count(), state(invoice)) == (1, before)


def test_money_goes_back_for_a_reason_that_is_known(invoice: Invoice) -> None:
    payment = pay(1300, invoice)
    values = {"kind": "refund", "matches": {}}
    with pytest.raises(ValidationError, match="which credit note"):
        pay(10, invoice, **values)
    with pytest.raises(ValidationError, match="Only"):
        pay("100.01", invoice, **values, refunds=payment)
    with pytest.raises(ValidationError, match="on the payment itself"):
        pay(10, invoice, kind="return", matches={})
    with pytest.raises(ValidationError, match="why"):
        undo_payment(user=None, payment=payment, on=today(), reason=" ")


def test_for_whom_one_may_record(cast: dict[str, User], invoice: Invoice) -> None:
    assert pay(10, invoice, user=cast["admin"]).owner == invoice.owner
    clerk = make_role("clerk", sales_payment=("team", ["view", "create"]), sales_invoice=("all", ["view"]))
    for key, may in (("manager", True), ("sales", True), ("stranger", False)):
        person = cast[key]
        User.objects.filter(pk=person.pk).update(role=clerk)
        person = User.objects.get(pk=person.pk)
        if may:
            assert pay(10, invoice, user=person).owner == invoice.owner
        else:
            with pytest.raises(PermissionDenied):
                pay(10, invoice, user=person)


# --- Always


def test_working_it_out_again_changes_nothing(cast: dict[str, User], invoice: Invoice) -> None:
    pay(1200, invoice)
    before = state(invoice)
    assert refresh_settlement([invoice.pk]) == []
    assert state(invoice) == before


def test_letters_go_on_after_z() -> None:
    assert [next_code(code) for code in ("", "A", "Z", "AZ", "ZZ", "AAZ")] == [
        "A", "B", "AA", "BA", "AAA", "ABA",
    ]  # fmt: skip


def test_a_client_of_another_name_is_found_by_it(cast: dict[str, User], invoice: Invoice) -> None:
    payment = pay(10, invoice)
    company = invoice.company
    assert company is not None
    change_company(user=cast["admin"], company=company, values={"name": "Fournil des Terreaux"})
    payment.refresh_from_db()
    assert "fournil" in payment.search_text


def test_the_database_itself_keeps_payments_and_write_offs(invoice: Invoice) -> None:
    payment = pay(10, invoice)
    off = write_off(user=None, invoice=invoice, amount=D(5), on=today(), reason="rounding")
    wrong: list[Callable[[], Any]] = [
        lambda: Payment.objects.filter(pk=payment.pk).update(amount=D(11)),
        lambda: Payment.objects.filter(pk=payment.pk).update(received_on=today() - timedelta(days=1)),
        lambda: WriteOff.objects.filter(pk=off.pk).update(amount=D(6)),
        lambda: WriteOff.objects.filter(pk=off.pk)._raw_delete("default"),
        lambda: Payment.objects.filter(pk=pay(3).pk)._raw_delete("default"),
    ]
    for verb in wrong:
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            verb()
    Payment.objects.filter(pk=payment.pk).update(note="Chèque n° 12")

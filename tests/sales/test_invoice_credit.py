"""Credit notes: whole, in part, never above the invoice, whatever the cents."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from people.models import User
from sales.models import Invoice
from sales.services import invoice_issue
from sales.services.invoice_credit import cancel_invoice, create_credit_note
from sales.services.invoice_credit_left import left_by_line, left_by_rate
from sales.services.invoice_issue import issue_invoice
from tests.base import make_cast
from tests.sales.invoices import D, agency_for_invoices, issued, line, make_buyer, make_invoice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is refused is told in the source language here."""
    with translation.override("en"):
        yield


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def credit(invoice: Invoice, amounts: dict[int, Any] | None = None) -> Invoice:
    given = None if amounts is None else {pk: D(str(amount)) for pk, amount in amounts.items()}
    return issue_invoice(user=None, invoice=create_credit_note(user=None, invoice=invoice, amounts=given))


def test_a_cancelled_invoice_comes_to_nothing(cast: dict[str, User]) -> None:
    invoice = issued(
        cast["sales"],
        [line(price="99.99"), line(price="33.33", vat_rate=D("5.5"))],
        discount_percent=D("7.5"),
    )
    note = cancel_invoice(user=cast["admin"], invoice=invoice, reason="Erreur de client")
    assert str(note.number).startswith("AV-DF-")
    assert (note.net, note.vat, note.gross) == (invoice.net, invoice.vat, invoice.gross)
    assert note.facts["preceding"][0]["number"] == invoice.number
    invoice.refresh_from_db()
    assert (invoice.balance, invoice.credited, invoice.settlement) == (D(0), invoice.gross, "none")
    with pytest.raises(ValidationError, match="as a whole already"):
        create_credit_note(user=None, invoice=invoice)


def test_a_reason_is_asked_for(cast: dict[str, User]) -> None:
    with pytest.raises(ValidationError, match="Say why"):
        cancel_invoice(user=cast["admin"], invoice=issued(cast["sales"]), reason="  ")


def test_a_part_of_a_line_and_then_the_rest(cast: dict[str, User]) -> None:
    invoice = issued(cast["sales"], [line(price=1000), line("Hébergement", 100)])
    first, second = invoice.lines.all()
    note = credit(invoice, {first.pk: 400})
    assert (note.net, note.gross) == (D(400), D(480))
    assert left_by_line(invoice) == {first.pk: D(600), second.pk: D(100)}
    invoice.refresh_from_db()
    assert (invoice.credited, invoice.balance, invoice.settlement) == (D(480), D(840), "pending")
    with pytest.raises(ValidationError, match="is left"):
        create_credit_note(user=None, invoice=invoice, amounts={first.pk: D("600.01")})
    credit(invoice)
    assert not any(left_by_line(invoice).values())


def test_two_drafts_of_the_same_euro_are_not_both_issued(cast: dict[str, User]) -> None:
    invoice = issued(cast["sales"])
    one, two = (create_credit_note(user=None, invoice=invoice) for _turn in range(2))
    issue_invoice(user=None, invoice=one)
    with pytest.raises(ValidationError, match="left"):
        issue_invoice(user=None, invoice=two)


def test_only_an_issued_invoice_is_credited(cast: dict[str, User]) -> None:
    with pytest.raises(ValidationError, match="Only an issued"):
        create_credit_note(user=None, invoice=make_invoice(cast["sales"]))
    note = credit(issued(cast["sales"]))
    with pytest.raises(ValidationError, match="Only an issued"):
        create_credit_note(user=None, invoice=note)


def test_a_line_of_another_invoice_is_none_of_this(cast: dict[str, User]) -> None:
    other = issued(cast["sales"]).lines.get()
    with pytest.raises(ValidationError, match="not of this invoice"):
        create_credit_note(user=None, invoice=issued(cast["sales"]), amounts={other.pk: D(1)})


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_credit_notes_are_never_above_their_invoice(data: Any, monkeypatch_rules: None) -> None:
    """Base and VAT of each rate, after any parts in any order, and nothing is left at the end."""
    owner = User.objects.filter(is_active=True).first() or make_cast()["sales"]
    prices = data.draw(
        st.lists(
            st.tuples(st.decimals("0.01", "99", places=2), st.sampled_from([D(20), D("5.5")])),
            min_size=1,
            max_size=4,
        )
    )
    client = data.draw(st.just(None)) or Invoice.objects.values_list("client", flat=True).first()
    buyer = {"client_id": client} if client else {"client": make_buyer(owner)}
    percent = data.draw(st.sampled_from([D(0), D("3.33")]))
    lines = [line(f"Ligne {n}", price, vat_rate=rate) for n, (price, rate) in enumerate(prices)]
    invoice = issued(owner, lines, agency=agency_for_invoices(), discount_percent=percent, **buyer)
    for _turn in range(data.draw(st.integers(0, 3))):
        left = {pk: most for pk, most in left_by_line(invoice).items() if most}
        if not left:
            break
        asked = {
            pk: data.draw(st.decimals(min_value=0, max_value=most, places=2), label=str(pk))
            for pk, most in left.items()
        }
        if any(asked.values()):
            credit(invoice, asked)
    if any(left_by_line(invoice).values()):
        credit(invoice)
    sums = Invoice.objects.filter(corrects=invoice, status="issued").aggregate(
        net=Sum("net"), gross=Sum("gross")
    )
    assert (sums["net"], sums["gross"]) == (invoice.net, invoice.gross)
    assert all(base == 0 and vat == 0 for base, vat in left_by_rate(invoice).values())


@pytest.fixture
def monkeypatch_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is drawn is looked at elsewhere: here a stand-in for the file, the rules are real."""
    monkeypatch.setattr(invoice_issue, "write_pdf", lambda *_given: b"%PDF-1.7 stand-in")
    monkeypatch.setattr(invoice_issue, "page_of", lambda *_given, **_named: None)

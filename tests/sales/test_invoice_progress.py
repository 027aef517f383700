"""Deposit, interim and final invoices: what is left, to the cent."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from people.models import User
from sales.amounts import NOUGHT
from sales.invoice_figures import figures_of
from sales.models import Invoice, Quote, QuoteLine
from sales.services.invoice_credit import cancel_invoice
from sales.services.invoice_issue import issue_invoice
from sales.services.invoice_progress import (
    create_deposit_draft,
    create_final_draft,
    create_interim_draft,
    left_of,
    progress_of,
)
from sales.services.quote import create_quote
from tests.base import make_cast
from tests.sales.invoices import D, agency_for_invoices, make_buyer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is refused is told in the source language here."""
    with translation.override("en"):
        yield


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def accepted(user: User, *lines: tuple[Any, Any], **values: Any) -> Quote:
    """A quote that the client said yes to; (price, rate) a line."""
    rows = [
        {
            "kind": "item", "label": f"Lot {n}", "description": "", "quantity": D(1), "unit": "LS",
            "unit_price": D(str(price)), "discount_percent": NOUGHT, "vat_rate": D(str(rate)), "offer": None,
            "period": "once", "is_optional": False,
        }
        for n, (price, rate) in enumerate(lines, 1)
    ]  # fmt: skip
    given = {"agency": agency_for_invoices(), "client": make_buyer(user), "subject": "Refonte", "owner": user}
    quote = create_quote(
        user=None, quote=Quote(**{**given, "treatment": "standard", "language": "fr", **values}), lines=rows
    )
    Quote.objects.filter(pk=quote.pk).update(status="accepted")
    quote.refresh_from_db()
    return quote


def issue(draft: Invoice) -> Invoice:
    return issue_invoice(user=None, invoice=draft)


def test_a_deposit_and_the_rest(cast: dict[str, User]) -> None:
    quote = accepted(cast["sales"], (1000, 20), (333.33, "5.5"), deposit_percent=D(30))
    deposit = issue(create_deposit_draft(user=None, quote=quote))
    assert deposit.type_code == "386"
    assert [(rate.rate, rate.base) for rate in deposit.rates.all()] == [
        (D("5.5"), D("100.00")),
        (D(20), D("300.00")),
    ]
    assert left_of(quote) == D("933.33")
    final = issue(create_final_draft(user=None, quote=quote))
    assert (final.kind, final.net) == ("final", D("933.33"))
    assert final.facts["preceding"][0]["number"] == deposit.number
    assert left_of(quote) == 0
    with pytest.raises(ValidationError, match="as a whole already"):
        create_final_draft(user=None, quote=quote)


def test_without_a_deposit_it_is_a_plain_invoice(cast: dict[str, User]) -> None:
    quote = accepted(cast["sales"], (1000, 20), discount_percent=D(10))
    draft = create_final_draft(user=None, quote=quote)
    assert (draft.kind, draft.net, draft.discount_percent) == ("invoice", D(900), D(10))


def test_line_by_line_until_all_is_done(cast: dict[str, User]) -> None:
    quote = accepted(cast["sales"], ("999.99", 20), ("0.05", 10), discount_percent=D("3.33"))
    one, two = QuoteLine.objects.filter(quote=quote).order_by("position")
    total = NOUGHT
    for done in ({one.pk: D("33.33")}, {one.pk: D("66.67"), two.pk: D(50)}, {one.pk: D(100), two.pk: D(100)}):
        total += issue(create_interim_draft(user=None, quote=quote, progress=done)).net
    assert total == quote.net
    assert progress_of(quote) == {one.pk: D(100), two.pk: D(100)}
    with pytest.raises(ValidationError, match="Nothing is further"):
        create_interim_draft(user=None, quote=quote, progress={one.pk: D(100)})


def test_progress_neither_goes_back_nor_beyond(cast: dict[str, User]) -> None:
    quote = accepted(cast["sales"], (1000, 20))
    lot = QuoteLine.objects.get(quote=quote)
    issue(create_interim_draft(user=None, quote=quote, progress={lot.pk: D(40)}))
    for wrong in (D(39), D("100.01")):
        with pytest.raises(ValidationError, match="percentage"):
            create_interim_draft(user=None, quote=quote, progress={lot.pk: wrong})
    with pytest.raises(ValidationError, match="not of this quote"):
        create_interim_draft(user=None, quote=quote, progress={lot.pk: D(50), lot.pk + 999: D(5)})


def test_two_drafts_never_bill_the_same_euro(cast: dict[str, User]) -> None:
    quote = accepted(cast["sales"], (1000, 20))
    one, two = (create_deposit_draft(user=None, quote=quote, percent=D(60)) for _turn in range(2))
    issue(one)
    with pytest.raises(ValidationError, match="left to invoice"):
        issue(two)
    with pytest.raises(ValidationError, match="more than 0"):
        create_deposit_draft(user=None, quote=quote, percent=D(0))


def test_a_deposit_that_was_credited_is_not_taken_off(cast: dict[str, User]) -> None:
    quote = accepted(cast["sales"], (1000, 20))
    deposit = issue(create_deposit_draft(user=None, quote=quote, percent=D(30)))
    cancel_invoice(user=cast["admin"], invoice=deposit, reason="Erreur")
    final = issue(create_final_draft(user=None, quote=quote))
    assert final.net == D(1000)


def test_a_final_invoice_that_was_credited_gives_the_deposit_back(cast: dict[str, User]) -> None:
    quote = accepted(cast["sales"], (1000, 20))
    issue(create_deposit_draft(user=None, quote=quote, percent=D(30)))
    final = issue(create_final_draft(user=None, quote=quote))
    cancel_invoice(user=cast["admin"], invoice=final, reason="Mauvaise adresse")
    again = issue(create_final_draft(user=None, quote=quote))
    assert again.net == D(700)


def test_what_is_left_shows_on_quote_and_client(cast: dict[str, User]) -> None:
    quote = accepted(cast["sales"], (1000, 20))
    issue(create_deposit_draft(user=None, quote=quote, percent=D(30)))
    for name, record in (("quote", quote), ("client", quote.client), ("company", quote.company)):
        figures = figures_of(cast["sales"], name, record)
        assert (figures.sold, figures.invoiced, figures.to_invoice, figures.to_collect) == (
            D(1000), D(300), D(700), D(360),
        )  # fmt: skip

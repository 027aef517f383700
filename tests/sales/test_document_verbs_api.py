"""What one does with quotes and invoices over the API: the same services and rights as on their pages."""

from decimal import Decimal
from typing import Any

import pytest

from people.models import User
from sales.models import Invoice, Quote
from sales.services.quote import sums_of_quote
from tests.base import make_cast
from tests.contracts.api import caller
from tests.sales.invoices import issued, line, make_invoice
from tests.sales.quotes import LINE, OPTION, make_quote, make_sent

pytestmark = pytest.mark.django_db
QUOTES, INVOICES = "/api/v1/quotes/", "/api/v1/invoices/"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def post(user: User, address: str, status: int = 200, **body: Any) -> Any:
    answer = caller(user).post(address, body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_quote_is_sent_versioned_and_accepted_with_its_options(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    quote = make_quote(hugo, lines=[LINE, OPTION])
    at = f"{QUOTES}{quote.pk}/"
    post(hugo, f"{at}send/", 422)
    assert post(hugo, f"{at}send/", to=["client@example.org"])["status"] == "sent"
    message = quote.messages.get()
    assert (message.to, bool(message.subject), bool(message.body)) == ("client@example.org", True, True)
    later = post(hugo, f"{at}versions/", 201)
    assert (later["revision"], later["status"]) == (2, "draft")
    at = f"{QUOTES}{later['id']}/"
    assert post(hugo, f"{at}hand-over/")["status"] == "sent"
    post(hugo, f"{at}accept/", 422, name="Paul", chosen=[7])
    post(hugo, f"{at}accept/", 422, name="Paul", chosen=[1])
    post(hugo, f"{at}accept/", 422, name="Paul", on="2199-01-01")
    said = post(hugo, f"{at}accept/", name="Paul Durand", chosen=[2])
    assert (said["status"], said["answer_name"], said["net"]) == ("accepted", "Paul Durand", "1400.00")
    assert said["contract"]
    pdf = caller(hugo).get(f"{at}pdf/")
    assert b"".join(pdf.streaming_content if pdf.streaming else [pdf.content]).startswith(b"%PDF")


def test_a_quote_is_copied_and_refused(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    quote = make_sent(hugo, lines=[LINE])
    at = f"{QUOTES}{quote.pk}/"
    copy = post(hugo, f"{at}duplicate/", 201)
    assert copy["number"] != quote.number
    assert post(hugo, f"{at}refuse/", reason="Trop cher")["refusal_reason"] == "Trop cher"
    assert sums_of_quote(quote, []) is not None
    for user, status in (("stranger", 404), ("marketing", 403)):
        for verb in ("send", "refuse", "duplicate"):
            post(cast[user], f"{at}{verb}/", status)
    post(cast["am"], f"{at}duplicate/", 403)
    assert Quote.objects.count() == 2


def test_an_invoice_is_sent_credited_line_by_line_and_cancelled(cast: dict[str, User]) -> None:
    hugo, admin = cast["sales"], cast["admin"]
    invoice = issued(hugo, [line("Site", 1000), line("Logo", 400)])
    at = f"{INVOICES}{invoice.pk}/"
    post(hugo, f"{at}send/", to=["compta@example.org"], subject="Facture", body="Voici")
    assert invoice.messages.get().body == "Voici"
    post(hugo, f"{at}credit/", 422, lines=[{"line": 9, "amount": "1.00"}])
    post(hugo, f"{at}credit/", 422, lines=[{"line": 2, "amount": "400.01"}])
    note = post(hugo, f"{at}credit/", 201, lines=[{"line": 2, "amount": "150.00"}], reason="Remise")
    assert (note["kind"], note["status"], note["net"], note["corrects"]) == (
        "credit_note",
        "draft",
        "150.00",
        invoice.pk,
    )
    post(hugo, f"{at}cancel/", 403, reason="Erreur")
    post(admin, f"{at}cancel/", 422)
    Invoice.objects.filter(pk=note["id"]).delete()
    whole = post(admin, f"{at}cancel/", 201, reason="Erreur")
    assert (whole["status"], whole["net"]) == ("issued", "1400.00")
    copy = post(hugo, f"{at}duplicate/", 201)
    assert (copy["status"], Decimal(copy["net"])) == ("draft", Decimal(1400))


def test_a_draft_is_neither_sent_nor_credited(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    at = f"{INVOICES}{make_invoice(hugo, [line()]).pk}/"
    post(hugo, f"{at}send/", 422, to=["compta@example.org"])
    post(hugo, f"{at}credit/", 422)
    for user, status in (("stranger", 404), ("marketing", 403), ("am", 403)):
        post(cast[user], f"{at}credit/", status)

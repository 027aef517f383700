"""Pages and API of payments: list, record, recording, what follows, write-offs."""

from typing import Any

import pytest
from django.urls import reverse

from people.models import User
from sales.models import Invoice, Payment
from sales.services.invoice_credit import cancel_invoice
from tests.base import client_of, make_cast
from tests.contracts.api import caller
from tests.contracts.pages import PageContract
from tests.sales.invoices import D, issued, line, make_buyer
from tests.sales.payments import pay, state, today

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def invoice(cast: dict[str, User]) -> Invoice:
    return issued(cast["sales"], [line(price=1000)])


def make_money(user: User | None, **values: Any) -> Payment:
    """A payment of nobody in particular, for `user`."""
    amount = values.pop("amount", 10)
    owner = values.pop("owner", user)
    return pay(amount, owner=owner, **{"reference": "VIR 42", "payer": "Boulangerie", **values})


class TestMoneyPages(PageContract):
    """The contract of every module, for records that are never changed."""

    model = Payment
    urls = "sales:payment"
    make = staticmethod(make_money)
    shown = "reference"
    list_queries = 13

    def addresses(self, record: Any) -> list[str]:
        return [self.url("list"), record.get_absolute_url()]

    def test_a_role_without_a_grant_is_refused_everywhere(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["marketing"])
        for address in (*self.addresses(record), self.url("list") + "?export=csv", self.url("new")):
            assert client.get(address).status_code == 403, address

    def test_a_record_out_of_sight_answers_404_by_every_door(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        assert client_of(cast["stranger"]).get(record.get_absolute_url()).status_code == 404
        assert client_of(cast["admin"]).get(self.url("detail", 999_999_999)).status_code == 404

    test_an_unknown_number_answers_404 = None  # type: ignore[assignment]
    test_seeing_does_not_allow_the_other_actions = None  # type: ignore[assignment]
    test_a_record_is_created_with_its_event = None  # type: ignore[assignment]
    test_an_empty_form_comes_back_with_its_errors = None  # type: ignore[assignment]
    test_a_change_is_saved_with_before_and_after = None  # type: ignore[assignment]
    test_the_second_of_two_editors_is_shown_what_changed = None  # type: ignore[assignment]
    test_deleting_asks_first_then_moves_to_the_bin_and_comes_back = None  # type: ignore[assignment]


def values(invoice: Invoice, **more: Any) -> dict[str, Any]:
    return {
        "agency": invoice.agency_id,
        "client": invoice.client_id,
        "received_on": today().isoformat(),
        "amount": "1200",
        "method": "transfer",
        **more,
    }


def test_from_an_invoice_all_is_filled_in(cast: dict[str, User], invoice: Invoice) -> None:
    client = client_of(cast["admin"])
    address = f"{reverse('sales:payment_new')}?invoice={invoice.pk}"
    form = client.get(address).context["form"]
    assert (form["amount"].value(), form[f"invoice_{invoice.pk}"].value()) == (D(1200), D(1200))
    given = values(invoice, offered_for=form["offered_for"].value(), **{f"invoice_{invoice.pk}": "1 200,00"})
    answer = client.post(address, given)
    assert answer.status_code == 302
    assert state(invoice)[4:] == ("paid", "A")
    page = client.get(invoice.get_absolute_url()).content.decode()
    assert "VIR" not in page
    assert Payment.objects.get().get_absolute_url() in page


def test_the_invoices_of_a_client_are_offered_before_it_is_recorded(
    cast: dict[str, User], invoice: Invoice
) -> None:
    client = client_of(cast["admin"])
    second = issued(cast["sales"], [line(price=500)], client=invoice.client)
    answer = client.post(reverse("sales:payment_new"), values(invoice, amount="1500"))
    assert answer.status_code == 422
    assert not Payment.objects.exists()
    form = answer.context["form"]
    assert form[f"invoice_{invoice.pk}"].value() == "1200,00"
    assert form[f"invoice_{second.pk}"].value() == "300,00"
    data = {name: form[name].value() or "" for name in form.fields}
    assert client.post(reverse("sales:payment_new"), data).status_code == 302
    assert state(second)[3] == D(300)


def test_what_is_wrong_is_told_beside_the_field(cast: dict[str, User], invoice: Invoice) -> None:
    client = client_of(cast["admin"])
    for name, wrong in (
        ("amount", "0"),
        ("amount", "-4"),
        ("amount", "douze"),
        ("received_on", "2199-01-01"),
    ):
        given = values(invoice, client="", **{name: wrong})
        answer = client.post(reverse("sales:payment_new"), given)
        assert answer.status_code == 422, wrong
        assert answer.context["form"].errors, wrong
    assert not Payment.objects.exists()


def test_an_over_payment_is_matched_and_paid_back(cast: dict[str, User], invoice: Invoice) -> None:
    client = client_of(cast["admin"])
    payment = pay(1500, invoice)
    second = issued(cast["sales"], [line(price=100)], client=invoice.client)
    page = client.get(payment.get_absolute_url())
    assert [action["label"] for action in page.context["record"]["actions"]]
    match = reverse("sales:payment_match", args=[payment.pk])
    assert client.get(match).context["form"][f"invoice_{second.pk}"].value() == D(120)
    given = {"version": payment.version, f"invoice_{second.pk}": "120"}
    assert client.post(match, given).status_code == 302
    payment.refresh_from_db()
    assert payment.left == D(180)
    back = reverse("sales:payment_refund", args=[payment.pk])
    given = {
        "version": payment.version,
        "amount": "180",
        "received_on": today().isoformat(),
        "method": "transfer",
    }
    assert client.post(back, given).status_code == 302
    payment.refresh_from_db()
    assert (payment.left, str(payment.letter)) == (D(0), "A")
    off = reverse("sales:payment_unmatch", args=[payment.pk, second.pk])
    assert client.post(off).status_code == 302
    assert state(second)[3] == D(120)


def test_returned_undone_written_off_and_paid_back(cast: dict[str, User], invoice: Invoice) -> None:
    client = client_of(cast["admin"])
    payment = pay(1200, invoice)
    day = today().isoformat()
    for name, given in (("return", {"returned_on": day}), ("undo", {"on": day})):
        address = reverse(f"sales:payment_{name}", args=[payment.pk])
        assert client.post(address, {"version": payment.version, **given}).status_code == 422
        answer = client.post(address, {"version": payment.version, "reason": "AM04", **given})
        assert answer.status_code == 302, answer.context["form"].errors
        payment = Payment.objects.latest("pk")
    assert payment.is_correction
    assert state(invoice)[4] == "paid"
    other = issued(cast["sales"], [line(price=1000)], client=invoice.client)
    off = reverse("sales:invoice_write_off", args=[other.pk])
    given = {"version": other.version, "amount": "1200", "on": day, "reason": "loss", "note": "Liquidation"}
    assert client.get(off).status_code == 200
    assert client.post(off, given).status_code == 302
    assert state(other)[2:5] == (D(1200), D(0), "none")
    undo = client.get(other.get_absolute_url()).context["money"]["write_offs"][0]["undo_url"]
    assert client.post(undo).status_code == 302
    assert state(other)[3] == D(1200)
    note = cancel_invoice(user=None, invoice=invoice, reason="Erreur")
    back = reverse("sales:invoice_refund", args=[note.pk])
    note.refresh_from_db()
    given = {"version": note.version, "amount": "1200", "received_on": day, "method": "transfer"}
    assert client.post(back, given).status_code == 302
    assert state(note)[3] == D(0)


def test_filters_and_the_sum_of_the_list(cast: dict[str, User], invoice: Invoice) -> None:
    one = pay(1300, invoice, reference="A")
    two = pay(5, reference="B", method="cheque", client=make_buyer(cast["sales"], name="Autre"))
    client = client_of(cast["admin"])
    for query, found in (
        (f"client={invoice.client_id}", [one]), ("method=cheque", [two]), ("unmatched=yes", [two, one]),
        (f"invoice={invoice.pk}", [one]), ("kind=refund", []), (f"received_min={today()}", [two, one]),
    ):  # fmt: skip
        page = client.get(f"{reverse('sales:payment_list')}?{query}&sort=newest")
        assert [row["pk"] for row in page.context["list"]["rows"]] == [each.pk for each in found], query
    assert "1" in str(client.get(reverse("sales:payment_list") + "?all=1").context["list"]["notice"])


def test_the_api_records_matches_and_undoes(cast: dict[str, User], invoice: Invoice) -> None:
    client = caller(cast["admin"])
    body = values(invoice, amount="1500.00", matches=[{"invoice": invoice.pk, "amount": "1000.00"}])
    answer = client.post("/api/v1/money/", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["left"], made["matches"]) == ("500.00", [{"invoice": invoice.pk, "amount": "1000.00"}])
    address = f"/api/v1/money/{made['id']}/"
    answer = client.post(f"{address}match/", {"invoice": invoice.pk}, content_type="application/json")
    assert answer.json()["left"] == "300.00", answer.content
    answer = client.post(f"{address}unmatch/", {"invoice": invoice.pk}, content_type="application/json")
    assert answer.json()["left"] == "1500.00"
    said = {"on": today().isoformat(), "reason": "Saisi deux fois"}
    answer = client.post(f"{address}undo/", said, content_type="application/json")
    assert answer.json()["undoes"] == made["id"]
    for wrong in (
        [{"invoice": invoice.pk}],
        "x",
        [{"invoice": 1, "amount": "x"}],
        [3],
        [{"invoice": 0, "amount": "1"}],
    ):
        answer = client.post("/api/v1/money/", {**body, "matches": wrong}, content_type="application/json")
        assert answer.status_code == 422, wrong

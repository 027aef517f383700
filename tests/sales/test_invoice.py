"""Pages of invoices."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from people.models import User
from sales.models import Invoice
from sales.services.invoice import change_invoice
from sales.services.invoice_issue import issue_invoice
from sales.services.invoice_link import token_of
from sales.services.invoice_sources import draft_from_contract, draft_from_subscription
from tests.base import client_of, make_cast
from tests.contracts.pages import PageContract
from tests.sales.invoices import D, agency_for_invoices, buyer_company, issued, line, make_buyer, make_invoice
from tests.sales.records import make_contract, make_subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def without_lines(user: User | None, **values: Any) -> Invoice:
    return make_invoice(user, [], **values)


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


class TestInvoicePages(PageContract):
    """The contract of every module, on invoices."""

    model = Invoice
    urls = "sales:invoice"
    make = staticmethod(without_lines)
    form = {"subject": "Refonte"}
    change = {"order_reference": "BC-12"}
    shown = "subject"
    bulk = ("assign", "delete")
    list_queries = 13

    @pytest.fixture(autouse=True)
    def _with_company(self, cast: dict[str, User]) -> None:
        company = buyer_company(owner=None)
        self.form = {**type(self).form, "company": company.pk, "agency": agency_for_invoices().pk}

    def test_a_draft_is_looked_at_and_issued(self, cast: dict[str, User]) -> None:
        draft = make_invoice(cast["sales"])
        url = reverse("sales:invoice_issue", args=[draft.pk])
        assert client_of(cast["sales"]).get(url).status_code == 403
        admin = client_of(cast["admin"])
        page = admin.get(url)
        assert page.context["ready"].number.endswith("-00001")
        assert admin.post(url, {"version": draft.version + 5}).status_code == 409
        assert admin.post(url, {"version": draft.version}).status_code == 302
        draft.refresh_from_db()
        assert str(draft.number).endswith("-00001")
        shown = admin.get(draft.get_absolute_url())
        assert str(draft.number) in shown.content.decode()
        assert admin.get(url).status_code == 302

    def test_what_lacks_is_told_on_the_page(self, cast: dict[str, User]) -> None:
        draft = make_invoice(cast["sales"], [])
        url = reverse("sales:invoice_issue", args=[draft.pk])
        assert client_of(cast["admin"]).get(url).context["problems"]
        assert client_of(cast["admin"]).post(url, {"version": draft.version}).status_code == 422

    def test_pdf_and_picture_are_sent_to_who_sees_it(self, cast: dict[str, User]) -> None:
        draft, invoice = make_invoice(cast["sales"]), issued(cast["sales"])
        hugo = client_of(cast["sales"])
        for one in (draft, invoice):
            answer = hugo.get(reverse("sales:invoice_pdf", args=[one.pk]))
            assert content_of(answer).startswith(b"%PDF-")
        assert hugo.get(reverse("sales:invoice_picture", args=[invoice.pk]))["Content-Type"] == "image/webp"
        assert hugo.get(reverse("sales:invoice_picture", args=[draft.pk])).status_code == 404
        assert (
            client_of(cast["stranger"]).get(reverse("sales:invoice_pdf", args=[invoice.pk])).status_code
            == 404
        )

    def test_an_issued_invoice_has_no_editor_and_is_not_deleted(self, cast: dict[str, User]) -> None:
        invoice = issued(cast["sales"])
        admin = client_of(cast["admin"])
        assert admin.get(reverse("sales:invoice_edit", args=[invoice.pk])).status_code == 302
        posted = admin.post(
            reverse("sales:invoice_edit", args=[invoice.pk]), {"subject": "Autre", "version": invoice.version}
        )
        assert posted.status_code == 422
        assert admin.post(reverse("sales:invoice_delete", args=[invoice.pk])).status_code in (302, 422)
        assert Invoice.objects.filter(pk=invoice.pk, subject="Refonte du site").exists()

    def test_a_part_is_credited_and_the_rest_cancelled_from_the_pages(self, cast: dict[str, User]) -> None:
        invoice = issued(cast["sales"], [line(price=1000)])
        admin = client_of(cast["admin"])
        url = reverse("sales:invoice_credit", args=[invoice.pk])
        name = f"line_{invoice.lines.get().pk}"
        assert admin.get(url).status_code == 200
        assert admin.post(url, {name: "1000,01", "version": invoice.version}).status_code == 422
        assert (
            admin.post(url, {name: "250", "reason": "Geste", "version": invoice.version}).status_code == 302
        )
        note = Invoice.objects.get(corrects=invoice)
        assert (note.net, note.introduction, note.is_draft) == (D(250), "Geste", True)
        assert admin.get(reverse("sales:invoice_edit", args=[note.pk])).status_code == 200
        issue_invoice(user=None, invoice=note)
        cancel = reverse("sales:invoice_cancel", args=[invoice.pk])
        invoice.refresh_from_db()
        assert admin.post(cancel, {"reason": "Erreur", "version": invoice.version}).status_code == 302
        invoice.refresh_from_db()
        assert invoice.balance == 0

    def test_lists_filter_and_say_what_they_come_to(self, cast: dict[str, User]) -> None:
        invoice = issued(cast["sales"], [line(price=1000)])
        make_invoice(cast["sales"])
        page = client_of(cast["sales"]).get(reverse("sales:invoice_list"), {"settlement": "pending"})
        assert [row["pk"] for row in page.context["list"]["rows"]] == [invoice.pk]
        assert "000,00" in page.context["list"]["notice"]
        late = client_of(cast["sales"]).get(reverse("sales:invoice_list"), {"overdue": "yes"})
        assert late.context["list"]["rows"] == []
        for query in (
            {"status": "draft"},
            {"kind": "invoice"},
            {"agency": invoice.agency_id},
            {"issued_after": "2026-01-01"},
        ):
            assert client_of(cast["sales"]).get(reverse("sales:invoice_list"), query).status_code == 200

    def test_sums_are_told_while_one_types(self, cast: dict[str, User]) -> None:
        url = reverse("sales:invoice_totals")
        typed = {
            "lines_kind": "item",
            "lines_label": "Site",
            "lines_quantity": "3",
            "lines_unit_price": "0,1",
        }
        page = client_of(cast["sales"]).post(url, {**typed, "discount_percent": "10"})
        assert page.context["sums"].net == D("0.27")
        assert client_of(cast["sales"]).post(url, {**typed, "discount_amount": "5"}).context["problems"]

    def test_a_copy_is_a_draft_without_a_number(self, cast: dict[str, User]) -> None:
        invoice = issued(cast["sales"])
        url = reverse("sales:invoice_duplicate", args=[invoice.pk])
        assert client_of(cast["sales"]).post(url).status_code == 302
        copy = Invoice.objects.latest("pk")
        assert (copy.number, copy.net, copy.is_draft) == (None, invoice.net, True)

    def test_the_client_opens_it_by_a_click_and_not_by_a_look(
        self, cast: dict[str, User], client: Any
    ) -> None:
        invoice = issued(cast["sales"])
        url = reverse("invoice_public", args=[token_of(invoice)])
        assert client.get(url).status_code == 200
        invoice.refresh_from_db()
        assert invoice.opened_at is None
        answer = client.post(url)
        assert answer.status_code == 302
        assert content_of(client.get(answer["Location"])).startswith(b"%PDF-")
        invoice.refresh_from_db()
        assert invoice.opened_at is not None
        for wrong in (f"{invoice.pk}-{'A' * 43}", "1", "²-x", f"{make_invoice(cast['sales']).pk}-x"):
            assert client.get(f"/i/{wrong}/").status_code == 404


def test_a_contract_and_a_subscription_become_drafts(cast: dict[str, User]) -> None:
    agency_for_invoices()
    client = make_buyer(cast["sales"])
    contract = make_contract(cast["sales"], client=client, amount=D(1200))
    draft = draft_from_contract(user=cast["sales"], contract=contract)
    assert (draft.net, draft.contract, draft.owner) == (D(1200), contract, cast["sales"])
    month = draft_from_subscription(
        user=cast["sales"], subscription=make_subscription(cast["sales"], client=client)
    )
    assert month.lines.get().unit == "MON"


def test_a_line_that_follows_from_elsewhere_stays_as_it_is(cast: dict[str, User]) -> None:
    draft = make_invoice(cast["sales"])
    other = issued(cast["sales"])
    draft.lines.update(deducts=other)
    with pytest.raises(ValidationError):
        change_invoice(user=None, invoice=draft, values={}, lines=[line("Autre")])
    present = [line()]
    change_invoice(user=None, invoice=draft, values={}, lines=[*present, line("De plus", 5)])
    assert draft.lines.filter(deducts=other).count() == 1

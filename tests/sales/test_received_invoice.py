"""Received invoices: pages, decisions, the file as it came, the bin."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from people.models import User
from sales.models import ReceivedInvoice
from sales.services.received_invoice import (
    approve_invoices,
    delete_received,
    pay_invoices,
    refuse_invoice,
    reopen_invoice,
    sums_of,
)
from tests.base import client_of, make_cast, make_company
from tests.contracts.pages import PageContract
from tests.sales.received import make_received, pdf_of, receive, supplied, upload, xml_of
from timeline.models import BinEntry, BinFile, Event

pytestmark = pytest.mark.django_db
Status = ReceivedInvoice.Status


class TestReceivedInvoicePages(PageContract):
    model = ReceivedInvoice
    urls = "sales:received_invoice"
    make = staticmethod(make_received)
    change = {"note": "À refacturer."}
    shown = "number"
    owned = False
    list_queries = 9

    @property
    def form(self) -> dict[str, Any]:  # type: ignore[override]
        return {"file": upload()}

    def test_a_record_is_created_with_its_event(self, cast: dict[str, User]) -> None:
        """A worker reads what the page receives; here it is asked by its name."""
        from sales.jobs import read_received_file
        from sales.models import ReceivedFile

        response = client_of(cast["admin"]).post(self.url("new"), self.form)
        assert response.status_code == 302
        received = ReceivedFile.objects.get()
        assert (received.state, received.added_by) == ("waiting", cast["admin"])
        read_received_file(file_id=received.pk)
        event = Event.objects.filter(action="created", subject_type="sales.receivedinvoice").latest("id")
        assert event.actor_id == cast["admin"].pk

    def test_the_page_shows_what_the_xml_says(self, cast: dict[str, User]) -> None:
        record = make_received(cast["admin"])
        page = client_of(cast["admin"]).get(record.get_absolute_url()).content.decode()
        for text in ("Hébergeur du Rhône SAS", "552100554", "Prestation 1", "FR76 3000 6000", record.sha256):
            assert text in page

    def test_whoever_only_looks_sees_the_ends_of_the_account(self) -> None:
        record = make_received()
        page = client_of(self.person_with("all", "view")).get(record.get_absolute_url()).content.decode()
        assert "FR •••• 0189" in page
        assert "FR76 3000" not in page

    def test_the_pdf_is_in_the_page_and_the_original_is_sent_byte_for_byte(
        self, cast: dict[str, User]
    ) -> None:
        content = pdf_of()
        record = make_received(cast["admin"], content=content)
        client = client_of(cast["admin"])
        page = client.get(record.get_absolute_url())
        assert f'<iframe class="dw-received-pdf" src="{self.url("show", record.pk)}#' in page.content.decode()
        assert "frame-src 'self'" in page["Content-Security-Policy"]
        shown = client.get(self.url("show", record.pk))
        assert "frame-ancestors 'self'" in shown["Content-Security-Policy"]
        assert shown["X-Frame-Options"] == "SAMEORIGIN"
        assert b"".join(shown.streaming_content) == content  # type: ignore[attr-defined]
        original = client.get(self.url("file", record.pk))
        assert original["Content-Disposition"].startswith("attachment")
        assert b"".join(original.streaming_content) == content  # type: ignore[attr-defined]

    def test_xml_is_never_shown_by_itself(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["admin"])
        assert client.get(self.url("show", record.pk)).status_code == 404
        original = client.get(self.url("file", record.pk))
        assert original["Content-Type"] == "application/xml"
        assert original["Content-Disposition"].startswith("attachment")

    def test_broken_rules_are_told_in_words(self, cast: dict[str, User]) -> None:
        record = make_received(content=xml_of(notes=()))
        assert (record.rules, record.status) == ("broken", Status.CHECKED)
        page = client_of(cast["admin"]).get(record.get_absolute_url())
        findings = page.context["findings"]
        assert [each.rule for each in findings] == ["BR-FR-05"] * 3
        assert len({each.words for each in findings}) == 3
        assert findings[0].text in page.content.decode()

    def test_decisions_by_their_buttons(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["admin"])
        client.post(self.url("approve", record.pk))
        record.refresh_from_db()
        assert (record.status, record.decided_by) == (Status.APPROVED, cast["admin"])
        assert client.post(self.url("pay", record.pk), {"paid_on": "2999-01-01"}).status_code == 422
        assert client.post(self.url("pay", record.pk), {"paid_on": "2026-11-03"}).status_code == 302
        record.refresh_from_db()
        assert (record.status, str(record.paid_on)) == (Status.PAID, "2026-11-03")
        assert client.post(self.url("refuse", record.pk), {"reason": "Trop tard"}).status_code == 422
        client.post(self.url("reopen", record.pk))
        assert client.post(self.url("refuse", record.pk), {"reason": ""}).status_code == 422
        assert client.post(self.url("refuse", record.pk), {"reason": "Prix faux"}).status_code == 302
        record.refresh_from_db()
        assert (record.status, record.refusal) == (Status.REFUSED, "Prix faux")
        told = list(
            Event.objects.filter(subject_id=record.pk).order_by("id").values_list("action", flat=True)
        )
        assert told[-4:] == ["received_approved", "received_paid", "received_reopened", "received_refused"]

    def test_many_at_once(self, cast: dict[str, User]) -> None:
        first, second = make_received(), make_received(status=Status.PAID)
        client = client_of(cast["admin"])
        chosen = {"pk": [first.pk, second.pk], "confirm": "1"}
        assert client.post(self.url("bulk"), {"action": "approve", **chosen}).status_code == 302
        paid = {"action": "pay", "paid_on": "2026-11-03", **chosen}
        assert client.post(self.url("bulk"), paid).status_code == 302
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.status, second.paid_on) == (Status.PAID, None)

    def test_filters(self, cast: dict[str, User]) -> None:
        today = timezone.localdate()
        late = make_received(due_key=today - timedelta(days=1), status=Status.APPROVED)
        paid = make_received(due_key=today - timedelta(days=1), status=Status.PAID)
        broken = make_received(content=xml_of(notes=()))
        client = client_of(cast["admin"])

        def found(query: str) -> set[int]:
            return {row["pk"] for row in client.get(f"{self.url('list')}?{query}").context["list"]["rows"]}

        assert found("late=yes") == {late.pk}
        assert found("status=paid") == {paid.pk}
        assert found("rules=broken") == {broken.pk}
        assert found("siren=552 100 554") == {late.pk, paid.pk, broken.pk}
        assert found("siren=732829320") == set()
        assert found("kind=credit_note") == set()
        assert found("issued_after=2026-11-22") == set()
        assert found("due_after=2026-12-01") == {broken.pk}
        assert found("amount_min=1300") == set()

    def test_nobody_but_administrators_sees_them_by_default(self, record: Any, cast: dict[str, User]) -> None:
        for who in ("sales", "manager", "marketing", "am"):
            assert client_of(cast[who]).get(record.get_absolute_url()).status_code == 403

    def test_uploads_one_by_one_from_the_page(self, cast: dict[str, User]) -> None:
        client = client_of(cast["admin"])
        headers = {"X-Upload": "1"}
        fine = client.post(self.url("new"), {"file": upload()}, headers=headers)
        assert (fine.status_code, fine.json()["warnings"]) == (201, [])
        for content, name in ((b"", "vide.pdf"), (b"GIF89a", "photo.pdf"), (b"bonjour", "x.xml")):
            bad = client.post(self.url("new"), {"file": upload(content, name)}, headers=headers)
            assert bad.status_code == 422
            assert name in bad.json()["errors"][0]
        inbox = client.get(reverse("sales:received_invoice_inbox")).content.decode()
        assert "facture.xml" in inbox
        assert "load delay" in inbox

    def test_several_by_a_plain_form(self, cast: dict[str, User]) -> None:
        files = [upload(name="a.xml"), upload(name="b.xml"), upload(b"GIF89a", "c.pdf")]
        response = client_of(cast["admin"]).post(self.url("new"), {"file": files})
        assert response.status_code == 422
        assert "c.pdf" in response.content.decode()
        assert {each.name for each in response.context["files"]} == {"a.xml", "b.xml"}


def test_amounts_of_credit_notes_are_negative_and_sums_add_up() -> None:
    from datetime import date

    from sales.facturx.facts import Preceding, TypeCode

    make_received()
    note = make_received(
        content=xml_of(type_code=TypeCode.CREDIT_NOTE, preceding=(Preceding("HR-1", date(2026, 10, 1)),))
    )
    assert (note.kind, note.gross, note.due) == ("credit_note", Decimal("-1200.00"), Decimal("-1200.00"))
    assert [(rate.rate, rate.base, rate.amount) for rate in note.rates.all()] == [
        (Decimal("20.00"), Decimal("-1000.00"), Decimal("-200.00"))
    ]
    sums = sums_of(ReceivedInvoice.objects.all())
    assert (sums.number, sums.gross, sums.open) == (2, 0, 0)
    assert sums_of(ReceivedInvoice.objects.all(), 1).capped


def test_the_company_with_its_siren_gets_it(db: None) -> None:
    cast = make_cast()
    company = make_company(cast["sales"], siren="552100554")
    record = make_received(cast["admin"])
    assert record.company == company
    client = client_of(cast["admin"])
    panels = client.get(
        reverse("panels", args=["crm.company", company.pk]), headers={"HX-Request": "true"}
    ).content.decode()
    assert record.number in panels
    # Nothing of it for whoever may not see received invoices.
    panels = (
        client_of(cast["sales"])
        .get(reverse("panels", args=["crm.company", company.pk]), headers={"HX-Request": "true"})
        .content.decode()
    )
    assert record.number not in panels


class TestDecisions:
    """The services, whoever calls them."""

    def test_only_what_waits_is_approved_and_only_the_approved_is_paid(self) -> None:
        record = make_received()
        today = timezone.localdate()
        assert pay_invoices(user=None, pks=[record.pk], on=today) == 0
        assert approve_invoices(user=None, pks=[record.pk]) == 1
        assert approve_invoices(user=None, pks=[record.pk]) == 0
        with pytest.raises(ValidationError):
            pay_invoices(user=None, pks=[record.pk], on=today + timedelta(days=1))
        assert pay_invoices(user=None, pks=[record.pk], on=today) == 1

    def test_steps_are_taken_back_one_by_one(self) -> None:
        record = make_received(status=Status.PAID, paid_on="2026-11-03")
        assert reopen_invoice(user=None, receivedinvoice=record).status == Status.APPROVED
        assert reopen_invoice(user=None, receivedinvoice=record).status == Status.CHECKED
        with pytest.raises(ValidationError):
            reopen_invoice(user=None, receivedinvoice=record)

    def test_what_was_refused_may_be_approved_after_all(self) -> None:
        record = make_received()
        refuse_invoice(user=None, invoice=record, reason="Doublon")
        approve_invoices(user=None, pks=[record.pk])
        record.refresh_from_db()
        assert (record.status, record.refusal) == (Status.APPROVED, "")

    def test_pieces_of_the_accounts_are_not_deleted(self) -> None:
        for status in (Status.APPROVED, Status.PAID):
            record = make_received(status=status)
            with pytest.raises(ValidationError):
                delete_received(user=None, pks=[record.pk])

    def test_the_file_waits_in_the_bin_and_goes_with_it(
        self, django_capture_on_commit_callbacks: Any
    ) -> None:
        from timeline.services.bin import delete_for_good, restore_from_bin
        from timeline.services.document_files import remove_unneeded

        record = make_received()
        path = record.file.path
        batch = delete_received(user=None, pks=[record.pk])
        assert BinFile.objects.filter(name=record.file.name).exists()
        restore_from_bin(user=None, batch=batch)
        assert Path(path).read_bytes().startswith(b"<?xml")
        assert ReceivedInvoice.objects.get(pk=record.pk).rates.count() == 1
        delete_received(user=None, pks=[record.pk])
        delete_for_good(user=None, entries=BinEntry.objects.filter(subject_type="sales.receivedinvoice"))
        assert remove_unneeded([str(record.file.name)]) == 1
        assert not Path(path).exists()

    def test_number_of_another_came_meanwhile(self) -> None:
        """What is in the bin makes room; it does not come back where another took its place."""
        from timeline.services.bin import restore_from_bin

        content = xml_of(number="HR-ONCE")
        batch = delete_received(user=None, pks=[make_received(content=content).pk])
        make_received(content=content)
        with pytest.raises(ValidationError):
            restore_from_bin(user=None, batch=batch)


def test_search_finds_number_supplier_and_siren() -> None:
    record = make_received(content=xml_of(number="HR-FIND-7", order_number="BC 778"))
    for word in ("hr find", "hebergeur", "552100554", "778"):
        assert word in record.search_text


def test_iban_is_encrypted_and_not_in_the_facts() -> None:
    record = make_received()
    assert record.iban == supplied().payment.iban  # type: ignore[union-attr]
    assert "FR7630006" not in str(record.facts)
    assert receive(content=b"<a/>").state == "out"

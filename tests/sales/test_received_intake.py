"""How suppliers' files come in: read, filed, kept out, once each, whatever dies on the way."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections

from digiweb.jobs import TryAgain
from people.models import User
from sales.jobs import check_received_invoice, purge_received_files, read_received_file
from sales.models import ReceivedFile, ReceivedInvoice
from sales.services import received_intake
from sales.services.received_intake import read_in, receive_file
from tests.base import make_cast
from tests.sales.received import SUPPLIER, make_received, pdf_of, receive, supplied, upload, xml_of

pytestmark = pytest.mark.django_db


def kept_files() -> list[Path]:
    return [path for path in (Path(settings.MEDIA_ROOT) / "received").rglob("*") if path.is_file()]


@pytest.fixture(autouse=True)
def empty_folder() -> None:
    for path in kept_files():
        path.unlink()


class TestFiled:
    def test_everything_that_it_says(self) -> None:
        content = pdf_of(number="F-2026-7", order_number="BC-12")
        record = make_received(content=content)
        assert (record.number, record.supplier_name, record.supplier_siren) == (
            "F-2026-7",
            SUPPLIER.name,
            "552100554",
        )
        assert (record.supplier_vat_number, record.order_number) == ("FR27552100554", "BC-12")
        assert (str(record.issued_on), str(record.due_on)) == ("2026-11-21", "2026-12-21")
        assert (str(record.net), str(record.vat), str(record.gross)) == ("1000.00", "200.00", "1200.00")
        assert (record.status, record.rules, record.findings) == ("checked", "kept", [])
        assert (record.syntax, record.profile, record.is_pdf) == ("cii", "en16931", True)
        assert Path(record.file.path).read_bytes() == content

    def test_the_same_twice_is_kept_out_with_the_one_that_is_here(self) -> None:
        content = xml_of()
        first = receive(content=content).invoice
        again = receive(content=content)
        assert (again.state, again.invoice) == ("out", first)
        assert first is not None
        assert first.number in again.reason
        assert len(kept_files()) == 1

    def test_the_same_number_of_the_same_supplier_too(self, django_capture_on_commit_callbacks: Any) -> None:
        first = receive(content=xml_of(number="F-1")).invoice
        with django_capture_on_commit_callbacks(execute=True):
            again = receive(content=xml_of(number="f-1", order_number="autre"))
        assert (again.state, again.invoice) == ("out", first)
        assert len(kept_files()) == 1
        elsewhere = receive(content=xml_of(number="F-1", seller=supplied().buyer))
        assert elsewhere.state == "filed"

    def test_reading_twice_files_once(self) -> None:
        received = receive_file(user=None, file=upload())
        read_received_file(file_id=received.pk)
        read_received_file(file_id=received.pk)
        read_in(ReceivedFile.objects.get(pk=received.pk))
        assert ReceivedInvoice.objects.count() == 1
        read_received_file(file_id=999_999)

    def test_foreign_suppliers_are_not_held_to_the_rules_of_france(self) -> None:
        from tests.sales.test_facturx_cases import BERLIN

        record = make_received(content=xml_of(seller=BERLIN, notes=(), treatment=""))
        assert (record.rules, record.supplier_siren) == ("kept", "")
        assert record.supplier_key == "DE136695976"

    def test_a_name_of_two_hundred_characters_and_an_emoji(self) -> None:
        from dataclasses import replace

        seller = replace(SUPPLIER, name="É" * 199 + "🚀")
        assert make_received(content=xml_of(seller=seller)).supplier_name == seller.name


class TestKeptOut:
    @pytest.mark.parametrize(
        "content",
        [b"<html></html>", b"%PDF-1.7 rubbish", b"<!DOCTYPE a [<!ENTITY b 'c'>]><Invoice>&b;</Invoice>"],
    )
    def test_what_cannot_be_read_leaves_no_bytes(
        self, content: bytes, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            received = receive(content=content)
        assert received.state == "out"
        assert received.reason
        assert kept_files() == []
        assert ReceivedInvoice.objects.count() == 0

    def test_a_virus(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.CLAMD_SOCKET = "127.0.0.1:1"
        monkeypatch.setattr(received_intake, "find_virus", lambda *_asked: "Eicar-Test")
        received = receive()
        assert (received.state, "Eicar-Test" in received.reason) == ("out", True)

    def test_scanner_that_is_down_is_waited_for(self, settings: Any) -> None:
        settings.CLAMD_SOCKET = "127.0.0.1:1"
        received = receive_file(user=None, file=upload())
        with pytest.raises(TryAgain):
            read_received_file(file_id=received.pk)
        settings.CLAMD_SOCKET = ""
        read_received_file(file_id=received.pk)
        assert ReceivedInvoice.objects.count() == 1

    def test_amount_that_no_column_holds(self) -> None:
        good = xml_of()
        for tag in (b"GrandTotalAmount", b"DuePayableAmount"):
            good = good.replace(b"<ram:%s>1200.00" % tag, b"<ram:%s>999999999999.99" % tag)
        assert receive(content=good).state == "filed"
        huge = xml_of().replace(b"<ram:GrandTotalAmount>1200.00", b"<ram:GrandTotalAmount>9999999999999.99")
        assert receive(content=huge).state == "out"

    def test_file_that_was_lost(self) -> None:
        received = receive_file(user=None, file=upload())
        Path(received.file.path).unlink()
        read_in(received)
        assert received.state == "out"


class TestRulesUnasked:
    def test_it_is_filed_as_received_and_checked_later(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from sales.facturx.validation import NotChecked

        def fail(*_asked: Any, **_more: Any) -> Any:
            raise NotChecked("Saxon est en panne.", "broken")

        with monkeypatch.context() as broken:
            broken.setattr(received_intake, "check", fail)
            record = make_received()
        assert (record.status, record.rules, record.unasked) == ("received", "unasked", "Saxon est en panne.")
        check_received_invoice(invoice_id=record.pk)
        record.refresh_from_db()
        assert (record.status, record.rules, record.unasked) == ("checked", "kept", "")

    def test_a_decision_outlives_another_check(self) -> None:
        record = make_received(status="approved", rules="unasked")
        check_received_invoice(invoice_id=record.pk)
        record.refresh_from_db()
        assert (record.status, record.rules) == ("approved", "kept")


def test_old_lines_and_files_of_nobody_are_forgotten() -> None:
    import os
    import time

    record = make_received()
    receive(content=b"<a/>")
    stray = Path(settings.MEDIA_ROOT) / "received" / "ab" / "stray"
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"x")
    old = time.time() - 10 * 24 * 3600
    for path in (stray, Path(record.file.path)):
        os.utime(path, (old, old))
    purge_received_files()
    assert ReceivedFile.objects.count() == 2
    assert not stray.exists()
    assert Path(record.file.path).exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_file_the_same_number_once() -> None:
    """Two files with one number, read at the same moment."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time")
    files = [
        receive_file(user=None, file=upload(xml_of(number="SAME", order_number=str(n)))) for n in range(4)
    ]
    barrier = threading.Barrier(len(files))

    def work(received: ReceivedFile) -> None:
        barrier.wait(10)
        try:
            read_in(ReceivedFile.objects.get(pk=received.pk))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(received,)) for received in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert ReceivedInvoice.objects.count() == 1
    states = sorted(ReceivedFile.objects.values_list("state", flat=True))
    assert states == ["filed", "out", "out", "out"]
    assert len(kept_files()) == 1


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_reads_what_the_page_received(worker: Any) -> None:
    cast: dict[str, User] = make_cast()
    received = receive_file(user=cast["admin"], file=upload(pdf_of(), "f.pdf"))
    worker(burst=True).wait()
    received.refresh_from_db()
    assert (received.state, received.invoice is not None) == ("filed", True)

"""Issuing: number, proof, PDF, seal; whole or not at all."""

import hashlib
import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.utils import timezone, translation

from digiweb.models import StaleVersion
from people.models import User
from sales import triggers
from sales.facturx.reading import read_file
from sales.facturx.validation import NotChecked
from sales.models import Invoice, InvoiceLine, InvoiceRate, InvoiceSeal, Series
from sales.services import invoice_files, invoice_issue
from sales.services.invoice import change_invoice, change_invoices, delete_invoices
from sales.services.invoice_files import sweep_files
from sales.services.invoice_issue import issue_invoice, latest_due
from tests.base import make_cast
from tests.sales.invoices import D, agency_for_invoices, buyer_company, issued, line, make_invoice
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


def refused(invoice: Invoice, **given: Any) -> str:
    """What issuing it is refused with; and that nothing came of it."""
    series = list(Series.objects.values_list("kind", "last_number"))
    with pytest.raises(ValidationError) as error:
        issue_invoice(user=None, invoice=invoice, **given)
    fresh = Invoice.objects.get(pk=invoice.pk)
    assert (fresh.status, fresh.number, fresh.facts) == ("draft", None, None)
    assert list(Series.objects.values_list("kind", "last_number")) == series
    assert not InvoiceSeal.objects.filter(invoice=invoice).exists()
    return " ".join(error.value.messages)


def test_an_issued_invoice_has_number_pdf_xml_and_seal(cast: dict[str, User]) -> None:
    draft = make_invoice(cast["sales"], [line(price="1000"), line("Hébergement", "12.5", 3, vat_rate=D(10))])
    invoice = issue_invoice(user=cast["admin"], invoice=draft)
    invoice.refresh_from_db()
    year = timezone.localdate().year
    assert (invoice.number, invoice.status) == (f"FA-DF-{year}-00001", "issued")
    assert (invoice.net, invoice.vat, invoice.gross) == (D("1037.50"), D("203.75"), D("1241.25"))
    assert invoice.issued_on == timezone.localdate()
    assert invoice.due_on == timezone.localdate() + timedelta(days=30)
    assert (invoice.balance, invoice.settlement) == (D("1241.25"), "pending")
    assert [(rate.rate, rate.base, rate.vat) for rate in InvoiceRate.objects.filter(invoice=invoice)] == [
        (D(10), D("37.50"), D("3.75")),
        (D(20), D("1000.00"), D("200.00")),
    ]
    seal = InvoiceSeal.objects.get(invoice=invoice)
    assert (seal.position, seal.previous, seal.sealed_by) == (1, "", cast["admin"])
    assert hashlib.sha256(default_storage.open(seal.pdf.name).read()).hexdigest() == seal.pdf_sha256
    read = read_file(default_storage.path(seal.pdf.name))
    assert read.invoice.number == invoice.number
    assert read.invoice.totals.gross == D("1241.25")
    event = Event.objects.get(subject_type="sales.invoice", subject_id=invoice.pk, action="issued")
    assert event.actor_id == cast["admin"].pk


def test_numbers_follow_each_other_and_seals_too(cast: dict[str, User]) -> None:
    first, second = issued(cast["sales"]), issued(cast["sales2"])
    assert str(first.number).endswith("-00001")
    assert str(second.number).endswith("-00002")
    one, two = InvoiceSeal.objects.order_by("position")
    assert two.previous == one.seal


def test_who_has_no_grant_to_issue_does_not(cast: dict[str, User]) -> None:
    draft = make_invoice(cast["sales"])
    with pytest.raises(PermissionDenied):
        issue_invoice(user=cast["sales"], invoice=draft)
    issue_invoice(user=cast["admin"], invoice=draft)


def test_an_invoice_is_issued_once_and_as_it_was_read(cast: dict[str, User]) -> None:
    draft = make_invoice(cast["sales"])
    with pytest.raises(StaleVersion):
        issue_invoice(user=None, invoice=draft, version=99)
    issue_invoice(user=None, invoice=draft)
    with pytest.raises(ValidationError, match="issued already"):
        issue_invoice(user=None, invoice=draft)
    assert InvoiceSeal.objects.count() == 1


class TestWhatIsRefused:
    """Nothing is numbered that is not complete and proven."""

    def test_an_agency_without_siren_or_account(self, cast: dict[str, User]) -> None:
        agency = agency_for_invoices(code="XX", name="Sans papiers", siren="", iban="")
        told = refused(make_invoice(cast["sales"], agency=agency))
        assert "SIREN" in told
        assert "IBAN" in told

    def test_a_buyer_without_address_or_siren(self, cast: dict[str, User]) -> None:
        company = buyer_company(owner=cast["sales"], address="", siren="", email="")
        told = refused(make_invoice(cast["sales"], company=company))
        assert "address" in told
        assert "SIREN" in told

    def test_no_lines_nothing_below_nought(self, cast: dict[str, User]) -> None:
        assert "no line" in refused(make_invoice(cast["sales"], []))
        assert "credit note" in refused(make_invoice(cast["sales"], [line(quantity=-1)]))

    def test_no_vat_without_a_reason(self, cast: dict[str, User]) -> None:
        assert "Line 2" in refused(make_invoice(cast["sales"], [line(), line(vat_rate=D(0))]))
        exempt = agency_for_invoices(code="FR", name="Micro", vat_regime="franchise", vat_number="")
        assert "293 B" in refused(make_invoice(cast["sales"], agency=exempt))
        assert "293 B" in refused(make_invoice(cast["sales"], treatment="franchise"))

    def test_a_rate_that_france_does_not_have_by_the_official_rules(self, cast: dict[str, User]) -> None:
        assert "BR-FR-16" in refused(make_invoice(cast["sales"], [line(vat_rate=D(19))]))

    def test_days_that_cannot_be(self, cast: dict[str, User]) -> None:
        today = timezone.localdate()
        draft = make_invoice(cast["sales"])
        assert "day to come" in refused(draft, on=today + timedelta(days=1))
        change_invoice(user=None, invoice=draft, values={"due_on": today - timedelta(days=1)})
        assert "before it is issued" in refused(draft)
        change_invoice(user=None, invoice=draft, values={"due_on": today + timedelta(days=120)})
        assert "L. 441-10" in refused(draft)
        issued(cast["sales"])
        change_invoice(user=None, invoice=draft, values={"due_on": None})
        assert refused(draft, on=today - timedelta(days=1))

    def test_rules_that_cannot_be_asked_are_no_proof(
        self, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_args: Any, **_given: Any) -> None:
            raise NotChecked("crash")

        monkeypatch.setattr(invoice_issue, "check", broken)
        assert "crash" in refused(make_invoice(cast["sales"]))

    def test_a_full_disk_issues_nothing_and_leaves_no_piece(
        self, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        draft = make_invoice(cast["sales"])

        def full(_handle: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(invoice_files.os, "fsync", full)
        assert "disk" in refused(draft)
        monkeypatch.undo()
        root = Path(default_storage.path("invoices"))
        assert not list(root.rglob("*.part"))
        issue_invoice(user=None, invoice=draft)
        assert str(draft.number).endswith("-00001")


@pytest.mark.django_db(transaction=True)
def test_killed_between_file_and_row_nothing_is_issued_and_the_file_is_swept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cast = make_cast()
    draft = make_invoice(cast["sales"])

    def killed(*_args: Any, **_given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(invoice_issue, "_write", killed)
    with pytest.raises(KeyboardInterrupt):
        issue_invoice(user=None, invoice=draft)
    monkeypatch.undo()
    draft.refresh_from_db()
    assert draft.is_draft
    assert not Series.objects.filter(kind="invoice", last_number__gt=0).exists()
    orphans = list(Path(default_storage.path("invoices")).rglob("*.pdf"))
    assert orphans
    issue_invoice(user=None, invoice=draft)
    kept = Path(default_storage.path(InvoiceSeal.objects.get().pdf.name))
    assert sweep_files() == 0  # what is young may belong to an issue under way
    for path in [*orphans, kept]:
        os.utime(path, (0, 0))
    swept = len(set(orphans) - {kept})
    assert sweep_files() == swept
    assert kept.is_file()


class TestForGood:
    """Neither the verbs nor the database change what was issued."""

    def test_the_verbs_refuse(self, cast: dict[str, User]) -> None:
        invoice = issued(cast["sales"])
        with pytest.raises(ValidationError, match="credit note"):
            change_invoice(user=None, invoice=invoice, values={"subject": "Autre"})
        with pytest.raises(ValidationError, match="credit note"):
            delete_invoices(user=None, pks=[invoice.pk])
        with pytest.raises(ValueError, match="subject"):
            change_invoices(user=None, pks=[invoice.pk], values={"subject": "Autre"})
        assert change_invoices(user=None, pks=[invoice.pk], values={"owner": cast["sales2"]}) == 1

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("number", "FA-DF-2026-99999"),
            ("issued_on", date(2020, 1, 1)),
            ("net", D(1)),
            ("gross", D(1)),
            ("subject", "refonte du site"),
            ("facts", {"seller": {}}),
            ("due_on", date(2090, 1, 1)),
            ("kind", "deposit"),
            ("treatment", "reverse"),
        ],
    )
    def test_the_database_refuses_to_change_it(self, cast: dict[str, User], name: str, value: Any) -> None:
        invoice = issued(cast["sales"])
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            Invoice.objects.filter(pk=invoice.pk).update(**{name: value})

    def test_the_database_refuses_to_make_a_draft_of_it_or_to_delete_it(self, cast: dict[str, User]) -> None:
        invoice = issued(cast["sales"])
        with pytest.raises(DatabaseError), transaction.atomic():
            Invoice.objects.filter(pk=invoice.pk).update(status="draft", number=None, issued_on=None)
        with pytest.raises(DatabaseError), transaction.atomic():
            Invoice.objects.filter(pk=invoice.pk)._raw_delete("default")

    def test_the_database_refuses_lines_rates_and_seals(self, cast: dict[str, User]) -> None:
        invoice = issued(cast["sales"])
        one = invoice.lines.get()
        attempts = [
            lambda: InvoiceLine.objects.filter(pk=one.pk).update(label="Autre"),
            lambda: InvoiceLine.objects.filter(pk=one.pk)._raw_delete("default"),
            lambda: InvoiceLine.objects.create(invoice=invoice, label="De plus"),
            lambda: InvoiceRate.objects.filter(invoice=invoice).update(vat=0),
            lambda: InvoiceRate.objects.filter(invoice=invoice)._raw_delete("default"),
            lambda: InvoiceRate.objects.create(invoice=invoice, rate=D("5.5")),
            lambda: InvoiceSeal.objects.filter(invoice=invoice).update(payload="{}"),
            lambda: InvoiceSeal.objects.filter(invoice=invoice)._raw_delete("default"),
        ]
        for attempt in attempts:
            with pytest.raises(DatabaseError, match="never"), transaction.atomic():
                attempt()

    def test_what_lives_on_is_changed_freely(self, cast: dict[str, User]) -> None:
        invoice = issued(cast["sales"])
        Invoice.objects.filter(pk=invoice.pk).update(
            paid=1, credited=1, balance=1, settlement="partly", paid_on=date(2026, 1, 1), disputed="Oui",
            sent_at=timezone.now(), opened_at=timezone.now(), owner=cast["sales2"], client=None, deal=None,
        )  # fmt: skip

    def test_triggers_that_were_lost_come_back_with_the_next_migrate(self) -> None:
        connection = transaction.get_connection()
        assert triggers.missing(connection) == []


def test_a_draft_and_its_lines_change_freely(cast: dict[str, User]) -> None:
    draft = make_invoice(cast["sales"])
    change_invoice(user=cast["sales"], invoice=draft, values={"subject": "B"}, lines=[line("Autre", 10)])
    assert [one.label for one in draft.lines.all()] == ["Autre"]
    assert draft.net == D("10.00")
    delete_invoices(user=cast["admin"], pks=[draft.pk])


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 1, 1), date(2026, 3, 17)),
        (date(2026, 1, 31), date(2026, 4, 1)),
        (date(2026, 2, 28), date(2026, 4, 30)),
        (date(2026, 12, 15), date(2027, 2, 14)),
    ],
)
def test_the_latest_day_that_the_law_allows(on: date, expected: date) -> None:
    assert latest_due(on) == expected

"""Mandates and direct debits: each invoice once, to the cent, valid for the bank; what comes back is owed."""

import hashlib
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from email.utils import parseaddr
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections
from django.utils import timezone, translation
from lxml import etree

from digiweb.mail import MailServerDown
from people.models import User
from sales.models import Closing, Debit, DebitBatch, Invoice, Mandate, Payment, PaymentMatch
from sales.services import debit_notice
from sales.services.debit import (
    approve_batch,
    cancel_batch,
    collect_batch,
    create_batch,
    mark_sent,
    problems_of,
    read_file,
    remove_debit,
)
from sales.services.debit_due import proposals
from sales.services.debit_file import SCHEMA
from sales.services.debit_notice import announce
from sales.services.debit_return import return_debit
from sales.services.mandate import change_mandate, create_mandate, lapse_mandates, mandate_for, revoke_mandate
from sales.services.target_days import collection_day
from tests.base import make_cast
from tests.sales.debits import day_after, debit_invoice, debiting_agency, make_batch, make_mandate, sent_batch
from tests.sales.records import make_contract
from timeline.models import Event

D = Decimal
pytestmark = pytest.mark.django_db
NS = {"p": f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA}"}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


# --- Mandates


def test_a_client_has_one_mandate_in_use_for_an_agency(cast: dict[str, User]) -> None:
    mandate = make_mandate(cast["sales"])
    assert mandate.rum == f"DF-{mandate.client_id:06d}"
    with pytest.raises(ValidationError, match="already"):
        make_mandate(cast["sales"], client=mandate.client, account=mandate.account)
    revoke_mandate(user=cast["admin"], mandate=mandate, reason="Asked for")
    again = make_mandate(cast["sales"], client=mandate.client, account=mandate.account)
    assert again.rum == f"{mandate.rum}-2"
    assert mandate_for(mandate.client_id, mandate.agency_id) == again


def test_wrong_mandates_are_refused(cast: dict[str, User]) -> None:
    mandate = make_mandate(cast["sales"])
    other = make_mandate(cast["sales"])
    with pytest.raises(ValidationError, match="exists already"):
        create_mandate(
            user=None,
            mandate=Mandate(
                client=other.client, agency=debiting_agency(code="XX", name="X", siren="443061841"),
                account=other.account, rum=mandate.rum.lower(), signed_on=timezone.localdate(),
            ),
        )  # fmt: skip
    with pytest.raises(ValidationError, match="day to come"):
        change_mandate(
            user=None, mandate=other, values={"signed_on": timezone.localdate() + timedelta(days=1)}
        )
    with pytest.raises(ValidationError, match="somebody else"):
        change_mandate(user=None, mandate=other, values={"account": mandate.account})


def test_once_used_what_was_signed_stays(cast: dict[str, User]) -> None:
    mandate = make_mandate(cast["sales"])
    sent_batch(None, [debit_invoice(cast["sales"], mandate=mandate)])
    mandate.refresh_from_db()
    assert (mandate.sequence, mandate.is_used) == ("RCUR", True)
    with pytest.raises(ValidationError, match="was used"):
        change_mandate(user=None, mandate=mandate, values={"signed_on": date(2020, 1, 1)})
    change_mandate(user=None, mandate=mandate, values={"notice_days": 5})


def test_it_lapses_after_thirty_six_months_without_a_collection(cast: dict[str, User]) -> None:
    mandate = make_mandate(cast["sales"], signed_on=date(2023, 2, 28))
    assert mandate.lapses_on() == date(2026, 2, 28)
    assert mandate_for(mandate.client_id, mandate.agency_id) is None
    assert lapse_mandates(date(2026, 2, 27)) == 0
    assert lapse_mandates(date(2026, 2, 28)) == 1
    assert lapse_mandates(date(2026, 2, 28)) == 0


# --- Batches


def test_invoices_are_proposed_on_their_clients_day(cast: dict[str, User]) -> None:
    mandate = make_mandate(cast["sales"])
    make_contract(cast["sales"], client=mandate.client, withdrawal_day=5)
    invoice = debit_invoice(cast["sales"], mandate=mandate)
    groups, left = proposals()
    assert left == []
    assert [(group.day, group.total) for group in groups] == [(collection_day(invoice.due_on, 5), D(120))]
    make_batch(None, [invoice], days=40)
    assert proposals() == ([], [])


def test_why_others_are_not_proposed(cast: dict[str, User]) -> None:
    disputed = debit_invoice(cast["sales"])
    Invoice.objects.filter(pk=disputed.pk).update(disputed="Not delivered")
    without = debit_invoice(cast["sales"])
    revoke_mandate(user=None, mandate=Mandate.objects.get(client=without.client))
    groups, left = proposals()
    assert groups == []
    assert {line.invoice.pk: line.fault for line in left} == {
        disputed.pk: "It is disputed.",
        without.pk: "The client has no mandate that may be used for this agency.",
    }


def test_the_file_is_valid_and_its_sums_are_right(cast: dict[str, User]) -> None:
    invoices = [debit_invoice(cast["sales"], price) for price in ("0.10", "0.20", "1234.56")]
    batch = make_batch(cast["admin"], invoices)
    approve_batch(user=cast["admin"], batch=batch)
    content = read_file(user=cast["admin"], batch=batch)
    assert hashlib.sha256(content).hexdigest() == batch.file_sha256
    root = etree.fromstring(content)
    find: Any = lambda path: root.xpath(path, namespaces=NS)  # noqa: E731
    amounts = [D(node.text) for node in find("//p:InstdAmt")]
    assert amounts == [invoice.gross for invoice in invoices]
    assert {D(node.text) for node in find("//p:CtrlSum")} == {sum(amounts)}
    assert find("string(//p:GrpHdr/p:MsgId)") == batch.reference
    assert find("string(//p:CdtrSchmeId//p:Othr/p:Id)") == "FR72ZZZ123456"
    assert find("string(//p:ReqdColltnDt)") == batch.collect_on.isoformat()
    assert {node.text for node in find("//p:SeqTp")} == {"FRST"}
    assert [node.text for node in find("//p:EndToEndId")] == [invoice.number for invoice in invoices]
    assert find("string(//p:Dbtr/p:PstlAdr/p:TwnNm)") == "Lyon"
    assert find("count(//p:AdrLine)") == 0
    assert find("string(//p:Dbtr/p:Nm)") == "SARL Lefevre Fils"


def test_first_then_recurring(cast: dict[str, User]) -> None:
    mandate = make_mandate(cast["sales"])
    both = [debit_invoice(cast["sales"], mandate=mandate) for _turn in range(2)]
    batch = sent_batch(None, both)
    assert [debit.sequence for debit in batch.debits.all()] == ["FRST", "RCUR"]
    later = make_batch(None, [debit_invoice(cast["sales"], mandate=Mandate.objects.get(pk=mandate.pk))])
    approve_batch(user=None, batch=later)
    assert later.debits.get().sequence == "RCUR"


def test_an_invoice_is_in_one_batch(cast: dict[str, User]) -> None:
    invoice = debit_invoice(cast["sales"])
    batch = make_batch(None, [invoice])
    with pytest.raises(ValidationError, match="another batch"):
        make_batch(None, [invoice])
    cancel_batch(user=None, batch=batch)
    again = make_batch(None, [invoice])
    assert again.debits.get().reference == f"{invoice.number}-2"


@pytest.mark.parametrize("days", [0, 3, 9])
def test_a_day_too_near_is_refused(cast: dict[str, User], days: int) -> None:
    with pytest.raises(ValidationError):
        make_batch(None, [debit_invoice(cast["sales"])], days=days)


def test_bad_days_agencies_and_closed_books_are_refused(cast: dict[str, User]) -> None:
    invoice = debit_invoice(cast["sales"])
    agency = invoice.agency
    with pytest.raises(ValidationError, match="Banks do not work"):
        create_batch(
            user=None, agency=agency, scheme="CORE", collect_on=date(2026, 12, 25), invoices=[invoice.pk]
        )
    with pytest.raises(ValidationError, match="another kind"):
        create_batch(user=None, agency=agency, scheme="B2B", collect_on=day_after(20), invoices=[invoice.pk])
    ics, agency.ics = agency.ics, ""
    agency.save()
    with pytest.raises(ValidationError, match="ICS"):
        make_batch(None, [invoice])
    agency.ics = ics
    agency.save()
    # Last: a closing stays for good.
    Closing.objects.create(agency=agency, closed_until=day_after(60))
    with pytest.raises(ValidationError, match="closed until"):
        make_batch(None, [invoice])


def test_who_has_no_grant_does_nothing(cast: dict[str, User]) -> None:
    invoice = debit_invoice(cast["sales"])
    with pytest.raises(PermissionDenied):
        make_batch(cast["sales"], [invoice])
    batch = make_batch(cast["admin"], [invoice])
    for verb in (approve_batch, mark_sent, collect_batch, cancel_batch, read_file):
        with pytest.raises(PermissionDenied):
            verb(user=cast["sales"], batch=batch)  # type: ignore[operator]


def test_what_changed_meanwhile_is_told_before_the_file_is_written(cast: dict[str, User]) -> None:
    first, second = (debit_invoice(cast["sales"]) for _turn in range(2))
    batch = make_batch(None, [first, second])
    revoke_mandate(user=None, mandate=Mandate.objects.get(client=first.client))
    with pytest.raises(ValidationError, match=f"{first.number}: its mandate"):
        approve_batch(user=None, batch=batch)
    remove_debit(user=None, debit=batch.debits.get(invoice=first))
    approve_batch(user=None, batch=batch)
    assert (batch.status, batch.count, batch.total) == ("approved", 1, D(120))


def test_a_mandate_revoked_after_the_approval_keeps_the_file_back(cast: dict[str, User]) -> None:
    """What was approved yesterday is not collected by a mandate that was revoked today."""
    first, second = (debit_invoice(cast["sales"]) for _turn in range(2))
    batch = make_batch(None, [first, second])
    approve_batch(user=None, batch=batch)
    assert problems_of(batch) == []
    revoke_mandate(user=None, mandate=Mandate.objects.get(client=first.client))
    (told,) = problems_of(batch)
    assert str(first.number) in told
    with pytest.raises(ValidationError, match=f"{first.number}: its mandate"):
        read_file(user=cast["admin"], batch=batch)
    # What the bank has, it has.
    mark_sent(user=None, batch=batch)
    batch.refresh_from_db()
    assert read_file(user=cast["admin"], batch=batch).startswith(b"<?xml")
    assert problems_of(batch) == []


def test_the_log_says_who_collected_and_who_returned(cast: dict[str, User]) -> None:
    batch = sent_batch(None, [debit_invoice(cast["sales"])])
    collect_batch(user=cast["admin"], batch=batch)
    return_debit(user=cast["admin"], debit=batch.debits.get(), on=timezone.localdate(), reason="AM04")
    numbers = Payment.objects.values_list("pk", flat=True)
    events = Event.objects.filter(subject_type="sales.payment", subject_id__in=numbers)
    assert {(event.action, event.actor_id) for event in events} == {
        ("created", cast["admin"].pk),
        ("returned", cast["admin"].pk),
    }
    assert set(PaymentMatch.objects.values_list("matched_by", flat=True)) == {cast["admin"].pk}


def test_collected_it_is_paid(cast: dict[str, User]) -> None:
    invoices = [debit_invoice(cast["sales"], price) for price in (100, "33.33")]
    batch = sent_batch(None, invoices)
    assert collect_batch(user=cast["admin"], batch=batch) == 2
    for invoice in invoices:
        invoice.refresh_from_db()
        assert (invoice.settlement, invoice.balance) == ("paid", 0)
    assert {payment.method for payment in Payment.objects.all()} == {"debit"}
    with pytest.raises(ValidationError, match="cannot be done"):
        collect_batch(user=cast["admin"], batch=batch)


@pytest.mark.parametrize(
    ("reason", "stopped"), [("AM04", False), ("MS02", False), ("MD01", True), ("AC04", True)]
)
def test_what_comes_back_is_owed_again(cast: dict[str, User], reason: str, stopped: bool) -> None:
    invoice = debit_invoice(cast["sales"])
    batch = sent_batch(None, [invoice])
    collect_batch(user=None, batch=batch)
    debit = batch.debits.get()
    return_debit(user=cast["admin"], debit=debit, on=timezone.localdate(), reason=reason)
    invoice.refresh_from_db()
    assert (invoice.settlement, invoice.balance) == ("pending", D(120))
    assert (debit.status, debit.live_key, debit.reason) == ("returned", None, reason)
    assert (Mandate.objects.get(pk=debit.mandate_id).status == "revoked") is stopped
    with pytest.raises(ValidationError, match="returned already"):
        return_debit(user=None, debit=debit, on=timezone.localdate(), reason=reason)
    if not stopped:
        assert make_batch(None, [invoice]).debits.get().reference == f"{invoice.number}-2"


def test_one_that_was_not_sent_does_not_come_back(cast: dict[str, User]) -> None:
    batch = make_batch(None, [debit_invoice(cast["sales"])])
    with pytest.raises(ValidationError, match="not sent"):
        return_debit(user=None, debit=batch.debits.get(), on=timezone.localdate(), reason="AM04")


# --- Announcements


def test_debtors_are_told_once(cast: dict[str, User], smtp: Any) -> None:
    batch = make_batch(None, [debit_invoice(cast["sales"])])
    debit = batch.debits.get()
    for _turn in range(2):
        announce(debit.pk)
    debit.refresh_from_db()
    assert debit.notice == "sent"
    (message,) = smtp.messages
    # It comes from the agency, by the address for which the server may send.
    sender, address = parseaddr(message["From"])
    assert sender == str(batch.agency)
    assert address == parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    iban = debit.mandate.account.iban
    parts = [part for part in message.walk() if not part.is_multipart()]
    told = " ".join(part.get_payload(decode=True).decode() for part in parts)
    assert debit.mandate.rum in told
    assert debit.mandate.account.last_digits in told
    assert "120,00" in told
    assert iban not in told


def test_the_mail_server_down_is_tried_again(cast: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_given: Any, **_named: Any) -> None:
        raise MailServerDown

    monkeypatch.setattr(debit_notice, "send", down)
    debit = make_batch(None, [debit_invoice(cast["sales"])]).debits.get()
    with pytest.raises(Exception, match="does not answer"):
        announce(debit.pk)
    debit.refresh_from_db()
    assert debit.notice == "waiting"


def test_nobody_is_told_of_what_was_given_up(cast: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debit_notice, "send", lambda *_given, **_named: pytest.fail("sent"))
    batch = make_batch(None, [debit_invoice(cast["sales"])])
    debit = batch.debits.get()
    cancel_batch(user=None, batch=batch)
    announce(debit.pk)
    debit.refresh_from_db()
    assert debit.notice == "none"


def test_no_whole_number_in_events_or_on_what_is_kept_plain(cast: dict[str, User], caplog: Any) -> None:
    invoice = debit_invoice(cast["sales"])
    batch = sent_batch(cast["admin"], [invoice])
    read_file(user=cast["admin"], batch=batch)
    iban = batch.debits.get().mandate.account.iban
    assert iban in str(DebitBatch.objects.get(pk=batch.pk).content)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM sales_debitbatch WHERE id = %s", [batch.pk])
        assert iban not in cursor.fetchone()[0]
    told = " ".join(f"{event.changes} {event.data}" for event in Event.objects.all())
    assert iban not in told
    assert "<" not in told
    assert iban not in caplog.text
    assert Event.objects.filter(action="debit_file_read").count() == 1


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite writes one after the other")
@pytest.mark.django_db(transaction=True)
def test_of_eight_who_prepare_the_same_one_does() -> None:
    cast = make_cast()
    invoices = [debit_invoice(cast["sales"]) for _turn in range(3)]
    raised: list[Any] = []

    def run() -> None:
        try:
            with translation.override("en"):
                make_batch(None, invoices)
        except ValidationError as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(raised) == 7
    assert Debit.objects.filter(live_key__isnull=False).count() == 3
    assert DebitBatch.objects.count() == 1

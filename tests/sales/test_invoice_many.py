"""Many at once: eight who issue, two who issue the same, a job that goes on, messages that leave."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone, translation

from sales.models import Invoice, InvoiceMessage, InvoiceSeal
from sales.services import invoice_issue
from sales.services.billing_run import ask_to_bill
from sales.services.commission_closing import ask_to_close
from sales.services.invoice_issue import issue_invoice
from sales.services.invoice_issue_many import ask_to_issue, issue_many
from sales.services.invoice_sending import deliver_message, send_invoice
from sales.services.invoice_verify import verify
from tests.base import make_cast
from tests.sales.invoices import agency_for_invoices, issued, make_buyer, make_invoice

THREADS, EACH = 8, 200


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is refused is told in the source language here."""
    with translation.override("en"):
        yield


def at_once(work: Any, count: int) -> list[BaseException]:
    """`work(n)` in so many threads; what they raised."""
    raised: list[BaseException] = []

    def run(place: int) -> None:
        try:
            work(place)
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite writes one after the other")
@pytest.mark.django_db(transaction=True)
def test_eight_who_issue_two_hundred_each_give_1_to_1600_without_a_gap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Drawing and the rules are stood in for (they have their own tests); locks, rows and seals are real."""
    monkeypatch.setattr(invoice_issue, "write_pdf", lambda *_given: b"%PDF-1.7 stand-in")
    monkeypatch.setattr(invoice_issue, "page_of", lambda *_given, **_named: None)
    monkeypatch.setattr(invoice_issue, "proven", lambda *_given, **_named: b"<xml/>")
    cast = make_cast()
    agency, client = agency_for_invoices(), make_buyer(cast["sales"])
    drafts = [make_invoice(cast["sales"], agency=agency, client=client) for _n in range(THREADS * EACH)]

    def work(place: int) -> None:
        for draft in drafts[place::THREADS]:
            issue_invoice(user=None, invoice=draft)

    assert at_once(work, THREADS) == []
    year = timezone.localdate().year
    numbers = sorted(Invoice.objects.filter(status="issued").values_list("number", flat=True))
    assert numbers == [f"FA-DF-{year}-{n:05d}" for n in range(1, THREADS * EACH + 1)]
    positions = sorted(InvoiceSeal.objects.values_list("position", flat=True))
    assert positions == list(range(1, THREADS * EACH + 1))
    assert verify().problems == []


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite writes one after the other")
@pytest.mark.django_db(transaction=True)
def test_two_who_issue_the_same_draft_issue_it_once() -> None:
    cast = make_cast()
    draft = make_invoice(cast["sales"])
    raised = at_once(lambda _n: issue_invoice(user=None, invoice=Invoice.objects.get(pk=draft.pk)), 2)
    assert len(raised) == 1
    assert getattr(raised[0], "code", "") == "issued"
    assert InvoiceSeal.objects.count() == 1


@pytest.mark.django_db
def test_a_job_issues_what_it_can_and_tells_the_rest() -> None:
    cast = make_cast()
    good, bad, again = make_invoice(cast["sales"]), make_invoice(cast["sales"], []), issued(cast["sales"])

    class Progress:
        lines: list[str] = []

        def log(self, text: str) -> None:
            self.lines.append(text)

        def set(self, done: int, total: int) -> None:
            pass

    progress = Progress()
    pks = [good.pk, bad.pk, again.pk]
    assert issue_many(cast["admin"].pk, pks, progress) == (1, 1)
    assert issue_many(cast["admin"].pk, pks, progress) == (0, 1)
    assert any(str(bad.pk) in text for text in progress.lines)
    assert issue_many(cast["stranger"].pk, [make_invoice(cast["sales"]).pk]) == (0, 0)


@pytest.mark.django_db
def test_it_leaves_by_mail_once_with_its_pdf(smtp: Any) -> None:
    cast = make_cast()
    invoice = issued(cast["sales"])
    (message,) = send_invoice(
        user=cast["admin"],
        invoice=invoice,
        to=["a@client.test"],
        subject="Facture",
        body="Bonjour,\n\nvoici.",
    )
    deliver_message(message.pk)
    deliver_message(message.pk)
    (mail,) = smtp.messages
    names = [part.get_filename() for part in mail.walk() if part.get_filename()]
    assert names == [f"{invoice.number}.pdf"]
    message.refresh_from_db()
    invoice.refresh_from_db()
    assert message.state == InvoiceMessage.State.SENT
    assert invoice.sent_at is not None


@pytest.mark.django_db
def test_sent_again_by_a_second_worker_it_is_known_for_the_same_message(smtp: Any) -> None:
    """The first died after the server took it, before it could say so: what happens is a second copy."""
    cast = make_cast()
    (message,) = send_invoice(
        user=cast["admin"], invoice=issued(cast["sales"]), to=["a@client.test"], subject="S", body="B"
    )
    with transaction.atomic():
        deliver_message(message.pk)
        transaction.set_rollback(True)
    deliver_message(message.pk)
    first, second = smtp.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].startswith(f"<invoice-message-{message.pk}@")


@pytest.mark.django_db
def test_another_choice_of_as_many_is_another_job() -> None:
    """Two selections that begin with the same draft and are as long: neither is taken for the other."""
    cast = make_cast()
    asked = [ask_to_issue(user=cast["admin"], pks=pks) for pks in ([1, 2], [1, 3], [2, 1])]
    assert asked[0] != asked[1]
    assert asked[0] == asked[2]
    assert [run.kwargs["invoice_ids"] for run in asked] == [[1, 2], [1, 3], [1, 2]]
    until = timezone.localdate()
    plans = [ask_to_bill(user=cast["admin"], pks=pks, until=until) for pks in ([1, 2], [1, 3])]
    assert plans[0] != plans[1]
    closed = [ask_to_close(user=cast["admin"], pks=pks) for pks in ([1, 2], [1, 3])]
    assert closed[0] != closed[1]

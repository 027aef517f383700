"""Reminders that leave: once each, with what the law says, never when nothing is owed any more."""

import hashlib
import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from email.header import decode_header, make_header
from typing import Any

import pypdfium2
import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils import timezone

from digiweb.jobs import JobError, TryAgain
from sales.jobs import sweep_invoice_files
from sales.models import Invoice, Reminder, ReminderPlan
from sales.services import reminder as verbs
from sales.services.dispute import dispute_invoice, settle_dispute
from sales.services.reminder_letter import keep_letter, sweep_letters
from sales.services.reminder_plan import replan
from tests.base import make_cast, make_contact
from tests.sales.invoices import make_buyer
from tests.sales.records import make_client
from tests.sales.reminders import owed, paid, plan_of
from timeline.models import Event, JobRun, Notification

pytestmark = pytest.mark.django_db
State = Reminder.State


@pytest.fixture(autouse=True)
def _a_working_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests pass on Sundays too; which days are working days is tested in test_reminder_plan.py."""
    monkeypatch.setattr(verbs, "is_working", lambda day: True)


def due_now(invoice: Invoice) -> None:
    ReminderPlan.objects.filter(invoice=invoice).update(leaves_on=date(2000, 1, 1))


def claimed(invoice: Invoice, user: Any = None) -> Reminder:
    """The row of the reminder that is due, whatever the day of the week."""
    made = verbs.claim(invoice.pk, today=timezone.localdate(), user=user, by_hand=True)
    assert made is not None
    return made


def names_of(mail: Any) -> list[str]:
    return [part.get_filename() for part in mail.walk() if part.get_filename()]


def text_of(mail: Any) -> str:
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/plain"]
    return str(part.get_payload(decode=True).decode())


def letter_text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(content))
    return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in document)


def test_the_clock_sends_what_is_due_once(smtp: Any) -> None:
    cast = make_cast()
    invoice = owed(cast["sales"], late=2)
    due_now(invoice)
    later = owed(cast["sales"], due=timezone.localdate() + timedelta(days=25))
    assert verbs.send_due() <= 1
    one = Reminder.objects.filter(invoice=invoice).first() or claimed(invoice)
    assert verbs.send_due() == 0
    assert JobRun.objects.filter(key=f"reminder-{one.pk}").count() == 1
    verbs.deliver(one.pk)
    verbs.deliver(one.pk)
    (mail,) = smtp.messages
    one.refresh_from_db()
    assert (one.state, one.to) == (State.SENT, "compta@lefevre.test")
    assert names_of(mail) == [f"{invoice.number}.pdf"]
    assert mail["Reply-To"] == invoice.owner.email
    assert str(invoice.number) in text_of(mail)
    assert "{" not in text_of(mail)
    event = Event.objects.get(action="reminded")
    assert event.data["remark"] == "Première relance"
    assert not Reminder.objects.filter(invoice=later).exists()


def test_on_holidays_nothing_leaves_by_itself(monkeypatch: pytest.MonkeyPatch, smtp: Any) -> None:
    invoice = owed(make_cast()["sales"], late=2)
    one = claimed(invoice)
    monkeypatch.setattr(verbs, "is_working", lambda day: False)
    due_now(invoice)
    assert verbs.send_due() == 0
    verbs.deliver(one.pk)
    assert smtp.messages == []
    one.refresh_from_db()
    assert one.state == State.WAITING


def test_paid_between_claim_and_sending_nothing_leaves(smtp: Any) -> None:
    invoice = owed(make_cast()["sales"], late=2)
    one = claimed(invoice)
    paid(invoice)
    verbs.deliver(one.pk)
    one.refresh_from_db()
    assert (one.state, smtp.messages) == (State.DROPPED, [])


def test_disputed_or_paused_between_claim_and_sending_nothing_leaves(smtp: Any) -> None:
    cast = make_cast()
    for stop in ("dispute", "pause", "pause_client"):
        invoice = owed(cast["sales"], late=2, client=make_buyer(cast["sales"]))
        one = claimed(invoice)
        until = timezone.localdate()
        if stop == "dispute":
            dispute_invoice(user=cast["sales"], invoice=invoice, reason="Non conforme")
        elif stop == "pause":
            verbs.pause(user=cast["sales"], plan=plan_of(invoice), until=until)
        else:
            assert invoice.client is not None
            verbs.pause_client(user=cast["sales"], client=invoice.client, until=until)
        verbs.deliver(one.pk)
        one.refresh_from_db()
        assert one.state == State.DROPPED, stop
    assert smtp.messages == []


def test_what_is_paid_in_part_asks_for_the_rest(smtp: Any) -> None:
    invoice = owed(make_cast()["sales"], late=2)
    one = claimed(invoice)
    paid(invoice, 1000)
    verbs.deliver(one.pk)
    assert "200,00" in text_of(smtp.messages[0])
    one.refresh_from_db()
    assert one.balance == Decimal(200)


def test_the_server_is_down_for_an_hour(settings: Any, smtp: Any) -> None:
    invoice = owed(make_cast()["sales"], late=2)
    one = claimed(invoice)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    for _try in range(6):
        with pytest.raises(TryAgain):
            verbs.deliver(one.pk)
        one.refresh_from_db()
        assert one.state == State.WAITING
    JobRun.objects.filter(key=f"reminder-{one.pk}").update(key=None, state="failed")
    Reminder.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    settings.EMAIL_PORT = port
    assert verbs.send_waiting() == 1
    assert JobRun.objects.filter(key=f"reminder-{one.pk}").exists()
    verbs.deliver(one.pk)
    assert len(smtp.messages) == 1


def test_an_address_that_is_refused_is_told_and_another_is_taken(smtp: Any) -> None:
    cast = make_cast()
    invoice = owed(cast["sales"], late=2)
    smtp.refuse("compta@lefevre.test")
    one = claimed(invoice)
    with pytest.raises(JobError):
        verbs.deliver(one.pk)
    one.refresh_from_db()
    assert one.state == State.REFUSED
    assert plan_of(invoice).state == ReminderPlan.State.STUCK
    assert Notification.objects.filter(user=cast["sales"], kind=verbs.KIND).count() == 1
    with pytest.raises(ValidationError):
        verbs.send_now(user=cast["sales"], plan=plan_of(invoice))
    assert invoice.company is not None
    invoice.company.email = "direction@lefevre.test"
    invoice.company.save()
    again = verbs.send_again(user=cast["sales"], reminder=one)
    verbs.deliver(again.pk)
    assert smtp.messages[-1]["To"] == "direction@lefevre.test"
    assert plan_of(invoice).state == ReminderPlan.State.PLANNED


def test_a_formal_notice_brings_its_letter(smtp: Any) -> None:
    cast = make_cast()
    invoice = owed(cast["sales"], late=40)
    verbs.skip(user=cast["sales"], plan=plan_of(invoice))
    Reminder.objects.update(claimed_on=timezone.localdate() - timedelta(days=15))
    replan([invoice.pk])
    one = claimed(invoice)
    assert one.is_formal
    verbs.deliver(one.pk)
    one.refresh_from_db()
    (mail,) = smtp.messages
    assert names_of(mail)[1] == f"{invoice.number}.pdf"
    with default_storage.open(str(one.letter.name)) as file:
        content = file.read()
    assert hashlib.sha256(content).hexdigest() == one.letter_sha256
    said = letter_text(content)
    expected = (invoice.gross * Decimal("12.15") * 40 / Decimal(36500)).quantize(Decimal("0.01"))
    assert abs(one.penalties - expected) <= Decimal("0.01")
    for words in ("40,00", f"{one.penalties}".replace(".", ","), "L. 441-10", "12,15"):
        assert words in said, words
    assert one.indemnity == Decimal(40)
    assert Invoice.objects.count() == 1


def test_a_consumer_hears_nothing_of_penalties(smtp: Any) -> None:
    cast = make_cast()
    person = make_contact(
        cast["sales"], address="1 rue A", postcode="75001", city="Paris", email="anne@client.test"
    )
    invoice = owed(cast["sales"], late=40, client=make_client(cast["sales"], contact=person))
    one = claimed(invoice)
    verbs.deliver(one.pk)
    Reminder.objects.update(claimed_on=timezone.localdate() - timedelta(days=15))
    replan([invoice.pk])
    notice = claimed(invoice)
    verbs.deliver(notice.pk)
    notice.refresh_from_db()
    assert (notice.is_formal, notice.penalties, notice.indemnity) == (True, 0, 0)
    with default_storage.open(str(notice.letter.name)) as file:
        said = letter_text(file.read())
    for words in (*(text_of(mail) for mail in smtp.messages), said):
        assert "40,00" not in words
        assert "441-10" not in words
    assert "1231-6" in said


def test_an_english_client_reads_english(smtp: Any) -> None:
    invoice = owed(make_cast()["sales"], late=10, language="en")
    verbs.deliver(claimed(invoice).pk)
    (mail,) = smtp.messages
    assert "Second reminder" in str(make_header(decode_header(mail["Subject"])))
    assert "€1,200.00" in text_of(mail)
    assert "Penalties for late payment run at 12.15" in text_of(mail)


def test_it_goes_where_the_invoice_was_sent(smtp: Any) -> None:
    from sales.services.invoice_sending import deliver_message, send_invoice

    cast = make_cast()
    invoice = owed(cast["sales"], late=2)
    (message,) = send_invoice(
        user=cast["admin"], invoice=invoice, to=["cfo@lefevre.test"], subject="F", body="B"
    )
    deliver_message(message.pk)
    verbs.deliver(claimed(invoice).pk)
    assert smtp.messages[-1]["To"] == "cfo@lefevre.test"


def test_passed_over_the_next_stage_comes(smtp: Any) -> None:
    cast = make_cast()
    invoice = owed(cast["sales"], late=2)
    verbs.skip(user=cast["sales"], plan=plan_of(invoice))
    plan = plan_of(invoice)
    assert plan.stage is not None
    assert plan.stage.days == 8
    assert Event.objects.filter(action="reminder_skipped").count() == 1
    for _stage in range(3):
        verbs.skip(user=cast["sales"], plan=plan_of(invoice))
    with pytest.raises(ValidationError):
        verbs.skip(user=cast["sales"], plan=plan_of(invoice))
    assert plan_of(invoice).state == ReminderPlan.State.DONE


def test_a_pause_has_a_day_that_can_be() -> None:
    cast = make_cast()
    plan = plan_of(owed(cast["sales"], late=2))
    today = timezone.localdate()
    for day in (today - timedelta(days=1), today + timedelta(days=900)):
        with pytest.raises(ValidationError):
            verbs.pause(user=cast["sales"], plan=plan, until=day)
    verbs.pause(user=cast["sales"], plan=plan, until=today)
    verbs.resume(user=cast["sales"], plan=plan)
    with pytest.raises(ValidationError):
        verbs.resume(user=cast["sales"], plan=plan)


def test_a_dispute_has_a_reason_and_an_end() -> None:
    cast = make_cast()
    invoice = owed(cast["sales"], late=2)
    with pytest.raises(ValidationError):
        dispute_invoice(user=cast["sales"], invoice=invoice, reason="  ")
    dispute_invoice(user=cast["sales"], invoice=invoice, reason="Non conforme")
    with pytest.raises(ValidationError):
        dispute_invoice(user=cast["sales"], invoice=invoice, reason="Encore")
    settle_dispute(user=cast["sales"], invoice=invoice)
    with pytest.raises(ValidationError):
        settle_dispute(user=cast["sales"], invoice=invoice)
    actions = Event.objects.filter(subject_type="sales.invoice").values_list("action", flat=True)
    assert {"disputed", "dispute_settled"} <= set(actions)


def test_a_letter_that_nobody_names_is_swept() -> None:
    one = claimed(owed(make_cast()["sales"], late=2))
    keep_letter(one, b"%PDF a", timezone.localdate())
    name = str(one.letter.name)
    assert sweep_letters() == 0
    assert sweep_letters(timezone.now() + timedelta(days=2)) == 1
    keep_letter(one, b"%PDF a", timezone.localdate())
    one.save()
    assert sweep_letters(datetime.now(tz=timezone.get_current_timezone()) + timedelta(days=2)) == 0
    assert default_storage.exists(name)


def test_letters_are_swept_by_night_with_the_files_of_invoices(monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[str] = []
    monkeypatch.setattr("sales.services.invoice_files.sweep_files", lambda: swept.append("invoices"))
    monkeypatch.setattr("sales.services.reminder_letter.sweep_letters", lambda: swept.append("letters"))
    sweep_invoice_files()
    assert swept == ["invoices", "letters"]

"""Reminders that leave: claimed, sent once each, passed over, paused; by the clock or by hand.

A stage of an invoice is a row before it is a message (`Reminder`, unique by both): whoever writes the row
sends it. Sending is two steps, each committed: the words and the letter are kept and the row says « being
sent »; then the server takes the message and the row says so. A worker that dies between leaves « being
sent », which is told to people and never sent again by itself: no client is reminded twice.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.models import Client
from digiweb.audit import record
from digiweb.jobs import JobError, TryAgain, enqueue, function_at
from digiweb.mail import MailRefused, MailServerDown, send
from sales.models import Invoice, Reminder, ReminderPause, ReminderPlan
from sales.services.invoice import also_of
from sales.services.invoice_link import link_of
from sales.services.invoice_sending import pdf_name
from sales.services.reminder_letter import keep_letter, letter_name, letter_pdf, read_letter
from sales.services.reminder_plan import is_owed, recipient_of, replan
from sales.services.reminder_words import words_of
from sales.services.settlement import hold_invoices
from sales.working_days import is_working
from timeline.services.notification import notify

KIND = "sales.reminder"
SEND = "sales.jobs.send_reminder"
AROUND = ("agency", "company", "contact", "client", "owner", "deal")
# Invoices claimed in one transaction.
CHUNK = 20
# A message that no job has taken so long is asked for again; one in a dead worker's hands is told to people.
WAITS, DIED = timedelta(minutes=5), timedelta(minutes=30)
LONGEST_PAUSE = timedelta(days=366)


# --- By the clock


def send_due(progress: Any = None, today: date | None = None) -> int:
    """Claim every reminder whose day has come; returns how many. Nothing on days when nobody works.

    Run again after a kill it goes on: what was claimed has its row and another plan.
    """
    today = today or timezone.localdate()
    if not is_working(today):
        return 0
    due = ReminderPlan.objects.filter(leaves_on__lte=today, state__in=ReminderPlan.LEAVING)
    pks = list(due.order_by("invoice_id").values_list("invoice_id", flat=True))
    count = 0
    for start in range(0, len(pks), CHUNK):
        with transaction.atomic():
            chunk = pks[start : start + CHUNK]
            hold_invoices(chunk)
            count += sum(claim(pk, today=today) is not None for pk in chunk)
            if progress is not None:
                progress.set(min(start + CHUNK, len(pks)), len(pks))
    return count


@transaction.atomic
def claim(invoice_id: int, *, today: date, user: Any = None, by_hand: bool = False) -> Reminder | None:
    """Write the row of the reminder that is due and have it sent; None where nothing is (any more).

    `by_hand`: the next one, before its day.
    """
    plan = next(iter(replan([invoice_id], today)), None)
    if plan is None or plan.state != ReminderPlan.State.PLANNED or plan.stage is None:
        return None
    if plan.leaves_on > today and not by_hand:
        return None
    reminder = _row(plan, today, user, Reminder.State.WAITING)
    reminder.to = recipient_of(plan.invoice)
    reminder.save()
    _enqueue(reminder)
    replan([invoice_id], today)
    return reminder


def _row(plan: ReminderPlan, today: date, user: Any, state: str) -> Reminder:
    stage: Any = plan.stage
    return Reminder(
        invoice=plan.invoice,
        stage=stage,
        stage_name=stage.name,
        days=stage.days,
        is_formal=stage.is_formal,
        state=state,
        claimed_on=today,
        balance=plan.invoice.balance,
        asked_by=user,
    )


def _enqueue(reminder: Reminder) -> None:
    enqueue(
        function_at(SEND),
        user=reminder.asked_by,
        label=_("Reminder of invoice %(invoice)s") % {"invoice": reminder.invoice},
        key=f"reminder-{reminder.pk}",
        url=reminder.invoice.get_absolute_url(),
        reminder_id=reminder.pk,
    )


def send_waiting() -> int:
    """Ask again for reminders that wait, and tell of those that a dead worker had; returns how many."""
    now = timezone.now()
    broken = Reminder.objects.filter(state=Reminder.State.SENDING, updated_at__lt=now - DIED)
    for pk in broken.values_list("pk", flat=True):
        with transaction.atomic():
            held = broken.select_for_update().filter(pk=pk).first()
            if held is not None:
                _refused(held, _("The server broke off while it was sent: it may have arrived."))
    if not is_working(timezone.localdate()):
        return 0
    old = Reminder.objects.filter(state=Reminder.State.WAITING, updated_at__lt=now - WAITS)
    waiting = list(old.select_related("invoice", "asked_by").order_by("pk")[:500])
    for reminder in waiting:
        _enqueue(reminder)
    return len(waiting)


# --- Sending


def deliver(pk: int) -> None:
    """Send one, unless it was sent or is owed no more.

    Raises JobError where the server refuses the address, TryAgain where it does not answer.
    """
    ready = _prepare(pk)
    if ready is None:
        return
    try:
        files = _files(ready)
    except Exception:
        _back(ready)  # a mistake of ours, before any server had it
        raise
    try:
        _send(ready, files)
    except MailServerDown as error:
        _back(ready)
        text = _("The mail server does not answer; the message is tried again by itself.")
        raise TryAgain(text) from error
    except MailRefused as error:
        with transaction.atomic():
            hold_invoices([ready.invoice_id])
            _refused(Reminder.objects.select_for_update().get(pk=pk), str(error))
            replan([ready.invoice_id])
        raise JobError(_("The address was refused: %(answer)s") % {"answer": error}) from error
    with transaction.atomic():
        Reminder.objects.filter(pk=pk).update(
            state=Reminder.State.SENT, sent_at=timezone.now(), updated_at=timezone.now(), error=""
        )
        data = {"added": [ready.to], "remark": ready.stage_name}
        invoice = ready.invoice
        record(user=ready.asked_by, action="reminded", obj=invoice, data=data, also=also_of(invoice))


def _prepare(pk: int) -> Reminder | None:
    """Words and letter as of today, kept; the row says that it is being sent. None for nothing to do."""
    today = timezone.localdate()
    with transaction.atomic():
        waiting = Reminder.objects.select_for_update().filter(pk=pk, state=Reminder.State.WAITING)
        reminder = waiting.first()
        if reminder is None or (reminder.asked_by_id is None and not is_working(today)):
            return None
        reminder.invoice = Invoice.objects.select_related(*AROUND, "seal").get(pk=reminder.invoice_id)
        why = why_not(reminder.invoice, today)
        if why:
            reminder.state, reminder.error = Reminder.State.DROPPED, why
            reminder.save(update_fields=["state", "error", "updated_at"])
            return None
        compose(reminder, today)
        if not reminder.to:
            _refused(reminder, _("There is no e-mail address."))
            return None
        reminder.state = Reminder.State.SENDING
        reminder.save()
    return reminder


def compose(reminder: Reminder, today: date) -> None:
    """Recipient, words, sums and letter as of today; the caller saves the row."""
    invoice = reminder.invoice
    seller = reminder.asked_by or invoice.owner
    reminder.to = recipient_of(invoice) or reminder.to
    words = words_of(invoice, reminder.stage, today, seller)
    reminder.subject, reminder.body = words.subject, words.body
    reminder.balance = invoice.balance
    reminder.penalties, reminder.indemnity = words.charges.penalties, words.charges.indemnity
    if reminder.stage.is_formal:
        keep_letter(reminder, letter_pdf(invoice, today, seller), today)


def why_not(invoice: Invoice, today: date) -> str:
    """Why nothing of this invoice leaves now; "" where nothing is in the way."""
    if not is_owed(invoice):
        return _("Nothing was owed any more.")
    if invoice.disputed:
        return _("The invoice was disputed.")
    plan = ReminderPlan.objects.filter(invoice=invoice).first()
    pause = ReminderPause.objects.filter(client=invoice.client_id, until__gte=today)
    if (plan is not None and plan.paused_until and plan.paused_until >= today) or (
        invoice.client_id and pause.exists()
    ):
        return _("Reminders were paused.")
    return ""


def mail_context(reminder: Reminder) -> dict[str, Any]:
    """What the templates of the message are given."""
    invoice = reminder.invoice
    return {
        "agency_name": str(invoice.agency),
        "message": reminder,
        "invoice": invoice,
        "seller": reminder.asked_by or invoice.owner,
        "action_url": link_of(invoice),
    }


def _files(reminder: Reminder) -> list[tuple[str, bytes, str]]:
    """(name, content, type) of what is attached: a notice’s letter, the invoice where the stage says so."""
    invoice = reminder.invoice
    files: list[tuple[str, bytes, str]] = []
    if reminder.letter:
        files.append((letter_name(invoice), read_letter(reminder), "application/pdf"))
    if reminder.stage.attaches_invoice:
        with default_storage.open(str(invoice.seal.pdf.name)) as file:
            files.append((pdf_name(invoice), file.read(), "application/pdf"))
    return files


def _send(reminder: Reminder, files: list[tuple[str, bytes, str]]) -> None:
    send(
        "sales/reminder",
        to=reminder.to,
        language=reminder.invoice.language,
        context=mail_context(reminder),
        reply_to=(reminder.asked_by or reminder.invoice.owner).email,
        attachments=files,
        sender=str(reminder.invoice.agency),
        key=f"reminder-{reminder.pk}",
    )


def _back(reminder: Reminder) -> None:
    """The server did not take it: it waits again."""
    now, state = timezone.now(), Reminder.State.WAITING
    mine = Reminder.objects.filter(pk=reminder.pk, state=Reminder.State.SENDING)
    mine.update(state=state, updated_at=now)


def _refused(reminder: Reminder, why: str) -> None:
    """It did not leave: its row, the time line and the salesperson say so."""
    reminder.state, reminder.error = Reminder.State.REFUSED, why[:300]
    reminder.save()
    invoice = Invoice.objects.select_related(*AROUND).get(pk=reminder.invoice_id)
    data = {"added": [reminder.to], "remark": reminder.error}
    record(user=None, action="reminder_refused", obj=invoice, data=data, also=also_of(invoice))
    with translation.override(invoice.owner.language):
        text = _("The reminder of invoice %(invoice)s did not leave: %(why)s") % {
            "invoice": invoice,
            "why": reminder.error,
        }
    notify(people=[invoice.owner], kind=KIND, text=text[:250], obj=invoice, key=f"reminder-{reminder.pk}")


# --- By hand


@transaction.atomic
def send_now(*, user: Any, plan: ReminderPlan) -> Reminder:
    """Send the next reminder at once. Raises ValidationError where none can leave."""
    reminder = claim(plan.invoice_id, today=timezone.localdate(), user=user, by_hand=True)
    if reminder is None:
        raise ValidationError(_("No reminder of this invoice can leave now."))
    return reminder


@transaction.atomic
def send_many(*, user: Any, pks: Sequence[int]) -> None:
    """`send_now` for many plans, in the order of their invoices; all or none."""
    for plan in ReminderPlan.objects.filter(pk__in=pks).order_by("invoice_id"):
        send_now(user=user, plan=plan)


@transaction.atomic
def skip_many(*, user: Any, pks: Sequence[int]) -> None:
    """`skip` for many plans, in the order of their invoices; all or none."""
    for plan in ReminderPlan.objects.filter(pk__in=pks).order_by("invoice_id"):
        skip(user=user, plan=plan)


@transaction.atomic
def send_again(*, user: Any, reminder: Reminder) -> Reminder:
    """Send one once more that did not leave, to the address of today. Raises ValidationError."""
    hold_invoices([reminder.invoice_id])
    held = Reminder.objects.select_for_update().get(pk=reminder.pk)
    if held.state not in (Reminder.State.REFUSED, Reminder.State.DROPPED):
        raise ValidationError(_("This reminder is on its way or was sent already."))
    why = why_not(held.invoice, timezone.localdate())
    if why:
        raise ValidationError(why)
    if not (recipient_of(held.invoice) or held.to):
        raise ValidationError(_("There is no e-mail address."))
    held.state, held.error, held.asked_by = Reminder.State.WAITING, "", user
    held.save()
    _enqueue(held)
    replan([held.invoice_id])
    return held


@transaction.atomic
def skip(*, user: Any, plan: ReminderPlan) -> Reminder:
    """Pass the next stage over; the one after it comes at its day. Raises ValidationError for nothing."""
    today = timezone.localdate()
    fresh = next(iter(replan([plan.invoice_id], today)), None)
    if fresh is None or fresh.stage is None:
        raise ValidationError(_("No reminder of this invoice is to come."))
    reminder = _row(fresh, today, user, Reminder.State.SKIPPED)
    reminder.save()
    told = {"remark": reminder.stage_name}
    record(user=user, action="reminder_skipped", obj=fresh.invoice, data=told, also=also_of(fresh.invoice))
    replan([plan.invoice_id], today)
    return reminder


@transaction.atomic
def pause(*, user: Any, plan: ReminderPlan, until: date, reason: str = "") -> None:
    """No reminder of this invoice until that day has passed. Raises ValidationError for a wrong day."""
    check_until(until)
    hold_invoices([plan.invoice_id])
    held = ReminderPlan.objects.select_for_update().get(pk=plan.pk)
    held.paused_until, held.pause_reason = until, reason[:200]
    held.version += 1
    held.save(update_fields=["paused_until", "pause_reason", "version", "updated_at"])
    told = {"remark": _told(until, reason)}
    invoice = held.invoice
    record(user=user, action="reminders_paused", obj=invoice, data=told, also=also_of(invoice))
    replan([held.invoice_id])


@transaction.atomic
def resume(*, user: Any, plan: ReminderPlan) -> None:
    """Reminders of this invoice go on; the pause of its client stays."""
    hold_invoices([plan.invoice_id])
    held = ReminderPlan.objects.select_for_update().get(pk=plan.pk)
    if held.paused_until is None:
        raise ValidationError(_("Reminders of this invoice are not paused."))
    held.paused_until, held.pause_reason = None, ""
    held.version += 1
    held.save(update_fields=["paused_until", "pause_reason", "version", "updated_at"])
    record(user=user, action="reminders_resumed", obj=held.invoice, also=also_of(held.invoice))
    replan([held.invoice_id])


@transaction.atomic
def pause_client(*, user: Any, client: Client, until: date, reason: str = "") -> None:
    """No reminder to this client until that day has passed, invoices to come included."""
    check_until(until)
    held = Client.objects.select_for_update().get(pk=client.pk)
    ReminderPause.objects.filter(client=held).delete()
    ReminderPause.objects.create(client=held, until=until, reason=reason[:200], paused_by=user)
    record(user=user, action="reminders_paused", obj=held, data={"remark": _told(until, reason)})
    replan(_planned(held))


@transaction.atomic
def resume_client(*, user: Any, client: Client) -> None:
    """Reminders to this client go on. Raises ValidationError where nothing was paused."""
    held = Client.objects.select_for_update().get(pk=client.pk)
    if not ReminderPause.objects.filter(client=held).delete()[0]:
        raise ValidationError(_("Reminders to this client are not paused."))
    record(user=user, action="reminders_resumed", obj=held)
    replan(_planned(held))


def check_until(until: date) -> None:
    """Raises ValidationError for a day that has passed or is too far away."""
    today = timezone.localdate()
    if not today <= until <= today + LONGEST_PAUSE:
        raise ValidationError({"until": _("A day from today on, within a year.")})


def _planned(client: Client) -> Sequence[int]:
    return list(ReminderPlan.objects.filter(invoice__client=client).values_list("invoice_id", flat=True))


def _told(until: date, reason: str) -> str:
    return f"{until.isoformat()} {reason}".strip()

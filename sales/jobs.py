"""Background work of sales."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import ngettext_lazy

from digiweb.job_log import log_count
from digiweb.jobs import Progress
from sales.models import Agency, ReceivedFile, ReceivedInvoice
from sales.services import (
    award,
    bank_warning,
    billing_run,
    books,
    commission,
    commission_closing,
    commission_sending,
    debit_notice,
    fec,
    invoice_files,
    invoice_sending,
    invoice_verify,
    mandate,
    received_intake,
    reminder,
    reminder_letter,
    reminder_plan,
    statement,
    statement_certain,
    subscription,
)
from sales.services.invoice_issue_many import issue_many
from sales.services.quote_sending import deliver_message, expire_quotes, send_waiting

BADGES = ngettext_lazy("%(count)s badge earned.", "%(count)s badges earned.", "count")
OPEN = ngettext_lazy("%(count)s statement is open.", "%(count)s statements are open.", "count")
RECORDED = ngettext_lazy("%(count)s line recorded.", "%(count)s lines recorded.", "count")
REMINDERS = ngettext_lazy("%(count)s reminder leaves.", "%(count)s reminders leave.", "count")
LINES = ngettext_lazy("%(count)s line forgotten.", "%(count)s lines forgotten.", "count")


def end_due_subscriptions() -> None:
    """End subscriptions whose last day has passed."""
    subscription.end_due_subscriptions()


def warn_former_contact(*, account_id: int, at: str) -> None:
    """Tell a client by e-mail that another account is in use since `at`; sent already: nothing happens."""
    bank_warning.deliver_warning(account_id, datetime.fromisoformat(at))


def read_received_file(*, file_id: int) -> None:
    """Read a supplier's file and file it as an invoice, or keep it out."""
    received = ReceivedFile.objects.select_related("added_by").filter(pk=file_id).first()
    if received is not None:
        received_intake.read_in(received)


def check_received_invoice(*, invoice_id: int) -> None:
    """Ask the rules about a received invoice again."""
    invoice = ReceivedInvoice.objects.filter(pk=invoice_id).first()
    if invoice is not None:
        received_intake.check_again(invoice)


def purge_received_files(*, progress: Progress | None = None) -> None:
    """Forget received files that were dealt with a week ago."""
    log_count(progress, received_intake.purge_inbox(), LINES)


def award_badges(*, progress: Progress | None = None) -> None:
    """Give the badges that were earned."""
    log_count(progress, award.award_badges(), BADGES)


def send_quote_message(*, message_id: int) -> None:
    """One message of a quote, to one address."""
    deliver_message(message_id)


def send_waiting_quote_messages() -> None:
    """Every ten minutes: what the mail server did not take."""
    send_waiting()


def expire_due_quotes() -> None:
    """By night: quotes whose last day has passed."""
    expire_quotes()


def issue_invoices(*, user_id: int, invoice_ids: list[int], progress: Any) -> None:
    """Drafts that somebody wants issued, one after the other."""
    issue_many(user_id, invoice_ids, progress)


def bill_plans(*, user_id: int, plan_ids: list[int], until: str, issue: bool, progress: Any) -> None:
    """Recurring invoices that somebody wants prepared, or issued."""
    billing_run.bill_plans(user_id, plan_ids, date.fromisoformat(until), issue, progress)


def bill_due(*, progress: Progress | None = None) -> None:
    """By night: the recurring invoices of the day."""
    billing_run.bill_due(progress=progress)


def announce_debit(*, debit_id: int) -> None:
    """Tell a debtor before money is taken."""
    debit_notice.announce(debit_id)


def lapse_mandates() -> None:
    """By night: mandates that were not used for 36 months."""
    mandate.lapse_mandates()


def send_invoice_message(*, message_id: int) -> None:
    """One message with an invoice, to one address."""
    invoice_sending.deliver_message(message_id)


def send_waiting_invoice_messages() -> None:
    """Every ten minutes: what the mail server did not take, reminders and announcements of debits too."""
    invoice_sending.send_waiting()
    reminder.send_waiting()
    debit_notice.announce_waiting()


def verify_invoices() -> None:
    """By night: seals, files, numbers and totals; administrators are told what is wrong."""
    invoice_verify.verify_and_tell()


def sweep_invoice_files() -> None:
    """By night: files of issues that broke off, letters of reminders that did."""
    invoice_files.sweep_files()
    reminder_letter.sweep_letters()


def recount_commissions(*, progress: Progress | None = None) -> None:
    """By night: open statements of commissions follow the sales."""
    log_count(progress, commission.recount_commissions(), OPEN)


def prepare_commissions(*, progress: Progress | None = None) -> None:
    """On the first of the month: statements of the one before are counted, those who close them told."""
    log_count(progress, commission_closing.prepare_commissions(), OPEN)


def close_commissions(*, user_id: int, statement_ids: list[int], progress: Any) -> None:
    """Statements that somebody wants closed, one after the other."""
    commission_closing.close_many(user_id, statement_ids, progress)


def send_commission_statement(*, statement_id: int) -> None:
    """One closed statement, to its person."""
    commission_sending.deliver_statement(statement_id)


def read_statement(*, statement_id: int, progress: Progress) -> None:
    """Keep the lines of a bank statement."""
    statement.read_statement(statement_id, progress)


def confirm_certain_lines(*, statement_id: int, user_id: int, progress: Progress) -> None:
    """Record the lines of a bank statement of which it is certain what they are."""
    log_count(progress, statement_certain.confirm_all(statement_id, user_id, progress), RECORDED)


def refresh_books(*, agency_id: int | None = None) -> None:
    """The entries of the open period, of one agency or of all: after a change of the chart, and by night."""
    if agency_id is None:
        books.refresh_all_books()
        return
    agency = Agency.objects.filter(pk=agency_id).first()
    if agency is not None:
        books.refresh_books(agency)


def make_fec(*, export_id: int) -> None:
    """The FEC that somebody asked for."""
    fec.run_export(export_id)


def send_due_reminders(*, progress: Progress | None = None) -> None:
    """On working days: the reminders whose day has come."""
    log_count(progress, reminder.send_due(progress), REMINDERS)


def send_reminder(*, reminder_id: int) -> None:
    """One reminder of one invoice."""
    reminder.deliver(reminder_id)


def replan_reminders(*, progress: Progress | None = None) -> None:
    """By night and after stages changed: what comes next for each invoice that is owed."""
    reminder_plan.replan_all(progress)

"""What happened to records of sales, in words: what timeline/words.py has no room for."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from timeline.action_words import ActionWords

STATEMENT = "sales.commissionstatement"
SALES: dict[tuple[str, str], ActionWords] = {
    (STATEMENT, "commission_closed"): ActionWords(
        pgettext_lazy("statement", "Closed"), _("closed the statement"), "lock", "blue"
    ),
    (STATEMENT, "commission_paid"): ActionWords(
        pgettext_lazy("statement", "Paid out"), _("marked the statement as paid"), "cash", "green"
    ),
    (STATEMENT, "commission_unpaid"): ActionWords(
        _("Payment taken back"), _("took the mark of payment back"), "arrow-back-up", "amber"
    ),
    (STATEMENT, "commission_adjusted"): ActionWords(
        _("Adjusted"), _("adjusted the statement"), "plus", "blue"
    ),
    (STATEMENT, "commission_unadjusted"): ActionWords(
        _("Adjustment taken off"), _("took an adjustment off"), "minus", "amber"
    ),
    ("sales.invoice", "written_off"): ActionWords(
        _("Written off"), _("wrote a part of the invoice off"), "eraser", "amber"
    ),
    ("sales.invoice", "write_off_undone"): ActionWords(
        _("Write-off taken back"), _("took a write-off back"), "arrow-back-up"
    ),
    ("sales.payment", "created"): ActionWords(
        pgettext_lazy("payment", "Recorded"), _("recorded the payment"), "cash", "green"
    ),
    ("sales.payment", "matched"): ActionWords(
        pgettext_lazy("payment", "Matched"), _("matched the payment"), "link", "blue"
    ),
    ("sales.payment", "unmatched"): ActionWords(
        pgettext_lazy("payment", "Match undone"), _("took the payment off an invoice"), "unlink", "amber"
    ),
    ("sales.payment", "returned"): ActionWords(
        pgettext_lazy("payment", "Returned unpaid"),
        _("noted that the bank took the payment back"),
        "arrow-back-up",
        "red",
    ),
    ("sales.payment", "undone"): ActionWords(
        pgettext_lazy("payment", "Undone"), _("undid the payment"), "arrow-back-up", "amber"
    ),
    ("sales.bankstatement", "created"): ActionWords(
        pgettext_lazy("event", "Created"), _("added the bank statement"), "building-bank", "green"
    ),
    ("sales.bankstatement", "statement_read"): ActionWords(
        pgettext_lazy("statement", "Read"), _("read the bank statement"), "checks", "blue"
    ),
    ("sales.bankstatement", "line_recorded"): ActionWords(
        pgettext_lazy("bank line", "Recorded"), _("recorded a line of the bank"), "cash", "green"
    ),
    ("sales.bankstatement", "line_ignored"): ActionWords(
        pgettext_lazy("bank line", "Ignored"), _("ignored a line of the bank"), "eye-off"
    ),
    ("sales.bankstatement", "line_reopened"): ActionWords(
        pgettext_lazy("bank line", "Waiting"), _("had a line of the bank wait again"), "arrow-back-up"
    ),
    ("sales.invoice", "reminded"): ActionWords(
        pgettext_lazy("invoice", "Reminded"), _("reminded the client"), "mail-forward", "amber"
    ),
    ("sales.invoice", "reminder_refused"): ActionWords(
        _("Reminder refused"), _("could not deliver a reminder"), "mail-off", "red"
    ),
    ("sales.invoice", "reminder_skipped"): ActionWords(
        _("Reminder passed over"), _("passed a reminder over"), "player-skip-forward"
    ),
    ("sales.invoice", "reminders_paused"): ActionWords(
        _("Reminders paused"), _("paused the reminders"), "player-pause", "amber"
    ),
    ("sales.invoice", "reminders_resumed"): ActionWords(
        _("Reminders taken up again"), _("took the reminders up again"), "player-play", "green"
    ),
    ("crm.client", "reminders_paused"): ActionWords(
        _("Reminders paused"), _("paused the reminders"), "player-pause", "amber"
    ),
    ("crm.client", "reminders_resumed"): ActionWords(
        _("Reminders taken up again"), _("took the reminders up again"), "player-play", "green"
    ),
    ("sales.invoice", "disputed"): ActionWords(
        pgettext_lazy("invoice", "Disputed"),
        _("marked the invoice as disputed"),
        "message-exclamation",
        "red",
    ),
    ("sales.invoice", "dispute_settled"): ActionWords(
        _("Dispute settled"), _("closed the dispute"), "circle-check", "green"
    ),
    ("sales.bankaccount", "created"): ActionWords(
        pgettext_lazy("event", "Created"), _("added the bank account"), "building-bank", "green"
    ),
    ("sales.agency", "statement_removed"): ActionWords(
        _("Bank statement removed"), _("removed a bank statement"), "trash", "amber"
    ),
    ("sales.agency", "closed"): ActionWords(_("Closed books"), _("closed the books"), "lock", "green"),
    ("sales.invoice", "issued"): ActionWords(
        pgettext_lazy("invoice", "Issued"), _("issued the invoice"), "file-check", "green"
    ),
    ("sales.invoice", "sent"): ActionWords(
        pgettext_lazy("invoice", "Sent"), _("sent the invoice"), "send", "blue"
    ),
    ("sales.invoice", "message_refused"): ActionWords(
        _("Message refused"), _("got a message with the invoice back"), "mail-off", "red"
    ),
    ("sales.invoice", "opened"): ActionWords(
        pgettext_lazy("invoice", "Opened"), _("noted that the client opened the invoice"), "eye", "blue"
    ),
    ("sales.quote", "created"): ActionWords(
        pgettext_lazy("event", "Created"), _("made the quote"), "file-plus", "green"
    ),
    ("sales.quote", "sent"): ActionWords(pgettext_lazy("quote", "Sent"), _("sent the quote"), "send", "blue"),
    ("sales.quote", "handed_over"): ActionWords(
        pgettext_lazy("quote", "Handed over"), _("handed the quote over"), "send", "blue"
    ),
    ("sales.quote", "message_refused"): ActionWords(
        _("Message refused"), _("could not deliver the message"), "mail-x", "red"
    ),
    ("sales.quote", "link_renewed"): ActionWords(
        _("Link renewed"), _("made a new link to the quote"), "link", "amber"
    ),
    ("sales.quote", "opened"): ActionWords(
        pgettext_lazy("quote", "Opened"), _("noted that the client opened the quote"), "eye", "blue"
    ),
    ("sales.quote", "accepted"): ActionWords(
        pgettext_lazy("quote", "Accepted"),
        _("noted that the client accepted the quote"),
        "circle-check",
        "green",
    ),
    ("sales.quote", "refused"): ActionWords(
        pgettext_lazy("quote", "Refused"), _("noted that the client refused the quote"), "circle-x", "red"
    ),
    ("sales.quote", "lease_asked"): ActionWords(
        pgettext_lazy("lease", "Lease asked about"),
        _("asked whether a lease may be"),
        "building-bank",
        "blue",
    ),
    ("sales.quote", "lease_moved"): ActionWords(
        pgettext_lazy("lease", "Lease goes on"), _("noted a step of the lease"), "building-bank", "blue"
    ),
    ("sales.quote", "signature_asked"): ActionWords(
        _("Signature asked for"), _("asked for an electronic signature"), "signature", "blue"
    ),
    ("sales.quote", "signature_failed"): ActionWords(
        _("Signature failed"), _("could not have the quote signed"), "signature-off", "red"
    ),
    ("sales.quote", "expired"): ActionWords(
        pgettext_lazy("quote", "Expired"), _("let the quote expire"), "calendar-off", "amber"
    ),
    ("sales.quote", "replaced"): ActionWords(
        pgettext_lazy("quote", "Replaced"), _("replaced the quote by a new version"), "versions", "purple"
    ),
}

"""What time lines say of payments, write-offs and bank statements."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from timeline.action_words import ActionWords

OF_MONEY: dict[tuple[str, str], ActionWords] = {
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
}

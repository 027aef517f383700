"""What happened to records of sales, in words: what timeline/words.py has no room for."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STATEMENT = "sales.commissionstatement"
# {(kind of record, action): (heading, sentence, icon, colour)}
SALES: dict[tuple[str, str], tuple[Any, Any, str, str]] = {
    (STATEMENT, "commission_closed"): (
        pgettext_lazy("statement", "Closed"), _("closed the statement"), "lock", "blue",
    ),
    (STATEMENT, "commission_paid"): (
        pgettext_lazy("statement", "Paid out"), _("marked the statement as paid"), "cash", "green",
    ),
    (STATEMENT, "commission_unpaid"): (
        _("Payment taken back"), _("took the mark of payment back"), "arrow-back-up", "amber",
    ),
    (STATEMENT, "commission_adjusted"): (_("Adjusted"), _("adjusted the statement"), "plus", "blue"),
    (STATEMENT, "commission_unadjusted"): (
        _("Adjustment taken off"), _("took an adjustment off"), "minus", "amber",
    ),
}  # fmt: skip

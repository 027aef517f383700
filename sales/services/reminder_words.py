"""What a reminder says: the stage's text with the invoice's words, and what the law adds to it."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digiweb.templatetags.digiweb import money, plain
from sales.models import Invoice, ReminderStage
from sales.models.reminder_stage import PLACEHOLDER
from sales.services.penalties import Charges, charges_of

# What a placeholder without words leaves.
EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Words:
    """A message as it leaves."""

    subject: str
    body: str
    charges: Charges


def words_of(invoice: Invoice, stage: ReminderStage, on: date, seller: Any) -> Words:
    """Subject and message of a stage as of a day, in the invoice's language; `seller` signs."""
    charges = charges_of(invoice, on)
    with translation.override(invoice.language):
        known = placeholders(invoice, on, seller)
        told = charges_text(charges) if stage.tells_penalties and charges.all else ""
        subject = filled(getattr(stage, f"subject_{invoice.language}"), {**known, "charges": ""})
        text = getattr(stage, f"body_{invoice.language}")
        if "{charges}" not in text:
            text += "\n\n{charges}"
        body = filled(text, {**known, "charges": told})
    return Words(" ".join(subject.split())[:250], EMPTY_LINES.sub("\n\n", body).strip()[:6000], charges)


def placeholders(invoice: Invoice, on: date, seller: Any) -> dict[str, str]:
    """{name in a text: what stands there}; to be called in the invoice's language."""
    buyer = (invoice.facts or {}).get("buyer", {})
    days = max((on - invoice.due_on).days, 0) if invoice.due_on else 0
    return {
        "name": invoice.contact.full_name if invoice.contact is not None else buyer.get("name", ""),
        "number": str(invoice.number),
        "subject": invoice.subject,
        "amount": money(invoice.gross),
        "left": money(invoice.balance),
        "issued": date_format(invoice.issued_on, "DATE_FORMAT") if invoice.issued_on else "",
        "due": date_format(invoice.due_on, "DATE_FORMAT") if invoice.due_on else "",
        "days": str(days),
        "seller": seller.full_name,
        "agency": str(invoice.agency),
    }


def filled(text: str, known: dict[str, str]) -> str:
    """`text` with what its placeholders stand for; what nobody knows stays as it is."""
    return PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), text)


def charges_text(charges: Charges) -> str:
    """The sentence on penalties and the 40 €, in the language that is set."""
    late = ngettext("%(days)s day", "%(days)s days", charges.days) % {"days": charges.days}
    return _(
        "Penalties for late payment run at %(percent)s %% a year: %(penalties)s to date, for %(late)s. A "
        "fixed indemnity of %(indemnity)s for the costs of collection is owed as well (French Code de "
        "commerce, articles L. 441-10 and D. 441-5)."
    ) % {
        "percent": plain(charges.percent or 0),
        "penalties": money(charges.penalties),
        "indemnity": money(charges.indemnity),
        "late": late,
    }

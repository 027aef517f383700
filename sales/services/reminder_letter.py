"""The letter of a formal notice (Code civil, article 1344): drawn as it leaves, kept with its hash.

It is no invoice: penalties and the indemnity bear no VAT and have no number of their own.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from digiweb.pdf import About, paper, write_pdf
from digiweb.templatetags.digiweb import money
from sales.models import Invoice, Reminder
from sales.paper import Party, buyer_party, legal_line, seller_party, spaced
from sales.services.invoice_files import keep_file
from sales.services.penalties import Charges, charges_of, is_firm

FOLDER = "reminders"
# Days that the letter gives (no law says how many; eight are usual).
GRACE_DAYS = 8
OLD = timedelta(days=1)
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True)
class Letter:
    """What templates/pdf/letter.html draws."""

    title: str
    place: str
    seller: Party
    buyer: Party
    number: str
    text: tuple[str, ...]
    # (label, amount, is it the sum?)
    sums: tuple[tuple[str, Decimal, bool], ...]
    charges: Charges
    bank: tuple[tuple[str, str], ...]
    after: tuple[str, ...]
    signed: str
    footer: str
    logo: str


def letter_pdf(invoice: Invoice, on: date, seller: Any) -> bytes:
    """The letter as of a day; the same day and invoice give the same bytes."""
    agency = invoice.agency
    with translation.override(invoice.language):
        letter = letter_of(invoice, on, seller)
    page = paper("pdf/letter.html", {"letter": letter}, language=invoice.language, colour=agency.colour)
    language = "fr-FR" if invoice.language == "fr" else "en-GB"
    moment = timezone.make_aware(datetime(on.year, on.month, on.day, 12))
    about = About(f"{letter.title} {invoice.number}", agency.name, moment, invoice.subject, (), language)
    return write_pdf(page, about)


def letter_of(invoice: Invoice, on: date, seller: Any) -> Letter:
    """What stands in the letter; to be called in the invoice's language."""
    facts = invoice.facts or {}
    ours, vat = facts["seller"], pgettext("paper", "VAT no.")
    charges = charges_of(invoice, on)
    capital = ""
    if ours.get("capital"):
        capital = _("with a capital of %(amount)s") % {"amount": money(Decimal(ours["capital"]))}
    return Letter(
        title=str(pgettext("paper", "Formal notice to pay")),
        place=", ".join(filter(None, [ours.get("city", ""), date_format(on, "DATE_FORMAT")])),
        seller=seller_party(ours),
        buyer=buyer_party(facts["buyer"], "SIREN", vat),
        number=str(invoice.number),
        text=tuple(_text(invoice, on)),
        sums=tuple(_sums(invoice, charges)),
        charges=charges,
        bank=tuple(_bank(invoice, ours)),
        after=tuple(_after(invoice, charges, on)),
        signed=str(seller.full_name),
        footer=legal_line(ours, capital, vat),
        logo=str(invoice.agency.logo.name) if invoice.agency.logo else "",
    )


def _text(invoice: Invoice, on: date) -> list[str]:
    """Which invoice, since when, and that it is to be paid (Code civil, article 1344)."""
    values = {
        "number": invoice.number,
        "subject": invoice.subject,
        "issued": date_format(invoice.issued_on, "DATE_FORMAT") if invoice.issued_on else "",
        "due": date_format(invoice.due_on, "DATE_FORMAT") if invoice.due_on else "",
        "left": money(invoice.balance),
        "days": GRACE_DAYS,
        "until": date_format(on + timedelta(days=GRACE_DAYS), "DATE_FORMAT"),
    }
    return [
        _(
            "Despite our reminders, we have not received the whole payment of our invoice %(number)s of "
            "%(issued)s (%(subject)s), which was due on %(due)s. %(left)s is left to pay."
        )
        % values,
        _(
            "We therefore give you formal notice to pay the sum below within %(days)s days, by %(until)s at "
            "the latest."
        )
        % values,
    ]


def _sums(invoice: Invoice, charges: Charges) -> list[tuple[str, Decimal, bool]]:
    rows = [(_("Invoice %(number)s") % {"number": invoice.number}, invoice.gross, False)]
    for label, amount in (
        (_("Payments received"), invoice.paid),
        (_("Credit notes"), invoice.credited),
        (_("Given up"), invoice.written_off),
    ):
        if amount:
            rows.append((label, -amount, False))
    if charges.all:
        rows.append((_("Penalties for late payment"), charges.penalties, False))
        rows.append((_("Fixed indemnity for the costs of collection"), charges.indemnity, False))
    rows.append((_("Total to pay"), invoice.balance + charges.all, True))
    return rows


def _bank(invoice: Invoice, ours: dict[str, Any]) -> list[tuple[str, str]]:
    if not ours.get("iban"):
        return []
    rows = [
        (_("Account of"), ours["name"]),
        ("IBAN", spaced(ours["iban"].replace(" ", ""))),
        ("BIC", ours["bic"]),
        (_("Reference"), str(invoice.number)),
    ]
    return [row for row in rows if row[1]]


def _after(invoice: Invoice, charges: Charges, on: date) -> list[str]:
    """What follows if nothing comes, and by which law."""
    said = []
    if charges.all:
        said.append(
            _(
                "Penalties run until the day of payment, at the rate and by the conditions printed on the "
                "invoice (Code de commerce, articles L. 441-10 and D. 441-5). Costs of collection above the "
                "fixed indemnity may be claimed with their proof."
            )
        )
    elif not is_firm(invoice):
        said.append(
            _("From this notice on, the sum bears interest at the legal rate (Code civil, article 1231-6).")
        )
    said.append(
        _(
            "Without payment by then we shall have the sum collected by all means of law, without further "
            "notice. If you have paid meanwhile, please disregard this letter."
        )
    )
    return said


# --- The file


def keep_letter(reminder: Reminder, content: bytes, on: date) -> None:
    """Write the letter and name it in the row, which the caller saves. Raises ValidationError (disk full)."""
    sha256 = hashlib.sha256(content).hexdigest()
    number = _UNSAFE.sub("_", str(reminder.invoice.number))
    name = f"{FOLDER}/{on:%Y}/{on:%m}/{number}-{sha256[:16]}.pdf"
    before = str(reminder.letter.name or "")
    keep_file(name, content)
    reminder.letter, reminder.letter_sha256 = name, sha256  # type: ignore[assignment]
    if before and before != name:
        transaction.on_commit(partial(default_storage.delete, before))


def read_letter(reminder: Reminder) -> bytes:
    """The kept letter. Raises ValidationError where it is no longer what was kept."""
    with default_storage.open(str(reminder.letter.name)) as file:
        content: bytes = file.read()
    if hashlib.sha256(content).hexdigest() != reminder.letter_sha256:
        raise ValidationError(_("The letter that was kept was changed since."))
    return content


def letter_name(invoice: Invoice) -> str:
    """What the file is called where it arrives."""
    with translation.override(invoice.language):
        title = pgettext("file name", "Formal notice")
    return f"{title} {invoice.number}.pdf"


def sweep_letters(now: datetime | None = None) -> int:
    """Delete letters that no reminder names (a worker died between both); returns how many."""
    before = ((now or timezone.now()) - OLD).timestamp()
    root = Path(default_storage.path(FOLDER))
    swept = 0
    for folder in sorted({path.parent for path in root.rglob("*") if path.is_file()}):
        old = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < before]
        names = {path.relative_to(root.parent).as_posix(): path for path in old}
        known = set(Reminder.objects.filter(letter__in=names).values_list("letter", flat=True))
        for name, path in names.items():
            if name not in known:
                os.unlink(path)
                swept += 1
    return swept

"""How far an invoice is paid: worked out from what was received, credited and given up, never typed.

Payments come from elsewhere: whoever keeps a table of them says so by `register_payments`. After each
change of one, `refresh_settlement` is called in the same transaction.

« Paid » is an invoice of which nothing is left and for which money came in, were it for a part; one that was
credited or written off as a whole has « nothing to pay ».
"""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from sales.models import Invoice, WriteOff
from sales.services.lettering import refresh_letters

NOUGHT = Decimal("0.00")
LIVING = ("paid", "credited", "written_off", "balance", "settlement", "paid_on", "letter")
# (invoices) → {number: (what was received less what was given back, day of the last)}
Payments = Callable[[list[int]], dict[int, tuple[Decimal, date]]]
_payments: list[Payments] = []
# Told of the numbers of the invoices that were settled anew, in the same transaction.
Follower = Callable[[set[int]], object]
_followers: list[Follower] = []


def register_payments(source: Payments) -> None:
    """Let `source` say what was paid: called with numbers of invoices, in `AppConfig.ready`."""
    _payments.append(source)


def register_follower(follower: Follower) -> None:
    """Have `follower` told whenever settlements were worked out; called in `AppConfig.ready`."""
    _followers.append(follower)


def hold_invoices(pks: Iterable[int]) -> dict[int, Invoice]:
    """Lock these invoices, in one order everywhere."""
    return {
        invoice.pk: invoice
        for invoice in Invoice.objects.select_for_update().filter(pk__in=set(pks)).order_by("pk")
    }


def family_of(pks: Iterable[int]) -> set[int]:
    """These invoices with those that they correct and all credit notes of both."""
    asked = set(pks)
    # A credit note follows its invoice, and an invoice its credit notes.
    asked |= set(
        Invoice.objects.filter(pk__in=asked, corrects__isnull=False).values_list("corrects_id", flat=True)
    )
    notes = Invoice.objects.filter(corrects__in=asked, status=Invoice.Status.ISSUED)
    return asked | set(notes.values_list("pk", flat=True))


@transaction.atomic
def refresh_settlement(pks: Iterable[int]) -> list[Invoice]:
    """Work out paid, credited, written_off, balance, settlement and paid_on of these invoices, and the
    letters of the groups that they are of; returns those that differed in more than the letter.

    A credit note's columns say what of it was set against its invoice and what is left to give back. No
    version counts up and no event is written: the payment or the credit note has its own.
    """
    held = hold_invoices(family_of(pks))
    received: dict[int, tuple[Decimal, date]] = {}
    for source in _payments:
        for pk, (amount, day) in source(sorted(held)).items():
            known = received.get(pk, (NOUGHT, day))
            received[pk] = (known[0] + amount, max(known[1], day))
    given_up = written_off_of(held)
    changed = []
    for invoice in held.values():
        if invoice.is_credit_note or invoice.is_draft:
            continue
        credit_notes = sorted(
            (note for note in held.values() if note.corrects_id == invoice.pk and not note.is_draft),
            key=lambda note: note.pk,
        )
        changed += _settle(invoice, credit_notes, received, given_up.get(invoice.pk, NOUGHT))
    refresh_letters(held.values())
    for follow in _followers:
        follow(set(held))
    return changed


def written_off_of(pks: Iterable[int]) -> dict[int, Decimal]:
    """{number of the invoice: what of it is given up}, where there is something."""
    found: dict[int, Decimal] = {}
    for each in WriteOff.objects.filter(invoice__in=list(pks)):
        found[each.invoice_id] = found.get(each.invoice_id, NOUGHT) + each.sign * each.amount
    return found


def _settle(
    invoice: Invoice,
    notes: list[Invoice],
    received: dict[int, tuple[Decimal, date]],
    written_off: Decimal,
) -> list[Invoice]:
    """One invoice with its credit notes: what they take off is no more than what is owed, nor what of them
    was paid back already.
    """
    paid, day = received.get(invoice.pk, (NOUGHT, None))
    left = max(invoice.gross - paid - written_off, NOUGHT)
    changed = []
    for note in notes:
        given_back, given_on = received.get(note.pk, (NOUGHT, None))
        taken = min(note.gross + given_back, left)
        left -= taken
        values = {
            # What was paid back is a payment the other way.
            "paid": -given_back,
            "credited": taken,
            "balance": note.gross - taken + given_back,
            "settlement": Invoice.Settlement.NONE,
            "paid_on": given_on,
        }
        changed += _keep(note, values)
    credited = sum((note.credited for note in notes), NOUGHT)
    balance = invoice.gross - paid - credited - written_off
    values = {
        "paid": paid,
        "credited": credited,
        "written_off": written_off,
        "balance": balance,
        "settlement": settlement_of(invoice.gross, paid, credited + written_off),
        "paid_on": day if balance <= 0 and paid > 0 else None,
    }
    return [*changed, *_keep(invoice, values)]


def settlement_of(gross: Decimal, paid: Decimal, waived: Decimal) -> str:
    """Nothing to pay, pending, partly paid or paid; `waived` is what was credited or given up."""
    if gross <= 0 or (paid == 0 and waived >= gross):
        return str(Invoice.Settlement.NONE)
    if paid + waived >= gross:
        return str(Invoice.Settlement.PAID)
    return str(Invoice.Settlement.PARTLY if paid > 0 else Invoice.Settlement.PENDING)


def _keep(invoice: Invoice, values: dict[str, Any]) -> list[Invoice]:
    if all(getattr(invoice, name) == value for name, value in values.items()):
        return []
    for name, value in values.items():
        setattr(invoice, name, value)
    invoice.updated_at = timezone.now()
    invoice.save(update_fields=[*values, "updated_at"])
    return [invoice]

"""Letters (« lettrage »): what ties invoices, credit notes, payments and write-offs that come to nought.

Worked out by the services that change one of them, never typed (columns EcritureLet and DateLet of the FEC:
LPF, article A47 A-1).

A group is what hangs together: an invoice with its credit notes and with the payments set against it, a
payment with the one that undoes it and with what was paid back of it. While the group comes to nought all of
it has one letter, the agency's next; when it opens again the letter is gone and is not given a second time.

Locks are taken in one order everywhere: invoices by number, payments by number, the series of letters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from string import ascii_uppercase

from django.db.models import Q

from sales.models import Invoice, Letter, LetterSeries, Payment, PaymentMatch, WriteOff

NOUGHT = Decimal("0.00")


@dataclass(frozen=True)
class Group:
    """What hangs together, by numbers."""

    invoices: frozenset[int]
    payments: frozenset[int]


def group_of(invoices: Iterable[int] = (), payments: Iterable[int] = ()) -> Group:
    """All that hangs together with these invoices and payments, themselves included."""
    found_invoices: set[int] = set()
    found_payments: set[int] = set()
    new_invoices, new_payments = set(invoices), set(payments)
    while new_invoices or new_payments:
        found_invoices |= new_invoices
        found_payments |= new_payments
        reached_invoices, reached_payments = _next_to(new_invoices, new_payments)
        new_invoices = reached_invoices - found_invoices
        new_payments = reached_payments - found_payments
    return Group(frozenset(found_invoices), frozenset(found_payments))


def _next_to(invoices: set[int], payments: set[int]) -> tuple[set[int], set[int]]:
    """What hangs directly on these."""
    near_invoices: set[int] = set()
    near_payments: set[int] = set()
    issued = Invoice.objects.filter(status=Invoice.Status.ISSUED)
    if invoices:
        near_payments |= set(
            PaymentMatch.objects.filter(invoice__in=invoices).values_list("payment_id", flat=True)
        )
        near_invoices |= set(issued.filter(corrects__in=invoices).values_list("pk", flat=True))
        corrected = issued.filter(pk__in=invoices, corrects__isnull=False)
        near_invoices |= set(corrected.values_list("corrects_id", flat=True))
    if payments:
        near_invoices |= set(
            PaymentMatch.objects.filter(payment__in=payments).values_list("invoice_id", flat=True)
        )
        around = Payment.objects.filter(
            Q(undoes__in=payments) | Q(undone_by__in=payments) | Q(refunds__in=payments)
        )
        near_payments |= set(around.values_list("pk", flat=True))
        origins = Payment.objects.filter(pk__in=payments, refunds__isnull=False)
        near_payments |= set(origins.values_list("refunds_id", flat=True))
    return near_invoices, near_payments


def refresh_letters(invoices: Iterable[Invoice] = (), payments: Iterable[Payment] = ()) -> None:
    """Give, keep or take the letters of the groups that these are of.

    The caller holds the transaction and has written what it changes. The objects given hold their letters
    afterwards.
    """
    given_invoices = [invoice for invoice in invoices if not invoice.is_draft]
    given_payments = list(payments)
    done: set[tuple[str, int]] = set()
    for each in given_invoices:
        if ("invoice", each.pk) not in done:
            done |= _letter(group_of(invoices=[each.pk]))
    for one in given_payments:
        if ("payment", one.pk) not in done:
            done |= _letter(group_of(payments=[one.pk]))
    for bill in given_invoices:
        bill.letter_id = _letter_of(Invoice, bill.pk)
    for payment in given_payments:
        payment.letter_id = _letter_of(Payment, payment.pk)


def _letter_of(model: type[Invoice] | type[Payment], pk: int) -> int | None:
    number: int | None = model._default_manager.filter(pk=pk).values_list("letter", flat=True).get()
    return number


def _letter(group: Group) -> set[tuple[str, int]]:
    """See to one group; returns its members."""
    # Held in their order: a group reaches further than what the caller holds.
    invoices = list(
        Invoice.objects.select_for_update()
        .filter(pk__in=group.invoices)
        .order_by("pk")
        .only("kind", "gross", "issued_on", "agency_id", "letter_id")
    )
    payments = list(
        Payment.objects.select_for_update()
        .filter(pk__in=group.payments)
        .order_by("pk")
        .only("kind", "amount", "received_on", "agency_id", "letter_id")
    )
    members = {("invoice", each.pk) for each in invoices} | {("payment", each.pk) for each in payments}
    write_offs = list(WriteOff.objects.filter(invoice__in=[each.pk for each in invoices]))
    total = sum((each.sign * each.gross for each in invoices), NOUGHT)
    total -= sum((each.sign * each.amount for each in payments), NOUGHT)
    total -= sum((each.sign * each.amount for each in write_offs), NOUGHT)
    size = len(invoices) + len(payments) + len(write_offs)
    present = {bill.letter_id for bill in invoices} | {payment.letter_id for payment in payments}
    if total or size < 2:
        _take({pk for pk in present if pk})
        return members
    if len(present) == 1 and None not in present:
        return members
    _take({pk for pk in present if pk})
    days = [each.issued_on for each in invoices if each.issued_on]
    days += [each.received_on for each in payments] + [each.written_on for each in write_offs]
    agency_id = (invoices[0] if invoices else payments[0]).agency_id
    letter = give_letter(agency_id, max(days))
    Invoice.objects.filter(pk__in=group.invoices).update(letter=letter)
    Payment.objects.filter(pk__in=group.payments).update(letter=letter)
    return members


def _take(letters: set[int]) -> None:
    """These groups are open again."""
    if letters:
        Invoice.objects.filter(letter__in=letters).update(letter=None)
        Payment.objects.filter(letter__in=letters).update(letter=None)
        Letter.objects.filter(pk__in=letters).delete()


def give_letter(agency_id: int, day: date) -> Letter:
    """The agency's next letter."""
    LetterSeries.objects.get_or_create(agency_id=agency_id)
    series = LetterSeries.objects.select_for_update().get(agency_id=agency_id)
    series.last_code = next_code(series.last_code)
    series.save(update_fields=["last_code"])
    return Letter.objects.create(agency_id=agency_id, code=series.last_code, lettered_on=day)


def next_code(code: str) -> str:
    """A, B … Z, AA, AB … ZZ, AAA."""
    last = len(ascii_uppercase) - 1
    places = [ascii_uppercase.index(letter) for letter in code]
    for place in reversed(range(len(places))):
        if places[place] < last:
            places[place] += 1
            return "".join(ascii_uppercase[each] for each in places)
        places[place] = 0
    return "A" * (len(code) + 1)

"""Verbs of payments: recorded, set against invoices, taken back. Page, API, statements and debits call these.

A payment is never changed nor deleted (CGI, article 286, I-3° bis): what was wrong is undone by a payment the
other way, which has the same matches, so that everything is open again and both can still be read.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from crm.models import Client
from digiweb.audit import record
from digiweb.changes import change_many, initial_values
from digiweb.templatetags.digiweb import money
from sales.amounts import NOUGHT
from sales.models import Agency, Invoice, Payment, PaymentMatch
from sales.services.books import book
from sales.services.closing import check_open
from sales.services.debit_release import release_debits
from sales.services.lettering import group_of, refresh_letters
from sales.services.money_totals import adjust_money, payment_figures
from sales.services.payment_rules import (
    check_columns,
    check_day,
    check_matches,
    check_standing,
    hold_payment,
    hold_payments,
    in_sight,
    settle_left,
    settle_owner,
)
from sales.services.settlement import hold_invoices, refresh_settlement

Kind = Payment.Kind


@transaction.atomic
def record_payment(
    *,
    user: Any,
    agency: Agency,
    client: Client | None = None,
    received_on: date,
    amount: Decimal,
    method: str,
    kind: str = Kind.RECEIPT,
    payer: str = "",
    owner: Any = None,
    reference: str = "",
    note: str = "",
    matches: Mapping[int, Decimal] | None = None,
    refunds: Payment | None = None,
    today: date | None = None,
    by: Any = None,
) -> Payment:
    """Write down money that came in or was paid back, and set it against invoices.

    `amount` is in euros, `matches` is {number of the invoice: euros}. What of a receipt is matched to nothing
    stays as credit of the client. Money paid back says of what: of credit notes (`matches`), or of one
    over-payment (`refunds`); all of it. `today` is for the demo, which tells a year. Client, salesperson and
    payer follow from the invoices where they are
    left out. `by` is who stands in the log where the system acts for somebody (`user` None): whoever collects
    direct debits need not record payments.

    Raises ValidationError for an amount, a day or an invoice that cannot be, for more than is owed and for a
    day whose books are closed; PermissionDenied for a salesperson for whom `user` may not record, and for an
    over-payment that they may not change.
    """
    wanted = dict(matches or {})
    payment = Payment(
        agency=agency, client=client, payer=payer.strip(), owner=owner, kind=kind, received_on=received_on,
        amount=amount, method=method, reference=reference.strip(), note=note.strip(), refunds=refunds,
    )  # fmt: skip
    check_columns(payment)
    check_day(received_on, "received_on", today)
    in_sight(user, wanted)
    origins = [refunds.pk] if refunds is not None else []
    held = hold_invoices(group_of(invoices=wanted, payments=origins).invoices)
    if refunds is not None:
        if user is not None and not user.can(Payment.module, "change", refunds):
            raise PermissionDenied
        refunds = payment.refunds = hold_payment(refunds.pk)
    found = check_matches(kind=kind, agency=agency, matches=wanted, invoices=held, most=payment.amount)
    _check_reason(payment, sum(found.values(), NOUGHT))
    invoices = [held[pk] for pk in found]
    _settle_parties(payment, invoices)
    settle_owner(user, payment, invoices)
    _write(by if user is None else user, payment, found, held)
    if refunds is not None:
        settle_left(refunds)
    return payment


@transaction.atomic
def match_payment(
    *, user: Any, payment: Payment, invoice: Invoice, amount: Decimal | None = None
) -> PaymentMatch:
    """Set what is left of a receipt against an invoice; `amount` None takes as much as both allow.

    Raises ValidationError for a payment that was undone or went the other way, for an invoice that cannot be,
    for more than is owed and for more than is left.
    """
    in_sight(user, [invoice.pk])
    group = group_of(invoices=[invoice.pk], payments=[payment.pk])
    invoices = hold_invoices(group.invoices)
    held, bill = hold_payment(payment.pk), invoices[invoice.pk]
    _check_receipt(held)
    if amount is None:
        amount = min(held.left, bill.balance)
    found = check_matches(
        kind=held.kind, agency=held.agency, matches={bill.pk: amount}, invoices=invoices, most=held.left
    )
    match, made = PaymentMatch.objects.select_for_update().get_or_create(
        payment=held, invoice=bill, defaults={"amount": found[bill.pk], "matched_by": user}
    )
    if not made:
        match.amount += found[bill.pk]
        match.save(update_fields=["amount"])
    _after(user, held, [bill], "matched", {"matches": [None, _match_text(bill, found[bill.pk])]})
    payment.__dict__.update(held.__dict__)
    return match


@transaction.atomic
def unmatch_payment(*, user: Any, payment: Payment, invoice: Invoice) -> Payment:
    """Take a receipt off an invoice: its money is left to match again.

    Raises ValidationError where they are not matched, for a payment that was undone, and where the books of
    its day are closed.
    """
    in_sight(user, [invoice.pk])
    invoices = hold_invoices(group_of(payments=[payment.pk]).invoices)
    held, bill = hold_payment(payment.pk), invoices.get(invoice.pk)
    _check_receipt(held)
    check_open(held.agency, held.received_on)
    match = PaymentMatch.objects.filter(payment=held, invoice=bill).first() if bill is not None else None
    if match is None or bill is None:
        raise ValidationError(_("“%(payment)s” is not matched with this invoice.") % {"payment": held})
    told = {"matches": [_match_text(bill, match.amount), None]}
    match.delete()
    _after(user, held, [bill], "unmatched", told)
    payment.__dict__.update(held.__dict__)
    return payment


def return_payment(*, user: Any, payment: Payment, returned_on: date, reason: str) -> Payment:
    """The bank took it back (direct debit, cheque): what it had paid is open again; returns the return.

    Raises ValidationError without a reason, for a payment that was undone already or went the other way, for
    a day before it or to come, and where the books of the day are closed.
    """
    if payment.kind != Kind.RECEIPT:
        raise ValidationError(_("Only money that was received is returned."))
    return _undo(user, payment, Kind.RETURN, returned_on, reason, "returned_on")


def undo_payment(*, user: Any, payment: Payment, on: date, reason: str) -> Payment:
    """Undo a payment that was entered by mistake, by one the other way; returns that one.

    Raises as `return_payment` does; also where the invoices of a return were paid otherwise meanwhile.
    """
    kind = Kind.REFUND if payment.kind == Kind.RECEIPT else Kind.RECEIPT
    return _undo(user, payment, kind, on, reason, "on")


@transaction.atomic
def assign_payments(*, user: Any, pks: Sequence[int], owner: Any) -> int:
    """Give payments to another salesperson; returns how many differed."""
    payments = list(Payment.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    prefetch_related_objects(payments, "owner", "client__company", "client__contact")
    before = [payment_figures(payment) for payment in payments]
    changed = change_many(user=user, objs=payments, values={"owner": owner}, also=also_of)
    adjust_money(before, [payment_figures(payment) for payment in payments])
    return len(changed)


@transaction.atomic
def _undo(user: Any, payment: Payment, kind: str, on: date, reason: str, field: str) -> Payment:
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Say why: it stands on the payment.")})
    check_day(on, field)
    group = group_of(payments=[payment.pk])
    invoices = hold_invoices(group.invoices)
    # What hangs on it is held with it, in one order.
    held = hold_payments(group.payments)[payment.pk]
    check_standing(held)
    if on < held.received_on:
        raise ValidationError({field: _("This is before the payment itself.")})
    if Payment.objects.filter(refunds=held, undone_by__isnull=True).exists():
        text = _("A part of “%(payment)s” was paid back: undo that first.")
        raise ValidationError(text % {"payment": held})
    mirrored = dict(PaymentMatch.objects.filter(payment=held).values_list("invoice", "amount"))
    for pk, amount in mirrored.items():
        # A return that is undone pays them again; a refund that is undone only owes again.
        if held.kind == Kind.RETURN and amount > invoices[pk].balance:
            text = _("“%(invoice)s” was paid otherwise meanwhile: take that payment off it first.")
            raise ValidationError(text % {"invoice": invoices[pk]})
    counter = Payment(
        agency=held.agency, client=held.client, payer=held.payer, owner=held.owner, kind=kind,
        received_on=on, amount=held.amount, method=held.method, reference=held.reference,
        note=reason[:1000], undoes=held,
    )  # fmt: skip
    # Before: what is settled anew may be reminded of again.
    release_debits(user=user, payment=held, on=on, reason=reason)
    _write(user, counter, mirrored, invoices, field=field)
    settle_left(held)
    if held.refunds_id is not None:
        settle_left(hold_payment(held.refunds_id))
    action = "returned" if kind == Kind.RETURN else "undone"
    record(user=user, action=action, obj=held, changes={"note": [None, reason]}, also=also_of(held))
    payment.__dict__.update(held.__dict__)
    return counter


# --- Parts of them


def also_of(payment: Payment, invoices: Iterable[Invoice] = ()) -> tuple[Any, ...]:
    """On whose time lines the events of a payment show too."""
    return (*invoices, *([payment.client] if payment.client is not None else []))


def received_for(pks: list[int]) -> dict[int, tuple[Decimal, date]]:
    """What payments say of these invoices: received less given back, and the day of the last
    (`sales.services.settlement.register_payments`).
    """
    found: dict[int, tuple[Decimal, date]] = {}
    rows = PaymentMatch.objects.filter(invoice__in=pks).values_list(
        "invoice", "amount", "payment__kind", "payment__received_on"
    )
    for pk, amount, kind, day in rows:
        known, last = found.get(pk, (NOUGHT, day))
        found[pk] = (known + (amount if kind == Kind.RECEIPT else -amount), max(last, day))
    return found


def _check_reason(payment: Payment, matched: Decimal) -> None:
    """Money goes back for a reason that is known. Raises ValidationError."""
    if payment.kind == Kind.RECEIPT:
        if payment.refunds is not None:
            raise ValidationError(_("Only money paid back comes from another payment."))
        return
    if payment.kind == Kind.RETURN:
        raise ValidationError(_("Say on the payment itself that the bank took it back."))
    origin = payment.refunds
    if origin is None:
        if matched != payment.amount:
            raise ValidationError(_("Say for which credit note or over-payment all of it is paid back."))
        return
    check_standing(origin)
    if matched or origin.kind != Kind.RECEIPT or origin.agency_id != payment.agency_id:
        raise ValidationError(_("An over-payment is paid back by itself, by the agency that had it."))
    if payment.amount > origin.left:
        text = _("Only %(left)s of “%(payment)s” are left to pay back.")
        raise ValidationError({"amount": text % {"left": money(origin.left), "payment": origin}})
    if payment.received_on < origin.received_on:
        raise ValidationError({"received_on": _("This is before the payment itself.")})
    if payment.client is None:
        payment.client = origin.client
    payment.payer = payment.payer or origin.payer
    payment.owner = payment.owner or origin.owner


def _check_receipt(payment: Payment) -> None:
    check_standing(payment)
    if payment.kind != Kind.RECEIPT:
        raise ValidationError(_("Only money that was received is matched with invoices."))


def _settle_parties(payment: Payment, invoices: list[Invoice]) -> None:
    """Who paid, where nobody said: who the invoices are for."""
    clients = {invoice.client for invoice in invoices if invoice.client_id}
    if payment.client is None and clients:
        payment.client = next(invoice.client for invoice in invoices if invoice.client_id)
    if not payment.payer:
        buyer = next((invoice.addressee for invoice in invoices if invoice.addressee), None)
        payment.payer = str(payment.client or buyer or "")[:160]


def _write(
    user: Any,
    payment: Payment,
    matches: Mapping[int, Decimal],
    invoices: Mapping[int, Invoice],
    field: str = "received_on",
) -> None:
    payment.matched = sum(matches.values(), NOUGHT)
    bound = payment.undoes is not None or payment.refunds is not None
    payment.left = NOUGHT if bound else payment.amount - payment.matched
    payment.save(force_insert=True)
    # After the row, which holds its agency's: no closing comes in between.
    check_open(payment.agency, payment.received_on, field)
    PaymentMatch.objects.bulk_create(
        PaymentMatch(payment=payment, invoice=invoices[pk], amount=amount, matched_by=user)
        for pk, amount in matches.items()
    )
    refresh_settlement(matches)
    changes = initial_values(payment)
    if matches:
        texts = [_match_text(invoices[pk], amount) for pk, amount in matches.items()]
        changes["matches"] = [None, ", ".join(texts)]
    also = also_of(payment, [invoices[pk] for pk in matches])
    record(user=user, action="created", obj=payment, changes=changes, also=also)
    refresh_letters(payments=[payment])
    adjust_money([], [payment_figures(payment)])
    book(payments=[payment.pk])


def _after(
    user: Any, payment: Payment, invoices: list[Invoice], action: str, changes: dict[str, list[Any]]
) -> None:
    """What follows a match that came or went."""
    settle_left(payment)
    refresh_settlement([invoice.pk for invoice in invoices])
    refresh_letters(payments=[payment])
    book(payments=[payment.pk])
    record(user=user, action=action, obj=payment, changes=changes, also=also_of(payment, invoices))


def _match_text(invoice: Invoice, amount: Decimal) -> str:
    return f"{invoice}: {money(amount)}"

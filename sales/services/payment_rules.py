"""What holds for every payment: its amounts in cents, its day, what of it is left, who looks after it."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.querysets import people_in, reach_of
from digiweb.templatetags.digiweb import money
from sales.amounts import NOUGHT
from sales.models import Agency, Invoice, Payment, PaymentMatch

FIRST_DAY = date(2000, 1, 1)
# What the columns hold.
MOST_AMOUNT = Decimal("999999999999.99")
COLUMNS = ("payer", "kind", "amount", "method", "reference", "note", "received_on")


def check_columns(payment: Payment) -> None:
    """Raises ValidationError, beside the fields, for an amount that is none (below a cent, parts of a cent)
    and words that are too long.
    """
    others = [field.name for field in Payment._meta.fields if field.name not in COLUMNS]
    payment.clean_fields(exclude=others)


def check_day(day: date, field: str, today: date | None = None) -> None:
    """Raises ValidationError for a day to come, and for one that can only be a slip of the pen."""
    if day > (today or timezone.localdate()):
        raise ValidationError({field: _("This day is yet to come.")})
    if day < FIRST_DAY:
        raise ValidationError({field: _("This day is too long ago.")})


def check_cents(amount: Any, words: str) -> Decimal:
    """An amount of euros above nought, in whole cents. Raises ValidationError, which begins with `words`."""
    if not isinstance(amount, Decimal) or not amount.is_finite() or amount <= 0:
        raise ValidationError(_("%(what)s: give an amount above nought.") % {"what": words})
    if amount > MOST_AMOUNT:
        raise ValidationError(_("%(what)s: this amount is too large.") % {"what": words})
    if amount != amount.quantize(Decimal("0.01")):
        raise ValidationError(_("%(what)s: there is nothing smaller than a cent.") % {"what": words})
    return amount.quantize(Decimal("0.01"))


def check_matches(
    *,
    kind: str,
    agency: Agency,
    matches: Mapping[int, Decimal],
    invoices: Mapping[int, Invoice],
    most: Decimal,
) -> dict[int, Decimal]:
    """How much goes to which of the locked `invoices`, in cents. Raises ValidationError for an invoice of
    another agency, a draft, the wrong kind of document, for more than is owed, and for more than `most`.
    """
    found: dict[int, Decimal] = {}
    for pk, given in matches.items():
        invoice = invoices.get(pk)
        if invoice is None:
            raise ValidationError(_("There is no such invoice."))
        amount = check_cents(given, str(invoice))
        if invoice.agency_id != agency.pk:
            text = _("“%(invoice)s” is an invoice of another agency.")
            raise ValidationError(text % {"invoice": invoice})
        if invoice.is_draft:
            raise ValidationError(_("“%(invoice)s” is a draft: nothing is owed yet.") % {"invoice": invoice})
        if invoice.is_credit_note != (kind == Payment.Kind.REFUND):
            text = (
                _("“%(invoice)s” is a credit note: it is paid back, not paid.")
                if invoice.is_credit_note
                else _("“%(invoice)s” is no credit note: nothing of it is paid back.")
            )
            raise ValidationError(text % {"invoice": invoice})
        if amount > invoice.balance:
            text = _("“%(invoice)s”: %(amount)s is more than the %(balance)s that are left to pay.")
            told = {"invoice": invoice, "amount": money(amount), "balance": money(invoice.balance)}
            raise ValidationError(text % told)
        found[pk] = amount
    total = sum(found.values(), NOUGHT)
    if total > most:
        text = _("The invoices come to %(total)s, and only %(most)s are there.")
        raise ValidationError(text % {"total": money(total), "most": money(most)})
    return found


def in_sight(user: Any, pks: Iterable[int]) -> None:
    """Raises ValidationError for an invoice that `user` does not see; the system sees all."""
    wanted = set(pks)
    if user is None or not wanted:
        return
    seen = Invoice.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True)
    if set(seen) != wanted:
        raise ValidationError(_("There is no such invoice."))


def settle_owner(user: Any, payment: Payment, invoices: Iterable[Invoice]) -> None:
    """The salesperson of the invoice, or of the client. Raises PermissionDenied for one for whom `user` may
    not record payments.
    """
    if payment.owner_id is None:
        owners = [invoice.owner for invoice in invoices if invoice.owner_id]
        payment.owner = owners[0] if owners else getattr(payment.client, "owner", None)
    if user is None:
        return
    if payment.owner_id is None:
        payment.owner = user
    if not records_for(user, payment.owner_id):
        raise PermissionDenied


def records_for(user: Any, owner: int | None) -> bool:
    """Whether `user` may write down money for this salesperson; the system may for all."""
    reach = "all" if user is None else reach_of(user, Payment.module, "create")
    return reach == "all" or (bool(reach) and owner in people_in(user, str(reach)))


def settle_left(payment: Payment) -> None:
    """What of the payment is matched, and what is left of it; saved."""
    amounts = PaymentMatch.objects.filter(payment=payment).values_list("amount", flat=True)
    payment.matched = sum(amounts, NOUGHT)
    paid_back = Payment.objects.filter(refunds=payment, undone_by__isnull=True)
    given = sum(paid_back.values_list("amount", flat=True), NOUGHT)
    bound = (
        payment.undoes_id is not None
        or payment.refunds_id is not None
        or Payment.objects.filter(undoes=payment).exists()
    )
    payment.left = NOUGHT if bound else payment.amount - payment.matched - given
    payment.save(update_fields=["matched", "left", "updated_at"])


def told_by_bank(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """Without those that were entered by mistake and what corrects them: no line of the bank is either.

    What the bank took back has two lines of its own.
    """
    back = Payment.Kind.RETURN
    mistaken = Q(undone_by__isnull=False) & ~Q(undone_by__kind=back)
    return payments.exclude(mistaken).exclude(Q(undoes__isnull=False) & ~Q(kind=back))


def hold_payment(pk: int) -> Payment:
    """The locked payment."""
    return Payment.objects.select_for_update().get(pk=pk)


def hold_payments(pks: Iterable[int]) -> dict[int, Payment]:
    """Lock these payments, in one order everywhere."""
    held = Payment.objects.select_for_update().filter(pk__in=set(pks)).order_by("pk")
    return {payment.pk: payment for payment in held}


def check_standing(payment: Payment) -> None:
    """Raises ValidationError for a payment that was undone, and for one that undoes another."""
    if Payment.objects.filter(undoes=payment).exists():
        raise ValidationError(_("“%(payment)s” was undone already.") % {"payment": payment})
    if payment.is_correction:
        text = _("“%(payment)s” corrects another payment and stays as it is.")
        raise ValidationError(text % {"payment": payment})

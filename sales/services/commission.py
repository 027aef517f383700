"""Statements of commissions: recounted while they are drafts, adjusted by hand.

Every month books of each sale the difference between what it is worth at the month's end and what earlier
months booked. So a sale is never paid twice, and what falls away is taken back in the month in which it
happens, whatever was closed before (docs/commissions.md).
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.periods import last_day, next_month
from digiweb.templatetags.digiweb import money
from sales.models import CommissionLine, CommissionStatement
from sales.services.commission_rate import Rate, Rates, hold_terms
from sales.services.commission_sales import NOUGHT, Sale, sales_of

Kind, Cause, Status = CommissionLine.Kind, CommissionLine.Cause, CommissionStatement.Status
# What a line says of its sale; compared when drafts are counted again.
SAYS = ("kind", "cause", "sold_on", "label", "contract_id", "deal_id", "basis", "value", "base", "amount")


@dataclass
class Booked:
    """What the months before booked of a sale, for whom, and by which rate."""

    person: int
    rate: Rate
    label: str
    sold_on: Any
    base: Decimal = NOUGHT
    amount: Decimal = NOUGHT


# --- Counting


@transaction.atomic
def recount_commissions(today: date | None = None) -> int:
    """Bring all drafts up to date, from the earliest open month to that of `today`; returns how many
    statements are open.

    Called twice, it changes nothing the second time. Two at once wait for each other at the rules.
    """
    today = today or timezone.localdate()
    terms = hold_terms()
    sales, rates = sales_of(terms), Rates()
    month = first_open(terms.counts_from)
    booked = _booked_before(month)
    while month <= today.replace(day=1):
        lines = _lines_of(month, min(last_day(month), today), sales, rates, booked)
        closed = set(_of(month).exclude(status=Status.DRAFT).values_list("person_id", flat=True))
        _write(month, {person: mine for person, mine in lines.items() if person not in closed})
        _add(booked, month)
        month = next_month(month)
    return CommissionStatement.objects.filter(status=Status.DRAFT).count()


def first_open(counts_from: date) -> date:
    """The first month that may still change: of a draft, or the one after all that is closed."""
    closed = CommissionStatement.objects.exclude(status=Status.DRAFT).aggregate(last=Max("month"))["last"]
    draft = CommissionStatement.objects.filter(status=Status.DRAFT).aggregate(first=Min("month"))["first"]
    after = next_month(closed) if closed else counts_from.replace(day=1)
    return min(draft, after) if draft else after


def _of(month: date) -> Any:
    return CommissionStatement.objects.filter(month=month)


def _booked_before(month: date) -> dict[str, Booked]:
    booked: dict[str, Booked] = {}
    _gather(booked, CommissionLine.objects.filter(sale__isnull=False, month__lt=month))
    return booked


def _add(booked: dict[str, Booked], month: date) -> None:
    _gather(booked, CommissionLine.objects.filter(sale__isnull=False, month=month))


def _gather(booked: dict[str, Booked], lines: Any) -> None:
    columns = ("sale", "person_id", "basis", "value", "label", "sold_on", "base", "amount")
    for sale, person, basis, value, label, sold_on, base, amount in lines.order_by("pk").values_list(
        *columns
    ):
        one = booked.setdefault(sale, Booked(person, Rate(basis, value or NOUGHT), label, sold_on))
        one.base += base
        one.amount += amount


def _lines_of(
    month: date, until: date, sales: dict[str, Sale], rates: Rates, booked: dict[str, Booked]
) -> dict[int, dict[str, dict[str, Any]]]:
    """{person: {sale: what its line says}} of a month, from what was booked before."""
    found: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    for key in sorted({*sales, *booked}):
        sale, before = sales.get(key), booked.get(key)
        line = _line(sale, before, until, rates)
        if line is not None:
            # Whoever earned it gives it back: what is booked does not follow a new salesperson.
            person = before.person if before else sale.person if sale else 0
            found[person][key] = line
    return found


def _line(sale: Sale | None, before: Booked | None, until: date, rates: Rates) -> dict[str, Any] | None:
    """What a month says of a sale; None where there is nothing to say."""
    if sale is None or sale.day > until:
        # Deleted, or not signed or won any more; or dated later since.
        base, why, rate = NOUGHT, str(Cause.GONE), before.rate if before else None
    else:
        base, why = sale.base(until)
        rate = before.rate if before else rates.of(sale)
    if rate is None:
        return None
    amount = rate.earns(base, sale.net if sale else NOUGHT)
    more = amount - (before.amount if before else NOUGHT)
    if not more:
        return None
    kind = Kind.TAKEBACK if more < 0 else Kind.CORRECTION if before else Kind.SALE
    return {
        "kind": str(kind),
        "cause": (why or str(Cause.CHANGED)) if before else why,
        "sold_on": sale.day if sale else before.sold_on if before else None,
        "label": sale.label if sale else before.label if before else "",
        "contract_id": sale.contract if sale else None,
        "deal_id": sale.deal if sale else None,
        "basis": rate.basis,
        "value": rate.value,
        "base": base - (before.base if before else NOUGHT),
        "amount": more,
    }


def _write(month: date, wanted: dict[int, dict[str, dict[str, Any]]]) -> None:
    """Make the drafts of a month say this and nothing else; adjustments by hand stay."""
    drafts = {one.person_id: one for one in _of(month).filter(status=Status.DRAFT).select_for_update()}
    for person in sorted(wanted.keys() - drafts.keys()):
        drafts[person] = CommissionStatement.objects.create(person_id=person, month=month)
    for person, statement in sorted(drafts.items()):
        there = {line.sale: line for line in statement.lines.filter(sale__isnull=False)}
        mine = wanted.get(person, {})
        statement.lines.filter(sale__in=there.keys() - mine.keys()).delete()
        new = []
        for key, says in mine.items():
            line = there.get(key)
            if line is None:
                new.append(
                    CommissionLine(statement=statement, person_id=person, month=month, sale=key, **says)
                )
            elif any(getattr(line, name) != says[name] for name in SAYS):
                for name, value in says.items():
                    setattr(line, name, value)
                line.version += 1
                line.save()
        CommissionLine.objects.bulk_create(new)
        add_up(statement)


def add_up(statement: CommissionStatement) -> None:
    """The sums of a statement follow its lines; one that has none left is no statement."""
    sums: dict[str, Decimal] = defaultdict(lambda: NOUGHT)
    lines = list(statement.lines.values_list("kind", "amount"))
    for kind, amount in lines:
        sums[kind] += amount
    values = {
        "earned": sums[Kind.SALE] + sums[Kind.CORRECTION],
        "taken_back": -sums[Kind.TAKEBACK],
        "adjusted": sums[Kind.ADJUSTMENT],
        "total": sum(sums.values(), NOUGHT),
    }
    if not lines:
        statement.delete()
    elif any(getattr(statement, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(statement, name, value)
        statement.version += 1
        statement.save(update_fields=[*values, "version", "updated_at"])


# --- By hand


@transaction.atomic
def adjust_statement(
    *, user: Any, statement: CommissionStatement, amount: Decimal, note: str
) -> CommissionLine:
    """Add an amount (€, below nought to take away) to a draft, with the reason.

    Nobody adjusts their own, administrators apart (PermissionDenied). Raises ValidationError for a closed
    statement, no reason, nought.
    """
    held = held_statement(statement)
    if held.person_id == getattr(user, "pk", None) and not user.is_admin:
        raise PermissionDenied
    check_draft(held)
    if not amount:
        raise ValidationError({"amount": _("An adjustment is not nought.")})
    if not note.strip():
        raise ValidationError({"note": _("Say why.")})
    line = CommissionLine.objects.create(
        statement=held,
        person_id=held.person_id,
        month=held.month,
        kind=Kind.ADJUSTMENT,
        label=note.strip()[:300],
        note=note.strip()[:300],
        amount=amount,
        added_by=user,
    )
    add_up(held)
    remark = f"{money(amount)} · {note.strip()}"
    record(user=user, action="commission_adjusted", obj=held, data={"remark": remark})
    statement.__dict__.update(held.__dict__)
    return line


@transaction.atomic
def remove_adjustment(*, user: Any, line: CommissionLine) -> None:
    """Take an adjustment off a draft. Raises ValidationError for another line or a closed statement."""
    held = held_statement(line.statement)
    if held.person_id == getattr(user, "pk", None) and not user.is_admin:
        raise PermissionDenied
    check_draft(held)
    there = CommissionLine.objects.filter(pk=line.pk).first()
    if there is None or there.kind != Kind.ADJUSTMENT:
        raise ValidationError(_("Only adjustments by hand are removed; the others follow the sales."))
    remark = f"{money(there.amount)} · {there.note}"
    there.delete()
    record(user=user, action="commission_unadjusted", obj=held, data={"remark": remark})
    add_up(held)


def held_statement(statement: CommissionStatement) -> CommissionStatement:
    held = CommissionStatement.objects.select_for_update().filter(pk=statement.pk).first()
    if held is None:
        raise ValidationError(_("Nothing is left on this statement."))
    return held


def check_draft(statement: CommissionStatement) -> None:
    if not statement.is_draft:
        raise ValidationError(_("“%(statement)s” is closed."), params={"statement": statement}, code="closed")

"""Verbs of recurring invoices: what is invoiced next, made a draft once, for one plan.

Many at once, issuing and sending are in billing_run.py, the arithmetic in billing_periods.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from digiweb.changes import change_record, create_record
from digiweb.models import StaleVersion
from sales.models import BillingPlan, Contract, Invoice, Subscription
from sales.models.document import DocumentLine
from sales.services.billing_charges import charges_of, gaps_of, is_waiting, last_day
from sales.services.billing_periods import DAY, Charge, Days, due_parts, invoice_day, period_of
from sales.services.invoice import create_invoice
from sales.services.subscription import hold_clients
from sales.vat import proposed_language
from timeline.services.bin import move_to_bin

# A plan that lay still for years is caught up piece by piece.
MOST_AT_ONCE = 36
NOUGHT = Decimal("0.00")
AROUND = (
    "agency", "client__company", "client__contact", "client__owner", "subscription__offer", "contract__owner",
    "contract__offer",
)  # fmt: skip
WORKED_OUT = ("next_on", "next_from", "next_until", "next_net", "status")


@dataclass(frozen=True)
class Part:
    """A charge on some days of the period, with what falls on them."""

    charge: Charge
    days: Days
    amount: Decimal


@dataclass(frozen=True)
class Bill:
    """What the next invoice of a plan is about. `days` are those that it covers, `on` when it is made."""

    period: Days
    days: Days
    on: date
    parts: tuple[Part, ...]

    @property
    def net(self) -> Decimal:
        return sum((part.amount for part in self.parts), NOUGHT)


# --- What comes next


def next_bill(plan: BillingPlan, after: date | None = None) -> Bill | None:
    """The period that follows what is invoiced (or the day `after`); None when nothing is due any more.

    One without an amount (paused all along, free) has no parts that count: it makes no invoice.
    """
    until = after or plan.billed_until
    start = plan.starts_on if until is None else until + DAY
    end = last_day(plan)
    if end is not None and start > end:
        return None
    period = period_of(start, plan.months, plan.starts_on)
    days = Days(start, period.end if end is None else min(period.end, end))
    gaps = gaps_of(plan)
    parts = tuple(
        Part(charge, each, amount)
        for charge in charges_of(plan)
        for each, amount in due_parts(
            charge, months=plan.months, period=period, asked=days, anchor=plan.starts_on, gaps=gaps
        )
    )
    on = invoice_day(days, period, plan.day, in_advance=plan.timing == BillingPlan.Timing.ADVANCE)
    return Bill(period, days, on, parts)


def next_bills(plan: BillingPlan, most: int = 6) -> list[Bill]:
    """The next periods, for the preview."""
    found: list[Bill] = []
    after = None
    while len(found) < most:
        bill = next_bill(plan, after)
        if bill is None:
            break
        found.append(bill)
        after = bill.days.end
    return found


def lines_of(plan: BillingPlan, bill: Bill, language: str = "fr") -> list[dict[str, Any]]:
    """The lines of the invoice; what is not whole says its days."""
    with override(language):
        return [_line(plan, bill, part) for part in bill.parts if part.amount]


def _line(plan: BillingPlan, bill: Bill, part: Part) -> dict[str, Any]:
    charge, unit = part.charge, DocumentLine.Unit
    quantity, price, kind, words = Decimal(1), part.amount, unit.FLAT, ""
    whole = part.days == bill.period
    if whole and charge.months == 1:
        quantity, price, kind = charge.quantity * plan.months, charge.price / charge.quantity, unit.MONTH
    elif whole and charge.months == plan.months:
        quantity, price, kind = charge.quantity, charge.price / charge.quantity, unit.YEAR
    if not whole:
        words = _("From %(start)s to %(end)s: %(days)s of %(all)s days.") % {
            "start": date_format(part.days.start, "SHORT_DATE_FORMAT"),
            "end": date_format(part.days.end, "SHORT_DATE_FORMAT"),
            "days": part.days.count,
            "all": bill.period.count,
        }
    if quantity * price != part.amount:  # a price that its quantity does not divide
        quantity, price, kind = Decimal(1), part.amount, unit.FLAT
    return {
        "kind": str(DocumentLine.Kind.ITEM),
        "label": charge.label[:200],
        "description": words,
        "quantity": quantity,
        "unit": str(kind),
        "unit_price": price,
        "discount_percent": Decimal(0),
        "vat_rate": charge.vat_rate,
        "offer": charge.offer,
    }


# --- Plans


@transaction.atomic
def create_plan(*, user: Any, plan: BillingPlan) -> BillingPlan:
    """Save how a subscription or a contract is invoiced. Raises PermissionDenied for a source out of sight of
    `user`, ValidationError for one that has a plan already or asks nothing again and again.
    """
    source = plan.source
    if source is None:
        raise ValidationError(_("Say what is invoiced: a subscription or a contract."))
    if user is not None and not user.may("view", source):
        raise PermissionDenied
    plan.client = source.client
    hold_clients([plan.client_id])
    name = "subscription" if plan.subscription_id is not None else "contract"
    if BillingPlan.objects.filter(**{name: source}).exists():
        raise ValidationError(_("It is invoiced regularly already."))
    _check(plan)
    work_out(plan)
    return create_record(user=user, obj=plan, also=also_of(plan))


@transaction.atomic
def change_plan(
    *, user: Any, plan: BillingPlan, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change a plan; what comes next follows. Raises StaleVersion, ValidationError."""
    hold_clients([plan.client_id])
    held = held_plan(plan.pk)
    if version is not None and held.version != version:
        raise StaleVersion(held)
    for name, value in values.items():
        setattr(held, name, value)
    if values.get("status") == BillingPlan.Status.STOPPED:
        held.status = BillingPlan.Status.STOPPED
    _check(held)
    work_out(held)
    settled = {**values, **{name: getattr(held, name) for name in WORKED_OUT}, "fault": ""}
    return change_record(
        user=user, obj=plan, values=settled, also=also_of(held), unlogged=(*WORKED_OUT[:-1], "fault")
    )


def stop_plan(*, user: Any, plan: BillingPlan) -> None:
    """Nothing more is invoiced until it is taken up again."""
    change_plan(user=user, plan=plan, values={"status": BillingPlan.Status.STOPPED})


def resume_plan(*, user: Any, plan: BillingPlan) -> None:
    """Invoiced again, from where it was."""
    change_plan(user=user, plan=plan, values={"status": BillingPlan.Status.ACTIVE})


@transaction.atomic
def delete_plans(*, user: Any, pks: Any, batch: Any = None) -> Any:
    """Move plans to the bin; their invoices stay."""
    plans = list(BillingPlan.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    return move_to_bin(user=user, objs=plans, batch=batch)


@transaction.atomic
def prepare_plan(*, user: Any, plan: BillingPlan, until: date) -> list[Invoice]:
    """Drafts of all periods whose invoice is due up to a day; none where that is done.

    Raises ValidationError, with what lacks in words; then nothing is made. The plan's row is locked and each
    draft has the key of its first day: two workers at once, or one that was killed, make each period once.
    """
    hold_clients([plan.client_id])
    held = held_plan(plan.pk)
    if held.status != BillingPlan.Status.ACTIVE or is_waiting(held):
        return []
    made: list[Invoice] = []
    for _turn in range(MOST_AT_ONCE):
        bill = next_bill(held)
        if bill is None or bill.on > until:
            break
        if bill.net:
            made.append(_draft(user, held, bill))
        held.billed_until = bill.days.end
    work_out(held)
    held.fault = ""
    held.updated_at = timezone.now()
    held.save(update_fields=["billed_until", "fault", "updated_at", *WORKED_OUT, "next_key"])
    plan.__dict__.update(held.__dict__)
    return made


def _draft(user: Any, plan: BillingPlan, bill: Bill) -> Invoice:
    key = once_key(plan, bill)
    twin = Invoice.objects.filter(once_key=key).first()
    if twin is not None:
        text = _("The period from %(day)s is invoiced already: %(invoice)s.")
        raise ValidationError(
            text % {"day": date_format(bill.days.start, "SHORT_DATE_FORMAT"), "invoice": twin}
        )
    owner = getattr(plan.contract, "owner", None) or plan.client.owner
    if owner is None and user is None:
        raise ValidationError(_("The client has no salesperson: give them one."))
    buyer = plan.client.company or plan.client.contact
    language = proposed_language(getattr(buyer, "country", "") or "FR")
    invoice = Invoice(
        client=plan.client,
        agency=plan.agency,
        treatment="",
        language=language,
        subject=str(plan.source)[:200] if plan.contract is None else contract_subject(plan.contract),
        period_start=bill.days.start,
        period_end=bill.days.end,
        payment_method=plan.payment_method,
        order_reference=plan.order_reference,
        subscription=plan.subscription,
        contract=plan.contract,
        once_key=key,
    )
    if owner is not None:
        invoice.owner = owner
    return create_invoice(user=user, invoice=invoice, lines=lines_of(plan, bill, language))


def once_key(plan: BillingPlan, bill: Bill) -> str:
    """« plan-12-2026-11-01 »: one invoice a plan and first day."""
    return f"plan-{plan.pk}-{bill.days.start.isoformat()}"


def contract_subject(contract: Contract) -> str:
    return str(contract.offer or contract.reference)[:200]


def work_out(plan: BillingPlan) -> None:
    """What comes next, into the plan's columns; saves nothing."""
    bill = None if plan.status == BillingPlan.Status.STOPPED else next_bill(plan)
    if plan.status != BillingPlan.Status.STOPPED:
        done = bill is None
        plan.status = BillingPlan.Status.DONE if done else BillingPlan.Status.ACTIVE
    waiting = bill is None or is_waiting(plan)
    plan.next_on = None if waiting or bill is None else bill.on
    plan.next_from = None if bill is None else bill.days.start
    plan.next_until = None if bill is None else bill.days.end
    plan.next_net = NOUGHT if bill is None else bill.net


@transaction.atomic
def refresh_plans(**sources: Any) -> int:
    """What comes next in the plans of `subscription=` or `contract=`, after these have changed."""
    # Locked alone: a join would lock clients and agencies too.
    locked = BillingPlan.objects.select_for_update().filter(**sources).order_by("pk")
    numbers = list(locked.values_list("pk", flat=True))
    if not numbers:
        return 0
    found = BillingPlan.objects.filter(pk__in=numbers).order_by("pk")
    changed = 0
    for plan in found.select_related(*AROUND):
        before = [getattr(plan, name) for name in WORKED_OUT]
        work_out(plan)
        if before != [getattr(plan, name) for name in WORKED_OUT]:
            plan.save(update_fields=[*WORKED_OUT, "next_key"])
            changed += 1
    return changed


def held_plan(pk: int) -> BillingPlan:
    """The locked plan with all that its invoices are made of."""
    BillingPlan.objects.select_for_update().get(pk=pk)
    return BillingPlan.objects.select_related(*AROUND).get(pk=pk)


def also_of(plan: BillingPlan) -> tuple[Any, ...]:
    """On whose time lines the events of a plan show too."""
    others = (plan.subscription, plan.contract, plan.client)
    return tuple(other for other in others if other is not None)


def _check(plan: BillingPlan) -> None:
    if plan.billed_until is not None and plan.billed_until < plan.starts_on - DAY:
        raise ValidationError({"billed_until": _("Nothing is invoiced before the first day.")})
    if plan.contract is not None:
        if plan.contract.subscription_id is not None:
            raise ValidationError(
                _("What this contract asks by the month is its subscription: invoice that.")
            )
        if not plan.contract.lines.exclude(period="once").exists():
            raise ValidationError(_("This contract has no line that is due by the month or by the year."))


def subscription_plan(subscription: Subscription) -> BillingPlan:
    """A new plan as it usually is, to be changed by people."""
    last = subscription.contracts.exclude(payment_method="").order_by("-pk").first()
    return BillingPlan(
        subscription=subscription,
        client=subscription.client,
        starts_on=subscription.started_on or timezone.localdate().replace(day=1),
        payment_method=last.payment_method if last is not None else Contract.PaymentMethod.TRANSFER,
    )


def contract_plan(contract: Contract) -> BillingPlan:
    """A new plan as it usually is, to be changed by people."""
    yearly = not contract.lines.filter(period="month").exists()
    return BillingPlan(
        contract=contract,
        client=contract.client,
        period=BillingPlan.Period.YEAR if yearly else BillingPlan.Period.MONTH,
        starts_on=contract.starts_on or contract.signed_on or timezone.localdate().replace(day=1),
        payment_method=contract.payment_method or Contract.PaymentMethod.TRANSFER,
    )

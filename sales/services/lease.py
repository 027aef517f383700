"""Leases of quotes: may it be, and the steps from study to money. LOCAM has no API: people note them."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Activity
from crm.services.activity import create_activity
from crm.services.holding import hold
from digiweb.audit import record
from digiweb.changes import change_record
from sales.models import Contract, Lease, LeaseTerms, Quote
from sales.services.contract import change_contract
from sales.services.quote import AROUND, also_of

OBSTACLES: dict[str, Any] = {
    "no_firm": gettext_lazy("The client is no company."),
    "no_siren": gettext_lazy("The company has no SIREN here."),
    "no_age": gettext_lazy("The day on which the company was founded is not known."),
    "too_young": gettext_lazy("The company is too young."),
    "too_small": gettext_lazy("The amount is too small."),
    "too_large": gettext_lazy("The amount is too large."),
    "too_short": gettext_lazy("The duration is too short."),
    "too_long": gettext_lazy("The duration is too long."),
}
# After these nothing is awaited.
OVER = (Lease.Status.REFUSED, Lease.Status.FINANCED)


def lease_terms() -> LeaseTerms:
    """The rules in force; those of the house until somebody saved others."""
    return LeaseTerms.objects.order_by("pk").first() or LeaseTerms()


@transaction.atomic
def change_terms(*, user: Any, values: dict[str, Any], version: int | None = None) -> LeaseTerms:
    """Change the rules; they hold for what is judged from now on. Raises StaleVersion, ValidationError."""
    terms = LeaseTerms.objects.select_for_update().order_by("pk").first()
    if terms is None:
        terms = LeaseTerms.objects.create()
        version = None
    for name, value in values.items():
        setattr(terms, name, value)
    terms.clean()
    change_record(user=user, obj=terms, values=values, version=version)
    return terms


def judge(
    terms: LeaseTerms,
    *,
    is_firm: bool,
    siren: str,
    founded_on: date | None,
    amount: Decimal,
    duration: int,
    today: date,
) -> list[str]:
    """The obstacles (`OBSTACLES`) to a lease of `amount` (€ before tax) over `duration` months; none: yes."""
    found = []
    if not is_firm:
        found.append("no_firm")
    elif terms.asks_siren and not siren:
        found.append("no_siren")
    if terms.least_age:
        if founded_on is None:
            found.append("no_age")
        elif months_since(founded_on, today) < terms.least_age:
            found.append("too_young")
    if amount < terms.least_amount:
        found.append("too_small")
    if amount > terms.most_amount:
        found.append("too_large")
    if duration < terms.least_duration:
        found.append("too_short")
    if duration > terms.most_duration:
        found.append("too_long")
    return found


def months_since(day: date, today: date) -> int:
    """Whole months that have passed."""
    return (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)


def judge_quote(quote: Quote, *, duration: int, founded_on: date | None) -> list[str]:
    """The obstacles to leasing what this quote says, by the rules in force."""
    company = quote.company
    return judge(
        lease_terms(),
        is_firm=company is not None,
        siren=(company.siren or company.siret[:9]) if company is not None else "",
        founded_on=founded_on,
        amount=quote.net,
        duration=duration,
        today=timezone.localdate(),
    )


def words_of(obstacles: Sequence[str]) -> list[str]:
    """Obstacles as people read them."""
    return [str(OBSTACLES[code]) for code in obstacles if code in OBSTACLES]


@transaction.atomic
def ask_lease(*, user: Any, quote: Quote, duration: int, founded_on: date | None) -> Lease:
    """Note that the client would rather rent, and whether the lessor's rules allow it.

    Eligible, the study begins and the salesperson is reminded; else the quote goes on without a lease. Asked
    again, it is judged anew while nothing was agreed. Raises ValidationError afterwards, and for a quote that
    was refused or replaced.
    """
    held = _held(quote)
    if held.status in (Quote.Status.REFUSED, Quote.Status.REPLACED, Quote.Status.EXPIRED):
        raise ValidationError(_("“%(quote)s” does not wait for anything any more."), params={"quote": held})
    lease = Lease.objects.filter(quote=held).first() or Lease(quote=held)
    if lease.pk and lease.status not in (Lease.Status.STUDY, Lease.Status.PAPERS):
        raise ValidationError(_("The lease is decided already."))
    began = lease.pk is None or not lease.is_eligible
    lease.duration, lease.founded_on = duration, founded_on
    lease.obstacles = judge_quote(held, duration=duration, founded_on=founded_on)
    lease.status_on = lease.status_on or timezone.localdate()
    lease.save()
    remark = " ".join(words_of(lease.obstacles)) or _("The client may rent, over %(n)s months.") % {
        "n": duration
    }
    record(user=user, action="lease_asked", obj=held, data={"remark": remark}, also=also_of(held))
    if lease.is_eligible and began:
        _remind(held, lease)
    return lease


@transaction.atomic
def move_lease(
    *, user: Any, quote: Quote, to: str, on: date | None = None, reference: str = "", note: str = ""
) -> Lease:
    """The next step, on a day (today). Our own contract is signed before the lessor's.

    Signed, the contract is paid by lease. Raises ValidationError for a step that does not follow.
    """
    on = on or timezone.localdate()
    held = _held(quote)
    lease = Lease.objects.select_for_update().filter(quote=held).first()
    if lease is None or not lease.is_eligible:
        raise ValidationError(_("No lease is under way."))
    if to not in Lease.NEXT[str(lease.status)]:
        raise ValidationError({"to": _("This step does not follow.")})
    if to == Lease.Status.SIGNED and held.status != Quote.Status.ACCEPTED:
        raise ValidationError({"to": _("The client accepts our quote first: the lease follows.")})
    before = lease.get_status_display()
    lease.status, lease.status_on, lease.note = to, on, note.strip()
    lease.reference = reference.strip() or lease.reference
    lease.save()
    remark = " · ".join(filter(None, [f"{before} → {lease.get_status_display()}", note.strip()]))
    record(user=user, action="lease_moved", obj=held, data={"remark": remark}, also=also_of(held))
    if to == Lease.Status.SIGNED and held.contract is not None:
        values = {"payment_method": Contract.PaymentMethod.LEASE}
        change_contract(user=user, contract=held.contract, values=values)
    if to not in OVER:
        _remind(held, lease)
    return lease


def _held(quote: Quote) -> Quote:
    """The quote, locked after the deal that its reminder is planned on (crm/services/holding.py)."""
    hold(deals=[quote.deal_id])
    held = Quote.objects.select_for_update().get(pk=quote.pk)
    prefetch_related_objects([held], *AROUND, "contract")
    return held


def _remind(quote: Quote, lease: Lease) -> None:
    """A task for the salesperson: what this step waits for."""
    create_activity(user=None, activity=reminder_of(quote, str(lease.status), timezone.localdate()))


def reminder_of(quote: Quote, status: str, day: date) -> Activity:
    """The task that reminds the salesperson of a lease that came to `status` on `day`, not saved; the demo's
    year has them too (sales/demo/leases.py).
    """
    day += timedelta(days=lease_terms().reminder_days)
    while day.weekday() > 4:
        day += timedelta(days=1)
    subject = _("Lease of %(quote)s: %(status)s") % {"quote": quote, "status": Lease.Status(status).label}
    return Activity(
        kind=Activity.Kind.TASK,
        subject=subject[:160],
        owner=quote.owner,
        deal=quote.deal,
        company=quote.company,
        contact=quote.contact,
        starts_at=timezone.make_aware(datetime.combine(day, time(9, 0))),
        reminder=15,
    )

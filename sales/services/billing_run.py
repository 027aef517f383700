"""Recurring invoices of many plans: prepared, issued and sent by a job, or by the clock each night.

Each plan and each invoice has a transaction of its own: one that fails is told, and stops none of the others.
Killed and run again, a run goes on with what is left: a prepared period moves its plan on, an issued invoice
is no draft any more, and its message is asked for in the transaction that issues it.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from digiweb.choices_at_once import key_of_choice, sorted_choice
from digiweb.jobs import enqueue, function_at
from people.models import User
from sales.models import Agency, BillingPlan, Invoice, Subscription, SubscriptionPrice
from sales.services.billing_plan import AROUND, prepare_plan, refresh_plans
from sales.services.invoice_issue import ISSUING, issue_invoice
from sales.services.invoice_sending import proposed_message, send_invoice
from sales.services.subscription import change_subscription

LABEL = gettext_lazy("Recurring invoices")
MODULE = BillingPlan.module
# How far ahead drafts may be made.
AHEAD = timedelta(days=62)
KEY = "plan-"


def ask_to_bill(*, user: Any, pks: list[int], until: date, issue: bool = False) -> Any:
    """Have a job prepare what is due of these plans up to a day, and issue it; returns its run.

    Raises PermissionDenied without the grants, ValidationError for a day too far ahead or too many plans.
    """
    if not user.can("sales.invoice", "create") or (issue and not user.can(ISSUING, "create")):
        raise PermissionDenied
    if until > timezone.localdate() + AHEAD:
        raise ValidationError(_("Drafts are made two months ahead at the most."))
    chosen = sorted_choice(pks)
    return enqueue(
        function_at("sales.jobs.bill_plans"),
        user=user,
        label=str(LABEL),
        key=key_of_choice("billing", user, chosen, until, issue),
        url="/sales/recurring/",
        user_id=user.pk,
        plan_ids=chosen,
        until=until.isoformat(),
        issue=issue,
    )


def bill_plans(
    user_id: int, pks: list[int], until: date, issue: bool, progress: Any = None
) -> tuple[int, int]:
    """(drafts made and invoices issued, refused) of what `user_id` may change and still may invoice."""
    user = User.objects.get(pk=user_id)
    plans = BillingPlan.objects.visible_to(user, "change").filter(pk__in=pks)
    allowed = sorted(plans.values_list("pk", flat=True)) if user.can("sales.invoice", "create") else []
    done = refused = 0
    for place, pk in enumerate(allowed, start=1):
        made, fault = prepare_one(user, pk, until)
        done, refused = done + made, refused + bool(fault)
        _tell(progress, place, len(allowed) * (1 + issue), pk, fault)
    if issue:
        drafts = drafts_of(allowed)
        seen = Invoice.objects.visible_to(user, "change").filter(pk__in=drafts.values("pk"))
        done, more = issue_drafts(user, seen, send=None, progress=progress)
        refused += more
    if progress is not None:
        with transaction.atomic():
            progress.set(1, 1)
            progress.log(ngettext("%(n)s invoice.", "%(n)s invoices.", done) % {"n": done})
    return done, refused


def prepare_one(user: Any, pk: int, until: date) -> tuple[int, str]:
    """(drafts made, why none): what is due of a plan, in a transaction of its own."""
    try:
        with transaction.atomic():
            plan = BillingPlan.objects.select_related(*AROUND).filter(pk=pk).first()
            return (0, "") if plan is None else (len(prepare_plan(user=user, plan=plan, until=until)), "")
    except (ValidationError, PermissionDenied) as error:
        why = _words(error)
        keep_fault(pk, why)
        return 0, why


def drafts_of(plans: Iterable[int] | None = None) -> QuerySet[Invoice]:
    """Drafts that plans made and nobody issued yet; of these plans, or of all."""
    drafts = Invoice.objects.filter(status=Invoice.Status.DRAFT, once_key__startswith=KEY)
    if plans is None:
        return drafts
    own = Q(subscription__billing_plan__in=list(plans)) | Q(contract__billing_plan__in=list(plans))
    return drafts.filter(own)


def issue_drafts(
    user: Any, drafts: QuerySet[Invoice], *, send: bool | None, progress: Any = None
) -> tuple[int, int]:
    """(issued, refused), in the order in which they were made. `send` None follows each agency's setting."""
    numbers = list(drafts.order_by("pk").values_list("pk", flat=True))
    done = refused = 0
    for place, pk in enumerate(numbers, start=1):
        fault = ""
        try:
            with transaction.atomic():
                done += issue_one(user, pk, send)
        except (ValidationError, PermissionDenied) as error:
            fault = _words(error)
            refused += 1
            plan = plan_of(Invoice.objects.filter(pk=pk).values_list("once_key", flat=True).first() or "")
            if plan is not None:
                keep_fault(plan, fault)
        _tell(progress, len(numbers) + place, 2 * len(numbers), pk, fault)
    return done, refused


def issue_one(user: Any, pk: int, send: bool | None = None) -> int:
    """1 where it was issued now. Its message, where one leaves, is asked for in the same transaction."""
    invoice = Invoice.objects.select_related("agency").get(pk=pk)
    if not invoice.is_draft:
        return 0
    wanted = invoice.agency.recurring == Agency.Recurring.SEND if send is None else send
    issue_invoice(user=user, invoice=invoice)
    if wanted:
        message = proposed_message(invoice)
        if message["to"]:
            send_invoice(
                user=user,
                invoice=invoice,
                to=[message["to"]],
                subject=message["subject"],
                body=message["body"],
            )
        elif (plan := plan_of(invoice.once_key or "")) is not None:
            keep_fault(plan, _("%(invoice)s was not sent: no e-mail address.") % {"invoice": invoice})
    return 1


def plan_of(key: str) -> int | None:
    """The plan of a key « plan-12-2026-11-01 »."""
    number = key.removeprefix(KEY).partition("-")[0]
    return int(number) if key.startswith(KEY) and number.isdigit() else None


@transaction.atomic
def keep_fault(pk: int, why: str) -> None:
    """Say on the plan's row why it made no invoice; the next one that it makes clears it."""
    BillingPlan.objects.filter(pk=pk).update(fault=why[:500], updated_at=timezone.now())


# --- By the clock


def bill_due(today: date | None = None, progress: Any = None) -> tuple[int, int]:
    """(invoices made or issued, refused) of all that is due today, as far as each agency says."""
    today = today or timezone.localdate()
    apply_prices(today)
    refresh_all()
    due = BillingPlan.objects.filter(status=BillingPlan.Status.ACTIVE, next_on__lte=today)
    done = refused = 0
    numbers = list(due.order_by("pk").values_list("pk", flat=True))
    for place, pk in enumerate(numbers, start=1):
        made, fault = prepare_one(None, pk, today)
        done, refused = done + made, refused + bool(fault)
        _tell(progress, place, len(numbers), pk, fault)
    beyond = (Agency.Recurring.ISSUE, Agency.Recurring.SEND)
    drafts = drafts_of().filter(agency__recurring__in=beyond, agency__is_active=True)
    # What was prepared ahead waits for its day.
    ripe = drafts.filter(Q(period_start__lte=today) | Q(period_end__lt=today))
    issued, more = issue_drafts(None, ripe, send=None)
    return done + issued, refused + more


def apply_prices(today: date) -> int:
    """Write prices whose day has come into their subscriptions; what they replace is remembered."""
    waiting = SubscriptionPrice.objects.filter(before=None, starts_on__lte=today)
    changed = 0
    for pk in waiting.order_by("starts_on", "pk").values_list("pk", flat=True):
        with transaction.atomic():
            price = SubscriptionPrice.objects.select_for_update().get(pk=pk)
            if price.before is not None:
                continue
            subscription = Subscription.objects.get(pk=price.subscription_id)
            price.before = subscription.monthly_amount
            price.save(update_fields=["before"])
            values = {"monthly_amount": price.monthly_amount}
            change_subscription(user=None, subscription=subscription, values=values)
            changed += 1
    return changed


def refresh_all() -> None:
    """What comes next, worked out again where imports changed a source behind its plan."""
    plans = BillingPlan.objects.exclude(status=BillingPlan.Status.STOPPED)
    for pk in list(plans.order_by("pk").values_list("pk", flat=True)):
        refresh_plans(pk=pk)


def _words(error: Any) -> str:
    return " ".join(getattr(error, "messages", [_("You may not make or issue this invoice.")]))


def _tell(progress: Any, done: int, total: int, pk: int, fault: str) -> None:
    if progress is None:
        return
    with transaction.atomic():
        if fault:
            progress.log(_("No. %(number)s: %(why)s") % {"number": pk, "why": fault[:200]})
        progress.set(min(done, total), max(total, 1))

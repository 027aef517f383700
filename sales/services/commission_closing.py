"""Closing and paying statements of commissions; and what is told on the first of the month."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from digiweb.changes import change_record
from digiweb.choices_at_once import key_of_choice, sorted_choice
from digiweb.jobs import enqueue, function_at
from digiweb.models import StaleVersion
from digiweb.periods import last_day, month_before
from digiweb.templatetags.digiweb import money
from people.models import User
from sales.models import CommissionStatement
from sales.services.commission import check_draft, held_statement, recount_commissions
from sales.services.commission_paper import keep_statement
from sales.services.commission_rate import hold_terms
from sales.services.commission_sending import ask_to_send
from timeline.services.notification import notify

Status = CommissionStatement.Status
MODULE = CommissionStatement.module
READY = "sales.commission_ready"
CLOSING = gettext_lazy("Closing of commission statements")


def close_statement(
    *,
    user: Any,
    statement: CommissionStatement,
    total: Decimal | None = None,
    version: int | None = None,
) -> CommissionStatement:
    """Close the statement of a month that is over: counted a last time, numbered, drawn, sent to its person.

    With `total` (€, what was looked at), another total by now is refused, so that nobody closes what they
    did not see. Earlier months of the person are closed first. Raises ValidationError, StaleVersion.
    """
    # Kept also where the closing is refused: what is refused because it changed is shown as it is now.
    recount_commissions()
    with transaction.atomic():
        hold_terms()
        held = held_statement(statement)
        if version is not None and held.version != version:
            raise StaleVersion(held)
        check_draft(held)
        _check_over(held)
        if total is not None and total != held.total:
            text = _("The sales changed meanwhile: the statement comes to %(total)s now. Look at it again.")
            raise ValidationError(text % {"total": money(held.total)}, code="changed")
        values = {"status": Status.CLOSED, "number": _next_number(held.month), "closed_at": timezone.now()}
        change_record(
            user=user, obj=held, values=values, action="commission_closed", unlogged=("status", "closed_at")
        )
        keep_statement(held)
        ask_to_send(held, user)
        statement.__dict__.update(held.__dict__)
        return held


@transaction.atomic
def pay_statement(
    *, user: Any, statement: CommissionStatement, on: date | None = None
) -> CommissionStatement:
    """Note that a closed statement was paid out on a day (today). Raises ValidationError."""
    day = on or timezone.localdate()
    held = held_statement(statement)
    if held.status != Status.CLOSED:
        raise ValidationError(_("Only a closed statement that is not paid yet is marked as paid."))
    if day > timezone.localdate():
        raise ValidationError({"paid_on": _("This day is still to come.")})
    if held.closed_at and day < timezone.localtime(held.closed_at).date():
        raise ValidationError({"paid_on": _("It was closed later than that.")})
    values = {"status": Status.PAID, "paid_on": day}
    change_record(user=user, obj=held, values=values, action="commission_paid", unlogged=("status",))
    statement.__dict__.update(held.__dict__)
    return held


@transaction.atomic
def unpay_statement(*, user: Any, statement: CommissionStatement) -> CommissionStatement:
    """Take the mark of payment back. Raises ValidationError where there is none."""
    held = held_statement(statement)
    if held.status != Status.PAID:
        raise ValidationError(_("This statement is not marked as paid."))
    values = {"status": Status.CLOSED, "paid_on": None}
    change_record(user=user, obj=held, values=values, action="commission_unpaid", unlogged=("status",))
    statement.__dict__.update(held.__dict__)
    return held


def pay_statements(*, user: Any, pks: Sequence[int], on: date | None = None) -> int:
    """Mark closed statements as paid; those that are not are passed over. Returns how many."""
    closed = CommissionStatement.objects.filter(pk__in=pks, status=Status.CLOSED).order_by("pk")
    return len([pay_statement(user=user, statement=one, on=on) for one in closed])


def _check_over(statement: CommissionStatement) -> None:
    if last_day(statement.month) >= timezone.localdate():
        raise ValidationError(_("This month is not over yet."))
    earlier = CommissionStatement.objects.filter(
        person_id=statement.person_id, month__lt=statement.month, status=Status.DRAFT
    )
    first = earlier.order_by("month").values_list("month", flat=True).first()
    if first is not None:
        text = _("Close the statement of %(month)s first.")
        raise ValidationError(text, params={"month": date_format(first, "YEAR_MONTH_FORMAT")})


def _next_number(month: date) -> str:
    """« RC-2026-00012 », by the year of the month; under the lock of the rules."""
    prefix = f"RC-{month.year}-"
    last = CommissionStatement.objects.filter(number__startswith=prefix).aggregate(last=Max("number"))["last"]
    return f"{prefix}{int(last[len(prefix) :]) + 1 if last else 1:05d}"


# --- The first of the month


def prepare_commissions(today: date | None = None) -> int:
    """Count again, and tell those who close statements, once a month; returns how many wait."""
    today = today or timezone.localdate()
    recount_commissions(today)
    month = month_before(today, 1)
    waiting = CommissionStatement.objects.filter(status=CommissionStatement.Status.DRAFT, month__lte=month)
    number = waiting.count()
    if not number:
        return 0
    for person in User.objects.active():
        if not person.can(MODULE, "change"):
            continue
        mine = CommissionStatement.objects.visible_to(person, "change")
        count = mine.filter(status=CommissionStatement.Status.DRAFT, month__lte=month).count()
        if not count:
            continue
        with translation.override(person.language):
            text = ngettext(
                "%(count)s commission statement of %(month)s is ready to be closed.",
                "%(count)s commission statements of %(month)s are ready to be closed.",
                count,
            ) % {"count": count, "month": date_format(month, "YEAR_MONTH_FORMAT")}
        url = f"{reverse('sales:commission_list')}?status=draft"
        notify(people=[person], kind=READY, text=text, url=url, key=f"commissions-{month:%Y-%m}")
    return number


# --- Many at once


def ask_to_close(*, user: Any, pks: list[int]) -> Any:
    """Have a job close these statements, the earliest first; returns its run.

    Raises ValidationError for more than a thousand.
    """
    chosen = sorted_choice(pks)
    return enqueue(
        function_at("sales.jobs.close_commissions"),
        user=user,
        label=str(CLOSING),
        key=key_of_choice("close-commissions", user, chosen),
        url=reverse("sales:commission_list"),
        user_id=user.pk,
        statement_ids=chosen,
    )


def close_many(user_id: int, pks: list[int], progress: Any = None) -> tuple[int, int]:
    """(closed, refused). Each in a transaction of its own: killed and run again, it goes on with the rest.

    Who asked must still see and change them.
    """
    user = User.objects.get(pk=user_id)
    allowed = CommissionStatement.objects.visible_to(user, "change").filter(pk__in=pks)
    done = refused = 0
    statements = list(allowed.order_by("month", "pk"))
    for place, statement in enumerate(statements, start=1):
        if statement.is_draft:
            try:
                close_statement(user=user, statement=statement)
                done += 1
            except ValidationError as error:
                refused += 1
                if progress is not None:
                    with transaction.atomic():
                        told = {"statement": statement, "why": " ".join(error.messages)[:200]}
                        progress.log(_("%(statement)s: %(why)s") % told)
        if progress is not None:
            with transaction.atomic():
                progress.set(place, len(statements))
    if progress is not None:
        text = ngettext("%(n)s statement closed.", "%(n)s statements closed.", done) % {"n": done}
        with transaction.atomic():
            progress.log(text)
    return done, refused

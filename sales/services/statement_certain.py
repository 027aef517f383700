"""Recording all lines of a statement of which it is certain what they are; many of them by a job."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from digiweb.jobs import Progress, enqueue, function_at
from people.models import User
from sales.models import BankLine, BankStatement, Payment
from sales.services.statement import link_line, record_line
from sales.services.statement_suggest import Proposal, open_book, suggest
from timeline.models import JobRun

# While one waits: so many lines are looked at, and so many recorded.
LOOKED_AT, AT_ONCE = 300, 25


def certain_of(statement: BankStatement, user: Any) -> list[tuple[BankLine, Proposal]]:
    """Waiting lines with the one thing that each certainly is; a debit is never confirmed unseen."""
    lines = list(
        BankLine.objects.filter(statement=statement, state=BankLine.State.WAITING, amount__gt=0).order_by(
            "pk"
        )
    )
    if not lines:
        return []
    found = suggest(open_book(statement.agency, user), lines, user)
    return [(line, found[line.pk][0]) for line in lines if found[line.pk] and found[line.pk][0].certain]


def confirm_certain(*, user: Any, statement: BankStatement) -> int | None:
    """Record what is certain; returns how many lines, or None where a job does it."""
    waiting = BankLine.objects.filter(statement=statement, state=BankLine.State.WAITING)[: LOOKED_AT + 1]
    if waiting.count() <= LOOKED_AT:
        found = certain_of(statement, user)
        if len(found) <= AT_ONCE:
            return sum(1 for line, proposal in found if _confirm(user, line, proposal))
    enqueue(
        function_at("sales.jobs.confirm_certain_lines"),
        user=user,
        label=_("Lines of “%(name)s”") % {"name": statement},
        key=f"statement-certain-{statement.pk}",
        statement_id=statement.pk,
        user_id=user.pk,
    )
    return None


def confirm_all(statement_id: int, user_id: int, progress: Progress | None = None) -> int:
    """The job: each line is a transaction of its own, so that killed and run again none is recorded twice."""
    user = User.objects.get(pk=user_id)
    if not (user.is_active and user.can("sales.payment", "create") and user.can("sales.statement", "change")):
        return 0
    statement = BankStatement.objects.select_related("agency").get(pk=statement_id)
    found, done = certain_of(statement, user), 0
    for place, (line, proposal) in enumerate(found, start=1):
        done += _confirm(user, line, proposal)
        if progress is not None and (place % 10 == 0 or place == len(found)):
            progress.set(place, len(found))
    return done


def _confirm(user: Any, line: BankLine, proposal: Proposal) -> bool:
    """One line; what somebody dealt with or paid meanwhile stays as it is."""
    try:
        if proposal.kind == "known" and proposal.payment is not None:
            payment = Payment.objects.select_related("agency").get(pk=proposal.payment)
            link_line(user=user, line=line, payment=payment)
        else:
            record_line(user=user, line=line, matches=dict(proposal.matches))
    except (ValidationError, PermissionDenied):
        return False
    return True


def job_of(statement: BankStatement) -> Any:
    """The job that reads it or records its lines, unless it is done."""
    keys = [f"statement-{statement.pk}", f"statement-certain-{statement.pk}"]
    last = JobRun.objects.filter(twin_key__in=keys).order_by("-id").first()
    return None if last is None or last.state == "done" else last

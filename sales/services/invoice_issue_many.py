"""Issuing many drafts: by a job that goes on where one is refused, and tells which and why."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from digiweb.choices_at_once import key_of_choice, sorted_choice
from digiweb.jobs import enqueue, function_at
from people.models import User
from sales.models import Invoice
from sales.services.invoice_issue import ISSUING, issue_invoice

LABEL = gettext_lazy("Issue of invoices")


def ask_to_issue(*, user: Any, pks: list[int]) -> Any:
    """Have a job issue these drafts, in the order in which they were made; returns its run.

    Raises PermissionDenied without the grant to issue, ValidationError for more than a thousand.
    """
    if not user.can(ISSUING, "create"):
        raise PermissionDenied
    chosen = sorted_choice(pks)
    return enqueue(
        function_at("sales.jobs.issue_invoices"),
        user=user,
        label=str(LABEL),
        key=key_of_choice("issue", user, chosen),
        url="/sales/invoices/",
        user_id=user.pk,
        invoice_ids=chosen,
    )


def issue_many(user_id: int, pks: list[int], progress: Any = None) -> tuple[int, int]:
    """(issued, refused). Each in a transaction of its own: killed and run again, it goes on with what is
    left.

    Who asked must still see and change them, and may still issue.
    """
    user = User.objects.get(pk=user_id)
    done = refused = 0
    allowed = set(Invoice.objects.visible_to(user, "change").filter(pk__in=pks).values_list("pk", flat=True))
    for place, pk in enumerate(pks, start=1):
        if pk in allowed:
            try:
                with transaction.atomic():
                    invoice = Invoice.objects.get(pk=pk)
                    if invoice.is_draft:
                        issue_invoice(user=user, invoice=invoice)
                        done += 1
                    _tell(progress, place, len(pks))
                continue
            except (ValidationError, PermissionDenied) as error:
                refused += 1
                with transaction.atomic():
                    why = " ".join(getattr(error, "messages", [_("You may not issue invoices.")]))
                    if progress is not None:
                        progress.log(_("Draft no. %(number)s: %(why)s") % {"number": pk, "why": why[:200]})
        with transaction.atomic():
            _tell(progress, place, len(pks))
    if progress is not None:
        text = ngettext("%(n)s invoice issued.", "%(n)s invoices issued.", done) % {"n": done}
        with transaction.atomic():
            progress.log(text)
    return done, refused


def _tell(progress: Any, done: int, total: int) -> None:
    if progress is not None:
        progress.set(done, total)

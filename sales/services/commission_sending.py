"""Closed statements leave by e-mail, once each."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from digiweb.jobs import JobError, TryAgain, enqueue, function_at
from digiweb.mail import MailRefused, MailServerDown, send
from digiweb.templatetags.digiweb import money
from sales.models import CommissionStatement
from sales.services.commission_paper import file_name, pdf_of
from timeline.services.notification import notify

CLOSED = "sales.commission_closed"


def ask_to_send(statement: CommissionStatement, user: Any = None) -> None:
    """Tell the person of a closed statement, and have a job send it to them."""
    with translation.override(statement.person.language):
        month = date_format(statement.month, "YEAR_MONTH_FORMAT")
        text = _("Your commissions of %(month)s are closed: %(total)s.") % {
            "month": month,
            "total": money(statement.total),
        }
    notify(people=[statement.person], kind=CLOSED, text=text, obj=statement, key=f"commission-{statement.pk}")
    enqueue(
        function_at("sales.jobs.send_commission_statement"),
        user=user,
        label=_("Message with statement %(statement)s") % {"statement": statement},
        key=f"commission-statement-{statement.pk}",
        url=statement.get_absolute_url(),
        statement_id=statement.pk,
    )


def deliver_statement(pk: int) -> None:
    """Send one, unless it was sent; its row is held while the server takes it, so that it leaves once.

    Raises JobError where the server refuses the address, TryAgain where it does not answer.
    """
    with transaction.atomic():
        waiting = CommissionStatement.objects.select_for_update().filter(pk=pk, mailed_at=None)
        statement = waiting.exclude(status=CommissionStatement.Status.DRAFT).first()
        if statement is None or not statement.person.is_active:
            return
        try:
            _send(statement)
        except MailServerDown as error:
            text = _("The mail server does not answer; the message is tried again by itself.")
            raise TryAgain(text) from error
        except MailRefused as error:
            raise JobError(_("The address was refused: %(answer)s") % {"answer": error}) from error
        statement.mailed_at = timezone.now()
        statement.save(update_fields=["mailed_at", "updated_at"])


def _send(statement: CommissionStatement) -> None:
    person = statement.person
    with translation.override(person.language):
        month = date_format(statement.month, "YEAR_MONTH_FORMAT")
        total = money(statement.total)
    send(
        "sales/commission",
        to=person.email,
        language=person.language,
        context={
            "person": person,
            "statement": statement,
            "month": month,
            "total": total,
            "action_url": settings.SITE_URL + statement.get_absolute_url(),
        },
        attachments=[(file_name(statement), pdf_of(statement), "application/pdf")],
        key=f"commission-{statement.pk}",
    )

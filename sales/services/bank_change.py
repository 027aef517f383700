"""A client's account is changed for another: the call-back that is logged, and the warning (SPEC N8)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Client
from digiweb.jobs import enqueue
from digiweb.phones import normalise_phone
from sales import jobs
from sales.models import BankAccount
from sales.services.bank_account_words import Proof
from sales.services.bank_warning import KNOWN_DAYS, value_at

USED = (BankAccount.Status.ACTIVE, BankAccount.Status.FORMER)


def is_change(account: BankAccount) -> bool:
    """Whether the client has, or had, another account in use: the first one changes nothing."""
    others = BankAccount.objects.filter(client=account.client_id, status__in=USED).exclude(pk=account.pk)
    return others.exists()


# --- The call-back


class Call(NamedTuple):
    """Who was called, at which number, when."""

    called: str = ""
    called_number: str = ""
    called_at: datetime | None = None

    def as_data(self) -> dict[str, str]:
        """As the log keeps it."""
        if not self.called or self.called_at is None:
            return {}
        at = self.called_at.isoformat(timespec="minutes")
        return {"called": self.called, "called_number": self.called_number, "called_at": at}


def checked_call(account: BankAccount, proof: str, call: Call) -> Call:
    """The call with a clean number; a change takes one. Raises ValidationError, by field."""
    number = call.called_number.strip()
    told = [call.called.strip(), number, call.called_at]
    asked = settings.BANK_FOUR_EYES and is_change(account)
    if not asked and not any(told):
        return Call()
    if asked and proof != Proof.CALL:
        raise ValidationError(
            {"proof": _("Another account was in use: it is changed only after the client was called back.")}
        )
    names = ("called", "called_number", "called_at")
    missing = [name for name, value in zip(names, told, strict=True) if not value]
    if missing:
        raise ValidationError(
            {name: _("Say whom you called, at which number, and when.") for name in missing}
        )
    try:
        number = normalise_phone(number)
    except ValidationError as error:
        raise ValidationError({"called_number": error}) from None
    at = call.called_at
    if at is not None and at > timezone.now():
        raise ValidationError({"called_at": _("This moment lies in the future.")})
    if at is not None and at < account.created_at.replace(second=0, microsecond=0):
        raise ValidationError({"called_at": _("The call lies before the account was entered here.")})
    return Call(" ".join(call.called.split())[:120], number, at)


def known_numbers(client: Client) -> list[dict[str, Any]]:
    """[{"number", "whose", "new"}]: where the client can be called; `new` is what came within a month."""
    since = timezone.now() - timedelta(days=KNOWN_DAYS)
    found: list[dict[str, Any]] = []
    for record_ in (client.contact, client.company):
        for name in ("phone", "mobile"):
            number = getattr(record_, name, "")
            if number and number not in [each["number"] for each in found]:
                then = value_at(record_, name, since)
                fresh = then != number and record_ is not None and record_.created_at < since
                found.append({"number": number, "whose": record_, "new": fresh})
    return found


# --- The warning


def warn_former_contact(*, user: Any, account: BankAccount) -> None:
    """Have the client warned by e-mail that another account is in use from now on."""
    enqueue(
        jobs.warn_former_contact,
        user=user,
        label=_("Warning of a change of bank details"),
        key=f"bank-change-{account.pk}",
        account_id=account.pk,
        at=timezone.now().isoformat(),
    )


def changed_for(accounts: Sequence[BankAccount], clients_before: set[int]) -> list[BankAccount]:
    """Of new accounts in use, the last of each client who had one before."""
    last = {account.client_id: account for account in accounts if account.status == BankAccount.Status.ACTIVE}
    return [account for client, account in last.items() if client in clients_before]

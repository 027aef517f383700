"""A client is told by e-mail, where they were written to before, that another account is in use (N8).

Who sends forged bank details often changes the client's e-mail first: the warning goes to the address that
was known a month before, and to that of today. Numbers are masked.
"""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from crm.models import Client, Company, Contact
from digiweb.audit import record
from digiweb.crypto import blind_index
from digiweb.mail_jobs import send_to
from sales.models import BankAccount
from timeline.models import Event

# What was known so long before the change is not the work of who asked for it.
KNOWN_DAYS = 30


def value_at(obj: Any, name: str, moment: datetime) -> Any:
    """The value of a field of a record as it was then, as far as the log tells."""
    events = Event.objects.filter(
        subject_type=obj._meta.label_lower, subject_id=obj.pk, at__gte=moment
    ).order_by("id")
    for action, changes in events.values_list("action", "changes"):
        # What a record began with is no change of it.
        if action not in ("created", "imported") and name in changes:
            return changes[name][0]
    field = obj._meta.get_field(name)
    return getattr(obj, field.attname)


def addresses_of(client: Client, moment: datetime) -> list[str]:
    """Where the client was written to at that moment, then where it is now; each address once."""
    contact = _number(value_at(client, "contact", moment))
    company = _number(value_at(client, "company", moment))
    people: tuple[Any, ...] = (Contact.objects.filter(pk=contact), Company.objects.filter(pk=company))
    then = [str(value_at(each, "email", moment) or "") for rows in people for each in rows]
    return list(dict.fromkeys(address for address in (*then[:2], client.email) if address))[:3]


def _number(value: Any) -> int:
    return int((value.get("id") if isinstance(value, dict) else value) or 0)


def deliver_warning(account_id: int, at: datetime) -> None:
    """Tell the client that another account is in use since `at`: each address once, however often the job
    is killed; the account is held meanwhile.
    """
    account = BankAccount.objects.without_numbers().select_related("client").filter(pk=account_id).first()
    if account is None:
        return
    for address in addresses_of(account.client, at - timedelta(days=KNOWN_DAYS)):
        with transaction.atomic():
            rows = BankAccount.objects.select_for_update().without_numbers()
            held = rows.filter(pk=account_id, status=BankAccount.Status.ACTIVE).first()
            mark = blind_index(f"{at.isoformat()} {address}")
            if held is None or mark in held.warned:
                continue
            send_to(
                SimpleNamespace(email=address, language=settings.LANGUAGE_CODE),
                "sales/bank_change",
                _context(held, at),
            )
            BankAccount.objects.filter(pk=account_id).update(warned=[*held.warned, mark])
            data = {"remark": masked_address(address)}
            record(user=None, action="account_warned", obj=held, also=[account.client], data=data)


def _context(account: BankAccount, at: datetime) -> dict[str, Any]:
    former = BankAccount.objects.filter(client=account.client_id, status=BankAccount.Status.FORMER)
    before = former.exclude(pk=account.pk).without_numbers().order_by("-updated_at", "-pk").first()
    client = Client.objects.select_related("company", "contact", "owner").get(pk=account.client_id)
    return {
        "client": str(client),
        "account": account.masked,
        "before": before.masked if before is not None else "",
        "day": timezone.localdate(at),
        "owner": client.owner if client.owner is not None and client.owner.is_active else None,
        "site_url": "",
    }


def masked_address(address: str) -> str:
    """« m•••@martin.example »: enough to know which one it was."""
    name, _at, domain = address.partition("@")
    return f"{name[:1]}•••@{domain}"

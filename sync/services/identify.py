"""What people say of numbers: who it is, or that nobody wants to know."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Contact
from crm.services.contact import change_contact
from crm.services.holding import hold
from digiweb.changes import change_many, change_record
from digiweb.jobs import enqueue
from sync import jobs
from sync.models import Caller
from sync.services.call_log import match_number
from sync.services.caller import AT_ONCE, adopt_waiting, refresh_caller


@transaction.atomic
def say_who(*, user: Any, caller: Caller, contact: Contact) -> int:
    """The number is this contact's: what waits of it becomes their activities, and so will what comes.

    Returns how many calls are logged at once. Raises ValidationError for the number of somebody else whom
    `user` may not change.
    """
    caller = Caller.objects.select_for_update().get(pk=caller.pk)
    hold(contacts=[contact.pk])
    bearer = match_number(caller).contact
    if bearer is not None and bearer.pk != contact.pk and not user.can(Contact.module, "change", bearer):
        raise ValidationError(_("This number belongs to a contact whom you may not change."))
    values = {"contact": contact, "state": Caller.State.KNOWN}
    # Not whose it was before: the number is seen by more people than that contact.
    change_record(user=user, obj=caller, values=values, also=[contact], unlogged=("contact",))
    adopted = adopt_waiting(caller, limit=AT_ONCE)
    if caller.waiting:
        enqueue(
            jobs.adopt_calls,
            user=user,
            label=_("Calls of %(number)s") % {"number": caller},
            key=f"calls-{caller.pk}",
            caller_id=caller.pk,
        )
    return adopted


@transaction.atomic
def keep_number(*, user: Any, caller: Caller, contact: Contact) -> bool:
    """Write the number on the contact where a place is free; whether there was one."""
    names = ("mobile", "phone") if caller.is_mobile else ("phone", "mobile")
    if caller.number in (contact.phone, contact.mobile):
        return False
    free = next((name for name in names if not getattr(contact, name)), "")
    if free:
        change_contact(user=user, contact=contact, values={free: caller.number})
    return bool(free)


@transaction.atomic
def ignore_numbers(*, user: Any, pks: Sequence[int]) -> int:
    """List these numbers no more, whoever calls; their calls are kept."""
    return _set_state(user, pks, Caller.State.IGNORED)


@transaction.atomic
def heed_numbers(*, user: Any, pks: Sequence[int]) -> int:
    """List ignored numbers again."""
    return _set_state(user, pks, Caller.State.UNKNOWN)


def _set_state(user: Any, pks: Sequence[int], state: str) -> int:
    locked = list(Caller.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    changed = change_many(user=user, objs=locked, values={"state": state})
    for caller in changed:
        refresh_caller(caller)
    return len(changed)

"""Numbers and what waits of them. Whoever works on calls of a number locks the number first."""

from typing import Any

from django.utils import timezone

from digiweb.inserts import insert_once
from sync.models import Caller, Connection, PhoneCall
from sync.services.call_log import log_call, match_number

# So many calls become activities at once, while somebody waits; a job does the rest, or the night.
AT_ONCE = 50


def lock_caller(number: str) -> Caller:
    """The row of a number, locked until the transaction ends."""
    insert_once(Caller(number=number), "number")
    return Caller.objects.select_for_update().get(number=number)


def refresh_caller(caller: Caller) -> None:
    """Count what waits again; an ignored number stays so."""
    waiting = PhoneCall.objects.filter(caller=caller, state=PhoneCall.State.WAITING)
    values: dict[str, Any] = {"waiting": waiting.count()}
    latest = waiting.order_by("-started_at", "-pk").first()
    if latest is not None:
        values["last_call_at"] = latest.started_at or latest.heard_at
        values["last_person_id"] = latest.person_id
    if caller.state != Caller.State.IGNORED:
        values["state"] = Caller.State.UNKNOWN if values["waiting"] else Caller.State.KNOWN
    for name, value in values.items():
        setattr(caller, name, value)
    Caller.objects.filter(pk=caller.pk).update(**values, updated_at=timezone.now())


def adopt_waiting(caller: Caller, *, limit: int) -> int:
    """Log up to `limit` waiting calls of a locked number on whom it belongs to; returns how many were."""
    match = match_number(caller)
    if not match.found:
        return 0
    waiting = PhoneCall.objects.select_for_update().filter(caller=caller, state=PhoneCall.State.WAITING)
    calls = list(waiting.order_by("started_at", "pk")[:limit])
    for call in calls:
        # Not by the provider's being on: a call that came is a call.
        found = Connection.objects.filter(provider=call.provider).first()
        log_call(call=call, match=match, connection=found or Connection(provider=call.provider))
        call.save()
    refresh_caller(caller)
    return len(calls)

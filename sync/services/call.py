"""What is heard of calls, put together: the one door for webhooks and the nightly catch-up."""

from typing import Any

from django.db import transaction
from django.urls import reverse

from digiweb.inserts import insert_once
from sync.call_data import CallData
from sync.models import Caller, Connection, PhoneCall
from sync.services.call_log import default_person, log_call, match_number, person_named, rewrite_call, tell
from sync.services.caller import AT_ONCE, adopt_waiting, lock_caller, refresh_caller

# What a later message replaces and an earlier one fills in.
FIELDS = (
    "number_text", "line", "started_at", "answered_at", "ended_at", "missed_reason", "agent_name",
    "agent_email", "recording", "voicemail",
)  # fmt: skip


@transaction.atomic
def record_call(*, data: CallData, connection: Connection, over: bool = False) -> PhoneCall:
    """Take in what was heard of a call; once it is over, it becomes an activity, or waits for a name.

    Messages may come in any order, any number of times, in parallel: the number and the call are
    locked, the latest message wins and earlier ones fill what it left out. `over`: it has ended, even
    if the message does not say when.
    """
    caller = lock_caller(data.number) if data.number else None
    call = _lock_call(data, connection, caller)
    _merge(call, data, connection)
    if over and call.ended_at is None:
        call.ended_at = data.heard_at
    if call.ended_at is not None:
        _settle(call, connection)
    call.version += 1
    call.save()
    if call.caller is not None and call.state == PhoneCall.State.WAITING:
        refresh_caller(call.caller)
    elif call.caller is not None and call.caller.waiting:
        # Whose number it is has become known since: what waited goes there too.
        refresh_caller(call.caller)
        adopt_waiting(call.caller, limit=AT_ONCE)
    return call


def _lock_call(data: CallData, connection: Connection, caller: Caller | None) -> PhoneCall:
    identity = {"provider": connection.provider, "number_there": data.number_there}
    begun = PhoneCall(**identity, caller=caller, direction=data.direction, heard_at=data.heard_at)
    insert_once(begun, *identity)
    call: PhoneCall = PhoneCall.objects.select_for_update().get(**identity)
    if call.caller_id is None and caller is not None:
        call.caller = caller
    return call


def _merge(call: PhoneCall, data: CallData, connection: Connection) -> None:
    newer = data.heard_at >= call.heard_at
    heard: dict[str, Any] = {name: getattr(data, name) for name in FIELDS}
    call.has_voicemail = call.has_voicemail or bool(data.voicemail)
    if connection.setting("recordings") != "yes":
        heard["recording"] = heard["voicemail"] = ""
    for name, value in heard.items():
        if value and (newer or not getattr(call, name)):
            setattr(call, name, value)
    call.has_links = bool(call.recording or call.voicemail)
    call.comments = {**call.comments, **data.comments} if newer else {**data.comments, **call.comments}
    # Each message has the whole list; of the same second, both count.
    if data.heard_at > call.heard_at:
        call.tags = list(data.tags)
    elif data.heard_at == call.heard_at:
        call.tags = list(dict.fromkeys([*call.tags, *data.tags]))
    call.heard_at = max(call.heard_at, data.heard_at)


def _settle(call: PhoneCall, connection: Connection) -> None:
    """A call that is over: on whom it belongs to, or waiting."""
    call.person = person_named(call.agent_email) or call.person or default_person(connection)
    if call.activity_id:
        rewrite_call(call=call)
        return
    if call.state == PhoneCall.State.LOGGED:
        return  # somebody deleted its activity: it does not come back by itself
    if call.caller is None:
        call.state = PhoneCall.State.HIDDEN
        return
    match = match_number(call.caller)
    if match.found:
        log_call(call=call, match=match, connection=connection)
        return
    call.state = PhoneCall.State.WAITING
    if call.missed and call.person is not None and call.caller.state != Caller.State.IGNORED:
        tell(call, call.person, str(call), reverse("sync:caller_detail", args=[call.caller.pk]))

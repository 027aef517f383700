"""Calls as pages show them: on the page of a number, and beside the activity of a call."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from crm.tables.activity import moment_text
from sync.models import PhoneCall
from sync.services.call_log import reason_text

ICONS = {"in": "phone-incoming", "out": "phone-outgoing"}


def length_text(seconds: int) -> str:
    """« 3 min 05 s »."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}\u00a0min\u00a0{rest:02d}\u00a0s" if minutes else f"{rest}\u00a0s"


def call_line(call: PhoneCall) -> dict[str, Any]:
    """What is told of a call."""
    kind = _("Missed call") if call.missed else str(call.get_direction_display())
    return {
        "call": call,
        "icon": "phone-x" if call.missed else ICONS[call.direction],
        "kind": _("Voicemail") if call.missed and call.has_voicemail else kind,
        "missed": call.missed,
        "moment": moment_text(call.started_at) if call.started_at else "",
        "length": length_text(call.talk_seconds) if call.answered_at else "",
        "reason": reason_text(call),
        "who": str(call.person) if call.person and not call.missed else call.agent_name,
        "line": call.line,
        "recording": call.recording,
        "voicemail": call.voicemail,
        "comments": list(call.comments.values()),
        "tags": call.tags,
    }


def call_lines(calls: Iterable[PhoneCall]) -> list[dict[str, Any]]:
    return [call_line(call) for call in calls]


def call_of_activity(user: Any, activity: Any) -> dict[str, Any] | None:
    """The panel beside an activity that is a call: whoever sees the activity sees its call."""
    call = PhoneCall.objects.filter(activity=activity).select_related("person", "caller").first()
    return call_line(call) if call is not None else None

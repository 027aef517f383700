"""Aircall's shape of a call → ours: pure functions, no table and no network.

What comes from outside may be anything: of a wrong type, too long, hostile. A value that makes no sense
is left out; only a call without its number at Aircall is refused.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError

from digiweb.phones import normalise_phone
from sync.call_data import CallData
from sync.webhooks import Arrival, Malformed

# Events after which there is something to do. Those of a call going on (created, answered, hungup) bring
# less than « ended », which follows half a minute later; they are kept if Aircall sends them.
ENDED, VOICEMAIL = "call.ended", "call.voicemail_left"
# These may come again for the same call, each time with something else.
REPEATED = ("call.commented", "call.tagged", "call.untagged", "call.transferred")
ONGOING = ("call.created", "call.ringing_on_agent", "call.answered", "call.hungup")
WANTED = (ENDED, VOICEMAIL, "call.commented", "call.tagged", "call.untagged")
KNOWN = frozenset((*WANTED, *ONGOING, *REPEATED))
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
MAX_COMMENTS, MAX_TAGS = 100, 50


def read_arrival(payload: Mapping[str, Any]) -> Arrival:
    """What a webhook says of itself.

    The same event of the same call is the same delivery, whenever it comes: Aircall delivers at least
    once. A comment or a tag may follow another within the same second: there the content tells apart.
    """
    event = text(payload.get("event"), 80) or "?"
    data = payload.get("data")
    about = number_there(data)
    parts: tuple[str, ...] = (event, about)
    if event not in KNOWN or event in REPEATED or not about:
        parts += (text(payload.get("timestamp"), 40), repr(data))
    return Arrival(event, about, parts, known=event in KNOWN)


def number_there(data: Any) -> str:
    """The call's number at Aircall; "" where there is none."""
    return text(data.get("id"), 60) if isinstance(data, Mapping) else ""


def read_call(data: Any, heard_at: datetime) -> CallData:
    """A call of a webhook or of the API; raises Malformed without its number."""
    number_id = number_there(data)
    if not number_id:
        raise Malformed("data.id")
    digits = text(data.get("raw_digits"), 60)
    agent, line = _part(data, "user"), _part(data, "number")
    name = text(agent.get("name"), 160) or " ".join(
        part for part in (text(agent.get("first_name"), 80), text(agent.get("last_name"), 80)) if part
    )
    return CallData(
        number_there=number_id,
        heard_at=heard_at,
        direction="out" if data.get("direction") == "outbound" else "in",
        number=read_number(digits),
        number_text=digits,
        line=text(line.get("name"), 120) or text(line.get("digits"), 60),
        started_at=moment(data.get("started_at")),
        answered_at=moment(data.get("answered_at")),
        ended_at=moment(data.get("ended_at")),
        missed_reason=text(data.get("missed_call_reason"), 60),
        agent_name=name,
        agent_email=text(agent.get("email"), 254).lower(),
        # The page at Aircall asks who one is; the direct link to the sound would not, and soon ends.
        recording=link(data.get("asset")) or link(data.get("recording")),
        voicemail=link(data.get("voicemail")),
        comments=_comments(data.get("comments")),
        tags=_tags(data.get("tags")),
    )


def read_number(digits: str) -> str:
    """E.164; "" for « anonymous », service numbers (3639) and whatever is no number of a person."""
    # Four digits would pass as the end of a number without its beginning.
    if sum(sign.isdigit() for sign in digits) < 7:
        return ""
    try:
        number = normalise_phone(digits)
    except ValidationError:
        return ""
    return number if len(number) <= 20 else ""


def moment(value: Any) -> datetime | None:
    """A moment told in seconds since 1970, or as ISO text; None for one that makes no sense."""
    if value is None or isinstance(value, bool):
        return None
    try:
        if isinstance(value, str) and not value.strip().isdigit():
            found = datetime.fromisoformat(value.strip())
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
            found = found.astimezone(UTC)
        else:
            found = datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return found if FIRST <= found < LAST else None


def text(value: Any, length: int) -> str:
    """A short text without what no column takes; numbers become text, anything else nothing."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    try:
        whole = str(value)
    except ValueError:  # an integer of thousands of digits
        return ""
    clean = whole.encode("utf-8", "replace").decode().replace("\0", "")
    return clean.strip()[:length]


def link(value: Any) -> str:
    """An address that a page may offer to open: https, or none."""
    address = text(value, 1000)
    return address if address.startswith("https://") and not any(map(str.isspace, address)) else ""


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = data.get(name)
    return part if isinstance(part, Mapping) else {}


def _comments(value: Any) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for entry in value[:MAX_COMMENTS] if isinstance(value, list) else ():
        if not isinstance(entry, Mapping):
            continue
        words = text(entry.get("content"), 2000)
        if words:
            number = text(entry.get("id"), 40) or f"#{len(found)}"
            found[number] = {"by": text(_part(entry, "posted_by").get("name"), 160), "text": words}
    return found


def _tags(value: Any) -> tuple[str, ...]:
    names = [
        text(entry.get("name"), 40)
        for entry in (value[:MAX_TAGS] if isinstance(value, list) else ())
        if isinstance(entry, Mapping)
    ]
    return tuple(dict.fromkeys(name for name in names if name))

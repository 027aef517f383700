"""What a switchboard says of a call, in our words: what providers map to and services take."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class CallData:
    """What one message says of a call."""

    number_there: str
    heard_at: datetime
    direction: str = "in"
    # E.164, or "" for a withheld or a service number; `number_text` is then what was told.
    number: str = ""
    number_text: str = ""
    line: str = ""
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    missed_reason: str = ""
    agent_name: str = ""
    agent_email: str = ""
    recording: str = ""
    voicemail: str = ""
    comments: dict[str, dict[str, str]] = field(default_factory=dict)
    tags: tuple[str, ...] = ()

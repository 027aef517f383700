"""Yousign's shapes (API v3) ↔ ours: pure functions, no table and no network."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import date
from typing import Any

from sync.reading import part, text
from sync.webhooks import Arrival

# Events after which there is something to do; others are kept, and nothing is done.
DONE, DECLINED = "signature_request.done", "signature_request.declined"
EXPIRED, CANCELED = "signature_request.expired", "signature_request.canceled"
WANTED = (DONE, DECLINED, EXPIRED, CANCELED)
HEADER = "X-Yousign-Signature-256"


def request_body(*, name: str, external_id: str, valid_until: date) -> dict[str, Any]:
    """A signature request that Yousign itself sends by e-mail, with reminders."""
    return {
        "name": name[:128],
        "delivery_mode": "email",
        "timezone": "Europe/Paris",
        "external_id": external_id,
        "expiration_date": valid_until.isoformat(),
        "reminder_settings": {"interval_in_days": 2, "max_occurrences": 3},
    }


def signer_body(*, name: str, email: str, language: str, document_id: str, page: int) -> dict[str, Any]:
    """One signer, proved by a code sent to their address; the field stands in the box of the last page."""
    first, _blank, last = name.strip().partition(" ")
    return {
        "info": {
            "first_name": (first or name)[:150],
            "last_name": (last.strip() or first)[:150],
            "email": email,
            "locale": "fr" if language == "fr" else "en",
        },
        "signature_level": "electronic_signature",
        "signature_authentication_mode": "otp_email",
        "fields": [{"document_id": document_id, "type": "signature", "page": page, "x": 340, "y": 640}],
    }


def read_id(answer: Any) -> str:
    """The number of what was made; "" where there is none."""
    return text(answer, "id", limit=80)


def read_status(answer: Any) -> str:
    """draft, ongoing, done, declined, expired, canceled …"""
    return text(answer, "status", limit=40)


def read_arrival(payload: Mapping[str, Any]) -> Arrival:
    """What a webhook says of itself: its own number makes it unique."""
    event = text(payload, "event_name", limit=80) or "?"
    about = text(payload, "data", "signature_request", "id", limit=80)
    key = text(payload, "event_id", limit=120)
    parts = (key,) if key else (event, about, text(payload, "event_time", limit=40))
    return Arrival(event, about, parts, known=event in WANTED)


def read_numbers(payload: Mapping[str, Any]) -> tuple[str, str]:
    """(Yousign's number, ours) of the request that an event is about."""
    request = part(payload, "data", "signature_request")
    return text(request, "id", limit=80), text(request, "external_id", limit=80)


def read_reason(payload: Mapping[str, Any]) -> str:
    """Why it was declined, in the signer's words."""
    return text(payload, "data", "signature_request", "decline_information", "reason", limit=500)


def signature_of(secret: str, body: bytes) -> str:
    """`sha256=…`: HMAC-SHA256 over the raw body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()

"""What Aircall sends, as its documentation shows it, and a connection that takes it."""

import json
import time
from typing import Any

from django.test import Client

from sync.aircall.receiver import work
from sync.models import Caller, Connection, PhoneCall, WebhookDelivery
from sync.services.webhook_work import work_off
from sync.webhooks import hook_path

# One moment for the whole run: two calls made a second apart would differ.
BEGAN = int(time.time()) - 600
TOKEN = "45XXYYZZa08"
NUMBER, NUMBER_TEXT = "+33612345678", "+33 6 12 34 56 78"


def connect(**settings: str) -> Connection:
    """Aircall, connected; `settings` are those of its page."""
    connection = Connection(provider="aircall", settings=settings)
    connection.seal({"api_id": "id", "api_token": "secret", "webhook_token": TOKEN})
    connection.save()
    return connection


def a_call(number: int = 812, **values: Any) -> dict[str, Any]:
    """The `data` of a call that was answered and is over."""
    return {
        "id": number,
        "direct_link": f"https://api.aircall.io/v1/calls/{number}",
        "direction": "inbound",
        "status": "done",
        "missed_call_reason": None,
        "started_at": BEGAN,
        "answered_at": BEGAN + 8,
        "ended_at": BEGAN + 128,
        "duration": 128,
        "raw_digits": NUMBER_TEXT,
        "voicemail": None,
        "recording": None,
        "asset": None,
        "archived": False,
        "user": {"id": 456, "name": "Hugo Lefèvre", "email": "sales@digiweb.test"},
        "contact": None,
        "number": {"id": 1234, "name": "Accueil", "digits": "+33 1 76 36 06 95"},
        "teams": [],
        "comments": [],
        "tags": [],
        **values,
    }


def a_missed_call(number: int = 812, **values: Any) -> dict[str, Any]:
    reason = {"answered_at": None, "user": None, "missed_call_reason": "no_available_agent"}
    return a_call(number, **{**reason, **values})


def message(event: str = "call.ended", data: Any = None, **values: Any) -> dict[str, Any]:
    """A whole body."""
    return {
        "resource": "call",
        "event": event,
        "timestamp": int(time.time()),
        "token": TOKEN,
        "data": a_call() if data is None else data,
        **values,
    }


def send(body: Any, client: Client | None = None, path: str = "") -> Any:
    """POST it as Aircall does; a text or bytes go as they are."""
    raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return (client or Client()).post(path or hook_path("aircall"), raw, content_type="application/json")


def make_caller(person: Any, number: str = NUMBER, calls: int = 1) -> Caller:
    """An unknown number whose calls `person` answered."""
    connection = Connection.objects.filter(provider="aircall").first() or connect()
    user = {"name": str(person), "email": person.email}
    for _ in range(calls):
        data = a_call(PhoneCall.objects.count() + 5000, raw_digits=number, user=user)
        work(message(data=data), connection)
    return Caller.objects.get(number=number)


def delivered() -> WebhookDelivery:
    """A delivery that came by the door and failed."""
    if not Connection.objects.filter(provider="aircall").exists():
        connect()
    send(message(data={"id": None, "raw_digits": NUMBER_TEXT}))
    delivery = WebhookDelivery.objects.latest("pk")
    work_off(delivery.pk)
    delivery.refresh_from_db()
    return delivery

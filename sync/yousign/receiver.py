"""Yousign's webhooks: proved by a signature over the raw body, unique by `event_id`."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from sync.services.signature import end, find_request, finish
from sync.webhooks import NothingToDo, same
from sync.yousign.mapping import (
    CANCELED,
    DECLINED,
    DONE,
    EXPIRED,
    HEADER,
    read_numbers,
    read_reason,
    signature_of,
)

NAME = "yousign"
ENDS = {DECLINED: "declined", EXPIRED: "expired", CANCELED: "canceled"}


def proved(connection: Any, payload: Mapping[str, Any], body: bytes, headers: Mapping[str, str]) -> bool:
    """The signature over the bytes as they came, and the same world (sandbox or production) as ours."""
    secret = connection.secret("webhook_secret")
    if not secret or not same(headers.get(HEADER), signature_of(secret, body)):
        return False
    in_sandbox: bool = connection.setting("mode") != "production"
    return in_sandbox == bool(payload.get("sandbox"))


def work(payload: Mapping[str, Any], connection: Any) -> Any:
    """What became of a request: signed, declined, expired, taken back."""
    event = payload.get("event_name")
    row = find_request(*read_numbers(payload))
    if row is None:
        raise NothingToDo(_("This signature request is not one of ours."))
    if event == DONE:
        return finish(row)
    if event in ENDS:
        return end(row, ENDS[str(event)], read_reason(payload))
    raise NothingToDo(_("This event asks for nothing."))

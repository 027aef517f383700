"""Short messages at the edge of the page, with an undo where there is one.

They are Django messages, so that they survive a redirect. The address that undoes (always a POST,
always our own path) travels in `extra_tags`, which nothing else of the house uses; templates read
`message.level_tag` (debug, info, success, warning, error), `message.message` and `message.undo_url`.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest

LEVELS = {
    "info": messages.INFO,
    "success": messages.SUCCESS,
    "warning": messages.WARNING,
    "error": messages.ERROR,
}


def toast(request: HttpRequest, text: Any, level: str = "success", undo_url: str = "") -> None:
    """Show `text` on the next answer; with `undo_url`, a button that POSTs to it.

    `level` is info, success, warning or error (anything else: KeyError).
    """
    messages.add_message(request, LEVELS[level], text, extra_tags=undo_url, fail_silently=True)


def undo_url_of(message: Message) -> str:
    """The address that undoes what the message tells, or nothing."""
    tags = message.extra_tags or ""
    return tags if tags.startswith("/") and not tags.startswith("//") else ""


class ToastStorage(FallbackStorage):
    """Django's storage (cookie, then session); its messages know their `undo_url`."""

    def __iter__(self) -> Iterator[Message]:
        for message in super().__iter__():
            message.undo_url = undo_url_of(message)  # type: ignore[attr-defined]
            yield message


def pending_toasts(request: HttpRequest) -> list[dict[str, str]]:
    """What waits to be shown, as the page's script takes it; afterwards it counts as shown.

    Nothing when a template of this very answer has shown the messages already.
    """
    storage: Any = messages.get_messages(request)
    if getattr(storage, "used", False):
        return []
    return [
        {"level": message.level_tag, "text": str(message.message), "undo_url": undo_url_of(message)}
        for message in storage
    ]

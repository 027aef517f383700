"""What arrives by itself: each provider says how its webhooks are proved, told apart and worked off.

A receiver is one line in `sync/apps.py`. The endpoint (sync/views/hook.py) keeps the body and answers;
the job (sync/jobs.py) hands the kept delivery to the receiver's `work`.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from digiweb.crypto import blind_index


class NothingToDo(Exception):
    """The delivery was understood and asks for nothing; its text says why."""


class Malformed(Exception):
    """The delivery lacks what is needed to work it off; its text is for the administrator."""


@dataclass(frozen=True)
class Arrival:
    """What a body says of itself: its event, what it is about, and the parts of its key."""

    event: str
    about: str
    # The same delivery, sent again, has the same parts; another one differs in one of them.
    key: tuple[str, ...]
    # Events that nobody asked for are kept, and nothing is done about them.
    known: bool = True


@dataclass(frozen=True)
class Receiver:
    """How the webhooks of one provider are taken."""

    provider: str
    label: Any
    # proved(connection, payload, body, headers): whether the provider itself sent it.
    proved: Callable[[Any, Mapping[str, Any], bytes, Mapping[str, str]], bool]
    read: Callable[[Mapping[str, Any]], Arrival]
    # work(payload, connection) returns the record that it made or changed; may be called again.
    work: Callable[[Mapping[str, Any], Any], Any]


_receivers: dict[str, Receiver] = {}


def register_receiver(receiver: Receiver) -> None:
    """Let a provider send us webhooks."""
    _receivers[receiver.provider] = receiver


def receiver_named(provider: str) -> Receiver | None:
    return _receivers.get(provider)


def all_receivers() -> list[Receiver]:
    return sorted(_receivers.values(), key=lambda receiver: receiver.provider)


def hook_secret(provider: str) -> str:
    """The part of the address that nobody guesses: derived, so that there is nothing to lose."""
    return blind_index(f"webhook of {provider}")[:40]


def hook_path(provider: str) -> str:
    return reverse("sync:hook", args=[provider, hook_secret(provider)])


def same(given: Any, expected: str) -> bool:
    """Compared in constant time; nothing is the same as an empty secret."""
    if not isinstance(given, str) or not expected:
        return False
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def key_of(provider: str, parts: tuple[str, ...]) -> str:
    """The unique key of a delivery."""
    return hashlib.sha256(json.dumps([provider, *parts]).encode()).hexdigest()

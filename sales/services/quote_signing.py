"""Signing elsewhere: a service of electronic signatures, where one is connected, replaces our own form.

`sync` lies above and registers how; without it, or without a key, the client accepts on our page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sales.models import Quote


@dataclass(frozen=True)
class Signing:
    """How a quote is signed elsewhere.

    `ready()` says whether the service is connected; `ask(quote=, name=, email=, chosen=)` has it write to the
    client; `waiting(quote)` is the request that waits for the client's signature, or None.
    """

    label: Any
    ready: Callable[[], bool]
    ask: Callable[..., Any]
    waiting: Callable[[Quote], Any]


_signings: list[Signing] = []


def register_signing(signing: Signing) -> None:
    """Called once by each service."""
    _signings.append(signing)


def signing_in_use() -> Signing | None:
    """The service by which quotes are signed now; None: our own page."""
    return next((each for each in _signings if each.ready()), None)

"""The services that can be connected: each adds itself, one line in `sync/apps.py`.

The page of integrations draws a card a provider from this, and asks its `fields`; nothing is listed
that does not exist.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Setting:
    """One thing that connecting asks for. A secret one is kept encrypted and never shown again."""

    name: str
    label: Any
    secret: bool = False
    required: bool = True
    help: Any = ""
    # (value, label) pairs: a choice instead of a text.
    choices: tuple[tuple[str, Any], ...] = ()
    default: str = ""
    # Raises ValidationError for a value that would not do what it says.
    check: Callable[[str], None] | None = None


@dataclass(frozen=True)
class Provider:
    """A service outside the house.

    `test(connection)` asks it something that costs nothing and returns a sentence about what it found;
    it raises one of `sync.errors`. A `keyless` provider works without a connection, so its fields may
    stay empty. `url_name` is a page of the provider's own, linked from its card. `missing()` says what the
    server's settings lack for it, "" when nothing. One that is `real_in_demo` is asked there too: its address
    is on this machine then.
    """

    name: str
    label: Any
    icon: str
    group: Any
    # What it is good for, one sentence.
    text: Any
    test: Callable[[Any], str]
    fields: tuple[Setting, ...] = ()
    # Where keys are made: the provider's own page.
    docs: str = ""
    keyless: bool = False
    url_name: str = ""
    order: int = 100
    missing: Callable[[], str] = str
    real_in_demo: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields if each.secret)

    @property
    def required_secrets(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields if each.secret and each.required)

    @property
    def settings(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields if not each.secret)


_providers: dict[str, Provider] = {}


def register_provider(provider: Provider) -> None:
    """Add a service to the page of integrations."""
    _providers[provider.name] = provider


def provider_named(name: str) -> Provider | None:
    return _providers.get(name)


def all_providers() -> list[Provider]:
    """All of them, in the order of the page."""
    return sorted(_providers.values(), key=lambda provider: provider.order)

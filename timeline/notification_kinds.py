"""What people are notified of: each app adds its kinds, one line in its `apps.py`."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NotificationKind:
    """How notifications of a kind are called and drawn."""

    name: str
    label: Any
    icon: str = "bell"


_kinds: dict[str, NotificationKind] = {}
UNKNOWN = NotificationKind("", "", "bell")


def register_kind(name: str, label: Any, icon: str = "bell") -> None:
    """Add a kind ("activity.reminder")."""
    _kinds[name] = NotificationKind(name, label, icon)


def kind_named(name: str) -> NotificationKind:
    """The kind of this name; a neutral one for what is no longer known."""
    return _kinds.get(name, UNKNOWN)


def kinds() -> list[NotificationKind]:
    """All kinds, by name."""
    return sorted(_kinds.values(), key=lambda kind: kind.name)

"""What else than a note is added from a time line: each module adds its own, one line in its `apps.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model


@dataclass(frozen=True)
class Addition:
    """A button of the composer on pages of `models` ("crm.contact"); `url(record)` opens in the drawer.

    Offered to whoever may create in `module`. `label` is one word, `title` says what will happen.
    """

    models: tuple[str, ...]
    label: Any
    title: Any
    icon: str
    module: str
    url: Callable[[Model], str]
    order: int = 100


_additions: list[Addition] = []


def register_addition(addition: Addition) -> None:
    """Add a button to the composer."""
    _additions.append(addition)


def additions_to(user: Any, record: Model) -> list[dict[str, Any]]:
    """The buttons that this person gets under the composer of this record."""
    label = record._meta.label_lower
    mine = [one for one in _additions if label in one.models and user.can(one.module, "create")]
    return [
        {"label": one.label, "title": one.title, "icon": one.icon, "url": one.url(record)}
        for one in sorted(mine, key=lambda one: one.order)
    ]

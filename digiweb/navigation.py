"""The side menu and the « + » menu: each module adds itself, one line in its `apps.py`."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True)
class Item:
    """A line of the menu, shown to those who may do `action` on `module` ('' : everybody)."""

    group: Any
    label: Any
    url_name: str
    icon: str
    module: str = ""
    action: str = "view"
    order: int = 100
    # A module that is announced: greyed, with these words.
    note: Any = ""
    # The letter after `g` that goes there (UX, Keyboard).
    key: str = ""


_menu: list[Item] = []
_create: list[Item] = []


def register(item: Item) -> None:
    """Add a line to the side menu."""
    _menu.append(item)


def register_create(item: Item) -> None:
    """Add a line to the « + » menu: what people create most."""
    _create.append(item)


def menu_for(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the side menu with the lines this person may open."""
    groups: dict[str, dict[str, Any]] = {}
    here = request.path
    for item in sorted(_menu, key=lambda item: item.order):
        if not _allowed(request.user, item):
            continue
        url = reverse(item.url_name) if item.url_name else ""
        line = {
            "label": item.label,
            "url": url,
            "icon": item.icon,
            "active": bool(url) and (here == url or (url != "/" and here.startswith(url))),
            "disabled": not url,
            "note": item.note,
            "key": item.key,
        }
        groups.setdefault(str(item.group), {"label": item.group, "items": []})["items"].append(line)
    return list(groups.values())


def create_menu_for(request: HttpRequest) -> list[dict[str, Any]]:
    """What this person may create, most frequent first."""
    items = sorted(_create, key=lambda item: item.order)
    return [
        {"label": item.label, "url": reverse(item.url_name), "icon": item.icon}
        for item in items
        if _allowed(request.user, item)
    ]


def _allowed(user: Any, item: Item) -> bool:
    return not item.module or user.can(item.module, item.action)

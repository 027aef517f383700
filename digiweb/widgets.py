"""Parts of the home page: each module adds its own, one line in its `apps.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Widget:
    """A part of the home page: `build(user)` gives the context of its template, or None to hide it."""

    template: str
    build: Callable[[Any], dict[str, Any] | None]
    module: str
    # Homes that show it ("company", "sales", "marketing", "support"); empty: all.
    homes: tuple[str, ...] = ()
    order: int = 100


_widgets: list[Widget] = []


def register_widget(widget: Widget) -> None:
    """Add a part to the home pages."""
    _widgets.append(widget)


def widgets_for(user: Any) -> list[dict[str, Any]]:
    """The parts that this person's home shows, built."""
    home = user.role.home if user.role else "company"
    built = []
    for widget in sorted(_widgets, key=lambda widget: widget.order):
        if (not widget.homes or home in widget.homes) and (
            not widget.module or user.can(widget.module, "view")
        ):
            context = widget.build(user)
            if context is not None:
                built.append({"template": widget.template, **context})
    return built

"""The home page: what needs me now, by role. Each module adds its widgets, one line each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from digiweb.views.base import PageView


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


class HomeView(PageView):
    """Everybody's first page, each their own (SPEC T5)."""

    signed_in = True
    template_name = "home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        home = user.role.home if user.role else "company"
        widgets = []
        for widget in sorted(_widgets, key=lambda widget: widget.order):
            if (not widget.homes or home in widget.homes) and user.can(widget.module, "view"):
                context = widget.build(user)
                if context is not None:
                    widgets.append({"template": widget.template, **context})
        return super().get_context_data(widgets=widgets, page_title=_("Home"), home=home, **kwargs)

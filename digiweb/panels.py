"""What other modules show beside a record: each adds its panel, one line in its `apps.py`.

The page of a record does not ask for them: one request after it brings them all (`PanelsView`), so that
the page costs the same however many modules there are. Without JavaScript each panel is a link to the
module's list, filtered by the record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.urls import reverse


@dataclass(frozen=True)
class Panel:
    """A block of the right-hand column on pages of `model` ("crm.contact").

    `build(user, record)` gives the template's `panel`, or None to hide it; it reads within the person's
    scope, a few rows. `list_url` and `list_filter` name the module's list and its filter by this record.
    """

    model: str
    label: Any
    template: str
    build: Callable[[Any, Any], dict[str, Any] | None]
    module: str
    list_url: str = ""
    list_filter: str = ""
    order: int = 100

    def list_link(self, record: Model) -> str:
        """The address of the module's list, filtered by the record; "" where there is none."""
        if not self.list_url:
            return ""
        return f"{reverse(self.list_url)}?{urlencode({self.list_filter: record.pk})}"


_panels: list[Panel] = []


def register_panel(panel: Panel) -> None:
    """Add a panel to the pages of a kind of record."""
    _panels.append(panel)


def panels_of(user: Any, record: Model) -> list[Panel]:
    """The panels that this person gets on this record's page, in their order."""
    label = record._meta.label_lower
    mine = [each for each in _panels if each.model == label and user.can(each.module, "view")]
    return sorted(mine, key=lambda panel: panel.order)


def panel_links(user: Any, record: Model) -> list[dict[str, Any]]:
    """What stands there before the panels arrive, and without JavaScript: links to the lists."""
    return [{"label": panel.label, "url": panel.list_link(record)} for panel in panels_of(user, record)]


def build_panels(user: Any, record: Model) -> list[dict[str, Any]]:
    """The panels with what they show."""
    built = []
    for panel in panels_of(user, record):
        content = panel.build(user, record)
        if content is not None:
            about = {"template": panel.template, "label": panel.label, "list_link": panel.list_link(record)}
            built.append({**about, **content})
    return built

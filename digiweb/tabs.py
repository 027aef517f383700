"""Tabs of a record's page: each is a module's own list, filtered by the record (DESIGN §3).

A module adds its tab by one line in its `apps.py`; the page of the record loads it as it is opened, from
the list's own address, so rights, filters and export are the list's.
"""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse


@dataclass(frozen=True)
class Tab:
    """The list at `url_name`, filtered by `param`, for those who may view `module`.

    `kind` is the module of the record on whose page it stands ("crm.client"); `name` stands in the address.
    """

    kind: str
    name: str
    label: Any
    url_name: str
    param: str
    module: str
    icon: str = ""
    order: int = 100

    def address(self, record: Any) -> str:
        return f"{reverse(self.url_name)}?{self.param}={record.pk}"


_tabs: list[Tab] = []


def register_tab(tab: Tab) -> None:
    """Add a tab to the pages of a kind of record."""
    _tabs.append(tab)


def tabs_for(user: Any, kind: str) -> list[Tab]:
    """The tabs that this person may open, in their order."""
    return sorted(
        (tab for tab in _tabs if tab.kind == kind and user.can(tab.module, "view")),
        key=lambda tab: tab.order,
    )

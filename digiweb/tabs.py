"""Tabs of a record's page: each is a module's own list, filtered by the record (DESIGN §3).

A module adds its tab by one line in its `apps.py`; the page of the record loads it as it is opened, from
the list's own address, so rights, filters and export are the list's.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

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

    def value(self, record: Any) -> str:
        """What the list's filter is given of the record."""
        return str(record.pk)

    def address(self, record: Any) -> str:
        """The list of this record, as a page of its own."""
        return f"{reverse(self.url_name)}?{urlencode({self.param: self.value(record)})}"

    def inner_address(self, record: Any) -> str:
        """The same, whose links stay within the tab (`ListView.within`)."""
        return f"{self.address(record)}&{urlencode({'within': self.param})}"


@dataclass(frozen=True)
class SubjectTab(Tab):
    """A list that names records of any kind, as documents do: `?subject=crm.client:12`."""

    def value(self, record: Any) -> str:
        return f"{record._meta.label_lower}:{record.pk}"


_tabs: list[Tab] = []


def register_tab(tab: Tab) -> None:
    """Add a tab to the pages of a kind of record."""
    _tabs.append(tab)


def is_tab(url_name: str, param: str) -> bool:
    """Whether the list of this name is held by `param` in the tab of some record's page."""
    return any((tab.url_name, tab.param) == (url_name, param) for tab in _tabs)


def tabs_for(user: Any, kind: str) -> list[Tab]:
    """The tabs that this person may open, in their order."""
    return sorted(
        (tab for tab in _tabs if tab.kind == kind and user.can(tab.module, "view")),
        key=lambda tab: tab.order,
    )

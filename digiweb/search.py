"""One search over everything: each module adds its source, one line in its `apps.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from digiweb.fulltext import plan_search, words_of
from digiweb.navigation import create_menu_for, menu_for
from digiweb.paging import Sort, fetch_in_order, keyset_page

PER_SOURCE = 6
NEWEST = Sort("newest", "", ("id",), descending=True)


@dataclass(frozen=True)
class Source:
    """A kind of record that the search box finds; `model` has a `search_text` column."""

    model: Any
    label: Any
    icon: str
    list_url: str
    subtitle: Callable[[Any], Any]
    select_related: tuple[str, ...] = ()
    order: int = 100


_sources: list[Source] = []


def register(source: Source) -> None:
    """Add a kind of record to the search."""
    _sources.append(source)


def find(user: Any, text: str) -> list[dict[str, Any]]:
    """The groups of results within the person's sight, newest first."""
    if not words_of(text):
        return []
    groups = []
    for source in sorted(_sources, key=lambda source: source.order):
        words = plan_search(source.model, text)
        objects = source.model.objects
        # Where the index leads, once for all; otherwise each owner's rows in order (digiweb/scopes.py).
        branches: list[QuerySet] = (
            [objects.visible_to(user)] if words.indexed else objects.scope_branches(user)
        )
        page = keyset_page(
            [branch.filter(search_text__words=words) for branch in branches], NEWEST, size=PER_SOURCE
        )
        found = fetch_in_order(objects.visible_to(user).select_related(*source.select_related), page.ids)
        if found:
            url = f"{reverse(source.list_url)}?{urlencode({'q': text})}"
            groups.append(
                {
                    "label": source.label,
                    "icon": source.icon,
                    "rows": [
                        {"url": row.get_absolute_url(), "title": str(row), "subtitle": source.subtitle(row)}
                        for row in found
                    ],
                    "all_url": url if page.after else "",
                }
            )
    return groups


def commands(request: Any, text: str) -> list[dict[str, Any]]:
    """Places of the menu and things to create whose name contains the text."""
    wanted = text.strip().lower()
    lines = [*create_menu_for(request), *(item for group in menu_for(request) for item in group["items"])]
    return [line for line in lines if line["url"] and (not wanted or wanted in str(line["label"]).lower())][
        :8
    ]

"""One search over everything: each module adds its source, one line in its `apps.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from digiweb.fulltext import searched, words_of
from digiweb.navigation import create_menu_for, menu_for

PER_SOURCE = 6


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
        rows: QuerySet = searched(source.model.objects.visible_to(user), text)
        found = list(rows.select_related(*source.select_related).order_by("-pk")[: PER_SOURCE + 1])
        if found:
            url = f"{reverse(source.list_url)}?{urlencode({'q': text})}"
            groups.append(
                {
                    "label": source.label,
                    "icon": source.icon,
                    "rows": [
                        {"url": row.get_absolute_url(), "title": str(row), "subtitle": source.subtitle(row)}
                        for row in found[:PER_SOURCE]
                    ],
                    "all_url": url if len(found) > PER_SOURCE else "",
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

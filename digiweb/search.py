"""One search over everything: each module adds its source, one line in its `apps.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from digiweb.fulltext import fold, plan_search, words_of
from digiweb.navigation import create_menu_for, menu_for
from digiweb.paging import Sort, fetch_in_order, keyset_page

PER_SOURCE = 6
# Among so many of the newest hits, and so many whose name begins as typed, the best are found. Where the
# words are so frequent that they are looked for in the rows, owner by owner, fewer will do.
CANDIDATES, OF_BROAD, NAMED = 40, 10, 10
NEWEST = Sort("newest", "", ("id",), descending=True)
NAME = Sort("name", "", ("sort_name", "id"))
A_YEAR = 365 * 86_400


@dataclass(frozen=True)
class Source:
    """A kind of record that the search box finds; `model` has `search_text`, `updated_at` and a name.

    Those with a `sort_name` are found by the beginning of their name however old they are.
    """

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
    """The groups of results within the person's sight, in each of them the best match first."""
    if not words_of(text):
        return []
    groups = []
    for source in sorted(_sources, key=lambda source: source.order):
        found, more = _best(user, source, text)
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
                    "all_url": url if more else "",
                }
            )
    return groups


def _best(user: Any, source: Source, text: str) -> tuple[list[Any], bool]:
    """The best hits of one kind, and whether there are more."""
    words = plan_search(source.model, text)
    objects = source.model.objects
    # Where the index leads, once for all; otherwise each owner's rows in order (digiweb/scopes.py).
    branches: list[QuerySet] = [objects.visible_to(user)] if words.indexed else objects.scope_branches(user)
    hits = [branch.filter(search_text__words=words) for branch in branches]
    page = keyset_page(hits, NEWEST, size=CANDIDATES if words.indexed else OF_BROAD)
    ids = list(page.ids)
    if page.after and any(field.name == "sort_name" for field in source.model._meta.concrete_fields):
        ids += _named(objects.scope_branches(user), text)
    full = objects.visible_to(user).select_related(*source.select_related)
    if len(ids) <= PER_SOURCE:
        candidates = fetch_in_order(full, ids)
        return sorted(candidates, key=lambda row: rank(row, text), reverse=True), False
    names = getattr(source.model, "label_fields", None)
    lean = objects.visible_to(user).only(*names, "updated_at") if names else full
    candidates = fetch_in_order(lean, list(dict.fromkeys(ids)))
    best = sorted(candidates, key=lambda row: rank(row, text), reverse=True)[:PER_SOURCE]
    if names:
        best = fetch_in_order(full, [row.pk for row in best])
    return best, len(candidates) > PER_SOURCE


def _named(branches: list[Any], text: str) -> list[int]:
    """Records whose name begins with what was typed, either name first: « marie dup », « dup marie »."""
    typed = fold(text).split()
    turned = [*typed[1:], typed[0]]
    begins = Q(sort_name__istartswith=" ".join(typed))
    if turned != typed:
        begins |= Q(sort_name__istartswith=" ".join(turned))
    return keyset_page([branch.filter(begins) for branch in branches], NAME, size=NAMED).ids


def rank(row: Any, text: str) -> float:
    """How good a hit is: what its name says first, and among alike names what changed last.

    4 the very name, 3 a name that begins so, 2 all words stand in it, 1 all words begin one of its words,
    0 it was found by something else (an address, a phone number); less than 1 for the last year's changes.
    """
    name, typed = fold(str(row)), fold(text).strip()
    inside, wanted = name.split(), typed.split()
    match = 0
    if name == typed or sorted(inside) == sorted(wanted):
        match = 4
    elif name.startswith(typed):
        match = 3
    elif all(word in inside for word in wanted):
        match = 2
    elif all(any(part.startswith(word) for part in inside) for word in wanted):
        match = 1
    age: float = (timezone.now() - row.updated_at).total_seconds()
    return match + 0.99 * max(0.0, 1 - age / A_YEAR)


def commands(request: Any, text: str) -> list[dict[str, Any]]:
    """Places of the menu and things to create whose name contains the text."""
    wanted = text.strip().lower()
    lines = [*create_menu_for(request), *(item for group in menu_for(request) for item in group["items"])]
    return [line for line in lines if line["url"] and (not wanted or wanted in str(line["label"]).lower())][
        :8
    ]

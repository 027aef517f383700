"""Lists of documents that are narrowed to days (docs/measures.md)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from digiweb.paging import Sort


def by_day(sort: Sort, asked: Mapping[str, Any], columns: Mapping[str, str]) -> Sort:
    """`sort`, or by day and number where it is by number alone and days are asked for.

    `columns`: {name of a filter: the column of its day}.
    """
    if sort.fields != ("id",):
        return sort
    column = next((column for name, column in columns.items() if asked.get(name)), "")
    return replace(sort, fields=(column, "id")) if column else sort

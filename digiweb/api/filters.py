"""The list's own FilterSet, asked by the address of the API; and its description for OpenAPI."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import django_filters
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend

from digiweb.api import paging
from digiweb.api.errors import form_errors, told_by_key
from digiweb.filters import FilterSet

SORT = "sort"
# Of the address itself, not of the list: DRF's choice of a renderer.
OTHERS = (SORT, "format", *paging.PARAMETERS)
Parameter = tuple[str, dict[str, Any], str]


class FilterBackend(BaseFilterBackend):
    """Describes filters and sorts; the views apply them to each branch (digiweb/api/views.py)."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        return queryset

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        described = list(parameters_of(view.filterset_class)) if view.filterset_class else []
        names = [sort.name for sort in view.sorts]
        sorts = "; ".join(f"`{sort.name}` {sort.label}" for sort in view.sorts)
        described.append((SORT, {"type": "string", "enum": names, "default": names[0]}, sorts))
        return [
            {"name": name, "in": "query", "required": False, "schema": schema, "description": text}
            for name, schema, text in described
        ]


def bound_filterset(view: Any, request: Any) -> FilterSet | None:
    """The FilterSet of this request, valid; None when nothing is filtered (see `FilterSet.always`).

    A parameter that the list does not know is refused: a misspelt filter would silently give all.
    """
    query = request.query_params
    names = [name for name in query if name not in OTHERS]
    if not names and not getattr(view.filterset_class, "always", False):
        return None
    kind = view.filterset_class
    known = names_of(kind) if kind else frozenset()
    # Custom fields have a name of their own in forms.
    given = {name: kind.named(name) if kind else name for name in names}
    unknown = [name for name in names if name not in known and given[name] == name]
    if unknown:
        raise ValidationError({name[:60]: [_("This list has no such parameter.")] for name in unknown[:20]})
    if any(name != own for name, own in given.items()):
        query = query.copy()
        for name, own in given.items():
            if name != own:
                query.setlist(own, query.pop(name))
    filterset: FilterSet = view.filterset_class(query, queryset=view.get_queryset(), request=request)
    if not filterset.is_valid():
        raise ValidationError(told_by_key(form_errors(filterset.form.errors)))
    return filterset


@cache
def names_of(filterset: type[FilterSet]) -> frozenset[str]:
    return frozenset(name for name, _schema, _text in parameters_of(filterset))


def parameters_of(filterset: type[FilterSet]) -> Iterator[Parameter]:
    """(name, JSON schema, description) of each parameter of a FilterSet."""
    for name, one in filterset.base_filters.items():
        label = str(one.label or "")
        match one:
            case django_filters.DateFromToRangeFilter():
                date = {"type": "string", "format": "date"}
                yield f"{name}_after", date, _("%(label)s: on this day or later") % {"label": label}
                yield f"{name}_before", date, _("%(label)s: on this day or earlier") % {"label": label}
            case django_filters.RangeFilter():
                yield f"{name}_min", {"type": "number"}, _("%(label)s: at least") % {"label": label}
                yield f"{name}_max", {"type": "number"}, _("%(label)s: at most") % {"label": label}
            case django_filters.ModelChoiceFilter():
                yield name, {"type": "integer"}, _("%(label)s: its id") % {"label": label}
            case django_filters.BooleanFilter():
                yield name, {"type": "boolean"}, label
            case django_filters.ChoiceFilter() if choices := one.extra.get("choices"):
                yield (
                    name,
                    {"type": "string", "enum": [value for value, _label in choices_of(choices)]},
                    label,
                )
            case django_filters.NumberFilter():
                yield name, {"type": "number"}, label
            case django_filters.DateFilter():
                yield name, {"type": "string", "format": "date"}, label
            case _:
                schema: dict[str, Any] = {"type": "string"}
                if length := one.extra.get("max_length"):
                    schema["maxLength"] = length
                about = str(getattr(one, "about", ""))
                yield name, schema, f"{label}: {about}" if about else label
    yield from filterset.more_parameters()


def choices_of(choices: Any) -> Any:
    """The choices of a filter; some are worked out when they are asked for."""
    return choices() if callable(choices) else choices

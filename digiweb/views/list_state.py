"""The state of a list beside its rows: chips of filters, saved views, what was seen last."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from digiweb.filters import FilterSet
from digiweb.tables import text_of
from people.models import ListPreference, SavedView


def chips_of(filterset: FilterSet, url: Callable[..., str]) -> list[dict[str, Any]]:
    """The filters in force, each with the address that drops it."""
    form = filterset.form
    chips = []
    for name in filterset.in_force():
        if name == "q":
            continue
        field, value = form.fields[name], form.cleaned_data[name]
        names = [f"{name}{suffix}" for suffix in ("", "_min", "_max", "_after", "_before")]
        chips.append(
            {
                "name": name,
                "label": field.label,
                "value": _readable(field, value),
                "remove_url": url([*names, "after", "before"]),
            }
        )
    return chips


def _readable(field: forms.Field, value: Any) -> str:
    readable = getattr(field, "readable", None)
    if readable is not None:
        return str(readable(value))
    if isinstance(value, slice):
        ends = [str(text_of(end)) for end in (value.start, value.stop) if end is not None]
        if len(ends) == 1:
            if isinstance(value.start or value.stop, date):
                words = _("since %(day)s") if value.start else _("until %(day)s")
                return words % {"day": ends[0]}
            words = _("from %(value)s") if value.start is not None else _("up to %(value)s")
            return words % {"value": ends[0]}
        return " – ".join(ends)
    choices = getattr(field, "choices", None)
    if isinstance(field, forms.ModelChoiceField):
        return ", ".join(map(str, value)) if hasattr(value, "__iter__") else str(value)
    if choices is not None:
        labels = {str(key): str(label) for key, label in choices}
        values = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(str(item), str(item)) for item in values)
    return str(text_of(value))


def saved_views_of(request: HttpRequest, list_key: str) -> list[dict[str, Any]]:
    """The person's saved views of this list and those that colleagues share."""
    here = request.GET.copy()
    for name in ("after", "before", "all"):
        here.pop(name, None)
    current = here.urlencode()
    return [
        {
            "pk": view.pk,
            "label": view.name,
            "url": f"{request.path}?{view.query or 'all=1'}",
            "active": view.query == current,
            "shared": view.shared,
            "mine": view.owner_id == request.user.pk,
            "delete_url": reverse("people:saved_view_delete", args=[view.pk]),
        }
        for view in SavedView.objects.offered_to(request.user, list_key)
    ]


def remember(user: Any, list_key: str, preference: ListPreference | None, query: str) -> None:
    """Keep the view that the person sees now; writes only when it changed."""
    if len(query) > 2000 or query == (preference.last_query if preference else ""):
        return
    ListPreference.objects.update_or_create(user=user, list_key=list_key, defaults={"last_query": query})

"""The filter by towns, which links of the map set."""

import re
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from digiweb.geo.places import place_named

# The value of « department » and « place » for companies that are nowhere.
NOWHERE = "none"
MOST = 400
_CODE = re.compile(r"[0-9][0-9AB][0-9]{3}|P[0-9]{5}")


class Places(tuple[str, ...]):
    """INSEE codes that read as the names of their towns."""

    def __str__(self) -> str:
        if self[0] == NOWHERE:
            return _("Not located")
        found = place_named(self[0])
        first = found.name if found else self[0]
        others = len(self) - 1
        if not others:
            return first
        text = ngettext(
            "%(town)s and %(count)s other town", "%(town)s and %(count)s other towns", others
        )  # fmt: skip
        return text % {"town": first, "count": others}


class PlaceField(forms.CharField):
    """`69123,69266`: towns by their INSEE codes, or `P69002` for an unknown town of a postcode."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        if str(value or "").strip() == NOWHERE:
            return Places((NOWHERE,))
        codes = [
            code.strip().upper() for code in str(super().to_python(value) or "").split(",") if code.strip()
        ]
        if not all(_CODE.fullmatch(code) for code in codes) or len(codes) > MOST:
            raise ValidationError(_("Towns are given by their INSEE codes, with commas between them."))
        return Places(dict.fromkeys(codes)) if codes else ""

    def run_validators(self, value: Any) -> None:
        """Each code was checked."""


class PlaceFilter(django_filters.CharFilter):
    """`place=69123`, or several with commas."""

    field_class = PlaceField
    # For the documentation of the API (digiweb/api/filters.py).
    about = gettext_lazy("INSEE codes of towns, with commas between them")

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        if not value:
            return queryset
        if len(value) == 1:
            return queryset.filter(place="" if value[0] == NOWHERE else value[0])
        return queryset.filter(place__in=list(value))

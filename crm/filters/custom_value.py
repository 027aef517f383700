"""Filters by custom fields: on the tables of values, each of which has the index for the question.

What costs what: a value or a range that few records have: just those. A frequent one: the page is read in the
order of its sort until it is full. A text *inside* others: a pass over the index of that one field. "Not
filled in": a look into the index for each record passed.
"""

from collections.abc import Iterator
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.custom_values import TEXT_LENGTH, day_value, number_value
from crm.forms.custom_value import known_fields
from crm.models import CustomField
from crm.services.custom_value import few_with, without_value
from digiweb.custom import PREFIX
from digiweb.filters import FilterSet

Kind = CustomField.Kind
# Instead of a value: records in which the field is empty, or is filled in.
UNSET = "-"
SUFFIXES = ("_min", "_max", "_after", "_before")


class CustomFilter(django_filters.Filter):
    """What the filters of all kinds share: how their records are found."""

    custom: CustomField

    def holding(self, queryset: QuerySet, **conditions: Any) -> QuerySet:
        """The records whose value is so: few ones by their number, looked up once a request; of many, which
        the optimiser finds by the order of the page, by a join.
        """
        few = self._few(queryset.model, **conditions)
        if few is not None:
            return queryset.filter(pk__in=few)
        named = {f"custom_values__{name}": value for name, value in conditions.items()}
        return queryset.filter(custom_values__field_id=self.custom.pk, **named)

    def _few(self, model: Any, **conditions: Any) -> list[int] | None:
        kept: dict[str, Any] = self.__dict__.setdefault("_known_few", {})
        asked = repr(sorted(conditions.items()))
        if asked not in kept:
            kept[asked] = few_with(model, self.custom, **conditions)
        return kept[asked]  # type: ignore[no-any-return]

    def unset(self, queryset: QuerySet) -> QuerySet:
        return without_value(queryset, self.custom)


class PartField(forms.CharField):
    """What is looked for in texts."""

    def readable(self, value: Any) -> Any:
        return _("not filled in") if value == UNSET else value


class TextFilter(CustomFilter):
    """A text inside the value; after `=`, the whole value, by the index; `-` alone, nothing filled in."""

    field_class = PartField

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        if not value:
            return queryset
        if value == UNSET:
            return self.unset(queryset)
        if value.startswith("="):
            return self.holding(queryset, word__same=value[1:].strip())
        return self.holding(queryset, word__icontains=value)


class ChoicesFilter(CustomFilter, django_filters.MultipleChoiceFilter):
    """One or several choices; one of them is "not filled in"."""

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        keys = [key for key in value or () if key != UNSET]
        if not value:
            return queryset
        if not keys:
            return self.unset(queryset)
        if len(keys) == 1 and len(value) == 1:
            return self.holding(queryset, word=keys[0])
        if len(keys) == len(value):
            return self.holding(queryset, word__in=keys)
        return without_value(queryset, self.custom, besides=keys)


class YesNoFilter(CustomFilter, django_filters.ChoiceFilter):
    """Yes, no, or not filled in."""

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        if not value:
            return queryset
        return self.unset(queryset) if value == UNSET else self.holding(queryset, word="10"[value == "no"])


class NumberRange(django_filters.widgets.SuffixedMultiWidget):
    """Two boxes: `<name>_min` and `<name>_max`."""

    template_name = "django_filters/widgets/multiwidget.html"
    suffixes = ["min", "max"]

    def __init__(self) -> None:
        box = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(widgets=(box, box))

    def decompress(self, value: Any) -> list[Any]:
        return [value.start, value.stop] if value else [None, None]


class ForgivingRange(forms.MultiValueField):
    """From, to: as people write numbers and days; answers a slice, or None."""

    def __init__(self, kind: str, **kwargs: Any) -> None:
        self.kind = kind
        self.read: Any = number_value if kind == Kind.NUMBER else day_value
        widget = NumberRange() if kind == Kind.NUMBER else django_filters.widgets.DateRangeWidget()
        ends = (forms.CharField(required=False), forms.CharField(required=False))
        super().__init__(fields=ends, require_all_fields=False, widget=widget, **kwargs)

    def compress(self, data_list: Any) -> Any:
        start, stop = (self.read(value) for value in data_list or ("", ""))
        return None if start is None and stop is None else slice(*map(self._typed, (start, stop)))

    def _typed(self, value: Any) -> Any:
        return None if value is None else CustomField(kind=self.kind).typed(value)


class RangeFilter(CustomFilter):
    """From one number or day to another, ends included."""

    field_class = ForgivingRange

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        if value is None:
            return queryset
        column = "number" if self.custom.kind == Kind.NUMBER else "day"
        ends = {f"{column}__gte": value.start, f"{column}__lte": value.stop}
        return self.holding(queryset, **{name: end for name, end in ends.items() if end is not None})


class GoneField(forms.CharField):
    """The address names a field that is there no more: it is told, nothing is guessed."""

    def clean(self, value: Any) -> Any:
        raise ValidationError(_("This custom field does not exist (any more): take the filter off."))


class GoneFilter(django_filters.Filter):
    field_class = GoneField


def filter_of(field: CustomField) -> Any:
    """The filter of a field."""
    label: Any = field.label
    if not field.is_active:
        label = _("%(field)s (archived)") % {"field": field.label}
    empty = (UNSET, gettext_lazy("Not filled in"))
    made: Any
    match field.kind:
        case Kind.TEXT:
            made = TextFilter(label=label, max_length=TEXT_LENGTH)
            made.extra["widget"] = forms.TextInput(attrs={"placeholder": _("a part, or =all of it")})
        case Kind.CHOICE:
            choices = [*field.labels.items(), empty]
            made = ChoicesFilter(label=label, choices=choices, widget=forms.CheckboxSelectMultiple)
        case Kind.YES_NO:
            choices = [("yes", _("Yes")), ("no", _("No")), empty]
            made = YesNoFilter(label=label, choices=choices)
        case _:
            made = RangeFilter(label=label, kind=field.kind)
    made.custom = field
    made.field_name = field.name
    return made


class CustomFilterSet(FilterSet):
    """A FilterSet that has a filter for each custom field in use, and for others that the address names."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        known = known_fields(self.user, self.queryset.model) if self.user is not None else {}
        fields = {field.name: field for field in known.values()}
        asked = {base_name(name) for name in data or () if name.startswith(PREFIX)}
        for name, field in fields.items():
            if field.is_active or name in asked:
                self._add(name, filter_of(field))
        for name in sorted(asked - fields.keys())[:20]:
            self._add(name, GoneFilter(label=name[len(PREFIX) :][:60]))

    def _add(self, name: str, one: Any) -> None:
        one.parent, one.model = self, self.queryset.model
        self.filters[name] = one

    @classmethod
    def more_parameters(cls) -> Iterator[tuple[str, dict[str, Any], str]]:
        yield (
            "custom.<key>",
            {"type": "string"},
            str(
                _(
                    "A custom field by its key: a part of a text (`=` before it: all of it), keys of "
                    "choices, yes or no; `-` for not filled in. Numbers: `custom.<key>_min`, `_max`; days: "
                    "`custom.<key>_after`, `_before`."
                )
            ),
        )

    @classmethod
    def named(cls, parameter: str) -> str:
        """`custom.hosting` of the API as the form names it."""
        return f"{PREFIX}{parameter[7:]}" if parameter.startswith("custom.") else parameter


def base_name(name: str) -> str:
    """The field that a parameter is about, without what says which end of a range."""
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            return name[: -len(suffix)]
    return name

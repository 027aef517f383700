"""Filters of imports, and the filter of contacts by the import that brought them."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import ContactImport
from digiweb.filters import FilterSet
from digiweb.fulltext import fold
from digiweb.numbers import whole_number

WROTE = {"": ("created", "updated"), "created": ("created",), "updated": ("updated",)}


class ContactImportFilterSet(FilterSet):
    """Imports are few: the search looks inside the names of their files."""

    state = django_filters.ChoiceFilter(label=gettext_lazy("State"), choices=ContactImport.State.choices)

    class Meta:
        model = ContactImport
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(name__icontains=value) if fold(value) else queryset


class ImportedBy:
    """An import and which of its contacts: `12`, `12-created`, `12-updated`."""

    def __init__(self, run: ContactImport, outcome: str) -> None:
        self.run, self.outcome = run, outcome

    def __str__(self) -> str:
        labels = {"created": _("created"), "updated": _("updated")}
        return f"{self.run} ({labels[self.outcome]})" if self.outcome else str(self.run)


class ImportedField(forms.CharField):
    """Offers only the import that the address names: one comes here by a link of its report."""

    user: Any = None

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        if not value:
            return None
        number, _dash, outcome = value.partition("-")
        run, pk = None, whole_number(number)
        if pk is not None and outcome in WROTE:
            run = ContactImport.objects.visible_to(self.user).filter(pk=pk).first()
        if run is None:
            raise ValidationError(_("There is no such import."), code="invalid_choice")
        return ImportedBy(run, outcome)

    def validate(self, value: Any) -> None:
        if self.required and value is None:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """`to_python` has judged it."""


class ImportedFilter(django_filters.Filter):
    """Contacts that an import created or updated."""

    field_class = ImportedField

    @property
    def field(self) -> Any:
        field = super().field
        field.user = getattr(getattr(self.parent, "request", None), "user", None)
        return field

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        if not value:
            return queryset
        rows = value.run.rows.filter(outcome__in=WROTE[value.outcome])
        return queryset.filter(pk__in=rows.values("contact_id"))

"""Custom fields on the list and on the page of a record."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from crm.forms.custom_value import HEADING, known_fields
from crm.models import CustomField
from crm.services.custom_value import book_for
from crm.tables.custom_value import custom_column, custom_columns
from digiweb.custom import is_custom, key_of
from digiweb.tables import Column
from digiweb.views.detail import DetailView
from digiweb.views.list import ListView


class CustomListView(ListView):
    """A list whose columns and filters are also those of custom fields."""

    @cached_property
    def all_columns(self) -> Sequence[Column]:
        fields = known_fields(self.request.user, self.model).values()
        return [*self.table.columns, *custom_columns(field for field in fields if field.is_active)]

    def notice(self) -> Any:
        """Filters by a field that is gone are told above the table: a saved view may hold one."""
        errors = {} if self.filterset.is_valid() else self.filterset.form.errors
        gone = [str(self.filterset.form.fields[name].label) for name in errors if is_custom(name)]
        if gone:
            told = " ".join(str(text) for name in errors if is_custom(name) for text in errors[name])
            return _("%(field)s: %(problem)s") % {"field": ", ".join(gone), "problem": told}
        return super().notice()


class CustomDetailView(DetailView):
    """A record's page with its custom fields as a last group of facts, edited in place like the others."""

    def describe(self, record: Any) -> dict[str, Any]:
        described = super().describe(record)
        fields = [field for field in known_fields(self.request.user, self.model).values() if field.is_active]
        if fields:
            changes = described["can_change"]
            rows = [self.describe_custom(record, field, changes=changes) for field in fields]
            described["facts"].append({"group": HEADING, "rows": rows})
        return described

    def describe_custom(self, record: Any, field: CustomField, *, changes: bool) -> dict[str, Any]:
        self.editable = (*self.editable, field.name)
        return self.describe_fact(record, custom_column(field), changes=changes)

    @classmethod
    def fact_named(cls, record: Any, name: str) -> dict[str, Any] | None:
        if not is_custom(name):
            return super().fact_named(record, name)
        field = book_for(type(record)).get(key_of(name))
        return cls().describe_custom(record, field, changes=True) if field else None

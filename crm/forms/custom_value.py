"""The custom fields of a record in its form."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.custom_values import TEXT_LENGTH
from crm.models import CustomField
from crm.services.custom_value import book_for
from digiweb.custom import key_of, value_of
from digiweb.forms import NOTHING_CHOSEN, RecordForm
from digiweb.tables import text_of

Kind = CustomField.Kind
HEADING = gettext_lazy("Custom fields")
YES_NO = (("", NOTHING_CHOSEN), ("true", gettext_lazy("Yes")), ("false", gettext_lazy("No")))


def known_fields(user: Any, model: Any) -> dict[str, CustomField]:
    """{key: field} of a kind of record, asked once for a person's request."""
    kept: dict[Any, dict[str, CustomField]] = user.__dict__.setdefault("_custom_fields", {})
    if model not in kept:
        kept[model] = book_for(model)
    return kept[model]


class CustomValueField(forms.Field):
    """The value of one custom field, in the form in which it is kept."""

    def __init__(self, field: CustomField, present: Any = None) -> None:
        self.custom, self.present = field, present
        self.choices: list[tuple[str, Any]] | None = None
        if field.kind == Kind.CHOICE:
            self.choices = [("", NOTHING_CHOSEN), *field.offered(present).items()]
        elif field.kind == Kind.YES_NO:
            self.choices = list(YES_NO)
        super().__init__(
            required=field.required,
            label=field.label,
            help_text=field.help_text,
            widget=widget_for(field.kind, self.choices),
        )

    def to_python(self, value: Any) -> Any:
        return None if value in (None, "") else self.custom.parse(value, self.present)

    def prepare_value(self, value: Any) -> Any:
        """A kept value as it stands in its box; what a person typed stays as it is."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if self.custom.kind == Kind.NUMBER and self.custom.accepts(value):
            return localize(self.custom.typed(value), use_l10n=True)
        return value

    def readable(self, value: Any) -> Any:
        """A kept value for the page that shows two people's changes side by side."""
        if value in self.empty_values:
            return NOTHING_CHOSEN
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        return text_of(self.custom.typed(value)) if self.custom.accepts(value) else value


def widget_for(kind: str, choices: Any) -> forms.Widget:
    """The input of a kind of value, with the keyboard that suits it."""
    if choices is not None:
        return forms.Select(choices=choices)
    attrs: dict[str, Any] = {"autocomplete": "off"}
    if kind == Kind.NUMBER:
        return forms.TextInput(attrs={**attrs, "inputmode": "decimal"})
    if kind == Kind.DATE:
        return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.TextInput(attrs={**attrs, "maxlength": TEXT_LENGTH})


class CustomRecordForm(RecordForm):
    """A form on a record with custom fields: those in use come last, in a group of their own."""

    def narrow_choices(self) -> None:
        super().narrow_choices()
        for field in known_fields(self.user, self._meta.model).values():
            present = value_of(self.instance, field.name)
            if field.is_active:
                self.fields[field.name] = CustomValueField(field, present)
                self.initial[field.name] = present

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        own = [self[name] for name, field in self.fields.items() if isinstance(field, CustomValueField)]
        names = {field.name for field in own}
        groups = [
            (heading, [field for field in fields if field.name not in names])
            for heading, fields in super().groups
        ]
        groups = [(heading, fields) for heading, fields in groups if fields]
        return [*groups, (HEADING, own)] if own else groups

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.instance.pk:
            given = self.custom_values()
            self.instance.custom = {key: given[key] for key in sorted(given)} or None

    def custom_values(self) -> Mapping[str, Any]:
        """{key: value} of what is filled in."""
        return {
            key_of(name): value
            for name, value in self.cleaned_data.items()
            if isinstance(self.fields.get(name), CustomValueField) and value is not None
        }

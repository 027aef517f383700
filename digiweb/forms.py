"""Forms of the house: Tabler's classes, forgiving fields, choices within one's sight."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.fields import BLANK_CHOICE_DASH
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from digiweb.fulltext import fold
from digiweb.identifiers import clean_siren, clean_siret, clean_vat
from digiweb.numbers import whole_number
from digiweb.phones import format_phone, normalise_phone

NOTHING_CHOSEN = "–"  # instead of Django's row of hyphens


def style_fields(form: forms.BaseForm) -> None:
    """Give each widget its class, so that templates need not know widgets."""
    for field in form.fields.values():
        widget = field.widget
        if isinstance(field, forms.ModelChoiceField):
            if field.empty_label == BLANK_CHOICE_DASH[0][1]:
                field.empty_label = NOTHING_CHOSEN
        elif isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            if BLANK_CHOICE_DASH[0] in choices:
                field.choices = [
                    ("", NOTHING_CHOSEN) if choice == BLANK_CHOICE_DASH[0] else choice for choice in choices
                ]
        if isinstance(widget, (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect)):
            kind = "form-check-input"
        elif isinstance(widget, forms.Select):
            kind = "form-select"
        elif isinstance(widget, forms.HiddenInput):
            continue
        else:
            kind = "form-control"
        classes = widget.attrs.get("class", "")
        if kind not in classes:
            widget.attrs["class"] = f"{classes} {kind}".strip()


class PhoneField(forms.CharField):
    """A phone number in any French or international writing, kept in E.164."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"})
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        value = super().clean(value)
        return normalise_phone(value) if value else ""

    def prepare_value(self, value: Any) -> Any:
        return format_phone(value) if isinstance(value, str) and value.startswith("+") else value


class AmountField(forms.DecimalField):
    """Euros as people write them: `12 345,6`, `1.234,50 €`, `1,234.50`; two decimals at most.

    « −120,00 » as pages print it (U+2212), copied from one of them, is read too.
    """

    def __init__(self, **kwargs: Any) -> None:
        for name, value in {"min_value": 0, "max_digits": 12, "decimal_places": 2, "localize": True}.items():
            kwargs.setdefault(name, value)
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            text = "".join(value.replace("€", "").replace("\u2212", "-").split())
            # Of two kinds of separators the last one stands before the cents.
            if "," in text and "." in text:
                text = text.replace("," if text.rfind(".") > text.rfind(",") else ".", "")
            value = text.replace(",", ".")
            if not value:
                return None
            if not re.fullmatch(r"[+-]?\d*\.?\d*", value) or not any(map(str.isdigit, value)):
                raise ValidationError(self.error_messages["invalid"], code="invalid")
            return Decimal(value)
        return super().to_python(value)


class IdentifierField(forms.CharField):
    """A number given by the State, whose check digits are verified and whose blanks are dropped."""

    def __init__(self, cleaner: Any, **kwargs: Any) -> None:
        self.cleaner = cleaner
        kwargs.setdefault("max_length", 30)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        value = super().clean(value)
        return self.cleaner(value) if value else ""


def siren_field(**kwargs: Any) -> IdentifierField:
    return IdentifierField(clean_siren, label=_("SIREN"), required=False, help_text=_("9 digits"), **kwargs)


def siret_field(**kwargs: Any) -> IdentifierField:
    return IdentifierField(clean_siret, label=_("SIRET"), required=False, help_text=_("14 digits"), **kwargs)


def vat_field(**kwargs: Any) -> IdentifierField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return IdentifierField(clean_vat, label=_("VAT number"), required=False, widget=widget, **kwargs)


class RecordForm(forms.ModelForm):
    """A form on a record: `user` narrows the choices, `version` guards against a stale save.

    `groups` is a list of (heading, [field names]); fields left out of it come last.
    """

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    layout: Iterable[tuple[Any, list[str]]] = ()

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if self.instance.pk:
            self.fields["version"].initial = self.instance.version
        else:
            del self.fields["version"]
        self.narrow_choices()
        style_fields(self)

    def narrow_choices(self) -> None:
        """A choice list offers only what the person may see; what is chosen already stays."""
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                model: Any = field.queryset.model  # type: ignore[union-attr]
                if hasattr(model.objects, "visible_to"):
                    field.queryset = self.with_chosen(name, self.choices_of(name, model))

    def with_chosen(self, name: str, offered: Any) -> Any:
        """The choices on offer and the one that the record has now, such as a colleague who left."""
        chosen = getattr(self.instance, f"{name}_id", None) if self.instance.pk else None
        if chosen is None or offered.filter(pk=chosen).exists():
            return offered
        return offered | offered.model._base_manager.filter(pk=chosen)

    def choices_of(self, name: str, model: Any) -> Any:
        return model.objects.visible_to(self.user)

    def clean_version(self) -> int | None:
        version: int | None = self.cleaned_data["version"]
        if version is None and self.instance.pk:
            raise ValidationError(_("The version of the record is missing: reload the page."))
        return version

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        placed = {name for _heading, names in self.layout for name in names}
        groups = [
            (heading, [self[name] for name in names if name in self.fields]) for heading, names in self.layout
        ]
        rest = [field for field in self.visible_fields() if field.name not in placed]
        return [*groups, ("", rest)] if rest else groups

    def values(self, *without: str) -> dict[str, Any]:
        """The cleaned values that are columns of the record."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in {"version", "tags", *without}
        }


class LookupWidget(forms.TextInput):
    """Chooses one record among many: a text box that asks `lookup_url` while one types.

    The record's number travels in a hidden input of the field's name, what was typed in
    `<name>_text`; without JavaScript the typed name itself is looked up.
    """

    template_name = "components/lookup.html"

    def __init__(self, lookup_url: str, create_url: str = "", leave_out: str = "", attrs: Any = None) -> None:
        super().__init__(attrs)
        self.lookup_url = lookup_url
        self.leave_out = leave_out  # the number of a record that is not proposed
        self.create_url = create_url
        self.queryset: Any = None

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        found = self._find(value)
        context["widget"] |= {
            "pk": found.pk if found is not None else "",
            "text": str(found) if found is not None else (value.text if isinstance(value, Typed) else ""),
            "lookup_url": reverse(self.lookup_url)
            + (f"?{urlencode({'except': self.leave_out})}" if self.leave_out else ""),
            "create_url": reverse(self.create_url) if self.create_url else "",
        }
        return context

    def _find(self, value: Any) -> Any:
        pk = None if isinstance(value, Typed) else whole_number(value)
        if pk is None or self.queryset is None:
            return None
        return self.queryset.filter(pk=pk).first()

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        chosen, typed = data.get(name, ""), data.get(f"{name}_text")
        if chosen or not typed:
            return chosen
        return Typed(typed)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_text" not in data


class Typed:
    """What a person typed into a lookup without choosing a line."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()


class LookupField(forms.ModelChoiceField):
    """A choice among more records than a list can hold; see LookupWidget."""

    widget: LookupWidget

    def __init__(
        self, queryset: Any, *, lookup_url: str, create_url: str = "", leave_out: str = "", **kwargs: Any
    ) -> None:
        super().__init__(queryset, widget=LookupWidget(lookup_url, create_url, leave_out), **kwargs)

    def _set_queryset(self, queryset: Any) -> None:
        super()._set_queryset(queryset)  # type: ignore[misc]
        self.widget.queryset = queryset

    queryset = property(forms.ModelChoiceField._get_queryset, _set_queryset)  # type: ignore[attr-defined,assignment]

    def to_python(self, value: Any) -> Any:
        if isinstance(value, Typed):
            if not value.text:
                return None
            found = list(self.queryset.filter(sort_name=fold(value.text).strip())[:2])
            if len(found) == 1:
                return found[0]
            text = (
                _("Several records bear this name: choose one.") if found else _("No record bears this name.")
            )
            raise ValidationError(text, code="invalid_choice")
        return super().to_python(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return isinstance(data, Typed) or super().has_changed(initial, data)

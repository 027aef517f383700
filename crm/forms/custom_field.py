"""Forms of custom fields, as an administrator defines them."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import CustomField
from crm.models.custom_field import CHOICE_LENGTH, MOST_CHOICES, clean_choices
from digiweb.forms import NOTHING_CHOSEN, RecordForm

BLANK_LINES = 3


class ChoicesWidget(forms.Widget):
    """Lines of choices: each with its key beside it, so that a renamed one stays the one it was."""

    template_name = "crm/custom_field/choices.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        lines = [one for one in value or [] if isinstance(one, dict) and not one.get("gone")]
        context["widget"] |= {
            "lines": lines,
            "blank": range(BLANK_LINES if not lines else 1),
            "length": CHOICE_LENGTH,
            "first_id": (attrs or {}).get("id", ""),
        }
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if hasattr(data, "getlist") and f"{name}_label" in data:
            keys, labels = data.getlist(f"{name}_key"), data.getlist(f"{name}_label")
            keys += [""] * (len(labels) - len(keys))
            return [{"key": key, "label": label} for key, label in zip(keys, labels, strict=False)]
        return data.get(name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_label" not in data


class HiddenChoices(forms.HiddenInput):
    """The same in one hidden input, for the page that settles two people's changes."""

    def format_value(self, value: Any) -> str:
        return json.dumps(value)


class ChoicesField(forms.Field):
    """An ordered list of choices."""

    widget = ChoicesWidget
    hidden_widget = HiddenChoices
    present: list[dict[str, Any]] = []

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            try:
                value = json.loads(value) if value else []
            except (ValueError, RecursionError):
                raise ValidationError(_("Give a list of choices."))
        if value is None:
            return []
        if isinstance(value, list):
            value = [one for one in value if not (isinstance(one, dict) and one.get("gone"))]
        return [choice for choice in clean_choices(value, self.present) if not choice.get("gone")]

    def readable(self, value: Any) -> str:
        lines = [one["label"] for one in value or [] if not one.get("gone")]
        return ", ".join(lines) or NOTHING_CHOSEN


class CustomFieldForm(RecordForm):
    """A custom field; what it is for and what it holds are chosen once."""

    choices = ChoicesField(
        label=gettext_lazy("Choices"),
        required=False,
        help_text=gettext_lazy("Renamed, a choice stays on the records that have it. At most %(most)s.")
        % {"most": MOST_CHOICES},
    )

    class Meta:
        model = CustomField
        fields = ["subject", "label", "kind", "choices", "help_text", "required", "in_list"]
        widgets = {
            "label": forms.TextInput(attrs={"autocomplete": "off"}),
            "kind": forms.Select(attrs={"data-custom-kind": True}),
        }
        labels = {
            "subject": gettext_lazy("Shown on"),
            "required": gettext_lazy("Must be filled in"),
            "in_list": gettext_lazy("Column of the list at first"),
        }
        help_texts = {
            "required": gettext_lazy("In the forms; imports, quick entry and the API may leave it empty."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["choices"]
        choices.present = list(self.instance.choices or [])
        if "subject" in self.fields:
            self.fields["subject"].choices = CustomField.Subject.choices  # type: ignore[attr-defined]
        if "kind" in self.fields:
            self.fields["kind"].choices = CustomField.Kind.choices  # type: ignore[attr-defined]
        if self.instance.pk and self.instance.kind != CustomField.Kind.CHOICE:
            self.fields["choices"].widget = forms.HiddenInput()

    def clean_label(self) -> str:
        label = " ".join(str(self.cleaned_data["label"]).split())
        if not label:
            raise ValidationError(_("Give the field a label."))
        return label

    def clean_subject(self) -> Any:
        return self._fixed("subject")

    def clean_kind(self) -> Any:
        return self._fixed("kind")

    def _fixed(self, name: str) -> Any:
        value = self.cleaned_data[name]
        if self.instance.pk and value != self.initial.get(name):
            raise ValidationError(_("This stays what it is: records have values of it."))
        return value

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kind = cleaned.get("kind", self.instance.kind)
        if "choices" in self.fields and "choices" not in self.errors:
            if kind != CustomField.Kind.CHOICE:
                cleaned["choices"] = []
            elif not cleaned.get("choices"):
                self.add_error("choices", _("Give at least one choice."))
        return cleaned


class ForgetFieldForm(forms.Form):
    """The label typed once more: what is deleted here does not come back."""

    confirm = forms.CharField(max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, field: CustomField, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label = field.label
        self.fields["confirm"].label = _("Type “%(label)s” to confirm") % {"label": field.label}
        self.fields["confirm"].widget.attrs["class"] = "form-control"

    def clean_confirm(self) -> str:
        typed = " ".join(str(self.cleaned_data["confirm"]).split())
        if typed.casefold() != self.label.casefold():
            raise ValidationError(_("This is not the label of the field."))
        return typed

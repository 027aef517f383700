"""The form of a year's targets: twelve months, four figures each."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from digiweb.forms import style_fields
from people.forms.fields import AmountField
from people.models import Target
from people.services.target import FIELDS, targets_version

LABELS = {
    "revenue": _("Revenue (€, net)"),
    "deals_won": _("Deals won"),
    "new_contacts": _("New contacts"),
    "activities": _("Activities done"),
}
MAX_COUNT = 1_000_000


class CountField(forms.IntegerField):
    """A whole number; empty means none."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(min_value=0, max_value=MAX_COUNT, widget=widget, **kwargs)

    def clean(self, value: Any) -> int:
        text = "".join(str(value or "").split())
        return super().clean(text) or 0

    def prepare_value(self, value: Any) -> Any:
        return value or ""


def copied_down(data: QueryDict, month: int) -> QueryDict:
    """What was filled in, with the figures of `month` in all months after it."""
    copied = data.copy()
    for name in FIELDS:
        for later in range(month + 1, 13):
            copied[f"{name}_{later}"] = data.get(f"{name}_{month}", "")
    return copied


class TargetsForm(forms.Form):
    """Fields `revenue_1` … `activities_12`, and the version that guards against a stale save."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, targets: Mapping[int, Target], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.targets = targets
        self.fields["version"].initial = targets_version(targets)
        for month, target in targets.items():
            words = date_format(date(target.month.year, month, 1), "F Y")
            for name in FIELDS:
                kind = AmountField if name == "revenue" else CountField
                field = kind(label=f"{LABELS[name]}, {words}", required=False, initial=getattr(target, name))
                self.fields[f"{name}_{month}"] = field
        style_fields(self)

    def rows(self) -> Iterator[dict[str, Any]]:
        """One line a month for the table."""
        for month, target in self.targets.items():
            fields = [self[f"{name}_{month}"] for name in FIELDS]
            labels = [LABELS[name] for name in FIELDS]
            errors = [error for field in fields for error in field.errors]
            yield {"month": target.month, "cells": list(zip(labels, fields, strict=True)), "errors": errors}

    def values(self) -> dict[int, dict[str, Any]]:
        return {
            month: {name: self.cleaned_data[f"{name}_{month}"] for name in FIELDS} for month in self.targets
        }

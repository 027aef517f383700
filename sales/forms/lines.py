"""The lines of a contract as one field of a form: rows that are added, removed and put in order."""

import json
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from digiweb.forms import NOTHING_CHOSEN, AmountField
from sales.models import ContractLine
from sales.services.contract_lines import lines_text, totals_of

COLUMNS = ("label", "quantity", "unit_amount", "vat_rate", "period")
MOST_LINES = 100
BLANK_LINES = 2
EMPTY_LINE = {"label": "", "quantity": "1", "unit_amount": "", "vat_rate": "20", "period": "once"}


class QuantityField(AmountField):
    """« 1,5 »: nought or more, two decimals."""

    def __init__(self) -> None:
        super().__init__(max_digits=9)


class RateField(AmountField):
    """« 20 » or « 5,5 » percent."""

    def __init__(self) -> None:
        super().__init__(max_digits=4, max_value=Decimal(99))


class LinesWidget(forms.Widget):
    """A table of inputs, a row a line; empty rows are no lines. Works without JavaScript."""

    template_name = "sales/contract/lines_input.html"
    use_fieldset = True

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        lines = [typed(line) for line in value] if isinstance(value, list) else []
        blank = BLANK_LINES if not lines else 1
        context["widget"] |= {
            "lines": [*lines, *([dict(EMPTY_LINE)] * blank)],
            "filled": len(lines),
            "periods": ContractLine.Period.choices,
            "totals_url": reverse("sales:contract_totals"),
            "totals": totals_or_none(value),
            "first_id": (attrs or {}).get("id", ""),
            "most": MOST_LINES,
        }
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if not hasattr(data, "getlist") or f"{name}_label" not in data:
            return data.get(name)
        columns = {column: data.getlist(f"{name}_{column}") for column in COLUMNS}
        rows = []
        for place in range(min(len(columns["label"]), MOST_LINES + 1)):
            row = {column: values[place] if place < len(values) else "" for column, values in columns.items()}
            if str(row["label"]).strip() or str(row["unit_amount"]).strip():
                rows.append(row)
        return rows

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_label" not in data


class HiddenLines(forms.HiddenInput):
    """The same in one hidden input, for the page that settles two people's changes."""

    def format_value(self, value: Any) -> str:
        return json.dumps(value, default=str) if isinstance(value, list) else ""


class LinesField(forms.Field):
    """An ordered list of {label, quantity, unit_amount, vat_rate, period}."""

    widget = LinesWidget
    hidden_widget = HiddenLines
    parts: dict[str, forms.Field] = {
        "label": forms.CharField(max_length=200),
        "quantity": QuantityField(),
        "unit_amount": AmountField(),
        "vat_rate": RateField(),
        "period": forms.ChoiceField(choices=ContractLine.Period.choices),
    }

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        if isinstance(value, str):
            try:
                value = json.loads(value) if value else []
            except (ValueError, RecursionError):
                raise ValidationError(_("Give a list of lines."), code="invalid") from None
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(line, dict) for line in value):
            raise ValidationError(_("Give a list of lines."), code="invalid")
        if len(value) > MOST_LINES:
            raise ValidationError(_("A contract has at most %(most)s lines.") % {"most": MOST_LINES})
        lines, errors = [], []
        for place, line in enumerate(value, start=1):
            clean, wrong = self.clean_line(line)
            lines.append(clean)
            errors += [_("Line %(line)s: %(problem)s") % {"line": place, "problem": text} for text in wrong]
        if errors:
            raise ValidationError(errors)
        return lines

    def clean_line(self, line: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """The line with clean values, and what is wrong with it, a text a column."""
        defaults = {"quantity": "1", "vat_rate": "20", "period": "once"}
        clean: dict[str, Any] = {}
        wrong = [_("There is no such field.")] if line.keys() - set(COLUMNS) else []
        for name, part in self.parts.items():
            given = line.get(name)
            value = defaults.get(name, "") if given is None or given == "" else given
            try:
                if isinstance(value, bool | list | dict):
                    raise ValidationError(part.error_messages.get("invalid", _("Enter a valid value.")))
                clean[name] = part.clean(str(value) if isinstance(value, float | int) else value)
            except ValidationError as error:
                column: Any = ContractLine._meta.get_field(name)
                wrong += [f"{column.verbose_name} – {text}" for text in error.messages]
        return clean, wrong

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True

    def readable(self, value: Any) -> str:
        return lines_text(value) if value and isinstance(value, list) else str(value or NOTHING_CHOSEN)


def typed(line: Any) -> dict[str, str]:
    """A line as it stands in the boxes: what was typed stays as it was typed."""
    shown = {}
    for column in COLUMNS:
        value = line.get(column, EMPTY_LINE[column]) if isinstance(line, dict) else ""
        shown[column] = plain_number(value) if isinstance(value, Decimal) else str(value)
    return shown


def plain_number(value: Decimal) -> str:
    """« 1 », « 1,5 »: without noughts that say nothing."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", ",")


def totals_or_none(value: Any) -> Any:
    """The sums of what stands in the boxes, as far as it can be read."""
    try:
        lines = LinesField(required=False).to_python(value)
    except ValidationError:
        return None
    return totals_of(lines) if lines else None

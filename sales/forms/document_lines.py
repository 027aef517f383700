"""The lines of a quote or an invoice as one field of a form: items, sections, texts, in their order.

Rows travel as parallel lists (`lines_label`, `lines_quantity`, …). What a row's buttons do without JavaScript
is done here too: they submit the form with `lines_do`, and `rearranged` gives the rows as they are then.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from digiweb.forms import NOTHING_CHOSEN, AmountField
from digiweb.numbers import whole_number
from digiweb.templatetags.digiweb import money
from sales.forms.lines import RateField, plain_number
from sales.models import Offer, QuoteLine
from sales.models.document import DocumentLine

COLUMNS = (
    "kind",
    "label",
    "description",
    "quantity",
    "unit",
    "unit_price",
    "discount_percent",
    "vat_rate",
    "offer",
)
QUOTE_COLUMNS = (*COLUMNS, "period", "is_optional")
# BR-FR knows no limit; the editor and the API take so many.
MOST_LINES = 300
EMPTY_LINE = {
    "kind": "item",
    "label": "",
    "description": "",
    "quantity": "1",
    "unit": "C62",
    "unit_price": "",
    "discount_percent": "0",
    "vat_rate": "20",
    "offer": "",
    "period": "once",
    "is_optional": "",
}
# What makes a row a row: one with none of these typed is no line.
TELLING = ("label", "description", "unit_price")


class DocumentLinesWidget(forms.Widget):
    """A list of rows with their inputs; works without JavaScript, sorts and adds up with it."""

    template_name = "sales/document_lines/input.html"
    use_fieldset = True

    def __init__(self, columns: tuple[str, ...] = COLUMNS, totals_url: str = "", attrs: Any = None) -> None:
        super().__init__(attrs)
        self.columns, self.totals_url = columns, totals_url
        # The catalogue, within the person's sight: set by the form.
        self.offers: Any = None
        # While rows are only put in order, one that was just added is empty and stays.
        self.keeps_empty = False

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        lines = [self.typed(line) for line in value] if isinstance(value, list) else []
        context["widget"] |= {
            "lines": lines or [dict(EMPTY_LINE)],
            "units": DocumentLine.Unit.choices,
            "periods": QuoteLine.Period.choices if "period" in self.columns else [],
            "optional": "is_optional" in self.columns,
            "offers": self.catalogue(),
            "totals_url": reverse(self.totals_url) if self.totals_url else "",
            "first_id": (attrs or {}).get("id", ""),
            "most": MOST_LINES,
        }
        return context

    def catalogue(self) -> list[tuple[str, list[Offer]]]:
        """The offers by category, as the list that lines are taken from shows them."""
        groups: dict[str, list[Offer]] = {}
        for offer in self.offers if self.offers is not None else ():
            groups.setdefault(str(offer.get_category_display()), []).append(offer)
        return list(groups.items())

    def typed(self, line: Any) -> dict[str, str]:
        """A line as it stands in the boxes: what was typed stays as it was typed."""
        shown = {}
        for column in COLUMNS if "period" not in self.columns else QUOTE_COLUMNS:
            value = line.get(column, EMPTY_LINE[column]) if isinstance(line, dict) else ""
            if isinstance(value, Decimal):
                shown[column] = plain_number(value)
            elif isinstance(value, bool):
                shown[column] = "1" if value else ""
            else:
                shown[column] = "" if value is None else str(value)
        return shown

    def rows_of(self, data: QueryDict, name: str) -> list[dict[str, str]]:
        """All rows as they were sent, the empty ones too."""
        columns = {column: data.getlist(f"{name}_{column}") for column in self.columns}
        count = min(len(columns["label"]), MOST_LINES + 1)
        return [
            {
                column: values[place] if place < len(values) else EMPTY_LINE[column]
                for column, values in columns.items()
            }
            for place in range(count)
        ]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if not hasattr(data, "getlist") or f"{name}_label" not in data:
            return data.get(name)
        rows = self.rows_of(data, name)
        if self.keeps_empty:
            return rows
        return [row for row in rows if any(str(row[column]).strip() for column in TELLING)]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_label" not in data

    def rearranged(self, data: QueryDict, name: str) -> QueryDict:
        """What was sent, with the rows as the button that was pressed (`lines_do`) makes them."""
        rows = self.rows_of(data, name)
        verb, _dash, given = data.get(f"{name}_do", "").partition("-")
        place = whole_number(given)
        if verb == "add":
            rows.append({**EMPTY_LINE, "kind": given if given in DocumentLine.Kind.values else "item"})
        elif verb == "offer":
            rows += self.rows_of_offer(data.get(f"{name}_offer_choice", ""))
        elif place is not None and place < len(rows):
            row = rows.pop(place)
            if verb == "up":
                rows.insert(max(place - 1, 0), row)
            elif verb == "down":
                rows.insert(place + 1, row)
        changed = data.copy()
        for column in self.columns:
            changed.setlist(f"{name}_{column}", [row[column] for row in rows])
        return changed

    def rows_of_offer(self, number: str) -> list[dict[str, str]]:
        """The rows that an offer brings: its price, its price by the month, or both."""
        pk = whole_number(number)
        offer = self.offers.filter(pk=pk).first() if pk is not None and self.offers is not None else None
        if offer is None:
            return []
        row = {
            **EMPTY_LINE,
            "label": offer.name,
            "description": offer.description[:2000],
            "vat_rate": plain_number(offer.vat_rate),
            "offer": str(offer.pk),
        }
        rows = []
        if offer.price or not offer.monthly_price:
            rows.append({**row, "unit_price": plain_number(offer.price)})
        if offer.monthly_price:
            monthly = {**row, "unit_price": plain_number(offer.monthly_price)}
            rows.append(
                {**monthly, "unit": "MON", "period": "month", **({"description": ""} if rows else {})}
            )
        return rows


class HiddenDocumentLines(forms.HiddenInput):
    """The same in one hidden input, for the page that settles two people's changes."""

    def format_value(self, value: Any) -> str:
        return json.dumps(value, default=str) if isinstance(value, list) else ""


class DocumentLinesField(forms.Field):
    """An ordered list of {kind, label, description, quantity, unit, unit_price, discount_percent, vat_rate,
    offer}; for quotes {period, is_optional} too. An offer is given and cleaned as its number."""

    hidden_widget = HiddenDocumentLines

    def __init__(self, *, quote: bool = False, totals_url: str = "", **kwargs: Any) -> None:
        self.columns = QUOTE_COLUMNS if quote else COLUMNS
        kwargs.setdefault("widget", DocumentLinesWidget(self.columns, totals_url))
        super().__init__(**kwargs)
        # Offers that lines may name besides those on offer: the ones they name already.
        self.kept_offers: set[int] = set()

    def offer_to(self, offers: Any, kept: set[int] = frozenset()) -> None:  # type: ignore[assignment]
        """Say from which offers lines are taken, and which they name already."""
        self.widget.offers, self.kept_offers = offers, set(kept)

    def parts(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {
            "kind": forms.ChoiceField(choices=DocumentLine.Kind.choices),
            "label": forms.CharField(max_length=200, required=False),
            "description": forms.CharField(max_length=2000, required=False),
            "quantity": AmountField(max_digits=12, decimal_places=4),
            "unit": forms.ChoiceField(choices=DocumentLine.Unit.choices),
            "unit_price": AmountField(max_digits=14, decimal_places=4),
            "discount_percent": AmountField(max_digits=5, max_value=100),
            "vat_rate": RateField(),
        }
        if "period" in self.columns:
            found["period"] = forms.ChoiceField(choices=QuoteLine.Period.choices)
        return found

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
            raise ValidationError(_("There may be %(most)s lines at most.") % {"most": MOST_LINES})
        parts, known = self.parts(), self.known_offers(value)
        lines, errors = [], []
        for place, line in enumerate(value, start=1):
            clean, wrong = self.clean_line(line, parts, known)
            lines.append(clean)
            errors += [_("Line %(line)s: %(problem)s") % {"line": place, "problem": text} for text in wrong]
        if errors:
            raise ValidationError(errors)
        return lines

    def known_offers(self, lines: list[dict[str, Any]]) -> set[int]:
        """Those of the offers named that may be: one query."""
        asked = {pk for pk in (whole_number(str(line.get("offer") or "")) for line in lines) if pk}
        found = asked & self.kept_offers
        offers = self.widget.offers
        if asked - found and offers is not None:
            found |= set(offers.filter(pk__in=asked - found).values_list("pk", flat=True))
        return found

    def clean_line(
        self, line: Mapping[str, Any], parts: Mapping[str, forms.Field], known: set[int]
    ) -> tuple[dict[str, Any], list[str]]:
        """The line with clean values, and what is wrong with it, a text a column."""
        clean: dict[str, Any] = {}
        wrong = [_("There is no such field.")] if line.keys() - set(self.columns) else []
        for name, part in parts.items():
            value = line.get(name)
            if value is None or value == "":
                value = EMPTY_LINE[name]
            if name == "unit_price" and value == "":
                value = "0"
            try:
                if isinstance(value, bool | list | dict):
                    raise ValidationError(part.error_messages.get("invalid", _("Enter a valid value.")))
                clean[name] = part.clean(str(value) if isinstance(value, float | int) else value)
            except ValidationError as error:
                column: Any = QuoteLine._meta.get_field(name)
                wrong += [f"{column.verbose_name} – {text}" for text in error.messages]
        clean["offer"] = whole_number(str(line.get("offer") or ""))
        if clean["offer"] is not None and clean["offer"] not in known:
            wrong.append(_("This offer does not exist, or is not on offer any more."))
        if "is_optional" in self.columns:
            clean["is_optional"] = line.get("is_optional") in (True, 1, "1", "true", "on")
        return settled_line(clean), [*wrong, *missing(clean)]

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True

    def readable(self, value: Any) -> str:
        return lines_text(value) if value and isinstance(value, list) else str(value or NOTHING_CHOSEN)


def missing(line: Mapping[str, Any]) -> list[str]:
    """What a line of its kind must say."""
    if line.get("kind") == DocumentLine.Kind.TEXT:
        told = line.get("description") or line.get("label")
        return [] if told else [_("Write a text, or remove the line.")]
    return [] if line.get("label") else [_("Say what it is.")]


def settled_line(line: dict[str, Any]) -> dict[str, Any]:
    """Sections and texts count for nothing; a text has its words in one place."""
    if line.get("kind") == DocumentLine.Kind.ITEM:
        return line
    nothing = {
        "quantity": Decimal(1),
        "unit_price": Decimal(0),
        "discount_percent": Decimal(0),
        "offer": None,
    }
    line |= {name: value for name, value in nothing.items() if name in line}
    if "period" in line:
        line |= {"period": QuoteLine.Period.ONCE, "is_optional": False}
    if line.get("kind") == DocumentLine.Kind.TEXT:
        told = line.get("description") or line.get("label") or ""
        line |= {"description": told, "label": " ".join(told.split())[:200]}
    return line


def lines_text(lines: list[Any]) -> str:
    """Lines as the log and the page of a conflict tell them: « Site vitrine 4 800,00 € »."""
    told = []
    for line in lines:
        if not isinstance(line, dict):
            return ""
        text = str(line.get("label") or "")
        try:
            amount = Decimal(str(line.get("quantity"))) * Decimal(str(line.get("unit_price")))
        except ArithmeticError:
            amount = Decimal(0)
        told.append(f"{text} {money(amount)}" if line.get("kind", "item") == "item" else text)
    return " · ".join(told)

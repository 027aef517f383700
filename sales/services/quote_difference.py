"""What differs between two versions of a quote: lines added, removed, changed; sums; terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from digiweb.tables import text_of
from digiweb.templatetags.digiweb import money, number
from sales.models import Quote, QuoteLine
from sales.services.quote_sums import as_values, line_net

# What of a quote is compared besides its lines and sums.
TERMS = (
    "subject",
    "introduction",
    "discount_percent",
    "discount_amount",
    "treatment",
    "deposit_percent",
    "valid_until",
    "order_reference",
    "language",
    "terms",
)
SUMS = ("net", "vat", "gross", "monthly_net", "yearly_net")
LINE = (
    "label",
    "description",
    "quantity",
    "unit",
    "unit_price",
    "discount_percent",
    "vat_rate",
    "period",
    "is_optional",
)


@dataclass(frozen=True)
class LineChange:
    """A line of one version or both: `kind` is same, added, removed or changed."""

    kind: str
    label: str
    before: str = ""
    after: str = ""
    # (what, before, after)
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Difference:
    """Lines in the order of the later version, removed ones where they stood; terms and sums that differ."""

    lines: list[LineChange] = field(default_factory=list)
    terms: list[tuple[str, str, str]] = field(default_factory=list)
    # (what, before, after, difference)
    sums: list[tuple[str, str, str, str]] = field(default_factory=list)


def difference_of(old: Quote, new: Quote) -> Difference:
    """What became of `old` in `new`."""
    before = as_values(old.lines.order_by("position", "id"))
    after = as_values(new.lines.order_by("position", "id"))
    return Difference(compare_lines(before, after), _terms(old, new), _sums(old, new))


def compare_lines(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[LineChange]:
    """Each line of both; one is taken for the other by kind and label, else by its offer, in their order."""
    pairs = _pairs(before, after)
    partner = {place: other for other, place in pairs.items()}
    told: list[LineChange] = []
    left = 0
    for place, line in enumerate(after):
        other = pairs.get(place)
        if other is None:
            told.append(LineChange("added", _name(line), after=_amount(line)))
            continue
        while left < other:
            if left not in partner:
                told.append(LineChange("removed", _name(before[left]), before=_amount(before[left])))
            left += 1
        left = max(left, other + 1)
        told.append(_compared(before[other], line))
    told += [
        LineChange("removed", _name(line), before=_amount(line))
        for place, line in enumerate(before[left:], start=left)
        if place not in partner
    ]
    return told


def _pairs(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """{place after: place before}."""
    pairs: dict[int, int] = {}
    for key in (
        lambda line: (line["kind"], line["label"], line["period"]),
        lambda line: (line["kind"], line["label"]),
        lambda line: (line["offer"], line["period"]) if line["offer"] else None,
    ):
        free: dict[Any, list[int]] = {}
        for place, line in enumerate(before):
            if place not in pairs.values() and key(line) is not None:
                free.setdefault(key(line), []).append(place)
        for place, line in enumerate(after):
            waiting = free.get(key(line)) if key(line) is not None else None
            if place not in pairs and waiting:
                pairs[place] = waiting.pop(0)
    return pairs


def _compared(old: Mapping[str, Any], new: Mapping[str, Any]) -> LineChange:
    changes = tuple(
        (_column(name), _shown(name, old[name]), _shown(name, new[name]))
        for name in LINE
        if old[name] != new[name]
    )
    return LineChange("changed" if changes else "same", _name(new), _amount(old), _amount(new), changes)


def _name(line: Mapping[str, Any]) -> str:
    return str(line["label"])


def _amount(line: Mapping[str, Any]) -> str:
    return money(line_net(line)) if line["kind"] == QuoteLine.Kind.ITEM else ""


def _column(name: str) -> str:
    column: Any = QuoteLine._meta.get_field(name)
    text = str(column.verbose_name)
    return text[:1].upper() + text[1:]


def _shown(name: str, value: Any) -> str:
    if name == "is_optional":
        return str(pgettext("line", "Optional") if value else pgettext("line", "Included"))
    column: Any = QuoteLine._meta.get_field(name)
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if name == "unit_price":
        return money(value)
    return number(value) if not isinstance(value, str) else value or "–"


def _terms(old: Quote, new: Quote) -> list[tuple[str, str, str]]:
    told = []
    for name in TERMS:
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        column: Any = Quote._meta.get_field(name)
        if column.choices:
            before, after = (dict(column.flatchoices).get(each, each) for each in (before, after))
        label = str(column.verbose_name)
        told.append((label[:1].upper() + label[1:], str(text_of(before)) or "–", str(text_of(after)) or "–"))
    return told


def _sums(old: Quote, new: Quote) -> list[tuple[str, str, str, str]]:
    told = []
    for name in SUMS:
        before, after = getattr(old, name), getattr(new, name)
        if not before and not after:
            continue
        column: Any = Quote._meta.get_field(name)
        label = str(column.verbose_name).replace(" (€)", "").replace("(€)", "")
        sign = "+" if after > before else "−"
        gap = f"{sign} {money(abs(after - before))}" if after != before else _("no change")
        told.append((label[:1].upper() + label[1:], money(before), money(after), gap))
    return told

"""What the lines of a quote come to: due once, by the month, by the year. Pure, always `Decimal`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from digiweb.templatetags.digiweb import money
from sales.amounts import NOUGHT, Discount, Line, Sums, sums_of
from sales.models import QuoteLine
from sales.models.document import Document, DocumentLine

NO_SUMS = Sums()
PERIODS = tuple(QuoteLine.Period.values)
# The columns of a line that people write.
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
    "period",
    "is_optional",
)


@dataclass(frozen=True)
class QuoteSums:
    """The sums of a quote. The percentage of its discount counts on all, its amount on what is due once."""

    once: Sums = NO_SUMS
    month: Sums = NO_SUMS
    year: Sums = NO_SUMS
    # What the options that are not chosen come to, before tax, whatever their period; and how many.
    options: Decimal = NOUGHT
    option_count: int = 0

    @property
    def parts(self) -> list[tuple[str, Sums]]:
        """Those periods in which something is due; due once where nothing is at all."""
        found = [(period, getattr(self, period)) for period in PERIODS if getattr(self, period).nets]
        return found or [("once", self.once)]


def line_net(line: Mapping[str, Any]) -> Decimal:
    """A line before tax, to the cent, after its own discount."""
    return _counted(line, with_vat=True).net if _is_item(line) else NOUGHT


def quote_sums(
    lines: Iterable[Mapping[str, Any]],
    *,
    discount_percent: Decimal = NOUGHT,
    discount_amount: Decimal = NOUGHT,
    treatment: str = Document.Treatment.STANDARD,
) -> QuoteSums:
    """The sums of `lines` {quantity, unit_price, vat_rate, discount_percent, period, is_optional, is_chosen}.

    An optional line counts when it is chosen. Without VAT (`treatment`) every rate is nought. Raises
    ValidationError for a discount that is more than the lines come to.
    """
    with_vat = treatment == Document.Treatment.STANDARD
    counted: dict[str, list[Line]] = {period: [] for period in PERIODS}
    options, count = NOUGHT, 0
    for line in lines:
        if not _is_item(line):
            continue
        one = _counted(line, with_vat=with_vat)
        if line.get("is_optional") and not line.get("is_chosen"):
            options, count = options + one.net, count + 1
            continue
        counted[str(line.get("period") or "once")].append(one)
    try:
        return QuoteSums(
            once=sums_of(counted["once"], Discount(Decimal(discount_percent), Decimal(discount_amount))),
            month=sums_of(counted["month"], Discount(Decimal(discount_percent))),
            year=sums_of(counted["year"], Discount(Decimal(discount_percent))),
            options=options,
            option_count=count,
        )
    except ValueError:
        text = _("The discount is more than what is due once comes to.")
        raise ValidationError({"discount_amount": text}) from None


def _is_item(line: Mapping[str, Any]) -> bool:
    return bool(line.get("kind", DocumentLine.Kind.ITEM) == DocumentLine.Kind.ITEM)


def _counted(line: Mapping[str, Any], *, with_vat: bool) -> Line:
    return Line(
        Decimal(line["quantity"]),
        Decimal(line["unit_price"]),
        Decimal(line["vat_rate"]) if with_vat else Decimal(0),
        Decimal(line.get("discount_percent") or 0),
    )


def as_values(lines: Iterable[QuoteLine]) -> list[dict[str, Any]]:
    """Saved lines as forms, the API and `quote_sums` speak of them."""
    return [
        {
            **{name: getattr(line, name) for name in COLUMNS if name != "offer"},
            "kind": str(line.kind),
            "unit": str(line.unit),
            "period": str(line.period),
            "offer": line.offer_id,
        }
        for line in lines
    ]


def with_choices(lines: Iterable[QuoteLine]) -> list[dict[str, Any]]:
    """The same, and which of the optional ones the client took."""
    lines = list(lines)
    return [
        {**values, "is_chosen": line.is_chosen, "pk": line.pk, "net": line.net}
        for values, line in zip(as_values(lines), lines, strict=True)
    ]


def lines_text(lines: Sequence[Mapping[str, Any]]) -> str:
    """Lines as the log tells them: « Site vitrine 4 800,00 € »."""
    told = []
    for line in lines:
        option = f" ({_('option')})" if line.get("is_optional") else ""
        told.append(
            f"{line['label']} {money(line_net(line))}{option}" if _is_item(line) else str(line["label"])
        )
    return " · ".join(told)

"""What the lines of an invoice come to. Pure, always `Decimal`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from digiweb.templatetags.digiweb import money
from sales.amounts import NOUGHT, Discount, Line, Sums, spread, sums_of
from sales.models import InvoiceLine
from sales.models.document import Document, DocumentLine

# The columns of a line that people write; the others say where a line comes from.
COLUMNS = (
    "kind", "label", "description", "quantity", "unit", "unit_price", "discount_percent", "vat_rate", "offer",
)  # fmt: skip
ORIGINS = ("quote_line", "progress", "deducts", "credits")
# What `NUMERIC(14, 2)` takes.
MOST = Decimal("999999999999.99")


def as_values(lines: Iterable[InvoiceLine]) -> list[dict[str, Any]]:
    """Saved lines as forms, the API and `invoice_sums` speak of them; links as numbers."""
    return [
        {
            **{name: getattr(line, name) for name in COLUMNS if name != "offer"},
            "kind": str(line.kind),
            "unit": str(line.unit),
            "offer": line.offer_id,
            "quote_line": line.quote_line_id,
            "progress": line.progress,
            "deducts": line.deducts_id,
            "credits": line.credits_id,
        }
        for line in lines
    ]


def is_item(line: Mapping[str, Any]) -> bool:
    return bool(line.get("kind", DocumentLine.Kind.ITEM) == DocumentLine.Kind.ITEM)


def counted(line: Mapping[str, Any], treatment: str) -> Line:
    """What of a line counts; without VAT (`treatment`) its rate is nought."""
    taxed = treatment == Document.Treatment.STANDARD
    return Line(
        Decimal(line["quantity"]),
        Decimal(line["unit_price"]),
        Decimal(line["vat_rate"]) if taxed else Decimal(0),
        Decimal(line.get("discount_percent") or 0),
    )


def line_net(line: Mapping[str, Any]) -> Decimal:
    """A line before tax, to the cent, after its own discount."""
    return counted(line, Document.Treatment.STANDARD).net if is_item(line) else NOUGHT


def invoice_sums(
    lines: Iterable[Mapping[str, Any]],
    *,
    treatment: str = Document.Treatment.STANDARD,
    discount_percent: Decimal = NOUGHT,
    discount_amount: Decimal = NOUGHT,
) -> Sums:
    """The sums of `lines` under a discount. Raises ValidationError for what cannot be."""
    items = [counted(line, treatment) for line in lines if is_item(line)]
    try:
        sums = sums_of(items, Discount(discount_percent, discount_amount))
    except ValueError:
        raise ValidationError(
            {"discount_amount": _("The discount is more than the lines come to.")}
        ) from None
    if abs(sums.gross) > MOST:
        raise ValidationError(_("The sum is too large."))
    return sums


def effective_nets(lines: Sequence[Mapping[str, Any]], sums: Sums, treatment: str) -> list[Decimal]:
    """Each line's part of what the document comes to before tax: its net less its share of the discount.

    Lines that are no items come to nothing. Together they are `sums.net` to the cent.
    """
    nets = [counted(line, treatment).net if is_item(line) else NOUGHT for line in lines]
    for rate in sums.rates:
        if not rate.discount:
            continue
        places = [
            place
            for place, line in enumerate(lines)
            if is_item(line) and counted(line, treatment).vat_rate.quantize(rate.rate) == rate.rate
        ]
        shares = spread(rate.discount, [nets[place] for place in places])
        for place, share in zip(places, shares, strict=True):
            nets[place] -= share
    return nets


def bounded(sums: Sums, left: Mapping[Decimal, tuple[Decimal, Decimal]]) -> Sums:
    """The sums of a credit note whose VAT is never above what is left of the invoice's.

    `left` is {rate: (base, VAT)}. Where it takes the last of a base, it takes the last of the VAT, so that
    cents of rounding never stay or go over.
    """
    rates = []
    for rate in sums.rates:
        base, vat = left.get(rate.rate, (NOUGHT, NOUGHT))
        taken = vat if rate.base >= base else min(rate.vat, vat)
        rates.append(replace(rate, vat=taken))
    total = sum((rate.vat for rate in rates), NOUGHT)
    return replace(sums, rates=tuple(rates), vat=total, gross=sums.net + total)


def figures_of(sums: Sums) -> dict[str, Decimal]:
    """The columns of an invoice that follow from its lines."""
    return {"net": sums.net, "vat": sums.vat, "gross": sums.gross}


def lines_text(lines: Sequence[Mapping[str, Any]]) -> str:
    """Lines as the log tells them: « Site vitrine 4 800,00 € »."""
    told = (
        f"{line['label']} {money(line_net(line))}" if is_item(line) else str(line["label"]) for line in lines
    )
    return " · ".join(told)

"""A quote as it is printed: `sales.paper.Paper` out of its facts (france.md §1: what a quote must say)."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from digiweb.phones import format_phone
from digiweb.templatetags.digiweb import money, number
from sales.amounts import HUNDRED, to_cent
from sales.models import QuoteLine
from sales.models.document import Document
from sales.paper import (
    Paper,
    PaperLine,
    Payment,
    Point,
    Rate,
    Total,
    buyer_party,
    legal_line,
    section_sums,
    seller_party,
    unit_word,
)
from sales.services.quote_facts import lines_of
from sales.services.quote_sums import QuoteSums, quote_sums

# The mention that says why there is no VAT.
REASONS = {"franchise": "franchise", "reverse": "reverse", "intra": "intra", "export": "export"}
# Stand below, in this order.
PRINTED = ("quote", "penalty", "indemnity", "early", "debits")


def quote_paper(facts: dict[str, Any], *, is_draft: bool = False) -> Paper:
    """The paper of a quote; inside `translation.override(facts["language"])`."""
    lines = lines_of(facts)
    sums = sums_of_facts(facts, lines)
    seller, buyer = facts["seller"], facts["buyer"]
    with_vat = facts["treatment"] == Document.Treatment.STANDARD
    capital = seller.get("capital")
    capital_text = _("with a capital of %(amount)s") % {"amount": money(capital)} if capital else ""
    return Paper(
        title=pgettext("paper", "Quote"),
        number=facts["number"],
        seller=seller_party(seller),
        buyer=buyer_party(buyer, "SIREN", pgettext("paper", "VAT no.")),
        lines=tuple(_with_section_sums([_paper_line(line, with_vat=with_vat) for line in lines])),
        totals=tuple(_totals(sums, _deposit(facts, sums))),
        rates=tuple(_rates(sums, facts)),
        points=tuple(_points(sums, facts)),
        details=tuple(_details(facts)),
        subject=facts["subject"],
        introduction=facts["introduction"],
        terms=facts["terms"],
        payment=Payment(_("By bank transfer"), text=when_due(facts, sums)),
        mentions=tuple(_mentions(facts)),
        footer=facts["mentions"].get("footer")
        or legal_line(seller, capital_text, pgettext("paper", "VAT no.")),
        signature=_("Accepted by the client, with the words “Bon pour accord”"),
        logo=seller.get("logo", ""),
        colour=seller.get("colour", ""),
        is_draft=is_draft,
        draft_mark=pgettext("paper", "Draft"),
        language=facts["language"],
    )


def sums_of_facts(facts: dict[str, Any], lines: list[dict[str, Any]] | None = None) -> QuoteSums:
    """What the lines of facts come to."""
    return quote_sums(
        lines_of(facts) if lines is None else lines,
        discount_percent=Decimal(facts["discount_percent"]),
        discount_amount=Decimal(facts["discount_amount"]),
        treatment=facts["treatment"],
    )


def _paper_line(line: dict[str, Any], *, with_vat: bool) -> PaperLine:
    if line["kind"] != QuoteLine.Kind.ITEM:
        label = "" if line["kind"] == QuoteLine.Kind.TEXT else line["label"]
        text = line["description"] if line["kind"] == QuoteLine.Kind.TEXT else ""
        return PaperLine(line["kind"], label, text)
    notes = []
    if line["period"] != QuoteLine.Period.ONCE:
        notes.append(period_text(line["period"]))
    if line["is_optional"]:
        chosen = line.get("is_chosen")
        notes.append(pgettext("paper", "option chosen") if chosen else pgettext("paper", "option"))
    return PaperLine(
        "item",
        line["label"],
        line["description"],
        note=" · ".join(notes),
        quantity=line["quantity"],
        unit=unit_word(line["unit"], line["quantity"]),
        unit_price=line["unit_price"],
        discount_percent=line["discount_percent"],
        vat_rate=line["vat_rate"] if with_vat else Decimal(0),
        net=line["net"],
        is_aside=line["is_optional"] and not line.get("is_chosen"),
    )


def period_text(period: str) -> str:
    """Below a line, and in the table of rates."""
    if period == QuoteLine.Period.MONTH:
        return pgettext("paper", "due each month")
    return pgettext("paper", "due each year") if period == QuoteLine.Period.YEAR else ""


def _with_section_sums(lines: list[PaperLine]) -> list[PaperLine]:
    """What sections come to; not where periods mix, whose sum would say nothing."""
    sums = section_sums(lines) if len({line.note for line in lines if line.kind == "item"}) == 1 else {}
    return [
        PaperLine("section", line.label, net=sums[place]) if place in sums else line
        for place, line in enumerate(lines)
    ]


def _totals(sums: QuoteSums, deposit: Decimal) -> list[Total]:
    rows: list[Total] = []
    for period, part in sums.parts:
        several = len(sums.parts) > 1 or period != "once"
        prefix = {"month": _("Each month"), "year": _("Each year")}.get(period, _("Once") if several else "")
        note = prefix
        if part.discount:
            rows.append(Total(pgettext("paper", "Lines before tax"), part.subtotal, note=note))
            rows.append(Total(pgettext("paper", "Discount"), -part.discount))
            note = ""
        rows.append(Total(pgettext("paper", "Total before tax"), part.net, note=note))
        rows.append(Total(pgettext("paper", "VAT"), part.vat))
        rows.append(Total(_gross_label(period), part.gross, is_main=True))
    if deposit:
        rows.append(Total(pgettext("paper", "Deposit at the order, with tax"), deposit))
    return rows


def _gross_label(period: str) -> str:
    if period == QuoteLine.Period.MONTH:
        return _("Each month, with tax")
    return (
        _("Each year, with tax") if period == QuoteLine.Period.YEAR else pgettext("paper", "Total with tax")
    )


def _deposit(facts: dict[str, Any], sums: QuoteSums) -> Decimal:
    return to_cent(sums.once.gross * Decimal(facts["deposit_percent"]) / HUNDRED)


def _rates(sums: QuoteSums, facts: dict[str, Any]) -> list[Rate]:
    reason = facts["mentions"].get(REASONS.get(facts["treatment"], ""), "")
    rows = []
    for period, part in sums.parts:
        for rate in part.rates:
            told = " – ".join(filter(None, [period_text(period), reason]))
            rows.append(Rate(rate.rate, rate.base, rate.vat, told))
    return rows


def _points(sums: QuoteSums, facts: dict[str, Any]) -> list[Point]:
    points: list[Point] = []
    for period, part in sums.parts:
        points.append(Point(_gross_label(period), money(part.gross), is_main=not points))
    points.append(Point(pgettext("paper", "Valid until"), _day(facts["valid_until"])))
    deposit = _deposit(facts, sums)
    if deposit:
        points.append(Point(pgettext("paper", "Deposit at the order"), money(deposit)))
    return points[:4]


def _details(facts: dict[str, Any]) -> list[tuple[str, str]]:
    rows = [
        (pgettext("paper", "Date"), _day(facts["quoted_on"])),
        (pgettext("paper", "Valid until"), _day(facts["valid_until"])),
    ]
    if facts["order_reference"]:
        rows.append((pgettext("paper", "Your order no."), facts["order_reference"]))
    person = facts["salesperson"]
    if person.get("name"):
        phone = format_phone(person["phone"]) if person.get("phone") else person.get("email", "")
        rows.append((pgettext("paper", "Your contact"), " · ".join(filter(None, [person["name"], phone]))))
    return rows


def when_due(facts: dict[str, Any], sums: QuoteSums) -> str:
    """When invoices are due, and which deposit is at the order; in the language of now."""
    days = facts["payment_days"]
    text = (
        _("Invoices are due %(days)s days after their date.") % {"days": days}
        if days
        else _("Invoices are due on receipt.")
    )
    deposit = _deposit(facts, sums)
    if deposit:
        percent = number(Decimal(facts["deposit_percent"]).normalize())
        told = _("A deposit of %(percent)s %% (%(amount)s with tax) is due at the order.")
        text = f"{told % {'percent': percent, 'amount': money(deposit)}} {text}"
    return text


def _mentions(facts: dict[str, Any]) -> list[str]:
    texts = facts["mentions"]
    found = [texts[code] for code in PRINTED if texts.get(code) and code != "debits"]
    if not facts["buyer"].get("is_firm"):
        # Penalties of article L. 441-10 are between professionals; a consumer may withdraw instead.
        found = [texts[code] for code in ("quote",) if texts.get(code)]
        found.append(
            _(
                "As a consumer you may withdraw within 14 days from a contract made at a distance or "
                "away from our premises, without giving a reason (articles L. 221-18 and following of the "
                "Code de la consommation)."
            )
        )
    return found


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "DATE_FORMAT")

"""What the page of a received invoice and the page of a company show of it, out of its facts."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from digiweb.countries import country_name
from digiweb.templatetags.digiweb import money, number
from sales.facturx.validation import Finding
from sales.models import ReceivedInvoice
from sales.models.document import DocumentLine
from sales.tables.received_invoice import STATUS_COLOURS, amount_text

# Lines that a page shows; all of them stand in the file.
MOST_LINES = 300
PANEL_LINES = 5
# « 12 » says it: nobody writes « 12 pieces ».
PIECES = ("C62", "H87", "ZZ", "EA")
CATEGORIES = {
    "E": gettext_lazy("exempt"),
    "AE": gettext_lazy("reverse charge"),
    "K": gettext_lazy("within the European Union"),
    "G": gettext_lazy("export"),
    "O": gettext_lazy("outside the scope of VAT"),
    "Z": gettext_lazy("zero rate"),
}
_UNITS = dict(DocumentLine.Unit.choices)


def page_of(invoice: ReceivedInvoice) -> dict[str, Any]:
    """Parties, lines and mentions for the template; whatever is missing is empty."""
    facts = invoice.facts if isinstance(invoice.facts, dict) else {}
    currency = "€" if invoice.currency == "EUR" else invoice.currency
    lines = facts.get("lines") or []
    return {
        "seller": _party(facts.get("seller")),
        "buyer": _party(facts.get("buyer")),
        "delivery": _party((facts.get("delivery") or {}).get("party")),
        "lines": [_line(each, currency) for each in lines[:MOST_LINES]],
        "more": max(0, len(lines) - MOST_LINES),
        "discounts": [
            {"reason": each.get("reason"), "amount": money(_number(each.get("amount")), currency)}
            for each in facts.get("discounts") or []
        ],
        "notes": [each["text"] for each in facts.get("notes") or [] if each.get("subject") != "BAR"],
        "terms": facts.get("terms") or "",
        "preceding": [
            {"number": each.get("number"), "day": parse_date(each.get("issued_on") or "")}
            for each in facts.get("preceding") or []
        ],
        "currency": currency,
        "show_url": reverse("sales:received_invoice_show", args=[invoice.pk]) if invoice.is_pdf else "",
        "file_url": reverse("sales:received_invoice_file", args=[invoice.pk]),
        "check_url": reverse("sales:received_invoice_check", args=[invoice.pk]),
    }


def _party(party: Any) -> dict[str, Any] | None:
    if not isinstance(party, dict) or not party.get("name"):
        return None
    address = party.get("address") or {}
    town = " ".join(part for part in (address.get("postcode"), address.get("city")) if part)
    country = address.get("country") or ""
    lines = [*(address.get("lines") or []), town]
    if country and country != "FR":
        lines.append(country_name(country))
    return {**party, "where": [line for line in lines if line]}


def _line(line: dict[str, Any], currency: str) -> dict[str, Any]:
    unit = line.get("unit") or ""
    vat = line.get("vat") or {}
    return {
        "number": line.get("number"),
        "name": line.get("name"),
        "description": line.get("description"),
        "quantity": number(_number(line.get("quantity"))),
        "unit": "" if unit in PIECES else _UNITS.get(unit, unit),
        "price": money(_number(line.get("price")), currency),
        "rate": number(_number(vat.get("rate"))),
        "amount": money(_number(line.get("amount")), currency),
    }


def rates_of(invoice: ReceivedInvoice) -> list[dict[str, Any]]:
    """The sums rate by rate, with words for what is not plain VAT."""
    currency = "€" if invoice.currency == "EUR" else invoice.currency
    return [
        {
            "rate": number(_number(each.rate)),
            "why": CATEGORIES.get(each.category, ""),
            "base": money(each.base, currency),
            "amount": money(each.amount, currency),
        }
        for each in invoice.rates.all()
    ]


def _number(text: Any) -> Decimal:
    try:
        return Decimal(str(text or 0)).normalize() + 0
    except InvalidOperation:
        return Decimal(0)


def findings_of(invoice: ReceivedInvoice) -> list[Finding]:
    """What the rules said, the errors first, one line for what is said many times."""
    found = [Finding(**each) for each in invoice.findings if isinstance(each, dict)]
    once = {(each.rule, each.text): each for each in reversed(found)}
    return sorted(once.values(), key=lambda each: (not each.is_error, each.rule))


def iban_text(invoice: ReceivedInvoice, *, whole: bool) -> SafeString | str:
    """The account to pay to, whole for those who see to the payment, else its ends."""
    iban = "".join(str(invoice.iban or "").split())
    if not iban:
        return format_html('<span class="dw-none" aria-hidden="true">–</span>')
    shown = " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))
    return format_html(
        '<span class="dw-received-iban">{}</span>', shown if whole else f"{iban[:2]} •••• {iban[-4:]}"
    )


def invoices_of(user: Any, company: Any) -> dict[str, Any] | None:
    """The panel beside a company: its latest invoices to us; hidden where there is none."""
    mine = ReceivedInvoice.objects.visible_to(user).filter(company=company)
    found: list[Any] = list(
        mine.order_by("-issued_on", "-id").defer("facts", "findings", "iban")[: PANEL_LINES + 1]
    )
    if not found:
        return None
    for each in found:
        each.colour, each.worth = STATUS_COLOURS[each.status], amount_text(each, "gross")
    return {"invoices": found[:PANEL_LINES], "more": len(found) > PANEL_LINES}

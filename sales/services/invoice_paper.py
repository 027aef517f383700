"""An invoice as it is printed: our columns and facts → sales/paper.py, in the document's language."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from digiweb.pdf import Paper as Page
from digiweb.pdf import paper
from digiweb.templatetags.digiweb import money
from sales.amounts import Sums
from sales.models import Contract, Invoice
from sales.models.document import Document
from sales.paper import (
    Paper,
    PaperLine,
    Party,
    Payment,
    Point,
    Rate,
    Total,
    address_lines,
    buyer_party,
    legal_line,
    section_sums,
    seller_party,
    spaced,
    unit_word,
)
from sales.services.invoice_sums import counted, is_item
from sales.services.invoice_xml import BY_TRANSFER

# The mentions of VAT stand beside the VAT, the others at the end.
OF_VAT = ("franchise", "reverse", "intra", "export")


def page_of(invoice: Invoice, logo: str = "", colour: str = "", **given: Any) -> Page:
    """The page, ready to be drawn; `given` as for `paper_of`."""
    with override(invoice.language):
        found = paper_of(invoice, logo=logo, colour=colour, **given)
    return paper("pdf/document.html", {"paper": found}, language=invoice.language, colour=colour)


def paper_of(
    invoice: Invoice,
    *,
    number: str,
    on: date,
    lines: Sequence[dict[str, Any]],
    sums: Sums,
    facts: dict[str, Any],
    logo: str = "",
    colour: str = "",
) -> Paper:
    """What is printed; to be called in the document's language. Without a number it says that it is a
    draft.
    """
    seller, vat = facts["seller"], pgettext("paper", "VAT no.")
    reason = next((facts["mentions"][code] for code in OF_VAT if code in facts["mentions"]), "")
    delivery = facts.get("delivery")
    capital = ""
    if seller.get("capital"):
        capital = _("with a capital of %(amount)s") % {"amount": money(Decimal(seller["capital"]))}
    return Paper(
        title=str(title_of(invoice)),
        number=number,
        seller=seller_party(seller),
        buyer=buyer_party(facts["buyer"], "SIREN", vat),
        delivery=Party(delivery["name"], address_lines(delivery, home="FR")) if delivery else None,
        subject=invoice.subject,
        introduction=invoice.introduction,
        terms=invoice.terms,
        lines=tuple(_lines(lines, invoice.treatment)),
        rates=tuple(Rate(each.rate, each.base, each.vat, reason) for each in sums.rates),
        totals=tuple(_totals(invoice, sums)),
        points=tuple(_points(invoice, sums, on)),
        details=tuple(_details(invoice, on, facts)),
        payment=_payment(invoice, number, facts),
        mentions=tuple(text for code, text in facts["mentions"].items() if code not in OF_VAT),
        footer=legal_line(seller, capital, vat),
        logo=logo,
        colour=colour,
        is_draft=not number,
        language=invoice.language,
    )


def title_of(invoice: Invoice) -> str:
    """« Invoice », « Credit note » … in the language of the moment."""
    return str(Invoice.Kind(invoice.kind).label)


def _day(value: date | None) -> str:
    return date_format(value, "SHORT_DATE_FORMAT") if value else ""


def _lines(lines: Sequence[dict[str, Any]], treatment: str) -> list[PaperLine]:
    found = []
    for line in lines:
        if not is_item(line):
            found.append(PaperLine(line["kind"], line["label"], _between(line)))
            continue
        one = counted(line, treatment)
        found.append(
            PaperLine(
                line["kind"],
                line["label"],
                line["description"],
                quantity=one.quantity,
                unit=unit_word(line["unit"], one.quantity),
                unit_price=one.unit_price,
                discount_percent=one.discount_percent,
                vat_rate=one.vat_rate,
                net=one.net,
            )
        )
    sums = section_sums(found)
    return [
        PaperLine(line.kind, line.label, line.description, net=sums[place]) if place in sums else line
        for place, line in enumerate(found)
    ]


def _between(line: dict[str, Any]) -> str:
    """A text has its words in its description, and their beginning as its label: once is enough."""
    text = str(line["description"])
    return "" if " ".join(text.split())[:200] == line["label"] else text


def _totals(invoice: Invoice, sums: Sums) -> list[Total]:
    found = []
    if sums.discount:
        label = _("Discount")
        if invoice.discount_percent and not invoice.discount_amount:
            label = _("Discount of %(percent)s %%") % {"percent": f"{invoice.discount_percent.normalize():f}"}
        found += [Total(_("Total before discount"), sums.subtotal), Total(label, -sums.discount)]
    found.append(Total(_("Total before tax"), sums.net))
    if invoice.treatment == Document.Treatment.STANDARD:
        found.append(Total(pgettext("paper", "VAT"), sums.vat))
    label = _("Total credited") if invoice.is_credit_note else _("To pay, tax included")
    if invoice.treatment != Document.Treatment.STANDARD:
        label = _("Total credited") if invoice.is_credit_note else _("To pay")
    found.append(Total(label, sums.gross, is_main=True))
    return found


def _points(invoice: Invoice, sums: Sums, on: date) -> list[Point]:
    """How much, by when, how: what a client looks for first."""
    if invoice.is_credit_note:
        return [
            Point(_("In your favour"), money(sums.gross), is_main=True),
            Point(_("Issued on"), _day(on)),
            Point(_("Corrects"), str(invoice.corrects)),
        ]
    return [
        Point(_("To pay"), money(sums.gross), is_main=True),
        Point(_("By the"), _day(invoice.due_on)),
        Point(_("How"), _method(invoice)),
    ]


def _details(invoice: Invoice, on: date, facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Dates and references (242 nonies A, I-6°, 7°, 10°; L. 441-9)."""
    period = ""
    if invoice.period_start and invoice.period_end:
        period = f"{_day(invoice.period_start)} – {_day(invoice.period_end)}"
    rows = [
        (_("Date of issue"), _day(on)),
        (_("Due on"), "" if invoice.is_credit_note else _day(invoice.due_on)),
        (_("Date of the service"), _day(invoice.delivered_on)),
        (_("Period"), period),
        (_("Kind of operation"), pgettext("paper", "Provision of services")),
        (_("Your order"), invoice.order_reference),
        (_("Quote"), facts.get("quote", "")),
        (_("Contract"), facts.get("contract", "")),
        *(
            (
                _("Corrects the invoice") if invoice.is_credit_note else _("Deposit invoice"),
                _("%(number)s of %(day)s")
                % {"number": each["number"], "day": _day(date.fromisoformat(each["on"]))},
            )
            for each in facts.get("preceding", ())
        ),
    ]
    return [(label, value) for label, value in rows if value]


def _method(invoice: Invoice) -> str:
    """How the buyer pays: what is a lease to the client is a transfer to the lessor, as in the XML."""
    method = Contract.PaymentMethod
    return str(
        method.TRANSFER.label
        if invoice.payment_method == method.LEASE
        else invoice.get_payment_method_display()
    )


def _payment(invoice: Invoice, number: str, facts: dict[str, Any]) -> Payment | None:
    if invoice.is_credit_note:
        return None
    seller, method = facts["seller"], invoice.payment_method
    label = _method(invoice)
    debit = facts.get("debit")
    if method == "debit" and debit:
        text = _("Nothing to do: on the due day your account %(account)s is debited.")
        rows = [(_("Mandate"), debit["mandate"]), (_("Creditor"), seller["ics"])]
        return Payment(label, tuple(row for row in rows if row[1]), text % {"account": debit["account"]})
    if method in BY_TRANSFER and seller["iban"]:
        rows = [
            (_("Account of"), seller["name"]),
            ("IBAN", spaced(seller["iban"].replace(" ", ""))),
            ("BIC", seller["bic"]),
            (_("Reference"), number),
        ]
        return Payment(label, tuple(row for row in rows if row[1]))
    return Payment(label)

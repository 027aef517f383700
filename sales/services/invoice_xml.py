"""An invoice of ours as the European norm sees it: our columns and frozen facts → sales/facturx/facts.py."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from sales.amounts import Sums
from sales.facturx import facts as fx
from sales.models import Invoice, Mention
from sales.models.document import Document
from sales.services.invoice_sums import counted, is_item

CATEGORIES = {
    Document.Treatment.STANDARD: fx.Category.STANDARD,
    Document.Treatment.FRANCHISE: fx.Category.EXEMPT,
    Document.Treatment.REVERSE: fx.Category.REVERSE_CHARGE,
    Document.Treatment.INTRA: fx.Category.REVERSE_CHARGE,
    Document.Treatment.EXPORT: fx.Category.EXPORT,
}
REASONS = {
    Document.Treatment.FRANCHISE: fx.Reason.FRANCHISE,
    Document.Treatment.REVERSE: fx.Reason.REVERSE_CHARGE,
    Document.Treatment.INTRA: fx.Reason.REVERSE_CHARGE,
    Document.Treatment.EXPORT: fx.Reason.EXPORT,
}
# UNTDID 4461; a lessor pays by transfer.
MEANS = {
    "debit": fx.Means.SEPA_DIRECT_DEBIT,
    "transfer": fx.Means.SEPA_TRANSFER,
    "card": fx.Means.CARD,
    "cheque": fx.Means.CHEQUE,
    "lease": fx.Means.SEPA_TRANSFER,
    "other": "1",
}
BY_TRANSFER = ("transfer", "lease")
SUBJECTS = {
    Mention.Code.INDEMNITY: fx.Subject.RECOVERY_COSTS,
    Mention.Code.PENALTY: fx.Subject.LATE_PENALTIES,
    Mention.Code.EARLY: fx.Subject.EARLY_PAYMENT,
    Mention.Code.DEBITS: fx.Subject.TAX,
}


def einvoice_of(
    invoice: Invoice,
    *,
    number: str,
    on: date,
    lines: Sequence[dict[str, Any]],
    sums: Sums,
    facts: dict[str, Any],
) -> fx.Invoice:
    """The invoice under `number`, issued `on`, with its lines (`as_values`), its sums and its frozen
    facts.
    """
    with override(invoice.language):
        treatment = invoice.treatment
        buyer = _party(facts["buyer"])
        delivery = facts.get("delivery")
        party = _party(delivery) if delivery else None
        place = fx.Delivery(party, invoice.delivered_on) if party or invoice.delivered_on else None
        return fx.Invoice(
            number=number,
            issued_on=on,
            type_code=invoice.type_code,
            process=_process(invoice, lines),
            treatment=_reform(facts["buyer"]),
            seller=_seller(facts["seller"]),
            buyer=buyer,
            lines=tuple(_lines(lines, treatment)),
            vat=tuple(_vat(sums, treatment, facts["mentions"])),
            totals=fx.Totals(
                lines=sums.subtotal,
                discounts=sums.discount,
                net=sums.net,
                vat=sums.vat,
                gross=sums.gross,
                due=sums.gross,
            ),
            due_on=invoice.due_on,
            vat_point=fx.VatPoint.INVOICE if facts["seller"]["vat_on_debits"] else "",
            payment=_payment(invoice, facts),
            notes=tuple(_notes(facts["mentions"])),
            discounts=tuple(_discounts(sums, treatment)),
            preceding=tuple(
                fx.Preceding(each["number"], date.fromisoformat(each["on"]))
                for each in facts.get("preceding", ())
            ),
            delivery=place,
            start=invoice.period_start,
            end=invoice.period_end,
            order_number=invoice.order_reference,
            contract_number=facts.get("contract", ""),
        )


def _process(invoice: Invoice, lines: Sequence[dict[str, Any]]) -> str:
    """BT-23: services; a final invoice says that deposits came before."""
    after = invoice.kind == Invoice.Kind.FINAL and any(line.get("deducts") for line in lines)
    return str(fx.Process.SERVICES_FINAL if after else fx.Process.SERVICES)


def _reform(buyer: dict[str, Any]) -> str:
    """How the reform of 2026 treats it: between firms here, with one abroad, or with a private person."""
    if not buyer["is_firm"]:
        return str(fx.Treatment.B2C)
    return str(fx.Treatment.B2B if buyer.get("siren") else fx.Treatment.B2B_ABROAD)


def _address(party: dict[str, Any]) -> fx.Address:
    street = tuple(part.strip() for part in str(party.get("address", "")).splitlines() if part.strip())
    country = party.get("country") or "FR"
    return fx.Address(street, party.get("postcode", ""), party.get("city", ""), country)


def _party(party: dict[str, Any]) -> fx.Party:
    siret, siren = party.get("siret", ""), party.get("siren", "")
    return fx.Party(
        party["name"],
        _address(party),
        siren=siren,
        siret=siret if siret.startswith(siren) and siren else "",
        vat_number=party.get("vat_number", ""),
        contact_name=party.get("contact", ""),
        email=party.get("email", ""),
    )


def _seller(seller: dict[str, Any]) -> fx.Party:
    franchise = seller["vat_regime"] == "franchise"
    legal = [seller["legal_form"], seller["register"]]
    if seller.get("capital"):
        legal.insert(1, _("capital %(amount)s €") % {"amount": seller["capital"]})
    return fx.Party(
        seller["name"],
        _address(seller),
        siren=seller["siren"],
        siret=seller["siret"],
        vat_number="" if franchise else seller["vat_number"],
        legal_notice=", ".join(part for part in legal if part),
        trading_name=seller["trade_name"] if seller["trade_name"] != seller["name"] else "",
        phone=seller["phone"],
        email=seller["email"],
    )


def _rate(rate: Decimal, treatment: str) -> fx.Vat:
    return fx.Vat(CATEGORIES[Document.Treatment(treatment)], rate)


def _lines(lines: Sequence[dict[str, Any]], treatment: str) -> list[fx.Line]:
    """The items in their order; sections and texts are for the paper alone."""
    found: list[fx.Line] = []
    for line in lines:
        if not is_item(line):
            continue
        one = counted(line, treatment)
        off = fx.Discount(one.discount, _("Discount"), one.discount_percent, one.before_discount)
        found.append(
            fx.Line(
                str(len(found) + 1),
                line["label"],
                one.quantity,
                one.unit_price,
                one.net,
                _rate(one.vat_rate.quantize(Decimal("0.01")), treatment),
                line["unit"],
                line["description"],
                discounts=(off,) if one.discount else (),
            )
        )
    return found


def _vat(sums: Sums, treatment: str, mentions: dict[str, str]) -> list[fx.VatAmount]:
    reason = REASONS.get(Document.Treatment(treatment), "")
    text = next(
        (mentions[code] for code in ("franchise", "reverse", "intra", "export") if code in mentions), ""
    )
    return [
        fx.VatAmount(_rate(each.rate, treatment), each.base, each.vat, text if reason else "", str(reason))
        for each in sums.rates
    ]


def _discounts(sums: Sums, treatment: str) -> list[fx.Discount]:
    return [
        fx.Discount(each.discount, _("Discount"), vat=_rate(each.rate, treatment))
        for each in sums.rates
        if each.discount
    ]


def _notes(mentions: dict[str, str]) -> list[fx.Note]:
    found: list[fx.Note] = []
    for code, text in mentions.items():
        subject = SUBJECTS.get(Mention.Code(code))
        if subject is not None:
            found.append(fx.Note(text, subject))
    # The rules want all three on every invoice (BR-FR-05); a private person owes neither of these two.
    said = {str(note.subject) for note in found}
    missing = [each for each in (fx.Subject.RECOVERY_COSTS, fx.Subject.LATE_PENALTIES) if each not in said]
    return [*found, *(fx.Note(_("Not applicable: the client is no professional."), each) for each in missing)]


def _payment(invoice: Invoice, facts: dict[str, Any]) -> fx.Payment | None:
    """How it is paid; a credit note is set against its invoice, or paid back."""
    if invoice.is_credit_note:
        return None
    seller, method = facts["seller"], invoice.payment_method
    means = str(MEANS[method])
    if method in BY_TRANSFER:
        return fx.Payment(means, seller["iban"], seller["bic"], seller["name"])
    debit = facts.get("debit")
    if method == "debit" and debit:
        return fx.Payment(
            means,
            mandate=debit["mandate"],
            creditor_id=seller["ics"],
            # The whole number stands in the XML alone, which the law asks for; our facts keep it masked.
            debited_iban=getattr(invoice, "debited_iban", ""),
        )
    return fx.Payment(means)

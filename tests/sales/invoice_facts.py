"""Facts of invoices for tests, with the sums that a small generator of their own computes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sales import amounts
from sales.facturx.facts import (
    Address,
    Category,
    Discount,
    Invoice,
    Line,
    Note,
    Party,
    Payment,
    Process,
    Reason,
    Subject,
    Totals,
    Treatment,
    Vat,
    VatAmount,
)
from sales.facturx.xml import clean

D = Decimal
CENT = D("0.01")
STANDARD, REDUCED, LOW = Vat(), Vat(rate=D(10)), Vat(rate=D("5.5"))
FRANCHISE = Vat(Category.EXEMPT, D(0))
REVERSE = Vat(Category.REVERSE_CHARGE, D(0))
EXPORT = Vat(Category.EXPORT, D(0))
OUTSIDE = Vat(Category.OUTSIDE, D(0))
INTRA = Vat(Category.INTRA_COMMUNITY, D(0))
WHY = {
    Category.EXEMPT: (Reason.FRANCHISE, "TVA non applicable, article 293 B du CGI"),
    Category.REVERSE_CHARGE: (Reason.REVERSE_CHARGE, "Autoliquidation"),
    Category.INTRA_COMMUNITY: (Reason.INTRA_COMMUNITY, "Exonération, article 262 ter I du CGI"),
    Category.EXPORT: (Reason.EXPORT, "Exonération, article 262 I du CGI"),
    Category.OUTSIDE: (Reason.OUTSIDE, "TVA non applicable, article 259-1 du CGI"),
}
AGENCY = Party(
    "Digiflow Agency",
    Address(("12 rue de la Paix",), "75002", "Paris"),
    siren="732829320",
    siret="73282932000074",
    vat_number="FR44732829320",
    legal_notice="SAS au capital de 10 000 €, RCS Paris 732 829 320",
    contact_name="Service facturation",
    email="facturation@digiflow.test",
)
CLIENT = Party(
    "Boulangerie Lefèvre", Address(("3 place Bellecour",), "69002", "Lyon"), siren="552100554",
    vat_number="FR27552100554",
)  # fmt: skip
LOCAM = Party(
    "LOCAM – Location Automobiles Matériels",
    Address(("29 rue Léon Blum",), "42000", "Saint-Étienne"),
    siren="310880315",
    vat_number="FR71310880315",
)
NOTES = (
    Note("Indemnité forfaitaire pour frais de recouvrement : 40 €", Subject.RECOVERY_COSTS),
    Note("Pénalités de retard : taux de refinancement de la BCE + 10 points", Subject.LATE_PENALTIES),
    Note("Pas d’escompte pour paiement anticipé", Subject.EARLY_PAYMENT),
)
TRANSFER = Payment(iban="FR7630006000011234567890189", bic="AGRIFRPP", account_name="Digiflow Agency")
ISSUED = date(2026, 11, 21)


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def line(number: int, price: Any, quantity: Any = 1, vat: Vat = STANDARD, **more: Any) -> Line:
    """A line whose amount is computed, less its discounts."""
    discounts: Sequence[Discount] = more.get("discounts", ())
    amount = cents(D(str(price)) * D(str(quantity))) - sum((each.amount for each in discounts), D(0))
    name = more.pop("name", f"Prestation {number}")
    return Line(str(number), name, D(str(quantity)), D(str(price)), amount, vat, **more)


def breakdown(lines: Iterable[Line], discounts: Iterable[Discount]) -> tuple[VatAmount, ...]:
    """VAT rate by rate, rounded once on the sum of the whole document (BR-CO-17)."""
    bases: dict[Vat, Decimal] = {}
    for each in lines:
        bases[each.vat] = bases.get(each.vat, D(0)) + each.amount
    for off in discounts:
        assert off.vat is not None
        bases[off.vat] = bases.get(off.vat, D(0)) - off.amount
    return tuple(
        VatAmount(vat, base, cents(base * vat.rate / 100), WHY[vat.category][1], WHY[vat.category][0])
        if vat.category in WHY
        else VatAmount(vat, base, cents(base * vat.rate / 100))
        for vat, base in sorted(bases.items(), key=lambda pair: (pair[0].category, -pair[0].rate))
    )


def invoice(*lines: Line, prepaid: Any = 0, **more: Any) -> Invoice:
    """An invoice of the agency with these lines, whole and right unless `more` says otherwise."""
    discounts: tuple[Discount, ...] = more.get("discounts", ())
    lines = lines or (line(1, "1000"),)
    vat = breakdown(lines, discounts)
    total, off = sum((each.amount for each in lines), D(0)), sum((each.amount for each in discounts), D(0))
    tax = sum((each.amount for each in vat), D(0))
    gross = total - off + tax
    sums = Totals(
        lines=total,
        discounts=off,
        net=total - off,
        vat=tax,
        gross=gross,
        prepaid=D(prepaid),
        due=gross - D(prepaid),
    )
    made = Invoice(
        number="FA-2026-0042",
        issued_on=ISSUED,
        due_on=date(2026, 12, 21),
        seller=AGENCY,
        buyer=CLIENT,
        lines=lines,
        vat=vat,
        totals=sums,
        payment=TRANSFER,
        notes=NOTES,
        treatment=Treatment.B2B,
        process=Process.SERVICES,
    )
    return replace(made, **more)


def of_sums(
    lines: Sequence[amounts.Line],
    whole: amounts.Discount | None = None,
    *,
    labels: Sequence[str] = (),
    prepaid: Any = 0,
) -> Invoice:
    """An invoice whose every sum is what `sales.amounts` says."""
    sums = amounts.sums_of(lines, whole)
    rows = []
    for place, (each, net) in enumerate(zip(lines, sums.nets, strict=True)):
        off = Discount(each.discount, "Remise", each.discount_percent, each.before_discount)
        label = clean(labels[place]) if labels else ""
        rows.append(
            Line(
                str(place + 1),
                label or f"Prestation {place + 1}",
                each.quantity,
                each.unit_price,
                net,
                Vat(rate=each.vat_rate),
                discounts=(off,) if each.discount else (),
            )
        )
    shared = [
        Discount(each.discount, "Remise", vat=Vat(rate=each.rate)) for each in sums.rates if each.discount
    ]
    made = invoice(*rows)
    totals = Totals(
        lines=sums.subtotal, discounts=sums.discount, net=sums.net, vat=sums.vat, gross=sums.gross,
        prepaid=D(prepaid), due=sums.gross - D(prepaid),
    )  # fmt: skip
    vat = tuple(VatAmount(Vat(rate=each.rate), each.base, each.vat) for each in sums.rates)
    return replace(made, discounts=tuple(shared), vat=vat, totals=totals)

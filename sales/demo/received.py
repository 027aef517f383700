"""Received invoices of the demo: a year of what suppliers sent, with the files that they sent."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

from django.conf import settings
from stdnum import luhn
from stdnum.fr import siren as siren_rules
from weasyprint import HTML

from digiweb.demo import DAYS, Demo
from digiweb.pdf import About
from sales import amounts
from sales.facturx.embed import write_pdf
from sales.facturx.facts import (
    Address,
    Category,
    Invoice,
    Line,
    Means,
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
from sales.facturx.reading import Reading
from sales.facturx.xml import write_xml
from sales.models import Agency, ReceivedInvoice, ReceivedInvoiceRate
from sales.services.received_intake import as_invoice, rates_of

SEED = 20261125
STANDARD, REDUCED = Vat(), Vat(rate=Decimal(10))
FRANCHISE = Vat(Category.EXEMPT, Decimal(0))
ABROAD = Vat(Category.REVERSE_CHARGE, Decimal(0))
WHY = {
    FRANCHISE.category: (Reason.FRANCHISE, "TVA non applicable, article 293 B du CGI"),
    ABROAD.category: (Reason.REVERSE_CHARGE, "Autoliquidation"),
}
NOTES = (
    Note("Indemnité forfaitaire pour frais de recouvrement en cas de retard : 40 €", Subject.RECOVERY_COSTS),
    Note("Pénalités de retard : trois fois le taux d’intérêt légal", Subject.LATE_PENALTIES),
    Note("Pas d’escompte pour paiement anticipé", Subject.EARLY_PAYMENT),
)
# What the rules say of an invoice without its last note (tests/sales/test_received_demo.py asks them).
WITHOUT_DISCOUNT = {
    "source": "br-fr",
    "rule": "BR-FR-05",
    "text": "BR-FR-05/BT-22 : La mention relative à l’escompte ou à son absence (code AAB) est absente. "
    "Elle est obligatoire dans les notes (BG-1).",
    "place": "/CrossIndustryInvoice/ExchangedDocument",
    "is_error": True,
}
WRONG_PRICE = "Le prix ne correspond pas au devis accepté : avoir demandé au fournisseur."


@dataclass(frozen=True)
class Sold:
    """A line as the supplier sells it: the price varies by so much of it from one invoice to the next."""

    label: str
    price: str
    vat: Vat = STANDARD
    quantity: int = 1
    spread: float = 0.0


@dataclass(frozen=True)
class Supplier:
    """Who sends what how often (months), by which kind of file."""

    party: Party
    prefix: str
    lines: tuple[Sold, ...]
    every: int = 1
    day: int = 2
    days_to_pay: int = 30
    as_pdf: bool = True
    is_careless: bool = False


def _siren(base: str) -> str:
    return base + luhn.calc_check_digit(base)


def _party(name: str, base: str, street: str, postcode: str, city: str, **more: Any) -> Party:
    siren = _siren(base)
    vat = {"vat_number": f"FR{siren_rules.to_tva(siren)}", **more}
    return Party(name, Address((street,), postcode, city), siren=siren, **vat)


SUPPLIERS = (
    Supplier(
        _party("Hébergeur du Rhône SAS", "81234567", "10 rue de la République", "69001", "Lyon"),
        "HR",
        (Sold("Serveurs dédiés, 4 machines", "289.00"), Sold("Sauvegardes externalisées", "42.50")),
    ),
    Supplier(
        _party("Bureaux Partagés Part-Dieu", "79012345", "5 place Charles Béraudier", "69003", "Lyon"),
        "BP",
        (
            Sold("Bureaux, loyer du mois", "1450.00"),
            Sold("Salle de réunion, demi-journées", "65.00", quantity=3),
        ),
        day=1,
        days_to_pay=10,
    ),
    Supplier(
        _party("Télécoms du Sud-Est SA", "45678901", "88 avenue Jean Jaurès", "69007", "Lyon"),
        "TSE-",
        (Sold("Fibre professionnelle", "79.90"), Sold("Forfaits mobiles", "14.99", quantity=12)),
        day=8,
        days_to_pay=20,
        as_pdf=False,
    ),
    Supplier(
        _party("Cabinet Vasseur Expertise", "52345678", "24 quai Sarrail", "69006", "Lyon"),
        "CVE",
        (Sold("Tenue comptable du trimestre", "1180.00"), Sold("Déclarations de TVA", "210.00")),
        every=3,
        day=5,
    ),
    Supplier(
        _party(
            "Nadia Perrin, rédactrice (EI)",
            "90123456",
            "7 montée de la Grande Côte",
            "69001",
            "Lyon",
            vat_number="",
        ),
        "NP",
        (Sold("Rédaction d’articles", "240.00", FRANCHISE, 4, 0.5),),
        day=27,
        is_careless=True,
    ),
    Supplier(
        _party("Traiteur des Terreaux", "60123456", "15 rue Sainte-Catherine", "69001", "Lyon"),
        "TT",
        (Sold("Déjeuners d’équipe", "21.50", REDUCED, 14, 0.3), Sold("Boissons", "38.00", STANDARD, 1, 0.2)),
        every=2,
        day=19,
        days_to_pay=15,
    ),
    Supplier(
        Party(
            "Réseau Publicitaire Ireland Ltd",
            Address(("Barrow Street 4",), "D04 E5W5", "Dublin", "IE"),
            register_number="368047",
            vat_number="IE6388047V",
            email="billing@reseau-publicitaire.test",
        ),
        "INV",
        (Sold("Campagnes de recherche", "2300.00", ABROAD, 1, 0.4),),
        day=3,
        as_pdf=False,
    ),
    Supplier(
        _party("Imprimerie des Quais", "33456789", "31 quai Rambaud", "69002", "Lyon"),
        "IQ/",
        (Sold("Cartes et plaquettes", "410.00", STANDARD, 1, 0.5),),
        every=4,
        day=14,
        days_to_pay=45,
    ),
)


def build_received(demo: Demo) -> list[ReceivedInvoice]:
    """A year, by a die of its own: what is told here changes nothing in the rest of the story."""
    die = random.Random(SEED)  # noqa: S311 (repeatable on purpose)
    buyer = buyer_of(Agency.objects.order_by("pk").first())
    sent = sorted(
        ((day, supplier) for supplier in SUPPLIERS for day in _days(demo, supplier)),
        key=lambda each: (each[0], each[1].prefix),
    )
    counts: dict[str, int] = {}
    invoices = []
    for day, supplier in sent:
        counts[supplier.prefix] = counts.get(supplier.prefix, 0) + 1
        facts = facts_of(supplier, buyer, day, counts[supplier.prefix], die)
        invoices.append(_invoice(demo, die, supplier, facts))
    demo.insert(invoices)
    rows = [(invoice, rate) for invoice in invoices for rate in rates_of(invoice, invoice.told)]
    for _invoice_of, rate in rows:
        rate.pk = demo.number(ReceivedInvoiceRate)
    demo.insert([rate for _of, rate in rows])
    return invoices


def buyer_of(agency: Agency | None) -> Party:
    """Ourselves, as suppliers write us."""
    if agency is None:
        return _party("Digiflow Agency", "73282932", "12 rue de la Bourse", "69002", "Lyon")
    address = Address(
        (agency.address,) if agency.address else (), agency.postcode, agency.city, agency.country
    )
    siren = agency.siren or _siren("73282932")
    return Party(agency.name, address, siren=siren, vat_number=agency.vat_number, email=agency.email)


def _days(demo: Demo, supplier: Supplier) -> Iterator[date]:
    first = demo.today - timedelta(days=DAYS)
    for month in range(0, 13, supplier.every):
        year, place = divmod(first.month - 1 + month, 12)
        day = date(first.year + year, place + 1, supplier.day)
        if first <= day < demo.today:
            yield day


def facts_of(supplier: Supplier, buyer: Party, day: date, number: int, die: random.Random) -> Invoice:
    """An invoice of this supplier, whole and right, but for what a careless one forgets now and then."""
    lines, rates = [], []
    for place, sold in enumerate(supplier.lines, start=1):
        factor = Decimal(str(round(1 + die.uniform(-sold.spread, sold.spread), 2)))
        price = amounts.to_cent(Decimal(sold.price) * factor)
        row = amounts.Line(Decimal(sold.quantity), price, sold.vat.rate)
        lines.append(Line(str(place), sold.label, row.quantity, price, row.net, sold.vat))
        rates.append(row)
    sums = amounts.sums_of(rates)
    categories = {line.vat.rate: line.vat for line in lines}
    vat = []
    for each in sums.rates:
        kind = categories[each.rate]
        code, why = WHY.get(kind.category, ("", ""))
        vat.append(VatAmount(kind, each.base, each.vat, why, str(code)))
    careless = supplier.is_careless and number % 4 == 0
    return Invoice(
        number=f"{supplier.prefix}{day:%Y}-{number:04d}",
        issued_on=day,
        due_on=day + timedelta(days=supplier.days_to_pay),
        seller=supplier.party,
        buyer=buyer,
        lines=tuple(lines),
        vat=tuple(vat),
        totals=Totals(sums.subtotal, sums.net, sums.vat, sums.gross, sums.gross),
        process=Process.SERVICES,
        treatment=Treatment.B2B if supplier.party.siren else Treatment.B2B_ABROAD,
        payment=Payment(Means.SEPA_TRANSFER, "FR7630006000011234567890189", account_name=supplier.party.name),
        notes=NOTES[:2] if careless else NOTES,
    )


def _invoice(demo: Demo, die: random.Random, supplier: Supplier, facts: Invoice) -> Any:
    """The row with its file, as it stands on the day on which the story ends, and what happened to it."""
    xml = write_xml(facts)
    content = _drawn(demo, facts, xml) if supplier.as_pdf else xml
    reading = Reading(facts, xml, "cii", "en16931", "factur-x.xml" if supplier.as_pdf else "")
    invoice: Any = as_invoice(reading)
    invoice.told = facts
    key = f"{die.getrandbits(128):032x}"
    came = demo.at(facts.issued_on + timedelta(days=1), time(9, die.randrange(60)))
    invoice.pk = demo.number(ReceivedInvoice)
    invoice.created_at = invoice.updated_at = came
    invoice.name = f"{facts.number.replace('/', '-')}.{'pdf' if supplier.as_pdf else 'xml'}"
    invoice.file = f"received/{key[:2]}/{key[2:4]}/{key}"
    invoice.size, invoice.sha256 = len(content), hashlib.sha256(content).hexdigest()
    invoice.is_pdf, invoice.added_by = supplier.as_pdf, demo.people["admin"]
    invoice.status = ReceivedInvoice.Status.CHECKED
    invoice.rules = ReceivedInvoice.Rules.KEPT
    if len(facts.notes) < len(NOTES):
        invoice.rules, invoice.findings = ReceivedInvoice.Rules.BROKEN, [WITHOUT_DISCOUNT]
    path = Path(settings.MEDIA_ROOT) / invoice.file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    demo.happened(came, demo.people["admin"], "created", invoice)
    _decide(demo, die, invoice, came)
    return invoice


def _decide(demo: Demo, die: random.Random, invoice: ReceivedInvoice, came: datetime) -> None:
    admin = demo.people["admin"]
    at = came + timedelta(days=die.randrange(1, 6), minutes=die.randrange(400))
    if at >= demo.end:
        return
    status = ReceivedInvoice.Status
    refused = invoice.rules == ReceivedInvoice.Rules.BROKEN and die.random() < 0.5
    invoice.status = status.REFUSED if refused else status.APPROVED
    invoice.decided_by, invoice.decided_at, invoice.updated_at, invoice.version = admin, at, at, 2
    changes: dict[str, list[Any]] = {"status": ["checked", str(invoice.status)]}
    if refused:
        invoice.refusal = WRONG_PRICE
        changes["refusal"] = ["", WRONG_PRICE]
    demo.happened(at, admin, "received_refused" if refused else "received_approved", invoice, changes=changes)
    paid = demo.at(invoice.due_on or invoice.issued_on, time(11)) - timedelta(days=die.randrange(0, 6))
    # One in twelve is forgotten until somebody asks.
    if refused or paid <= at or paid >= demo.end or die.random() < 0.08:
        return
    invoice.status, invoice.paid_on = status.PAID, paid.date()
    invoice.updated_at, invoice.version = paid, 3
    changes = {"status": ["approved", "paid"], "paid_on": [None, paid.date().isoformat()]}
    demo.happened(paid, admin, "received_paid", invoice, changes=changes)


def _drawn(demo: Demo, facts: Invoice, xml: bytes) -> bytes:
    """The page that people read: plain, as small suppliers make it."""
    rows = "".join(
        f"<tr><td>{escape(line.name)}</td><td>{line.quantity}</td><td>{_euros(line.price)}</td>"
        f"<td>{line.vat.rate} %</td><td>{_euros(line.amount)}</td></tr>"
        for line in facts.lines
    )
    seller, buyer = facts.seller, facts.buyer
    notes = "<br>".join(escape(each.text) for each in facts.notes)
    page = f"""<html lang="fr"><head><style>{STYLE}</style></head><body>
<header><b>{escape(seller.name)}</b><br>{escape(_where(seller))}<br>SIREN {seller.siren}</header>
<h1>Facture {escape(facts.number)}</h1>
<p>Du {facts.issued_on:%d/%m/%Y}, à payer avant le {facts.due_on:%d/%m/%Y}</p>
<p class="buyer"><b>{escape(buyer.name)}</b><br>{escape(_where(buyer))}<br>SIREN {buyer.siren}</p>
<table><thead><tr><th>Désignation</th><th>Quantité</th><th>Prix HT</th><th>TVA</th>
<th>Total HT</th></tr></thead>
<tbody>{rows}</tbody></table>
<p class="sums">Total HT {_euros(facts.totals.net)}<br>TVA {_euros(facts.totals.vat)}<br>
<b>À payer {_euros(facts.totals.due)}</b></p>
<footer>{"<br>".join(escape(each.reason) for each in facts.vat if each.reason)}<br>{notes}</footer>
</body></html>"""
    moment = demo.at(facts.issued_on, time(8))
    return write_pdf(HTML(string=page), xml, About(f"Facture {facts.number}", seller.name, moment))


STYLE = """@page { size: A4; margin: 22mm 20mm } body { font: 10pt "DejaVu Sans", sans-serif; color: #182032 }
h1 { font-size: 17pt; margin: 14mm 0 2mm } .buyer { margin: 8mm 0 8mm 95mm } table { width: 100%;
border-collapse: collapse } th, td { text-align: right; padding: 2mm 1mm; border-bottom: .3pt solid #9aa3b5 }
th:first-child, td:first-child { text-align: left } .sums { text-align: right; margin-top: 6mm;
line-height: 1.6 } footer { margin-top: 18mm; font-size: 7.5pt; color: #545f75 }"""


def _where(party: Party) -> str:
    address = party.address
    return ", ".join(part for part in (*address.lines, f"{address.postcode} {address.city}".strip()) if part)


def _euros(amount: Decimal) -> str:
    whole, cents = f"{amount:,.2f}".split(".")
    return f"{whole.replace(',', chr(0x202F))},{cents}\u00a0€"

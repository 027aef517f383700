"""The example set of issued documents (`manage.py make_examples`): every case that the law knows, once.

Made by the services of the pages on an empty database: proven, numbered, drawn, sealed. The addresses are
made up, the SIREN and VAT numbers only pass their checks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from crm.models import Client, Company, Contact
from digiweb.demo.draw import Draw
from digiweb.identifiers import vat_of_siren
from people.models import Role, User
from people.services.role import ensure_default_roles
from sales.demo.agencies import FIRMS, SEED
from sales.demo.bank_accounts import made_up_iban
from sales.models import Agency, BankAccount, Invoice, Quote
from sales.services.invoice import create_invoice
from sales.services.invoice_credit import create_credit_note
from sales.services.invoice_issue import issue_at
from sales.services.invoice_progress import (
    create_deposit_draft,
    create_final_draft,
    create_interim_draft,
)
from sales.services.quote import create_quote

D = Decimal
STREETS = ("12 rue de la République", "3 place Bellecour", "27 avenue Jean-Jaurès", "8 quai de la Loire")
TOWNS = (("69002", "Lyon"), ("44000", "Nantes"), ("13001", "Marseille"), ("75011", "Paris"))


@dataclass(frozen=True)
class Example:
    """One document: the name of its file, what it shows, and what was issued."""

    name: str
    shows: str
    invoice: Invoice


def line(label: str, price: Any, quantity: Any = 1, **more: Any) -> dict[str, Any]:
    """A line as editors send it."""
    given = {"kind": "item", "description": "", "unit": "C62", "discount_percent": D(0), "vat_rate": D(20)}
    sums = {"quantity": D(str(quantity)), "unit_price": D(str(price))}
    return {**given, "label": label, "offer": None, **sums, **more}


def section(label: str) -> dict[str, Any]:
    return line(label, 0, kind="section")


class Maker:
    """Who sells and buys; one day after the other, since days never go back."""

    def __init__(self) -> None:
        self.draw = Draw(SEED)
        self.now = timezone.now().replace(microsecond=0) - timedelta(days=40)
        ensure_default_roles()
        role = Role.objects.get(slug="admin")
        person = {"first_name": "Alice", "last_name": "Moreau", "role": role, "joined_at": self.now}
        self.user = User.objects.create(email="exemples@digiweb.test", password="!none", **person)  # noqa: S106
        self.agency = self.make_agency(FIRMS[0])

    def make_agency(self, firm: dict[str, Any], **more: Any) -> Agency:
        siren = self.draw.siren()
        given = {
            "siren": siren,
            "siret": self.draw.siret(siren),
            "vat_number": vat_of_siren(siren),
            "iban": made_up_iban("99001", "00100", 12345678900),
            "bic": "DEMOFRPPXXX",
            "bank_name": "Banque Démo du Rhône",
            "ics": "FR72ZZZ123456",
            "payment_days": 30,
        }
        agency = Agency(**{**firm, **given, **more})
        agency.full_clean(exclude=["logo"])
        agency.save()
        return agency

    def firm(self, name: str, **more: Any) -> Company:
        """A company with all that an invoice asks for."""
        siren, place = self.draw.siren(), self.draw.between(0, len(TOWNS) - 1)
        postcode, city = TOWNS[place]
        given = {
            "siren": siren,
            "vat_number": vat_of_siren(siren),
            "address": STREETS[place],
            "postcode": postcode,
            "city": city,
            "email": "compta@client.test",
        }
        company = Company(name=name, owner=self.user, **{**given, **more})
        company.save()
        return company

    def client(self, name: str, **more: Any) -> Client:
        client = Client(company=self.firm(name, **more), owner=self.user)
        client.save()
        return client

    def moment(self) -> datetime:
        self.now += timedelta(days=1)
        return self.now

    def issue(self, draft: Invoice) -> Invoice:
        return issue_at(self.moment(), user=self.user, invoice=draft)

    def invoice(self, lines: list[dict[str, Any]], **values: Any) -> Invoice:
        """A draft, issued at once."""
        values.setdefault("agency", self.agency)
        values.setdefault("subject", "Site vitrine et référencement")
        if not {"client", "company", "contact"} & values.keys():
            values["client"] = self.client("Boulangerie Lefèvre SARL")
        draft = Invoice(owner=self.user, **values)
        return self.issue(create_invoice(user=self.user, invoice=draft, lines=lines))

    def quote(self, lines: list[dict[str, Any]], **values: Any) -> Quote:
        """A quote that was accepted."""
        given = {"agency": self.agency, "owner": self.user, "deposit_percent": D(30), **values}
        quote = create_quote(user=self.user, quote=Quote(**given), lines=lines, on=self.now.date())
        Quote.objects.filter(pk=quote.pk).update(status=Quote.Status.ACCEPTED)
        quote.refresh_from_db()
        return quote


def make_examples() -> Iterator[Example]:
    """The whole set, one after the other."""
    maker = Maker()
    for kinds in (plain, vat, parties, parts, corrections, sizes):
        for name, shows, make in kinds(maker):
            yield Example(name, shows, make())


Case = tuple[str, str, Callable[[], Invoice]]
SITE = (
    section("Création"),
    line("Site vitrine de huit pages", 2400, description="Maquette, intégration, mise en ligne.", unit="LS"),
    line("Photographies des produits", 35, 24),
    section("Suivi"),
    line("Référencement naturel", 190, 6, unit="MON", discount_percent=D(10)),
)


def plain(maker: Maker) -> list[Case]:
    rates = [
        line("Conception du catalogue", 1200),
        line("Impression de mille catalogues", "0.845", 1000, vat_rate=D(10)),
        line("Livre de la marque", "18.50", 40, vat_rate=D("5.5")),
    ]
    return [
        ("simple", "one rate, sections, a discount on a line", lambda: maker.invoice(list(SITE))),
        ("plusieurs-taux", "three rates of VAT", lambda: maker.invoice(rates)),
        (
            "remise",
            "a discount on the whole, spread over the rates",
            lambda: maker.invoice(
                rates, discount_percent=D(5), terms="Remise consentie pour règlement à la commande."
            ),
        ),
        (
            "commande-et-periode",
            "the client's order number, a period, an introduction",
            lambda: maker.invoice(
                [line("Maintenance du site", 89, 3, unit="MON")],
                order_reference="BC-2026-0417",
                period_start=maker.now.date() - timedelta(days=90),
                period_end=maker.now.date(),
                introduction="Trimestre écoulé : trois mises à jour de sécurité, aucune interruption.",
            ),
        ),
    ]


def vat(maker: Maker) -> list[Case]:
    def franchise() -> Invoice:
        firm = {**FIRMS[1], "code": "MI", "name": "Camille Robert", "trade_name": "", "legal_form": "EI"}
        agency = maker.make_agency({**firm, "capital": None}, vat_regime="franchise", vat_number="")
        return maker.invoice(
            [line("Rédaction de dix articles", 60, 10)], agency=agency, treatment="franchise"
        )

    def debits() -> Invoice:
        firm = {**FIRMS[1], "code": "DB"}
        agency = maker.make_agency(firm, vat_on_debits=True)
        return maker.invoice([line("Campagne d’affichage", 3200)], agency=agency)

    berlin = {
        "siren": "", "vat_number": "DE136695976", "country": "DE", "address": "Unter den Linden 1",
        "postcode": "10117", "city": "Berlin",
    }  # fmt: skip
    montreal = {
        "siren": "", "vat_number": "", "country": "CA", "address": "1 rue Sherbrooke Ouest",
        "postcode": "H2X 1X1", "city": "Montréal",
    }  # fmt: skip
    return [
        ("franchise", "no VAT: article 293 B", franchise),
        (
            "autoliquidation",
            "reverse charge in France",
            lambda: maker.invoice([line("Sous-traitance de l’intégration", 4100)], treatment="reverse"),
        ),
        (
            "union-europeenne",
            "a firm in Germany, in English",
            lambda: maker.invoice(
                [line("Website design", 5200), line("Hosting", 29, 12, unit="MON")],
                client=maker.client("Müller & Söhne GmbH", **berlin),
                treatment="intra",
                language="en",
                subject="Website and hosting",
            ),
        ),
        (
            "hors-union",
            "a firm in Canada",
            lambda: maker.invoice(
                [line("Identité visuelle", 2800)],
                client=maker.client("Érable & Cie inc.", **montreal),
                treatment="export",
            ),
        ),
        ("tva-sur-les-debits", "VAT on debits", debits),
    ]


def parties(maker: Maker) -> list[Case]:
    def locam() -> Invoice:
        served = maker.client("Garage du Pont SARL")
        lessor = maker.firm(
            "LOCAM (exemple)", city="Saint-Étienne", postcode="42000", address="29 rue Exemple"
        )
        return maker.invoice(
            [line("Site web en location", 8900)],
            client=served,
            company=lessor,
            delivery=served.company,
            payment_method="lease",
        )

    def debit() -> Invoice:
        client = maker.client("Institut Beauté Rivage")
        iban = made_up_iban("99002", "00200", 98765432100)
        BankAccount(client=client, iban=iban, status="active").save()
        return maker.invoice([line("Abonnement", 79, unit="MON")], client=client, payment_method="debit")

    def person() -> Invoice:
        address = {"address": "5 rue des Lilas", "postcode": "35000", "city": "Rennes"}
        contact = Contact(
            first_name="Léa", last_name="Roux", email="lea@roux.test", owner=maker.user, **address
        )
        contact.save()
        return maker.invoice([line("Album de mariage en ligne", 290)], contact=contact)

    return [
        ("locam", "a lessor buys, the client is served", locam),
        ("prelevement", "a direct debit: mandate, creditor, masked account", debit),
        ("particulier", "a private person: neither penalties nor the 40 €", person),
    ]


def parts(maker: Maker) -> list[Case]:
    """A quote billed in three: deposit, interim, final; and a deposit of which the rest is credited."""
    kept: dict[str, Quote] = {}

    def deposit() -> Invoice:
        client = maker.client("Hôtel des Voyageurs SAS")
        lines = [
            line("Refonte du site", 6000),
            line("Moteur de réservation", 3500),
            line("Guide imprimé", "4.20", 500, vat_rate=D("5.5")),
        ]
        kept["quote"] = maker.quote(lines, client=client, subject="Refonte et réservation en ligne")
        return maker.issue(create_deposit_draft(user=maker.user, quote=kept["quote"]))

    def interim() -> Invoice:
        first, second = list(kept["quote"].lines.order_by("position", "id"))[:2]
        progress = {first.pk: D(50), second.pk: D(20)}
        return maker.issue(create_interim_draft(user=maker.user, quote=kept["quote"], progress=progress))

    def final() -> Invoice:
        return maker.issue(create_final_draft(user=maker.user, quote=kept["quote"]))

    return [
        ("acompte", "a deposit of 30 %, a line for each rate", deposit),
        ("situation", "an interim invoice by what is done of each line", interim),
        ("solde", "the final invoice less deposit and interim", final),
    ]


def corrections(maker: Maker) -> list[Case]:
    def whole() -> Invoice:
        invoice = maker.invoice(list(SITE), discount_amount=D("13.37"))
        reason = "Adresse de facturation erronée : une nouvelle facture suit."
        return maker.issue(create_credit_note(user=maker.user, invoice=invoice, reason=reason))

    def part() -> Invoice:
        invoice = maker.invoice([line("Référencement naturel", 190, 6, unit="MON"), line("Audit", 450)])
        amounts = {invoice.lines.order_by("position")[0].pk: D(380)}
        draft = create_credit_note(
            user=maker.user, invoice=invoice, amounts=amounts, reason="Deux mois sans prestation."
        )
        return maker.issue(draft)

    return [
        ("avoir-total", "a credit note of a whole invoice, discount included", whole),
        ("avoir-partiel", "a credit note of a part", part),
    ]


def sizes(maker: Maker) -> list[Case]:
    def hundreds() -> Invoice:
        lines: list[dict[str, Any]] = []
        for number in range(1, 301):
            if number % 60 == 1:
                lines.append(section(f"Lot {number // 60 + 1} : fiches du catalogue"))
            lines.append(line(f"Fiche produit n° {number}", "19.90", 1 + number % 4))
        return maker.invoice(lines, subject="Trois cents fiches du catalogue en ligne")

    def words() -> Invoice:
        name = ("Société anonyme d’exploitation des établissements Lefèvre et fils " * 4)[:200].strip()
        long = "Description qui tient plusieurs lignes pour que le tableau montre comment il les coupe. " * 6
        lines = [
            line("Site vitrine 🚀 👩‍💻 et caractères <b>&", "0.1234", "1234.5678", description=long),
            line("UnMotTrèsLongSansAucuneEspaceQuiNeTientPasDansLaColonne" * 3, 100),
            line("Grand montant", "1234567.89", 3, discount_percent=D("12.5")),
        ]
        return maker.invoice(
            lines, client=maker.client(name), subject=("Un objet long, " * 14)[:200].strip(), terms=long
        )

    def turn() -> Invoice:
        """As many lines as leave the totals at the end of a page."""
        return maker.invoice([line(f"Prestation du {day:02d} novembre", 120) for day in range(1, 23)])

    return [
        ("une-ligne", "one line", lambda: maker.invoice([line("Conseil", 90, unit="HUR")])),
        ("trois-cents-lignes", "three hundred lines in five sections", hundreds),
        ("noms-longs", "a name of 200 characters, emoji, four decimals, millions", words),
        ("fin-de-page", "lines that end where a page does", turn),
    ]

"""What many quotes and invoices of `seed_scale --invoices N` share: agencies, buyers, numbers, days.

They go to the clients that are there (sales/demo/scale.py); each is its client's salesperson's and belongs to
a deal of theirs, where there is one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection, models, transaction

from crm.models import Client, Deal
from digiweb.demo.draw import Draw
from digiweb.demo.scale import BATCH, Scale
from digiweb.fulltext import WORD, fold
from digiweb.identifiers import vat_of_siren
from sales.demo.agencies import FIRMS, SEED
from sales.demo.bank_accounts import made_up_iban
from sales.models import Agency, Series
from sales.services.document_facts import seller_facts

CENT = Decimal("0.01")
SUBJECTS = (
    "Site vitrine", "Refonte de la boutique en ligne", "Référencement du mois", "Maintenance du site",
    "Campagne de printemps", "Identité visuelle", "Hébergement", "Photographies des produits",
)  # fmt: skip
FOLDED = tuple(tuple(WORD.findall(fold(subject))) for subject in SUBJECTS)
# One in twelve bears the reduced rate.
RATES = (Decimal(20), Decimal(10))
ADDRESS = ("address", "postcode", "city", "country", "email")
FIRM = ("name", "siren", "siret", "vat_number", *ADDRESS)
PERSON = ("first_name", "last_name", *ADDRESS)
COLUMNS = (
    "pk", "owner_id", "company_id", "contact_id",
    *(f"company__{name}" for name in FIRM), *(f"contact__{name}" for name in PERSON),
)  # fmt: skip


@dataclass(slots=True)
class Buyer:
    """A client as a document sees them; `facts` are those of document_facts.buyer_facts, as JSON."""

    client: int
    owner: int
    company: int | None
    contact: int | None
    sort_name: str
    words: tuple[str, ...]
    facts: str
    deal: int | None = None
    # One that was accepted.
    quote: int | None = None

    def search_text(self, number: str, subject: int) -> str:
        """As Document.derive_search_text makes it."""
        found = dict.fromkeys((*WORD.findall(fold(number)), *self.words, *FOLDED[subject]))
        return " ".join(found)


class Numbers:
    """Numbers of one kind of document, one after the other in each year of each agency."""

    def __init__(self, kind: str, agencies: Sequence[Agency]) -> None:
        self.kind = kind
        self.taken: dict[tuple[int, int], list[Any]] = {}
        self.codes = {agency.pk: agency.code for agency in agencies}

    def take(self, agency: int, day: date) -> str:
        held = self.taken.setdefault((agency, day.year), [0, day])
        held[0], held[1] = held[0] + 1, day
        prefix = Series.PREFIXES[Series.Kind(self.kind)]
        return f"{prefix}-{self.codes[agency]}-{day.year}-{held[0]:05d}"

    def keep(self) -> None:
        """So that whoever issues next goes on where these end."""
        for (agency, year), (number, day) in self.taken.items():
            Series.objects.update_or_create(
                agency_id=agency, kind=self.kind, year=year, defaults={"last_number": number, "last_on": day}
            )


def agencies_of() -> list[Agency]:
    """The agencies of the demo, where there are none yet; the first sells most."""
    if not Agency.objects.exists():
        draw = Draw(SEED)
        for place, firm in enumerate(FIRMS):
            siren = draw.siren()
            iban = made_up_iban("99001", "00100", 12345678900 + place)
            more = {
                "siren": siren,
                "siret": draw.siret(siren),
                "vat_number": vat_of_siren(siren),
                "iban": iban,
            }
            Agency(**firm, **more).save()
    return list(Agency.objects.order_by("pk"))


def buyers_of(scale: Scale) -> list[Buyer]:
    """The clients in the order of their numbers, each with one of its deals."""
    sellers = [pk for key, pk in scale.people.items() if key.startswith("seller")]
    buyers: list[Buyer] = []
    last = 0
    while rows := list(Client.objects.filter(pk__gt=last).order_by("pk").values_list(*COLUMNS)[:BATCH]):
        last = rows[-1][0]
        for row in rows:
            buyers.append(_buyer(row, sellers[len(buyers) % len(sellers)]))
    _give_deals(buyers)
    return buyers


def _buyer(row: tuple[Any, ...], stand_in: int) -> Buyer:
    pk, owner, company, contact, *values = row
    firm = dict(zip(FIRM, values[: len(FIRM)], strict=True))
    person = dict(zip(PERSON, values[len(FIRM) :], strict=True))
    full_name = f"{person['first_name'] or ''} {person['last_name'] or ''}".strip()
    facts: dict[str, Any]
    if company:
        facts = {"is_firm": True, **firm, "contact": full_name, "email": person["email"] or firm["email"]}
    else:
        facts = {"is_firm": False, "name": full_name, "siren": "", "vat_number": "", "contact": ""}
        facts |= {name: person[name] for name in ADDRESS}
    folded = fold(facts["name"])
    words, told = tuple(WORD.findall(folded)), json.dumps(facts, ensure_ascii=False)
    return Buyer(pk, owner or stand_in, company, contact, folded.strip()[:210], words, told)


def _give_deals(buyers: list[Buyer]) -> None:
    """The first deal of each one's company, or of the person."""
    by: dict[tuple[str, int], Buyer] = {}
    for buyer in buyers:
        if buyer.company:
            by["company", buyer.company] = buyer
        if buyer.contact:
            by["contact", buyer.contact] = buyer
    last = 0
    columns = ("pk", "company_id", "contact_id")
    while rows := list(Deal.objects.filter(pk__gt=last).order_by("pk").values_list(*columns)[: BATCH * 4]):
        last = rows[-1][0]
        for pk, company, contact in rows:
            found = by.get(("company", company)) or by.get(("contact", contact))
            if found is not None and found.deal is None:
                found.deal = pk


def sellers_facts(agencies: Sequence[Agency]) -> dict[int, str]:
    return {agency.pk: json.dumps(seller_facts(agency), ensure_ascii=False) for agency in agencies}


def rate_of(pk: int) -> Decimal:
    return RATES[pk % 12 == 0]


def taxed(net: Decimal, pk: int) -> Decimal:
    return (net * rate_of(pk) / 100).quantize(CENT, ROUND_HALF_UP)


def copy_rows(
    scale: Scale, target: type[models.Model], columns: dict[str, str], source: str, first: int, number: int
) -> None:
    """INSERT … SELECT, some thousand at a time: what follows from documents that are written.

    `columns`: {column: expression over the source}; no word of it comes from outside.
    """
    quote = connection.ops.quote_name
    names = ", ".join(quote(name) for name in columns)
    sql = f"INSERT INTO {quote(target._meta.db_table)} ({names}) SELECT {', '.join(columns.values())} "
    step = BATCH * 4
    mysql = connection.vendor == "mysql"
    for start in range(first, first + number, step):
        with transaction.atomic(), connection.cursor() as cursor:
            if mysql:  # what the rows point at is there
                cursor.execute("SET foreign_key_checks = 0")
            cursor.execute(
                f"{sql} {source} BETWEEN %s AND %s", [start, min(start + step, first + number) - 1]
            )
    if mysql:
        with connection.cursor() as cursor:
            cursor.execute("SET foreign_key_checks = 1")
    if scale.report:
        scale.report(f"  {target._meta.verbose_name_plural}: as many as their documents")

"""Companies of the demo: trade, town, identifiers, and how prospects became clients."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from crm.models import Company, CompanyTag, Tag
from digiweb.changes import initial_values
from digiweb.demo import Demo
from digiweb.demo.draw import Draw, luhn_digit, slug_of
from digiweb.demo.towns import Town
from digiweb.demo.trades import TRADES, WORDS, Trade
from digiweb.identifiers import vat_of_siren

NOTES = (
    "Le site actuel date de {year} et n’est pas lisible sur téléphone : refonte à proposer.",
    "Budget annoncé pour l’an prochain : environ {budget} 000 € HT, décision au comité de {month}.",
    "Travaille avec un indépendant qui arrête en fin d’année ; cherche une agence.",
    "Deux concurrents consultés. Le délai comptera plus que le prix.",
    "Contrat de maintenance signé pour douze mois, à renouveler en {month}.",
    "Veut vendre en ligne avant les fêtes ; {budget} références au catalogue.",
)
MONTHS = ("janvier", "mars", "avril", "mai", "juin", "septembre", "octobre", "novembre")

# Nobody's: the SIREN of the firms are drawn below it.
LESSOR_SIREN = "95010004" + luhn_digit("95010004")


@dataclass
class Firm:
    """A company as the story knows it."""

    company: Company
    trade: Trade
    town: Town
    domain: str
    boss: tuple[str, str]
    # When it became what it is, for the contacts that followed.
    moved_at: datetime | None = None
    mailboxes: set[str] = field(default_factory=set)


def build_companies(demo: Demo, number: int, tags: dict[str, Tag]) -> list[Firm]:
    """`number` companies, numbered in the order in which they were added."""
    names: set[str] = set()
    moments = sorted(demo.moment() for _ in range(number))
    firms = [_firm(demo, at, names) for at in moments]
    for firm in firms:
        _follow(demo, firm)
    demo.insert(firm.company for firm in firms)
    demo.insert(
        CompanyTag(pk=demo.number(CompanyTag), company=firm.company, tag=tag)
        for firm in firms
        for tag in _tags_of(demo.draw, firm, tags)
    )
    return firms


def build_lessor(demo: Demo, tags: dict[str, Tag]) -> Company:
    """The leasing company that finances sites: a partner since before the year, no prospect of anybody, so
    that whoever has a lease sees it.

    No draw is taken: the rest of the story stays as it is.
    """
    at = demo.start + timedelta(hours=8)  # before the first office hour of the first day
    nic = "0001"
    company = Company(
        pk=demo.number(Company),
        name="LOCAM Démonstration",
        siren=LESSOR_SIREN,
        siret=LESSOR_SIREN + nic + luhn_digit(LESSOR_SIREN + nic),
        vat_number=vat_of_siren(LESSOR_SIREN),
        naf_code="64.91Z",
        legal_form="SAS",
        email="factures@locam-demonstration.example",
        phone="+33465710042",  # of those that ARCEP keeps for fiction
        website="https://www.locam-demonstration.example",
        address="14 rue de la Fontaine",
        postcode="42000",
        city="Saint-Étienne",
        created_at=at,
        updated_at=at,
    )
    demo.insert([company])
    demo.insert([CompanyTag(pk=demo.number(CompanyTag), company=company, tag=tags["Partenaire"])])
    demo.happened(at, demo.people["manager"], "created", company, changes=initial_values(company))
    demo.lessor = company
    return company


def seller_for(demo: Demo, town: Town) -> Any:
    """The salesperson of a region: Claire's team has the North and the West, Nadia's the South."""
    draw = demo.draw
    south = town.area in ("04", "05")
    while True:
        seller = draw.pick(demo.sellers)
        head = demo.people["nadia.haddad"]
        if (seller == head or seller.manager == head) == south or draw.chance(0.08):
            return seller


def _firm(demo: Demo, at: datetime, names: set[str]) -> Firm:
    draw = demo.draw
    while True:
        trade = draw.weighted([(each, each.weight) for each in TRADES])
        town, boss = draw.town(), (draw.first_name(), draw.last_name())
        name = french(
            draw.pick(trade.names).format(
                last=boss[1], last2=draw.last_name(), first=boss[0], town=town.name, word=draw.pick(WORDS)
            )
        )
        if name not in names:
            names.add(name)
            break
    domain = f"{draw.slug(name)}.example"
    siren = draw.siren()
    form = draw.pick(trade.forms)
    heads = max(
        trade.heads[0], int(trade.heads[0] + (trade.heads[1] - trade.heads[0]) * draw.random.random() ** 2)
    )
    if form == "Entreprise individuelle":
        heads = min(heads, 4)
    turnover = round(heads * trade.per_head * (0.7 + 0.6 * draw.random.random())) * 1000
    registered = form != "Association loi 1901" or draw.chance(0.6)
    company = Company(
        pk=demo.number(Company),
        name=name,
        industry=trade.industry,
        headcount=heads if draw.chance(0.92) else None,
        turnover=turnover if registered and draw.chance(0.8) else None,
        siren=siren if registered else "",
        siret=draw.siret(siren) if registered and draw.chance(0.93) else "",
        vat_number=vat_of_siren(siren) if registered and "Association" not in form else "",
        naf_code=trade.naf,
        legal_form=form,
        legal_manager=" ".join(boss),
        email=f"contact@{domain}" if draw.chance(0.85) else "",
        phone=draw.landline(town.area) if draw.chance(0.9) else "",
        website=f"https://www.{domain}" if draw.chance(0.78) else "",
        address=draw.street(),
        postcode=town.postcode,
        city=town.name,
        owner=seller_for(demo, town) if draw.chance(0.93) else None,
        created_at=at,
        updated_at=at,
    )
    return Firm(company, trade, town, domain, boss)


def _follow(demo: Demo, firm: Firm) -> None:
    """What happened to the company after it was added."""
    draw, company = demo.draw, firm.company
    actor = company.owner or demo.people["manager"]
    demo.happened(company.created_at, actor, "created", company, changes=initial_values(company))
    if company.owner and draw.chance(0.42):
        firm.moved_at = at = demo.moment(company.created_at)
        set_value(demo, company, at, actor, "status", Company.Status.CLIENT)
        if draw.chance(0.12):
            set_value(demo, company, demo.moment(at), actor, "status", Company.Status.FORMER)
    if draw.chance(0.3):
        body = draw.pick(NOTES).format(
            year=demo.today.year - draw.between(5, 12), budget=draw.between(4, 40), month=draw.pick(MONTHS)
        )
        demo.happened(demo.moment(company.created_at), actor, "noted", company, body=body)


def set_value(
    demo: Demo, obj: Any, at: datetime, actor: Any, name: str, value: Any, also: tuple[Any, ...] = ()
) -> None:
    """Change one field as a service would: value, version, date and event."""
    before, after = getattr(obj, name), value
    setattr(obj, name, value)
    obj.version += 1
    obj.updated_at = max(at, obj.updated_at)
    pair = [_logged(before), _logged(after)]
    demo.happened(at, actor, "changed", obj, changes={name: pair}, also=also)


def _logged(value: Any) -> Any:
    return {"id": value.pk, "label": str(value)} if hasattr(value, "pk") else (str(value) if value else value)


def _tags_of(draw: Draw, firm: Firm, tags: dict[str, Tag]) -> list[Tag]:
    chosen = [name for name, share in (("Newsletter", 0.2), ("Refonte de site", 0.15)) if draw.chance(share)]
    if firm.company.status == Company.Status.CLIENT and draw.chance(0.12):
        chosen.append("VIP")
    if firm.trade.naf == "47.91B":
        chosen.append("E-commerce")
    return [tags[name] for name in chosen]


def french(name: str) -> str:
    """Articles as French puts them together: du Havre, des Sables, d’Orléans."""
    name = re.sub(r"\b([Dd])e Les ", r"\1es ", name)
    name = re.sub(r"\b([Dd])e Le ", r"\1u ", name)
    return re.sub(r"\b([Dd])e (?=[AEIOUYÉÈÊÎÔaeiouéh]|H[aeéôo])", r"\1’", name)


def mailbox(firm: Firm, first: str, last: str) -> str:
    """A free mailbox of the firm's domain."""
    base = f"{slug_of(first)}.{slug_of(last)}"
    name, again = base, 2
    while name in firm.mailboxes:
        name, again = f"{base}{again}", again + 1
    firm.mailboxes.add(name)
    return f"{name}@{firm.domain}"

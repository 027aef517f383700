"""Deals of the demo: a year of selling with its seasons, to the companies and contacts of the story."""

from bisect import bisect
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter
from typing import Any

from django.utils import timezone

from crm.models import Company, Contact, Deal, DealStep, DealTag, Tag
from crm.services.deal_totals import adjust_totals, figures_of
from digiweb.changes import initial_values
from digiweb.demo import Demo

# What is sold: title, smallest and largest amount in hundreds of euros, how often.
OFFERS = (
    ("Refonte du site vitrine", 28, 95, 20),
    ("Boutique en ligne", 60, 220, 12),
    ("Création du site", 19, 60, 14),
    ("Référencement naturel, 12 mois", 36, 120, 12),
    ("Campagne publicitaire en ligne", 12, 80, 10),
    ("Maintenance et hébergement, 12 mois", 6, 30, 12),
    ("Réseaux sociaux, 6 mois", 18, 66, 8),
    ("Identité visuelle et logo", 9, 45, 6),
    ("Reportage photo et vidéo", 8, 35, 4),
    ("Application de prise de rendez-vous", 70, 260, 3),
    ("Formation à la mise à jour du site", 6, 14, 5),
)
LOST_TOLD = {
    "price": ("Deux devis moins chers de 30 %.", "Notre prix dépasse leur budget de 2 000 €.", ""),
    "competitor": ("Reste avec son agence actuelle.", "A choisi une agence de son quartier.", ""),
    "budget": ("Budget gelé jusqu’à la fin de l’année.", ""),
    "timing": ("Reporté après le déménagement.", "À reprendre au printemps.", ""),
    "need": ("Fait le site en interne avec un stagiaire.", ""),
    "silent": ("Aucune réponse après quatre relances.", ""),
    "other": ("L’entreprise a été vendue.",),
}
REASONS = (
    ("price", 30), ("competitor", 22), ("silent", 18), ("budget", 12), ("timing", 10), ("need", 6),
    ("other", 2),
)  # fmt: skip
NOTES = (
    "Devis à revoir : sortir la maintenance du forfait.",
    "Le gérant valide, il manque l’accord de son associé.",
    "Démonstration faite en visio, très bon accueil.",
    "Demande trois références dans le même métier.",
    "Attend la réponse de sa banque pour le financement.",
)
# Days that each stage takes, at least and at most.
PACE = {"discovery": (2, 14), "qualification": (4, 21), "proposal": (5, 30), "negotiation": (4, 25)}


def build_deals(demo: Demo, contacts: Sequence[Contact], number: int, tags: dict[str, Tag]) -> list[Deal]:
    """`number` deals, numbered as they were added; each client company has won at least one."""
    buyers = [contact for contact in contacts if contact.owner_id and contact.company_id]
    clients: dict[int, Contact] = {}
    # Of a client company, who is a client is the one who bought.
    for contact in sorted(buyers, key=lambda each: each.status != Contact.Status.CLIENT):
        company: Any = contact.company
        if company.status != Company.Status.PROSPECT:
            clients.setdefault(company.pk, contact)
    # A client's first deal began soon after they were met.
    begun = [(demo.moment(each.created_at, within=12), each, True) for each in clients.values()][:number]
    buyers.sort(key=attrgetter("created_at"))
    met = [contact.created_at for contact in buyers]
    while len(begun) < number:
        at = demo.moment()  # its months are busy in September and January, quiet in August
        known = bisect(met, at)
        if known:
            begun.append((at, buyers[demo.draw.between(0, known - 1)], False))
    begun.sort(key=lambda each: each[0])
    deals = [_deal(demo, at, contact) for at, contact, _won in begun]
    steps: list[DealStep] = []
    for deal, (_at, _contact, won) in zip(deals, begun, strict=True):
        steps += _live(demo, deal, won=won)
    demo.insert(deals)
    demo.insert(steps)
    demo.insert(
        DealTag(pk=demo.number(DealTag), deal=deal, tag=tag)
        for deal in deals
        for tag in _tags_of(demo, deal, tags)
    )
    adjust_totals([], [figures_of(deal) for deal in deals])
    return deals


def _deal(demo: Demo, at: datetime, contact: Contact) -> Deal:
    title, low, high, _weight = demo.draw.weighted([(each, each[3]) for each in OFFERS])
    amount = Decimal(demo.draw.between(low, high) * 100 + (90 if demo.draw.chance(0.25) else 0))
    return Deal(
        pk=demo.number(Deal),
        title=title,
        company=contact.company,
        contact=contact,
        owner=contact.owner,
        source=contact.source,
        amount=amount,
        created_at=at,
        updated_at=at,
        stage_since=at,
        last_activity_at=at,
        expected_on=at.date() + timedelta(days=demo.draw.between(30, 110))
        if demo.draw.chance(0.93)
        else None,
    )


def _live(demo: Demo, deal: Deal, *, won: bool) -> list[DealStep]:
    """What happened to the deal: stages one after the other until today or its end; its stays in them."""
    draw, also = demo.draw, (deal.company, deal.contact)
    demo.happened(deal.created_at, deal.owner, "created", deal, changes=initial_values(deal), also=also)
    old = demo.end - deal.created_at > timedelta(days=130)
    # Whoever bought something is a client, and nobody else.
    client = deal.contact is not None and deal.contact.status == Contact.Status.CLIENT
    bought = 38 if client else 0
    outcome = "won" if won else draw.weighted((("won", bought), ("lost", 47), ("", 4 if old else 45)))
    stages = list(Deal.OPEN)
    # Some leave early: a no on the telephone, a yes without negotiation.
    last = len(stages) if outcome != "lost" else draw.weighted(((1, 15), (2, 25), (3, 35), (4, 25)))
    at = deal.created_at
    stays = [_stay(demo, deal)]
    slow = 0.3 if won else 1.0 if outcome else 2.5
    for stage in [*stages[1:last], *([outcome] if outcome else [])]:
        low, high = PACE[deal.stage]
        at = _office_hours(demo, at + timedelta(days=draw.between(low, high) * slow))
        if at >= demo.end:
            if won:
                at = demo.moment(deal.stage_since)
                _enter(demo, deal, at, "won", also)
                stays.append(_stay(demo, deal))
            break
        _enter(demo, deal, at, str(stage), also)
        stays.append(_stay(demo, deal))
    for stay, after in pairwise(stays):
        stay.left_at = after.entered_at
    _put_off(demo, deal, also)
    if draw.chance(0.35):
        demo.happened(demo.moment(deal.created_at), deal.owner, "noted", deal, body=draw.pick(NOTES))
    if deal.is_open and deal.stage != Deal.Stage.DISCOVERY and draw.chance(0.25):
        deal.own_probability = draw.pick((15, 20, 30, 40, 60, 80, 90))
    return stays


def _stay(demo: Demo, deal: Deal) -> DealStep:
    return DealStep(pk=demo.number(DealStep), deal=deal, stage=deal.stage, entered_at=deal.stage_since)


def _office_hours(demo: Demo, at: datetime) -> datetime:
    """The same day or the next one that people work."""
    local = timezone.localtime(at)
    while local.weekday() > 4:
        local += timedelta(days=1)
    return local.replace(hour=demo.draw.between(9, 17), minute=demo.draw.between(0, 59))


def _enter(demo: Demo, deal: Deal, at: datetime, stage: str, also: tuple[Any, ...]) -> None:
    changes: dict[str, list[Any]] = {"stage": [str(deal.stage), stage]}
    deal.stage = stage
    deal.stage_since = deal.last_activity_at = at
    deal.furthest = max(deal.furthest, Deal.RANK[stage])
    if stage in Deal.CLOSED:
        deal.closed_on = timezone.localtime(at).date()
        changes["closed_on"] = [None, deal.closed_on.isoformat()]
    if stage == Deal.Stage.LOST:
        deal.lost_reason = demo.draw.weighted(REASONS)
        deal.lost_comment = demo.draw.pick(LOST_TOLD[deal.lost_reason])
        changes["lost_reason"] = ["", deal.lost_reason]
        if deal.lost_comment:
            changes["lost_comment"] = ["", deal.lost_comment]
    _changed(demo, deal, at, stage if stage in Deal.CLOSED else "moved", changes, also)


def _put_off(demo: Demo, deal: Deal, also: tuple[Any, ...]) -> None:
    """The closing date pushed back when it came near; a few are forgotten and stand in the past."""
    end: date = deal.closed_on or demo.today
    again = 0.85 if deal.is_open else 0.5
    while deal.expected_on and deal.expected_on < end and demo.draw.chance(again):
        if deal.postponed_count == 4:
            break
        at = _office_hours(demo, demo.at(deal.expected_on, datetime.min.time()) - timedelta(days=3))
        if not deal.created_at < at < demo.end:
            break
        later = deal.expected_on + timedelta(days=demo.draw.between(14, 60))
        changes: dict[str, list[Any]] = {
            "expected_on": [deal.expected_on.isoformat(), later.isoformat()],
            "postponed_count": [deal.postponed_count, deal.postponed_count + 1],
        }
        deal.expected_on, deal.postponed_count = later, deal.postponed_count + 1
        _changed(demo, deal, at, "postponed", changes, also)


def _changed(
    demo: Demo, deal: Deal, at: datetime, action: str, changes: dict[str, list[Any]], also: tuple[Any, ...]
) -> None:
    deal.version += 1
    deal.updated_at = max(at, deal.updated_at)
    demo.happened(at, deal.owner, action, deal, changes=changes, also=also)


def _tags_of(demo: Demo, deal: Deal, tags: dict[str, Tag]) -> list[Tag]:
    title = deal.title
    chosen = [
        name
        for word, name in (("Refonte", "Refonte de site"), ("Référencement", "Référencement"))
        if word in title
    ]
    if "Boutique" in title:
        chosen.append("E-commerce")
    return [tags[name] for name in chosen if demo.draw.chance(0.6)]

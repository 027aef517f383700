"""Contacts of the demo: who they are, how they became clients, what was noted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from crm.demo.companies import Firm, mailbox, seller_for, set_value
from crm.models import Company, Contact, ContactTag, Tag
from digiweb.carriers import follow
from digiweb.changes import initial_values
from digiweb.demo import Demo
from digiweb.demo.draw import job_for, slug_of
from digiweb.demo.trades import SOURCES

NOTES = (
    "Rappeler la semaine prochaine, de préférence avant 10 h.",
    "Intéressé par le référencement local ; envoyer deux exemples de clients du même métier.",
    "A demandé un devis pour une refonte avec prise de rendez-vous en ligne.",
    "Très bon échange au téléphone. Décide avec son associé.",
    "Pas de projet avant la rentrée, garder le contact.",
    "Préfère les e-mails au téléphone.",
    "Rencontré sur notre stand, carte de visite au dossier.",
    "Satisfait de la mise en ligne ; serait d’accord pour un témoignage.",
    "Se plaint des délais de son agence actuelle, contrat jusqu’en fin d’année.",
    "A ouvert une deuxième boutique : il faudra ajouter l’adresse sur le site.",
    "Demande une formation d’une demi-journée pour mettre à jour les pages.",
    "Veut comparer avec une publicité en ligne, prévoir un budget test de 500 € par mois.",
)
FREELANCE = ("Consultant", "Photographe", "Architecte", "Graphiste", "Coach", "Artisan", "")


def build_contacts(
    demo: Demo, firms: list[Firm], number: int, alone: int, tags: dict[str, Tag]
) -> list[Contact]:
    """`number` contacts, `alone` of them without a company, numbered as they were added."""
    people: list[tuple[datetime, Firm | None, int]] = []
    for firm, size in zip(firms, _sizes(demo, len(firms), number - alone), strict=True):
        added = firm.company.created_at
        for place in range(size):
            at = (
                added + timedelta(minutes=demo.draw.between(2, 40))
                if place == 0
                else demo.moment(added, within=demo.draw.pick((40, 120, 365)))
            )
            people.append((at, firm, place))
    people += [(demo.moment(), None, 0) for _ in range(alone)]
    people.sort(key=lambda each: each[0])
    contacts = [_contact(demo, at, firm, place) for at, firm, place in people]
    links = [
        ContactTag(pk=demo.number(ContactTag), contact=contact, tag=tag)
        for contact, (_at, firm, _place) in zip(contacts, people, strict=True)
        for tag in _follow(demo, contact, firm, tags)
    ]
    demo.insert(contacts)
    demo.insert(links)
    follow(Contact, [contact.pk for contact in contacts])
    return contacts


def _sizes(demo: Demo, firms: int, total: int) -> list[int]:
    """How many contacts each company has: none to six, `total` in all."""
    usual = ((0, 8), (1, 36), (2, 26), (3, 14), (4, 8), (5, 5), (6, 3))
    sizes = [demo.draw.weighted(usual) for _ in range(firms)]
    while (missing := total - sum(sizes)) != 0:
        place = demo.draw.between(0, firms - 1)
        if 0 < sizes[place] < 6:
            sizes[place] += 1 if missing > 0 else -1
    return sizes


def _contact(demo: Demo, at: datetime, firm: Firm | None, place: int) -> Contact:
    draw = demo.draw
    first, last = draw.first_name(), draw.last_name()
    contact = Contact(pk=demo.number(Contact), created_at=at, updated_at=at)
    if firm is None:
        town = draw.town()
        title = draw.pick(FREELANCE)
        address = f"{slug_of(first)}.{slug_of(last)}{draw.between(1, 99)}@courriel.example"
        contact.email = address if draw.chance(0.85) else ""
        contact.mobile = draw.mobile() if draw.chance(0.7) else ""
        contact.owner = seller_for(demo, town) if draw.chance(0.6) else None
        located = draw.chance(0.7)
    else:
        company, town = firm.company, firm.town
        if place == 0 and draw.chance(0.6):
            first, last = firm.boss
        title = firm.trade.jobs[0] if (first, last) == firm.boss else draw.pick(firm.trade.jobs)
        contact.company = company
        contact.email = mailbox(firm, first, last) if draw.chance(0.9) else ""
        direct = draw.landline(town.area) if draw.chance(0.6) else ""
        contact.phone = company.phone if draw.chance(0.3) else direct
        contact.mobile = draw.mobile() if draw.chance(0.5) else ""
        contact.address, located = company.address, True
        owner = company.owner or seller_for(demo, town)
        contact.owner = owner if draw.chance(0.93) else seller_for(demo, town) if draw.chance(0.6) else None
    contact.first_name, contact.last_name = first, last
    contact.job_title = job_for(title, first) if draw.chance(0.88) else ""
    contact.source = draw.weighted(SOURCES) if draw.chance(0.95) else ""
    if located:
        contact.postcode, contact.city = town.postcode, town.name
    else:
        contact.address = ""
    # Who was met is rated now and then: drawn from the number, so that the rest of the story stays.
    die = contact.pk * 7919 % 100
    contact.rating = 1 + die * 7 % 5 if die < 28 else None
    return contact


def _follow(demo: Demo, contact: Contact, firm: Firm | None, tags: dict[str, Tag]) -> Sequence[Tag]:
    """What happened to the contact after it was added; returns its tags at the end."""
    draw = demo.draw
    also: tuple[Any, ...] = (firm.company,) if firm else ()
    final_owner, at = contact.owner, contact.created_at
    # Those who write by the site arrive without an owner and are handed out within days.
    if final_owner and contact.source == "Site web" and draw.chance(0.6):
        contact.owner = None
    creator = contact.owner or demo.people["manager"]
    demo.happened(at, creator, "created", contact, changes=initial_values(contact), also=also)
    actor = final_owner or demo.people["manager"]
    if final_owner and contact.owner is None:
        at = demo.moment(at, within=3)
        set_value(demo, contact, at, demo.people["manager"], "owner", final_owner, also)
    for status in _path(demo, contact, firm):
        at = max(at, demo.moment(at))
        set_value(demo, contact, at, actor, "status", status, also)
    for _ in range(draw.weighted(((0, 55), (1, 30), (2, 11), (3, 4)))):
        demo.happened(demo.moment(contact.created_at), actor, "noted", contact, body=draw.pick(NOTES))
    shares = {
        "Newsletter": 0.25,
        "À rappeler": 0.1,
        "Référencement": 0.08,
        "Réseaux sociaux": 0.07,
        "VIP": 0.03,
    }
    chosen = [tags[name] for name, share in shares.items() if draw.chance(share)]
    if contact.source in ("Salon", "Partenaire"):
        chosen.append(next(tag for name, tag in tags.items() if name.startswith(contact.source)))
    if chosen and draw.chance(0.3):
        data = {"added": [str(chosen[-1])], "removed": []}
        demo.happened(demo.moment(contact.created_at), actor, "tagged", contact, data=data)
    return chosen


def _path(demo: Demo, contact: Contact, firm: Firm | None) -> list[str]:
    """The statuses through which a contact went after being a lead."""
    status = Contact.Status
    if contact.owner is None and not firm:
        return []
    if firm is None:
        return [status.PROSPECT] if demo.draw.chance(0.4) else []
    if firm.company.status == Company.Status.PROSPECT:
        return [status.PROSPECT] if demo.draw.chance(0.5) else []
    return [status.PROSPECT, status.CLIENT] if demo.draw.chance(0.75) else [status.PROSPECT]

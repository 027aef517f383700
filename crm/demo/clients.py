"""Clients of the demo: the companies that have bought, since their first deal was won."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from crm.models import Client, Company, Deal
from digiweb.changes import initial_values
from digiweb.demo import Demo

UPSELLS = (
    "Référencement naturel, 12 mois",
    "Boutique en ligne à la place du catalogue",
    "Campagne locale avant les fêtes",
    "Reportage photo pour la refonte",
    "Prise de rendez-vous en ligne",
    "Deuxième établissement : un site de plus",
    "Formation de l’équipe à la mise à jour",
    "Maintenance et hébergement haut de gamme",
)
GOODBYES = (
    "Fermeture de l’établissement : contrat non renouvelé.",
    "Parti chez un concurrent après la hausse de prix.",
    "Repreneur qui garde son propre prestataire.",
)


def build_clients(demo: Demo, deals: Sequence[Deal]) -> list[Client]:
    """A client for each company with a won deal, numbered as they signed; renewed every year."""
    first: dict[int, Deal] = {}
    for deal in sorted(deals, key=lambda each: (each.stage_since, each.pk)):
        if deal.stage == Deal.Stage.WON and deal.company_id:
            first.setdefault(deal.company_id, deal)
    clients = [_client(demo, deal) for deal in first.values()]
    demo.insert(clients)
    demo.clients.extend(clients)
    return clients


def _client(demo: Demo, deal: Deal) -> Client:
    draw, company = demo.draw, deal.company
    assert company is not None  # noqa: S101 (`build_clients` sees to both)
    assert deal.closed_on is not None  # noqa: S101
    former = company.status == Company.Status.FORMER
    client = Client(
        pk=demo.number(Client),
        company=company,
        contact=deal.contact,
        owner=deal.owner,
        status=Client.Status.CHURNED
        if former
        else Client.Status.INACTIVE
        if draw.chance(0.04)
        else Client.Status.ACTIVE,
        signed_on=deal.closed_on,
        renewal_on=None if former else _next_renewal(deal.closed_on, demo.today),
        upsell=draw.pick(UPSELLS) if not former and draw.chance(0.4) else "",
        identity_card=_card(demo, deal) if draw.chance(0.15) else None,
        created_at=deal.stage_since,
        updated_at=deal.stage_since,
    )
    # The company and the person are set on the row: what follows from them is derived when it is written.
    demo.happened(
        deal.stage_since,
        deal.owner,
        "created",
        client,
        changes=initial_values(client),
        also=tuple(each for each in (company, deal.contact) if each is not None),
    )
    if former:
        at = demo.moment(deal.stage_since)
        demo.happened(at, deal.owner, "noted", client, body=draw.pick(GOODBYES))
    return client


def _next_renewal(signed: date, today: date) -> date:
    """The first anniversary that is still ahead, or just behind."""
    day = signed
    while day < today - timedelta(days=10):
        try:
            day = day.replace(year=day.year + 1)
        except ValueError:  # the 29th of February
            day = day.replace(year=day.year + 1, day=28)
    return day if day > signed else day.replace(year=day.year + 1, day=min(day.day, 28))


def _card(demo: Demo, deal: Deal) -> dict[str, Any]:
    """What another system says of the person who signed."""
    draw, contact = demo.draw, deal.contact
    born = date(draw.between(1958, 1996), draw.between(1, 12), draw.between(1, 28))
    towns = ("Lille", "Nantes", "Lyon", "Rennes", "Toulouse")
    return {
        "civilite": draw.pick(("Mme", "M.")),
        "nom": contact.last_name if contact else "",
        "prenom": contact.first_name if contact else "",
        "dateNaissance": born.strftime("%d/%m/%Y"),
        "lieuNaissance": draw.pick(towns),
        "pieceIdentite": {
            "type": draw.pick(("Carte nationale d’identité", "Passeport", "Titre de séjour")),
            "expire": f"{draw.between(2027, 2034)}-{draw.between(1, 12):02d}",
            "verifiee": draw.chance(0.8),
        },
    }

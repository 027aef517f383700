"""What the colleague's system would send in the demo: prospects out of the demo's generator.

The list follows from the number of the call alone: at each call some prospects have changed, every one of
them within `EVERY` calls. A few pieces are wrong on purpose, as they are in every real list.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from digiweb.demo.draw import Draw

SEED = 20261123
NUMBER = 300
# A prospect changes once in so many calls: about a dozen of 300 a call.
EVERY = 25
# (name, supplier, kind, price, price a month)
OFFERS = (
    ("Site vitrine", "DigiWeb", "Création", 1490, 0),
    ("Site e-commerce", "DigiWeb", "Création", 3900, 0),
    ("Refonte de site", "DigiWeb", "Création", 2200, 0),
    ("Hébergement et maintenance", "OVHcloud", "Abonnement", 0, 49),
    ("Référencement local", "DigiWeb", "Abonnement", 0, 190),
    ("Campagnes Google Ads", "Google", "Abonnement", 0, 350),
    ("Réseaux sociaux", "DigiWeb", "Abonnement", 0, 240),
    ("Site en location", "LOCAM", "Location", 0, 119),
)
# (status, how likely): where a contract stands at the first call.
STATUSES = (("En attente", 14), ("Signé", 22), ("Validé", 52), ("Résilié", 8), ("Terminé", 4))
NEXT = {
    "En attente": "Signé",
    "Signé": "Validé",
    "Validé": "Validé",
    "Résilié": "Résilié",
    "Terminé": "Terminé",
}
# (code of the bank, its BIC)
BANKS = (
    ("30006", "AGRIFRPP"),
    ("30004", "BNPAFRPP"),
    ("30003", "SOGEFRPP"),
    ("10278", "CMCIFR2A"),
    ("20041", "PSSTFRPP"),
)
CARDS = ("carte d’identité", "passeport")
UNKNOWN_SELLER = ("Camille", "Reynaud", "camille.reynaud@apporteurs.example")


class Person(NamedTuple):
    """Somebody whom the demo knows: a contact, or one of its salespeople."""

    first_name: str
    last_name: str
    email: str
    phone: str = ""


def invent(
    *, known: Sequence[Person], sellers: Sequence[Person], today: date, number: int = NUMBER
) -> list[dict[str, Any]]:
    """The list as it was before anybody asked; the first third are contacts of the demo."""
    draw = Draw(SEED)
    team = [*sellers, Person(*UNKNOWN_SELLER)]
    people = list(known[: number // 3])
    people += [_stranger(draw) for _each in range(number - len(people))]
    found = []
    for place, person in enumerate(people):
        # The unknown one sells a little, the others about as much as each other.
        seller = team[-1] if draw.chance(0.06) else team[draw.between(0, max(len(team) - 2, 0))]
        found.append(_prospect(draw, place, person, seller, today))
    _spoil(found)
    return found


def _stranger(draw: Draw) -> Person:
    first, last = draw.first_name(), draw.last_name()
    town = draw.town()
    name = draw.slug(f"{first} {last}")
    phone = draw.mobile() if draw.chance(0.7) else draw.landline(town.area)
    return Person(first, last, f"{name}@courriel.example", phone)


def _prospect(draw: Draw, place: int, person: Person, seller: Person, today: date) -> dict[str, Any]:
    since = today - timedelta(days=draw.between(40, 1100))
    taken = draw.weighted(((1, 55), (2, 30), (3, 15)))
    offers = list(OFFERS)
    draw.random.shuffle(offers)
    number = 1000 + place
    return {
        "idProspect": number,
        "nom": person.last_name,
        "prenom": person.first_name,
        "email": person.email,
        "telephone": person.phone or draw.mobile(),
        "commercialId": str(uuid5(NAMESPACE_URL, f"mailto:{seller.email}")),
        "informationsPaiement": [_account(draw)] if draw.chance(0.8) else [],
        "Souscription": [
            _subscription(draw, f"CT-{number}-{each + 1}", offer, since, today)
            for each, offer in enumerate(offers[:taken])
        ],
        "commercial": {
            "id": str(uuid5(NAMESPACE_URL, f"mailto:{seller.email}")),
            "nom": seller.last_name,
            "prenom": seller.first_name,
            "email": seller.email,
        },
        "identityCard": _card(draw, person, today) if draw.chance(0.6) else None,
        "updatedAt": f"{since.isoformat()}T09:00:00+01:00",
    }


def _subscription(
    draw: Draw, reference: str, offer: tuple[str, str, str, int, int], since: date, today: date
) -> dict[str, Any]:
    name, _supplier, _kind, price, monthly = offer
    contract = _contract(draw, reference, offer, since)
    payments = []
    if monthly and contract["statut"] == "Validé":
        months = min((today - since).days // 30, 6)
        payments = [
            {
                "reference": f"{reference}-P{each}",
                "date": (today - timedelta(days=30 * each)).isoformat(),
                "montant": monthly,
                "mode": "Prélèvement",
                "statut": "Impayé" if draw.chance(0.04) else "Payé",
            }
            for each in range(months, 0, -1)
        ]
    return {
        "offre": {"nom": name, "prix": price, "prixMensuel": monthly},
        "montantMensuel": monthly or None,
        "dateDebut": since.isoformat(),
        "contrats": [contract],
        "paiements": payments,
    }


def _contract(
    draw: Draw, reference: str, offer: tuple[str, str, str, int, int], since: date
) -> dict[str, Any]:
    name, supplier, kind, price, monthly = offer
    status = draw.weighted(STATUSES)
    signed = since + timedelta(days=draw.between(0, 20))
    amount = (price or monthly * draw.pick((12, 24, 36))) * draw.pick((90, 95, 100, 100, 100, 110)) / 100
    months = draw.pick((12, 24, 36, 48))
    return {
        "titre": reference,
        "description": f"{name} : {draw.pick(('formule de base', 'formule complète', 'sur mesure'))}",
        "statut": status,
        "dateSignature": None if status == "En attente" else signed.isoformat(),
        "dateValidation": (signed + timedelta(days=draw.between(1, 9))).isoformat()
        if status in ("Validé", "Résilié", "Terminé")
        else None,
        "montant": round(amount, 2),
        "fournisseur": supplier,
        "type": kind,
        "documentUrl": f"/contrats/{since.year}/{reference}.pdf",
        "auditTrailUrl": f"/contrats/{since.year}/{reference}-preuve.pdf",
        "dateDebut": since.isoformat(),
        "dateFin": (since + timedelta(days=365 * months // 12)).isoformat() if monthly else None,
        "modePaiement": "Prélèvement" if monthly else draw.pick(("Virement", "Carte bancaire", "Chèque")),
        "jourPrelevement": draw.pick((5, 10, 15, 20)) if monthly else None,
    }


def _card(draw: Draw, person: Person, today: date) -> dict[str, Any]:
    return {
        "type": draw.pick(CARDS),
        "nom": person.last_name.upper(),
        "prenom": person.first_name,
        "expiration": (today + timedelta(days=draw.between(-200, 3000))).isoformat(),
        "verifiee": draw.chance(0.85),
    }


def _account(draw: Draw) -> dict[str, str]:
    bank, bic = draw.pick(BANKS)
    return {"IBAN": french_iban(bank, draw.between(1, 99999), draw.between(1, 99_999_999_999)), "BIC": bic}


def french_iban(bank: str, branch: int, account: int) -> str:
    """A number whose keys are right, the national one too; nobody has it but by chance."""
    key = 97 - (89 * int(bank) + 15 * branch + 3 * account) % 97
    digits = f"{bank}{branch:05}{account:011}{key:02}"
    check = 98 - int(f"{digits}152700") % 97
    return f"FR{check:02}{digits}"


def _spoil(prospects: list[dict[str, Any]]) -> None:
    """Some pieces as real lists have them: wrong, or told in other words."""

    def contract(place: int) -> dict[str, Any]:
        found: dict[str, Any] = prospects[place]["Souscription"][0]["contrats"][0]
        return found

    wrongs: tuple[Callable[[], Any], ...] = (
        lambda: contract(11).update(montant="1 490,00 €", dateSignature="31/03/2026"),
        lambda: contract(23).update(montant="à définir"),
        lambda: contract(37).update(titre=None),
        lambda: contract(52).update(dateSignature="31/02/2026"),
        lambda: contract(64).update(statut="Sous réserve d’acceptation"),
        lambda: prospects[78].update(informationsPaiement=[{"IBAN": "FR7630006000011234567890188"}]),
        lambda: prospects[91].update(email="pas d’adresse"),
        lambda: prospects[105].update(email=None, telephone=None),
        lambda: prospects[117].update(telephone=prospects[116]["telephone"], email=None),
        lambda: contract(130).update(titre=contract(129)["titre"]),
        lambda: prospects[144].update(commercial=None),
        lambda: prospects[156].update(Souscription=[]),
    )
    for each in wrongs:
        try:
            each()
        except IndexError:  # a shorter list has fewer of them
            return


def changed(
    prospects: Sequence[dict[str, Any]], call: int, moment_of: Callable[[int], datetime]
) -> list[dict[str, Any]]:
    """The list as the call of this number finds it; `moment_of` says when each call was."""
    return [_after(prospect, place, call, moment_of) for place, prospect in enumerate(prospects)]


def _after(
    prospect: dict[str, Any], place: int, call: int, moment_of: Callable[[int], datetime]
) -> dict[str, Any]:
    # The first call changes nothing: it finds the list as it is.
    times = (call - 2 + place % EVERY + 1) // EVERY if call > 1 else 0
    if not times:
        return prospect
    found = {**prospect}
    # The call at which it changed last.
    last = times * EVERY - place % EVERY + 1
    found["updatedAt"] = moment_of(last).isoformat(timespec="seconds")
    found["Souscription"] = [
        {
            **subscription,
            "contrats": [_moved_on(contract, times) for contract in subscription["contrats"]],
        }
        for subscription in prospect["Souscription"]
    ]
    if place % 3 == 0 and prospect["telephone"]:
        draw = Draw(SEED + place * 1000 + times)
        found["telephone"] = draw.mobile()
    return found


def _moved_on(contract: dict[str, Any], times: int) -> dict[str, Any]:
    status = contract["statut"]
    for _each in range(min(times, 2)):
        status = NEXT.get(status, status)
    amount = contract["montant"]
    if isinstance(amount, (int, float)) and times > 2:
        amount = round(amount * (1 + (times - 2) / 100), 2)
    return {**contract, "statut": status, "montant": amount}

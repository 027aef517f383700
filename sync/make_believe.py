"""What providers answer in demo mode, in their own shapes: firms out of the demo's generator.

The mapping of each provider reads these answers as it reads real ones. A firm of the demo's database is
told with small differences, as if time had passed; any other valid SIREN gives an invented firm.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from crm.models import Company
from digiweb.demo.draw import Draw, luhn_digit
from digiweb.demo.trades import TRADES, WORDS
from digiweb.fulltext import fold
from digiweb.identifiers import clean_siren, vat_of_siren
from sync.errors import Unknown
from sync.sirene.codes import HEADCOUNTS, LEGAL_FORMS

INVENTED = 600
SHOWN = 8
CODES = {label: code for code, label in LEGAL_FORMS.items()}


@dataclass(frozen=True)
class Story:
    """A firm before it is put into a provider's shape."""

    siren: str
    siret: str
    name: str
    naf: str
    form: str
    first: str
    last: str
    heads: int
    turnover: int
    street: str
    postcode: str
    city: str
    closed: bool = False


@cache
def invented() -> list[Story]:
    draw = Draw(20261)
    return [_invent(draw, draw.siren()) for _ in range(INVENTED)]


def _invent(draw: Draw, siren: str) -> Story:
    trade = draw.weighted([(each, each.weight) for each in TRADES])
    town, first, last = draw.town(), draw.first_name(), draw.last_name()
    names = [name for name in trade.names if "{town}" not in name] or ["{last}"]
    name = draw.pick(names).format(last=last, last2=draw.last_name(), first=first, word=draw.pick(WORDS))
    heads = draw.between(*trade.heads)
    return Story(
        siren=siren,
        siret=draw.siret(siren),
        name=name.upper(),
        naf=trade.naf,
        form=draw.pick(trade.forms),
        first=first,
        last=last,
        heads=heads,
        turnover=heads * trade.per_head * 1000,
        street=draw.street(),
        postcode=town.postcode,
        city=town.name,
        closed=draw.chance(0.04),
    )


def story_of(siren: str) -> Story:
    """The firm with this number; raises Unknown where the number cannot be one."""
    try:
        clean_siren(siren)
    except ValidationError:
        raise Unknown("no valid number") from None
    company = Company.objects.filter(siren=siren).order_by("pk").first()
    if company is not None:
        return _told(company)
    return next((each for each in invented() if each.siren == siren), None) or _invent(
        Draw(int(siren)), siren
    )


def _told(company: Company) -> Story:
    first, _blank, last = (company.legal_manager or "Claude Martin").partition(" ")
    digits = f"{company.siren}0001"
    chance = random.Random(company.siren)  # noqa: S311 (repeatable on purpose)
    heads = (company.headcount or chance.randint(2, 12)) + chance.choice((0, 1, 2))
    return Story(
        siren=company.siren,
        siret=company.siret or digits + luhn_digit(digits),
        name=company.name.upper(),
        naf=company.naf_code or "62.01Z",
        form=company.legal_form or "SAS",
        first=first,
        last=last or first,
        heads=heads,
        turnover=int((company.turnover or heads * 90_000) * 104 // 100),
        street=company.address,
        postcode=company.postcode,
        city=company.city,
    )


def stories_named(words: str) -> list[Story]:
    """Firms of the database first, then invented ones, whose names hold all the words."""
    wanted = fold(words).split()
    found: dict[str, Story] = {}
    if wanted:
        rows = Company.objects.exclude(siren="").filter(search_text__words=words).order_by("pk")[:3]
        for company in rows:
            if all(word in fold(company.name) for word in wanted):
                found[company.siren] = _told(company)
    for story in invented():
        if len(found) == SHOWN:
            break
        if wanted and all(word in fold(story.name) for word in wanted):
            found.setdefault(story.siren, story)
    return list(found.values())


def _asked(words: str) -> Iterator[Story]:
    digits = "".join(words.split())
    if digits.isdigit() and len(digits) in (9, 14):
        yield story_of(digits[:9])
    else:
        yield from stories_named(words)


# --- In each provider's shape


def _range_of(heads: int) -> str:
    return next(
        code for code, (low, high) in HEADCOUNTS.items() if low <= heads and (high is None or heads <= high)
    )


def directory_answer(params: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = [_directory_line(story) for story in _asked(str(params.get("q", "")))]
    except Unknown:
        found = []
    return {"results": found, "total_results": len(found)}


def _directory_line(story: Story) -> dict[str, Any]:
    return {
        "siren": story.siren,
        "nom_complet": story.name,
        "nom_raison_sociale": story.name,
        "nature_juridique": CODES.get(story.form, "5710"),
        "activite_principale": story.naf,
        "tranche_effectif_salarie": _range_of(story.heads),
        "etat_administratif": "C" if story.closed else "A",
        "date_fermeture": "2025-12-31" if story.closed else None,
        "statut_diffusion": "O",
        "siege": {
            "siret": story.siret,
            "libelle_voie": story.street.upper(),
            "code_postal": story.postcode,
            "libelle_commune": story.city.upper(),
        },
        "dirigeants": [{"nom": story.last.upper(), "prenoms": story.first.upper(), "qualite": "Gérant"}],
        "finances": {"2025": {"ca": story.turnover}},
    }


def sirene_answer(path: str, params: Mapping[str, Any]) -> dict[str, Any]:
    if path == "/informations":
        return {"etatService": "UP", "versionService": "3.11"}
    if path == "/siret":
        words = " ".join(
            word.partition(":")[2].rstrip("*)") for word in str(params.get("q", "")).split() if "*" in word
        )
        return {"etablissements": [_place(story) for story in stories_named(words)]}
    kind, _slash, number = path.strip("/").partition("/")
    story = story_of(number[:9])
    if kind == "siren":
        return {"uniteLegale": {"periodesUniteLegale": [{"nicSiegeUniteLegale": story.siret[9:]}]}}
    return {"etablissement": _place(story)}


def _place(story: Story) -> dict[str, Any]:
    return {
        "siren": story.siren,
        "siret": story.siret,
        "uniteLegale": {
            "denominationUniteLegale": story.name,
            "categorieJuridiqueUniteLegale": CODES.get(story.form, "5710"),
            "activitePrincipaleUniteLegale": story.naf,
            "trancheEffectifsUniteLegale": _range_of(story.heads),
            "etatAdministratifUniteLegale": "C" if story.closed else "A",
        },
        "adresseEtablissement": {
            "libelleVoieEtablissement": story.street.upper(),
            "codePostalEtablissement": story.postcode,
            "libelleCommuneEtablissement": story.city.upper(),
        },
        "periodesEtablissement": [{"dateDebut": "2025-12-31"}],
    }


def pappers_answer(path: str, params: Mapping[str, Any]) -> dict[str, Any]:
    if path == "/recherche":
        found = [_pappers(story) for story in _asked(str(params.get("q", "")))]
        return {"resultats": found, "total": len(found), "page": 1}
    return _pappers(story_of(str(params.get("siren", ""))))


def _pappers(story: Story) -> dict[str, Any]:
    return {
        "siren": story.siren,
        "nom_entreprise": story.name,
        "denomination": story.name,
        "personne_morale": True,
        "forme_juridique": story.form,
        "code_naf": story.naf,
        "numero_tva_intracommunautaire": vat_of_siren(story.siren),
        "entreprise_cessee": story.closed,
        "date_cessation": "2025-12-31" if story.closed else None,
        "siege": {
            "siret": story.siret,
            "adresse_ligne_1": story.street.upper(),
            "code_postal": story.postcode,
            "ville": story.city.upper(),
        },
        "representants": [
            {
                "nom": story.last,
                "prenom": story.first,
                "qualite": "Président",
                "personne_morale": False,
            }
        ],
        "finances": [{"annee": 2025, "chiffre_affaires": story.turnover, "effectif": story.heads}],
    }


SENTENCES = (
    "Risque très élevé : la défaillance est probable à court terme.",
    "Risque important. L’entreprise est confrontée à de réelles faiblesses.",
    "Risque acceptable et stabilité financière moyenne.",
    "Risque faible : la situation financière est solide.",
)


def sentence(value: int) -> str:
    return SENTENCES[(value > 2) + (value > 4) + (value > 7)]


def coface_answer(method: str, path: str, params: Mapping[str, Any]) -> Any:
    if path == "/countries":
        return [{"code": code} for code in ("FR", "BE", "CH", "LU")]
    if path == "/companies":
        return [{"id": str(params.get("externalId", "")).partition("#")[2]}]
    if path == "/publications/orders":
        siren = str(params.get("companyId") or str(params.get("id", "")).removeprefix("demo-"))
        return {
            "id": f"demo-{siren}",
            "status": "ready",
            "publications": [
                {
                    "deliveryId": siren,
                    "assessmentSlug": "debtor-risk-assessment-package",
                    "status": "ready",
                }
            ],
        }
    return publications(str(params.get("id")), timezone.localdate())


def publications(delivery: str, today: date) -> list[dict[str, Any]]:
    """A score of this day and two earlier ones."""
    chance = random.Random(f"coface {delivery}")  # noqa: S311 (repeatable on purpose)
    value = chance.randint(3, 9)
    return [
        {
            "releaseDate": str(today - timedelta(days=ago)),
            "isCurrent": not ago,
            "assessmentSlug": "debtor-risk-assessment-package",
            "debtorRiskValue": str(min(max(value - step, 1), 10)),
            "probabilityOfDefault": round(12 / (value + 1), 2),
            "descriptions": [{"language": "fr", "full": sentence(value)}],
        }
        for step, ago in ((0, 0), (chance.choice((-1, 0, 1)), 190), (chance.choice((-1, 0, 1)), 400))
    ]

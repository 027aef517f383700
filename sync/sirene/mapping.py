"""INSEE's shape → ours."""

from typing import Any

from crm.company_data import Firm
from digiweb.identifiers import vat_of_siren
from sync.reading import (
    HIDDEN,
    day,
    naf_in,
    part,
    postcode_in,
    proper,
    rows,
    siren_in,
    siret_in,
    street,
    text,
)
from sync.sirene.codes import headcount_of, legal_form_of


def firm_of(data: Any) -> Firm | None:
    """The firm of an answer of `/siret/…`, or of one line of a search; None where there is none."""
    place = part(data, "etablissement") or data
    siren = siren_in(place, "siren")
    if not siren:
        return None
    unit = part(place, "uniteLegale")
    address = part(place, "adresseEtablissement")
    period = next(iter(rows(place, "periodesEtablissement")), None)
    low, high = headcount_of(text(unit, "trancheEffectifsUniteLegale"))
    closed = text(unit, "etatAdministratifUniteLegale") == "C"
    return Firm(
        siren=siren,
        siret=siret_in(place, "siret"),
        name=name_of(unit),
        vat_number=vat_of_siren(siren),
        naf_code=naf_in(unit, "activitePrincipaleUniteLegale"),
        legal_form=legal_form_of(text(unit, "categorieJuridiqueUniteLegale")),
        headcount=low,
        headcount_to=high,
        address=street(street_of(address)),
        postcode=postcode_in(address, "codePostalEtablissement"),
        city=proper(text(address, "libelleCommuneEtablissement", limit=120)),
        closed=closed,
        closed_on=day(period, "dateDebut") if closed else None,
        hidden=is_hidden(unit),
    )


def name_of(unit: Any) -> str:
    """The name of a company, or of the person who is one."""
    person = f"{text(unit, 'prenomUsuelUniteLegale')} {text(unit, 'nomUniteLegale')}".strip()
    return text(unit, "denominationUniteLegale") or person


def street_of(address: Any) -> str:
    parts = (
        text(address, "complementAdresseEtablissement"),
        text(address, "numeroVoieEtablissement", limit=10),
        text(address, "indiceRepetitionEtablissement", limit=10),
        STREETS.get(
            text(address, "typeVoieEtablissement", limit=30), text(address, "typeVoieEtablissement", limit=30)
        ),
        text(address, "libelleVoieEtablissement"),
    )
    return " ".join(word for word in parts if word)[:255]


def is_hidden(unit: Any) -> bool:
    shared = text(unit, "statutDiffusionUniteLegale", limit=5)
    named = [part(unit, key) for key in ("denominationUniteLegale", "nomUniteLegale")]
    return shared == "P" or HIDDEN in named


# How the register shortens kinds of streets.
STREETS = {
    "ALL": "ALLEE",
    "AV": "AVENUE",
    "BD": "BOULEVARD",
    "CHE": "CHEMIN",
    "CRS": "COURS",
    "IMP": "IMPASSE",
    "PL": "PLACE",
    "QUAI": "QUAI",
    "RES": "RESIDENCE",
    "RTE": "ROUTE",
    "SQ": "SQUARE",
    "ZA": "ZONE ARTISANALE",
    "ZI": "ZONE INDUSTRIELLE",
}

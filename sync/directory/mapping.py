"""The shape of *recherche d'entreprises* → ours."""

from decimal import Decimal
from typing import Any

from crm.company_data import Firm
from digiweb.identifiers import vat_of_siren
from digiweb.numbers import whole_number
from sync.reading import (
    amount,
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
    """One line of `results`; None where it names no firm."""
    siren = siren_in(data, "siren")
    if not siren:
        return None
    seat = part(data, "siege")
    hidden = text(data, "statut_diffusion", limit=5) == "P"
    low, high = headcount_of(text(data, "tranche_effectif_salarie", limit=5))
    year, turnover = turnover_of(part(data, "finances"))
    closed = text(data, "etat_administratif", limit=5) == "C"
    return Firm(
        siren=siren,
        siret=siret_in(seat, "siret"),
        name=text(data, "nom_raison_sociale") or text(data, "nom_complet"),
        vat_number=vat_of_siren(siren),
        naf_code=naf_in(data, "activite_principale"),
        legal_form=legal_form_of(text(data, "nature_juridique", limit=6)),
        legal_manager="" if hidden else manager_of(rows(data, "dirigeants")),
        headcount=low,
        headcount_to=high,
        turnover=turnover,
        turnover_year=year,
        address=street(street_of(seat)),
        postcode=postcode_in(seat, "code_postal"),
        city=proper(text(seat, "libelle_commune", limit=120)),
        closed=closed,
        closed_on=day(data, "date_fermeture") if closed else None,
        hidden=hidden,
    )


def street_of(seat: Any) -> str:
    """Number and street; where they do not stand apart, the address before its postcode."""
    parts = [
        text(seat, name, limit=100)
        for name in ("complement_adresse", "numero_voie", "indice_repetition", "type_voie", "libelle_voie")
    ]
    apart = " ".join(word for word in parts if word)
    whole = text(seat, "adresse", limit=255)
    postcode = postcode_in(seat, "code_postal")
    return (apart or (whole.split(f" {postcode}")[0] if postcode else whole))[:255]


def manager_of(people: list[dict[str, Any]]) -> str:
    """The first who leads the firm: a person before a firm that leads another."""
    for each in people:
        name = (
            f"{proper(text(each, 'prenoms', limit=80)).split(' ')[0]} {proper(text(each, 'nom', limit=80))}"
        )
        if text(each, "nom") and "ommissaire" not in text(each, "qualite"):
            return name.strip()
    return next((name for each in people if (name := text(each, "denomination", limit=160))), "")


def turnover_of(finances: Any) -> tuple[int | None, Decimal | None]:
    """The latest year with a turnover: {"2023": {"ca": 120000, …}, …}."""
    years = finances if isinstance(finances, dict) else {}
    for year in sorted((key for key in years if len(str(key)) == 4 and whole_number(key)), reverse=True):
        if (found := amount(years, year, "ca")) is not None:
            return int(year), found
    return None, None

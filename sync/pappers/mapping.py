"""Pappers' shape → ours."""

from decimal import Decimal
from typing import Any

from crm.company_data import Firm
from digiweb.identifiers import vat_of_siren
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
    vat_in,
    whole,
)


def firm_of(data: Any) -> Firm | None:
    """The firm of `/entreprise`, or of one line of `/recherche`; None where there is none."""
    siren = siren_in(data, "siren")
    if not siren:
        return None
    seat = part(data, "siege")
    person = f"{text(data, 'prenom', limit=80)} {text(data, 'nom', limit=80)}".strip()
    year, turnover = turnover_of(rows(data, "finances"))
    low, high = headcount_of(data)
    closed = part(data, "entreprise_cessee") in (True, 1, "1")
    lines = " ".join(text(seat, name) for name in ("adresse_ligne_1", "adresse_ligne_2")).strip()
    return Firm(
        siren=siren,
        siret=siret_in(seat, "siret"),
        name=text(data, "denomination") or text(data, "nom_entreprise") or person,
        vat_number=vat_in(data, "numero_tva_intracommunautaire") or vat_of_siren(siren),
        naf_code=naf_in(data, "code_naf"),
        legal_form=text(data, "forme_juridique", limit=80),
        legal_manager=manager_of(rows(data, "representants")),
        headcount=low,
        headcount_to=high,
        turnover=turnover,
        turnover_year=year,
        address=street(lines)[:255],
        postcode=postcode_in(seat, "code_postal"),
        city=proper(text(seat, "ville", limit=120)),
        closed=closed,
        closed_on=day(data, "date_cessation") if closed else None,
        hidden=part(data, "diffusable") is False,
    )


def manager_of(people: list[dict[str, Any]]) -> str:
    """The first who leads the firm: a person before a firm; whoever audits it does not lead."""
    leading = [each for each in people if "ommissaire" not in text(each, "qualite")]
    for each in leading:
        if part(each, "personne_morale") is not True and text(each, "nom"):
            first = proper(text(each, "prenom_usuel", limit=80) or text(each, "prenom", limit=80))
            return f"{first.split(',')[0]} {proper(text(each, 'nom', limit=80))}".strip()
    return next((name for each in leading if (name := text(each, "nom_complet", limit=160))), "")


def headcount_of(data: Any) -> tuple[int | None, int | None]:
    """The figure of the latest accounts, or the range of the register."""
    accounts = sorted(rows(data, "finances"), key=lambda each: whole(each, "annee") or 0, reverse=True)
    exact = whole(accounts[0], "effectif") if accounts else None
    if exact is not None:
        return exact, exact
    return whole(data, "effectif_min"), whole(data, "effectif_max")


def turnover_of(finances: list[dict[str, Any]]) -> tuple[int | None, Decimal | None]:
    """The latest year with a turnover."""
    for each in sorted(finances, key=lambda each: whole(each, "annee") or 0, reverse=True):
        if (found := amount(each, "chiffre_affaires")) is not None:
            return whole(each, "annee"), found
    return None, None

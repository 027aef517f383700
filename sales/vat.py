"""Which VAT stands on a document, by who sells and who buys. Pure."""

from typing import Any

from sales.models import Agency
from sales.models.document import Document

# The Union's members, by ISO 3166; Monaco counts as France (directive 2006/112/CE, article 7).
UNION = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
FRANCE = frozenset(("FR", "MC"))
FRENCH_SPEAKING = FRANCE | {"BE", "CH", "LU"}


def proposed_treatment(agency: Agency, *, country: str, is_firm: bool) -> str:
    """The usual treatment (a `Document.Treatment`) for services to a buyer in `country`.

    A firm abroad owes the VAT itself within the Union (CGI, article 283, 2) and none outside it (article
    259, 1°); a private person pays that of France. Where the seller is exempt (293 B), there is none.
    """
    if agency.vat_regime == Agency.VatRegime.FRANCHISE:
        return Document.Treatment.FRANCHISE
    country = (country or "FR").upper()
    if country in FRANCE or not is_firm:
        return Document.Treatment.STANDARD
    return Document.Treatment.INTRA if country in UNION else Document.Treatment.EXPORT


def proposed_language(country: str) -> str:
    """French where it is spoken, English elsewhere."""
    spoken = (country or "FR").upper() in FRENCH_SPEAKING
    return Document.Language.FRENCH if spoken else Document.Language.ENGLISH


def buyer_of(document: Any) -> tuple[str, bool]:
    """(country, whether it is a firm) of whom a document is made out to."""
    party = document.company or document.contact
    return (str(party.country or "FR") if party is not None else "FR", document.company is not None)

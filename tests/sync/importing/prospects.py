"""Prospects as the colleague's system sends them (SPEC §13)."""

from typing import Any

SELLER = {
    "id": "9f1c2b9e-0a4e-4f6d-9a55-0d7b7f0b1a11",
    "nom": "Petit",
    "prenom": "Luc",
    "email": "luc@agence.test",
}
IBANS = ("FR7630006000011234567890189", "FR1420041010050500013M02606", "DE89370400440532013000")


def contract(title: str, **fields: Any) -> dict[str, Any]:
    return {
        "titre": title,
        "description": "Site vitrine",
        "statut": "Signé",
        "dateSignature": "2026-03-01",
        "dateValidation": None,
        "montant": 1200.5,
        "fournisseur": "LOCAM",
        "type": "Location",
        "documentUrl": "contrats/1.pdf",
        "auditTrailUrl": "contrats/1-audit.pdf",
        **fields,
    }


def prospect(number: int, *contracts: Any, **fields: Any) -> dict[str, Any]:
    """A prospect with one contract, unless said otherwise, of an offer of its own list."""
    given = list(contracts) or [contract(f"CT-{number}")]
    return {
        "idProspect": number,
        "nom": f"Durand{number}",
        "prenom": "Émilie",
        "email": f"client{number}@example.test",
        "telephone": f"06 12 34 {number // 100 % 100:02d} {number % 100:02d}",
        "commercialId": SELLER["id"],
        "commercial": SELLER,
        "informationsPaiement": [],
        "Souscription": [{"offre": {"nom": "Site vitrine", "prixMensuel": 90}, "contrats": given}],
        "identityCard": None,
        **fields,
    }

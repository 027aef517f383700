"""The keys of the colleague's pieces, and how each is read: what docs/colleague-api.yaml says in full."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sync.colleague import values
from sync.colleague.faults import Effect

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Field:
    """A key of the source, the name it has here, how it is read; what happens to the piece without it."""

    key: str
    name: str
    read: Callable[[Any], Any]
    empty: Any = ""
    # The effect of a compulsory one that is missing or wrong.
    wanted: Effect | None = None


def _text(key: str, name: str, most: int, wanted: Effect | None = None) -> Field:
    return Field(key, name, lambda value: values.text(value, most), wanted=wanted)


def _day(key: str, name: str) -> Field:
    return Field(key, name, values.day, None)


def _euros(key: str, name: str, least: Decimal = Decimal(0)) -> Field:
    return Field(key, name, lambda value: values.amount(value, least), None)


def _percent(key: str, name: str) -> Field:
    return Field(key, name, lambda value: values.amount(value, Decimal(0), HUNDRED), None)


def _reference(key: str, wanted: Effect | None = None) -> Field:
    return Field(key, "reference", lambda value: values.name_or_number(value, 120), wanted=wanted)


PROSPECT = (
    Field(
        "idProspect", "number", lambda value: values.whole(value, 1, 2**63 - 1), None, wanted=Effect.EMPTIED
    ),
    _text("nom", "last_name", 120, wanted=Effect.EMPTIED),
    _text("prenom", "first_name", 80),
    Field("email", "email", values.email),
    Field("telephone", "phone", values.phone),
    Field("commercialId", "salesperson_id", values.uuid, None),
    Field("identityCard", "identity_card", values.card, None),
)
SALESPERSON = (
    Field("id", "source_id", values.uuid, None),
    _text("nom", "last_name", 120),
    _text("prenom", "first_name", 80),
    Field("email", "email", values.email, wanted=Effect.EMPTIED),
    Field("telephone", "phone", values.phone),
    _percent("tauxCommission", "commission_rate"),
    _percent("tauxRecurrent", "recurring_rate"),
)
BANK_DETAILS = (
    Field("IBAN", "iban", values.iban, wanted=Effect.LEFT_OUT),
    Field("BIC", "bic", values.bic),
    _text("titulaire", "holder", 160),
)
OFFER = (
    _text("nom", "name", 160, wanted=Effect.LEFT_OUT),
    Field("description", "description", lambda value: values.lines(value, 4000)),
    _euros("prix", "price"),
    _euros("prixMensuel", "monthly_price"),
)
SUBSCRIPTION = (
    _text("statut", "status_text", 80),
    _euros("montantMensuel", "monthly_amount"),
    _day("dateDebut", "started_on"),
    _day("dateFin", "ended_on"),
)
CONTRACT = (
    _reference("titre", wanted=Effect.LEFT_OUT),
    Field("description", "description", lambda value: values.lines(value, 4000)),
    _text("statut", "status_text", 80),
    _day("dateSignature", "signed_on"),
    _day("dateValidation", "validated_on"),
    _day("dateDebut", "starts_on"),
    _day("dateFin", "ends_on"),
    _euros("montant", "amount"),
    _text("fournisseur", "supplier", 160),
    _text("type", "kind", 80),
    _text("modePaiement", "payment_method", 80),
    Field("jourPrelevement", "withdrawal_day", lambda value: values.whole(value, 1, 31), None),
    _text("documentUrl", "document_path", 500),
    _text("auditTrailUrl", "audit_trail_path", 500),
)
PAYMENT = (
    _reference("reference"),
    _day("date", "paid_on"),
    _euros("montant", "amount", -values.MOST),
    _text("mode", "method", 80),
    _text("statut", "status_text", 80),
)
# What stands in a piece besides its fields.
PARTS = {
    "prospect": ("commercial", "informationsPaiement", "Souscription"),
    "subscription": ("offre", "contrats", "paiements"),
    "contract": ("paiements",),
}
UPDATED = "updatedAt"
TABLES = {
    "prospect": PROSPECT,
    "salesperson": SALESPERSON,
    "bank": BANK_DETAILS,
    "subscription": SUBSCRIPTION,
    "offer": OFFER,
    "contract": CONTRACT,
    "payment": PAYMENT,
}
KEYS = {
    kind: frozenset({UPDATED, *(field.key for field in table), *PARTS.get(kind, ())})
    for kind, table in TABLES.items()
}

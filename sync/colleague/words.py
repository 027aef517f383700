"""The colleague's words for statuses and methods of payment, in any spelling, and what they are here.

Values are those of the models in `sales`. What is not in these tables is kept as it is and reported.
"""

from functools import cache

from digiweb.fulltext import WORD, fold

UNKNOWN = "unknown"

CONTRACT_STATUSES = {
    "pending": "en attente|attente|en cours|brouillon|a signer|envoyé|en attente de signature|en cours de "
    "signature|en attente de validation|à valider|pending|draft|sent",
    "signed": "signé|signée|signature reçue|signed",
    "validated": "validé|validée|actif|active|en vigueur|accepté|acceptée|validated|accepted",
    "terminated": "résilié|résiliée|annulé|annulée|rétracté|rétractée|refusé|refusée|rejeté|rejetée|"
    "terminated|cancelled|canceled|refused",
    "ended": "terminé|terminée|expiré|expirée|échu|échue|clos|close|clôturé|clôturée|fini|ended|"
    "expired|closed",
}
SUBSCRIPTION_STATUSES = {
    "active": "actif|active|en cours|validé|validée|en vigueur",
    "paused": "en pause|suspendu|suspendue|pause|paused|suspended",
    "ended": "terminé|terminée|résilié|résiliée|annulé|annulée|expiré|expirée|inactif|inactive|ended|"
    "cancelled|expired",
}
PAYMENT_STATUSES = {
    "paid": "payé|payée|réglé|réglée|encaissé|encaissée|effectué|validé|accepté|réussi|paid|succeeded",
    "pending": "en attente|attente|en cours|à venir|planifié|prévu|à prélever|pending|scheduled",
    "rejected": "rejeté|rejetée|refusé|refusée|impayé|impayée|échoué|échec|rejected|failed|unpaid",
    "refunded": "remboursé|remboursée|refunded",
}
PAYMENT_METHODS = {
    "debit": "prélèvement|prélèvement automatique|prélèvement sepa|prélèvement bancaire|sepa|"
    "debit|direct debit",
    "transfer": "virement|virement bancaire|virement sepa|transfer|bank transfer",
    "card": "carte|cb|carte bancaire|carte bleue|card|stripe",
    "cheque": "chèque|chèque bancaire|cheque|check",
    "lease": "locam|leasing|location financière|crédit bail|lease",
    "other": "autre|espèces|especes|other|cash|paypal",
}
TABLES = {
    "contract": CONTRACT_STATUSES,
    "subscription": SUBSCRIPTION_STATUSES,
    "payment": PAYMENT_STATUSES,
    "method": PAYMENT_METHODS,
}


def meaning(table: str, text: str) -> str:
    """The value that a word means, or "unknown"; `« SIGNÉ »`, `signe` and `Signé` are one word."""
    return _table(table).get(_plain(text), UNKNOWN)


@cache
def _table(name: str) -> dict[str, str]:
    return {_plain(word): value for value, words in TABLES[name].items() for word in words.split("|")}


def _plain(text: str) -> str:
    return " ".join(WORD.findall(fold(text.replace("_", " ")))).replace("_", " ")

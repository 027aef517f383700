"""INSEE Sirene 3.11: the register itself, with a key of portail-api.insee.fr (30 requests a minute)."""

from collections.abc import Mapping
from typing import Any

from crm.company_data import Firm
from sync.errors import NoKey, Unknown
from sync.http import Api
from sync.make_believe import sirene_answer
from sync.reading import part, rows, text
from sync.sirene.mapping import firm_of

SHOWN = 8


class SireneApi(Api):
    provider = "sirene"

    def headers(self) -> dict[str, str]:
        key = self.connection.secret("api_key")
        if not key:
            raise NoKey
        return {"X-INSEE-Api-Key-Integration": key}

    def demo_answer(self, method: str, path: str, params: Mapping[str, Any]) -> Any:
        return sirene_answer(path, params)

    def test(self) -> str:
        """A word on the service's state, for nothing."""
        return text(self.get("/informations"), "versionService", limit=40)

    def firm(self, siren: str, siret: str = "") -> Firm:
        """By SIRET its establishment, by SIREN the seat; raises Unknown."""
        if not siret:
            unit = part(self.get(f"/siren/{siren}"), "uniteLegale")
            nic = text(unit, "periodesUniteLegale", 0, "nicSiegeUniteLegale", limit=5)
            siret = f"{siren}{nic}"
        firm = firm_of(self.get(f"/siret/{siret}"))
        if firm is None or firm.siren != siren:
            raise Unknown("answered another firm")
        return firm

    def search(self, words: str) -> list[Firm]:
        """Firms whose name holds these words, seats only."""
        query = " AND ".join(f"denominationUniteLegale:{word}*" for word in lucene_words(words))
        try:
            found = self.get("/siret", {"q": f"({query}) AND etablissementSiege:true", "nombre": SHOWN})
        except Unknown:
            return []  # so it says that nothing was found
        return [firm for row in rows(found, "etablissements") if (firm := firm_of(row))][:SHOWN]


def lucene_words(words: str) -> list[str]:
    """Words without a sign that means something in a query."""
    plain = "".join(char if char.isalnum() else " " for char in words.upper())
    return plain.split()[:6] or ["X"]

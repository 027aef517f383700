"""Pappers v2: the register, accounts and managers, for a credit a firm."""

from collections.abc import Mapping
from typing import Any

from crm.company_data import Firm
from sync.errors import NoKey, Unknown
from sync.http import Api
from sync.make_believe import pappers_answer
from sync.pappers.mapping import firm_of
from sync.reading import rows, whole

SHOWN = 8


class PappersApi(Api):
    provider = "pappers"

    def headers(self) -> dict[str, str]:
        # In a header and not in the address, which proxies write down.
        key = self.connection.secret("api_key")
        if not key:
            raise NoKey
        return {"api-key": key}

    def demo_answer(self, method: str, path: str, params: Mapping[str, Any]) -> Any:
        return pappers_answer(path, params)

    def test(self) -> int:
        """How many firms it finds by a word: a search costs next to nothing."""
        return whole(self.get("/recherche", {"q": "boulangerie", "par_page": 1}), "total") or 0

    def firm(self, siren: str) -> Firm:
        """By SIREN; raises Unknown."""
        firm = firm_of(self.get("/entreprise", {"siren": siren}))
        if firm is None or firm.siren != siren:
            raise Unknown("answered another firm")
        return firm

    def search(self, words: str) -> list[Firm]:
        data = self.get("/recherche", {"q": words, "par_page": SHOWN, "page": 1})
        return [firm for row in rows(data, "resultats") if (firm := firm_of(row))][:SHOWN]

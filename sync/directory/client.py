"""*Recherche d'entreprises*: the State's directory, open to all without a key (7 requests a second)."""

from collections.abc import Mapping
from typing import Any

from crm.company_data import Firm
from sync.directory.mapping import firm_of
from sync.errors import Unknown
from sync.http import Api
from sync.make_believe import directory_answer
from sync.reading import rows

SHOWN = 8


class DirectoryApi(Api):
    provider = "directory"

    def demo_answer(self, method: str, path: str, params: Mapping[str, Any]) -> Any:
        return directory_answer(params)

    def firm(self, siren: str) -> Firm:
        """By SIREN; raises Unknown."""
        for firm in self._found(siren, 3):
            if firm.siren == siren:
                return firm
        raise Unknown("not in the directory")

    def search(self, words: str) -> list[Firm]:
        return self._found(words, SHOWN)

    def _found(self, words: str, number: int) -> list[Firm]:
        data = self.get("/search", {"q": words, "per_page": number, "page": 1})
        return [firm for row in rows(data, "results") if (firm := firm_of(row))][:number]

"""Aircall's API: https://api.aircall.io/v1, 60 requests a minute for the whole company."""

import base64
from collections.abc import Mapping
from typing import Any

from sync.aircall.make_believe import aircall_answer
from sync.aircall.mapping import WANTED
from sync.errors import Down, NoKey
from sync.http import Api
from sync.reading import part, rows, text, whole

# The most that a page of calls holds, and a question gives, however many pages it has.
PER_PAGE, MOST = 50, 10_000


class AircallApi(Api):
    provider = "aircall"

    def headers(self) -> dict[str, str]:
        secrets = self.connection.secrets()
        name, token = secrets.get("api_id", ""), secrets.get("api_token", "")
        if not (name and token):
            raise NoKey
        key = base64.b64encode(f"{name}:{token}".encode()).decode()
        return {"Authorization": f"Basic {key}"}

    def demo_answer(self, method: str, path: str, params: Mapping[str, Any]) -> Any:
        return aircall_answer(method, path)

    def company(self) -> str:
        """Whose account it is."""
        return text(self.get("/v1/company"), "company", "name", limit=80)

    def webhook_token(self, url: str, name: str) -> str:
        """The token of the webhook at `url`; it is made where there is none yet."""
        for each in rows(self.get("/v1/webhooks"), "webhooks"):
            token = text(each, "token", limit=200)
            if text(each, "url", limit=400) == url and token and each.get("active") is not False:
                return token
        made = self.post("/v1/webhooks", {"custom_name": name, "url": url, "events": list(WANTED)})
        token = text(made, "webhook", "token", limit=200)
        if not token:
            raise Down("made a webhook without a token")
        return token

    def calls(self, start: int, end: int, page: int) -> tuple[list[Any], int, bool]:
        """A page of the calls that began between two moments (seconds): the calls, how many there are in
        all, and whether more follow."""
        answer = self.get(
            "/v1/calls",
            {"from": start, "to": end, "order": "asc", "per_page": PER_PAGE, "page": page},
        )
        found = part(answer, "calls")
        if not isinstance(found, list):
            raise Down("answered no list of calls")
        more = bool(found) and bool(text(answer, "meta", "next_page_link", limit=1000))
        return found, whole(answer, "meta", "total") or 0, more

"""Coface ICON data API: a token, the firm, an order, and what it brings; orders are paid for."""

import time
from collections.abc import Mapping
from typing import Any

from sync.coface.mapping import SLUG, Order, Score, company_of, order_of, scores_of
from sync.errors import Down, NoKey, Unknown, WrongKey
from sync.http import Api, Limits
from sync.make_believe import coface_answer
from sync.reading import rows, text

# How often and how long (seconds) one looks whether an order is ready before it is left for later.
LOOKS, BETWEEN = 3, 1.0


class _TokenApi(Api):
    """Where user and password become a token."""

    provider = "coface"
    address = "coface_token"

    def headers(self) -> dict[str, str]:
        return {"x-api-key": _key(self.connection)}

    def demo_answer(self, method: str, path: str, params: Mapping[str, Any]) -> Any:
        return {"idToken": "demo"}

    def token(self) -> str:
        """Good for an hour; kept by the client that asked, which lives as long as one request."""
        body = {
            "grantType": "password",
            "username": self.connection.setting("username"),
            "password": self.connection.secret("password"),
        }
        found = text(self.post("/token", body), "idToken", limit=8000)
        if not found:
            raise WrongKey("gave no token")
        return found


class CofaceApi(Api):
    provider = "coface"
    limits = Limits(total=15)

    _token = ""

    def headers(self) -> dict[str, str]:
        return {"authorization": self._token, "x-api-key": _key(self.connection), "Accept-Language": "FR"}

    def ask(self, method: str, path: str, *, params: Any = None, body: Any = None, raw: bool = False) -> Any:
        if not self._token:
            self._token = _TokenApi(self.connection, user=self.user).token()
        return super().ask(method, path, params=params, body=body, raw=raw)

    def demo_answer(self, method: str, path: str, params: Mapping[str, Any]) -> Any:
        return coface_answer(method, path, params)

    def test(self) -> int:
        """How many countries it covers; costs nothing."""
        found = self.get("/countries")
        return len(found) if isinstance(found, list) else len(rows(found, "countries"))

    def order(self, siren: str, *, reference: str) -> Order:
        """Order the assessment of a firm: this costs. Raises Unknown where Coface does not know the firm."""
        found = self.get("/companies", {"countryCode": "FR", "externalId": f"registration-number#{siren}"})
        company = company_of(found)
        if not company:
            raise Unknown("no such firm")
        body = {
            "companyId": company,
            "countryCode": "FR",
            "customerReference": reference,
            "assessments": [{"slug": SLUG, "language": "fr"}],
        }
        try:
            order = order_of(self.post("/publications/orders", body))
            if order is None:
                raise Down("took the order without a number")
        except Down as error:
            error.doubtful = True
            raise
        return order

    def collect(self, order: Order) -> list[Score]:
        """The scores of an order; none while it is in preparation. Raises Unknown when nothing will come."""
        for look in range(LOOKS):
            if order.ended:
                raise Unknown("no assessment of this firm")
            if order.ready:
                return scores_of(self.get("/publications", {"format": "json", "id": order.delivery}))
            if look:
                time.sleep(BETWEEN)
            order = order_of(self.get("/publications/orders", {"id": order.number})) or order
        return []


def _key(connection: Any) -> str:
    key: str = connection.secret("api_key")
    if not key or not connection.setting("username") or not connection.secret("password"):
        raise NoKey
    return key

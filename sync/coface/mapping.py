"""Coface's shape → ours."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sync.reading import amount, day, part, rows, text, whole

SLUG = "debtor-risk-assessment-package"
# Statuses of an order that nothing will come of any more.
ENDED = {"cancelled", "canceled", "rejected", "negative", "unavailable", "error"}


@dataclass(frozen=True)
class Score:
    """A debtor risk assessment: 1 is extremely high risk, 10 very low; 0 in default."""

    value: int
    released_on: date
    current: bool
    # Percent.
    default_probability: Decimal | None = None
    text: str = ""


@dataclass(frozen=True)
class Order:
    """What was ordered: `delivery` names the publication once it is there."""

    number: str
    status: str
    delivery: str = ""

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def ready(self) -> bool:
        return bool(self.delivery) and self.status in ("ready", "delivered", "done", "finished", "completed")


def company_of(data: Any) -> str:
    """Coface's own number of the first firm of a search; "" where there is none."""
    first = part(data, 0) if isinstance(data, list) else part(data, "companies", 0) or data
    return text(first, "id", limit=60) or text(first, "companyId", limit=60)


def order_of(data: Any) -> Order | None:
    """An order, alone or the first of a list."""
    data = part(data, 0) if isinstance(data, list) else data
    number = text(data, "id", limit=60) or text(data, "orderId", limit=60)
    ours = [each for each in rows(data, "publications") if text(each, "assessmentSlug") in (SLUG, "")]
    if not number:
        return None
    publication = ours[0] if ours else {}
    status = text(publication, "status", limit=40) or text(data, "status", limit=40)
    return Order(number, status.lower(), text(publication, "deliveryId", limit=60))


def scores_of(data: Any) -> list[Score]:
    """All assessments of a package, the current one first, then youngest first."""
    found = []
    for each in data if isinstance(data, list) else [data]:
        value, released = whole(each, "debtorRiskValue", limit=10), day(each, "releaseDate")
        if value is None or released is None:
            continue
        words = rows(each, "descriptions")
        french = next((row for row in words if text(row, "language") == "fr"), words[0] if words else {})
        share = amount(each, "probabilityOfDefault")
        found.append(
            Score(
                value=value,
                released_on=released,
                current=part(each, "isCurrent") is True,
                default_probability=share if share is not None and share <= 100 else None,
                text=text(french, "full", limit=500),
            )
        )
    return sorted(found, key=lambda score: (score.current, score.released_on), reverse=True)

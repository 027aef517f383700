"""Legal data of firms from outside: what a source gives, and who the sources are.

The CRM knows no provider: `sync` registers each as a `Source`, one line in its `apps.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from django.utils.dateparse import parse_date

# What of a firm goes into the columns of a company, in the order of its form.
FIELDS = (
    "name",
    "siren",
    "siret",
    "vat_number",
    "naf_code",
    "legal_form",
    "legal_manager",
    "headcount",
    "turnover",
    "address",
    "postcode",
    "city",
    "country",
)


@dataclass(frozen=True)
class Firm:
    """A firm as a source tells of it, in our words; what it does not tell, or hides, is empty."""

    siren: str
    name: str = ""
    siret: str = ""
    vat_number: str = ""
    naf_code: str = ""
    legal_form: str = ""
    legal_manager: str = ""
    headcount: int | None = None
    # The most that `headcount` may be, where only a range is known.
    headcount_to: int | None = None
    turnover: Decimal | None = None
    turnover_year: int | None = None
    address: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "FR"
    closed: bool = False
    closed_on: date | None = None
    # The firm has asked for its data not to be spread.
    hidden: bool = False

    def as_json(self) -> dict[str, Any]:
        """What is kept of it: only what is known."""
        return {
            name: str(value) if isinstance(value, (Decimal, date)) else value
            for name, value in asdict(self).items()
            if value not in (None, "", False)
        }

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read again what `as_json` wrote; what cannot be read is left out."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in dict(data).items() if name in known}
        if "turnover" in values:
            try:
                values["turnover"] = Decimal(values["turnover"])
            except InvalidOperation:
                del values["turnover"]
        if "closed_on" in values:
            values["closed_on"] = parse_date(values["closed_on"])
        return cls(**values)

    def given(self) -> dict[str, Any]:
        """{field of a company: value} of what it says."""
        values = {name: getattr(self, name) for name in FIELDS}
        return {name: value for name, value in values.items() if value not in (None, "")}


@dataclass(frozen=True)
class Answer:
    """A firm, from whom and of when."""

    firm: Firm
    source: str
    source_label: Any
    fetched_at: datetime
    asked_by: Any = None
    demo: bool = False


class SourceTrouble(Exception):
    """A source could not answer; `text` is a sentence for people, `state` one word for programs.

    `known` is what is kept from before, if anything.
    """

    def __init__(self, state: str, text: Any, *, known: Answer | None = None) -> None:
        super().__init__(state)
        self.state = state
        self.text = text
        self.known = known


@dataclass(frozen=True)
class Source:
    """One who knows firms.

    `suggest(user, text)` gives a few firms by name, `fetch(user, siren, siret, fresh)` one by its number
    (with `fresh`, asked anew); both raise SourceTrouble. `known(siren)` is what is kept, without asking.
    `ready()` says whether it can be asked at all. Asked first: the lowest `order`, for names `suggest_order`.
    """

    name: str
    label: Any
    fetch: Callable[[Any, str, str, bool], Answer]
    known: Callable[[str], Answer | None]
    ready: Callable[[], bool]
    suggest: Callable[[Any, str], Sequence[Firm]]
    order: int = 100
    suggest_order: int = 100


_sources: dict[str, Source] = {}


def register_source(source: Source) -> None:
    """Add a source of firms."""
    _sources[source.name] = source


def ready_sources() -> list[Source]:
    """Those that can be asked, best first."""
    return sorted((each for each in _sources.values() if each.ready()), key=lambda source: source.order)


def last_known(siren: str) -> Answer | None:
    """The youngest of what sources keep of a firm, without asking anybody."""
    answers = [answer for source in _sources.values() if (answer := source.known(siren))]
    return max(answers, key=lambda answer: answer.fetched_at, default=None)

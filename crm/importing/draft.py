"""Contacts and companies that an import is about to write, in a tenth of the time of a model's object.

Their derived columns come from the models' own methods, which need no more than the attributes.
"""

from operator import attrgetter
from threading import local
from typing import Any

from crm.models import Company, Contact
from crm.models.score_rule import held, rules_kept

TEXTS = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "mobile",
    "job_title",
    "address",
    "postcode",
    "city",
    "country",
    "status",
    "source",
)


_texts = attrgetter(*TEXTS)


class CompanyDraft:
    """A company as far as an import needs it: found (`pk`) or to be created."""

    __slots__ = ("city", "country", "name", "pk", "postcode", "siret", "sort_name")
    email = legal_manager = phone = ""
    derive_sort_name: Any = Company.derive_sort_name
    derive_search_text: Any = Company.derive_search_text
    locate: Any = Company.locate

    def __init__(
        self,
        *,
        pk: int = 0,
        name: str,
        siret: str = "",
        postcode: str = "",
        city: str = "",
        country: str = "FR",
    ) -> None:
        self.pk = pk
        self.name, self.siret = name, siret
        self.postcode, self.city, self.country = postcode, city, country
        self.sort_name: str = self.derive_sort_name()

    def __str__(self) -> str:
        return self.name

    @property
    def siren(self) -> str:
        return self.siret[:9]

    def initial(self) -> dict[str, Any]:
        """For its "created" event."""
        names = ("name", "siren", "siret", "postcode", "city", "country")
        values = {name: [None, getattr(self, name)] for name in names if getattr(self, name)}
        return {"name": values.pop("name"), "status": [None, Company.Status.PROSPECT.value], **values}


class Draft:
    """A contact as far as an import needs it: found (`pk`) or to be created."""

    __slots__ = (
        *TEXTS,
        "company",
        "created_at",
        "custom",
        "owner_id",
        "pk",
        "row",
        "score_events",
        "status_before",
        "tags",
        "version",
        "words",
    )
    full_name = Contact.full_name
    derive_sort_name: Any = Contact.derive_sort_name
    derive_search_text: Any = Contact.derive_search_text
    completeness: Any = Contact.completeness
    knows: Any = Contact.knows
    __str__ = Contact.__str__

    first_name: str
    last_name: str
    email: str
    phone: str
    mobile: str
    job_title: str
    address: str
    postcode: str
    city: str
    country: str
    status: str
    source: str

    def __init__(
        self, values: dict[str, str], *, pk: int = 0, owner_id: int | None = None, version: int = 1
    ) -> None:
        get = values.get
        for name in TEXTS:
            setattr(self, name, get(name, ""))
        self.pk = pk
        self.owner_id = owner_id
        self.version = version
        self.company: CompanyDraft | None = None
        self.created_at: Any = None
        self.score_events = 0
        self.custom: dict[str, Any] | None = None
        self.status_before = self.status
        self.row = 0  # the row of this run that created it
        self.tags: set[str] = set()  # keys of tags
        # (name of the company, sort_name, search_text), worked out beforehand.
        self.words: tuple[str, str, str] | None = None

    @property
    def company_id(self) -> int:
        """Whether there is a company: one that is still to be created has no number yet."""
        return 0 if self.company is None else self.company.pk or -1

    def work_out(self, company: str) -> None:
        """Sort name and search words beforehand, for a contact of the company of that name."""
        self.company = _Named(company) if company else None  # type: ignore[assignment]
        self.words = (company, self.derive_sort_name(), self.derive_search_text())
        self.company = None

    def derived(self) -> tuple[int, str, str]:
        """Score, sort name and search words as the model would have them."""
        company = self.company.name if self.company else ""
        if self.words is None or self.words[0] != company:
            self.words = (company, self.derive_sort_name(), self.derive_search_text())
        return (self.derive_score(), self.words[1], self.words[2])

    def derive_score(self) -> int:
        """As the contact's; what is known gives the same points to all of whom as much is known."""
        rules = rules_kept()
        key = (tuple(map(bool, _texts(self))), self.company is None, self.owner_id is None)
        if _points.rules is not rules:
            _points.rules, _points.known = rules, {}
        if key not in _points.known:
            _points.known[key] = self.completeness(rules)
        return held(_points.known[key] + self.score_events)


class _Named:
    """What the search words of a contact need of its company."""

    __slots__ = ("name", "pk")

    def __init__(self, name: str) -> None:
        self.name, self.pk = name, -1


class _Points(local):
    """{what is known: its points}, by the rules with which they were reckoned."""

    rules: Any = None
    known: dict[Any, int]


_points = _Points()

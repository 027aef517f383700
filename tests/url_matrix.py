"""The table of tests/test_url_matrix.py: one line a route."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crm.models import Tag
from crm.services.tag import create_tag
from people.models import User
from tests.base import make_company, make_contact

# Routes of libraries, which have rules of their own (tests below the matrix, and tests/people).
PREFIXES = ("accounts/", "admin/")

SEES = {200}
SIGN_IN = {302}
REFUSED = {403}
HIDDEN = {404}
STAFF = ("admin", "manager", "sales", "sales2", "stranger", "marketing", "am")
SALES = ("manager", "sales", "sales2", "stranger")


class World:
    """Hugo's records, and the numbers that addresses are made of."""

    def __init__(self, cast: dict[str, User]) -> None:
        self.cast = cast
        hugo = cast["sales"]
        self.company = make_company(hugo, owner=hugo)
        self.contact = make_contact(hugo, owner=hugo, company=self.company)
        self.tag: Tag = create_tag(user=cast["admin"], tag=Tag(name="Salon"))

    def arguments(self, name: str, line: "Line") -> dict[str, Any]:
        return line.kwargs(self) if line.kwargs else {}


@dataclass(frozen=True)
class Line:
    """Who gets what: `codes` by member of the cast, "*" for all who are not named."""

    codes: dict[str, set[int]]
    kwargs: Callable[[World], dict[str, Any]] | None = None
    method: str = "GET"
    extra: dict[str, Any] = field(default_factory=dict)
    # An address with a query, where the bare one would redirect.
    query: str = ""

    def address(self, world: World) -> str:
        return ""


def expected(line: Line, key: str) -> set[int]:
    return line.codes.get(key, line.codes["*"])


def module_list(**other: set[int]) -> dict[str, set[int]]:
    """A page that salespeople and administrators may open."""
    return {"nobody": SIGN_IN, "marketing": REFUSED, "am": REFUSED, "*": SEES, **other}


def hugos(found: set[int] = SEES) -> dict[str, set[int]]:
    """A record of Hugo: his, his manager's and the administrators' to see."""
    return {
        "nobody": SIGN_IN,
        "marketing": REFUSED,
        "am": REFUSED,
        "sales2": HIDDEN,
        "stranger": HIDDEN,
        "*": found,
    }


def admins(found: set[int] = SEES) -> dict[str, set[int]]:
    """A page of administrators."""
    return {"nobody": SIGN_IN, "admin": found, "*": REFUSED}


def signed_in(found: set[int] = SEES) -> dict[str, set[int]]:
    """A page of one's own, for whoever signed in."""
    return {"nobody": SIGN_IN, "*": found}


def public(found: set[int] = SEES) -> dict[str, set[int]]:
    """A page for everybody."""
    return {"*": found}


def contact(world: World) -> dict[str, Any]:
    return {"pk": world.contact.pk}


def company(world: World) -> dict[str, Any]:
    return {"pk": world.company.pk}


def tag(world: World) -> dict[str, Any]:
    return {"pk": world.tag.pk}


NOT_GET = {405}
TAG_ADMIN = {"nobody": SIGN_IN, "admin": SEES, "*": REFUSED}

MATRIX: dict[str, Line] = {
    "home": Line(signed_in()),
    "search": Line(signed_in()),
    "health_live": Line(public()),
    "health_ready": Line(public({200, 503})),
    "metrics": Line(public({200, 403})),
    "note_new": Line(
        {
            "nobody": SIGN_IN,
            "marketing": HIDDEN,
            "am": HIDDEN,
            "sales2": HIDDEN,
            "stranger": HIDDEN,
            "*": {302},
        },
        lambda world: {"kind": "crm.contact", "pk": world.contact.pk},
        method="POST",
        extra={"data": {"body": "Bonjour"}},
    ),
    "note_delete": Line({"nobody": SIGN_IN, "*": HIDDEN}, lambda world: {"pk": 1}, method="POST"),
    "bin_restore": Line(
        {"nobody": SIGN_IN, "*": HIDDEN},
        lambda world: {"batch": "00000000-0000-0000-0000-000000000000"},
        method="POST",
    ),
    "job_run": Line({"nobody": SIGN_IN, "*": HIDDEN}, lambda world: {"pk": 1}),
    "job_cancel": Line({"nobody": SIGN_IN, "*": HIDDEN}, lambda world: {"pk": 1}, method="POST"),
    "crm:contact_list": Line(module_list()),
    "crm:contact_new": Line(module_list()),
    "crm:contact_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "crm:contact_move": Line(module_list(**{"*": HIDDEN}), method="POST"),
    "crm:contact_detail": Line(hugos(), contact),
    "crm:contact_edit": Line(hugos(), contact),
    "crm:contact_delete": Line(hugos(), contact),
    "crm:company_list": Line(module_list()),
    "crm:company_new": Line(module_list()),
    "crm:company_lookup": Line(module_list()),
    "crm:company_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "crm:company_detail": Line(hugos(), company),
    "crm:company_edit": Line(hugos(), company),
    "crm:company_delete": Line(hugos(), company),
    "crm:tag_list": Line(module_list()),
    "crm:tag_new": Line(module_list()),
    "crm:tag_edit": Line(TAG_ADMIN, tag),
    "crm:tag_delete": Line(TAG_ADMIN, tag),
    "people:list_preference": Line(signed_in(HIDDEN), method="POST"),
    "people:saved_view_new": Line(signed_in({302}), method="POST"),
    "people:saved_view_delete": Line(signed_in(HIDDEN), lambda world: {"pk": 1}, method="POST"),
}

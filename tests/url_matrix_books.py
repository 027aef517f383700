"""The lines of tests/url_matrix.py for the books and the chart of accounts: administrators'."""

from typing import Any

from tests.url_matrix_api import of_api
from tests.url_world import HIDDEN, Line, World, admins

ALL = {"query": lambda world: "?all=1"}


def account(world: World) -> dict[str, Any]:
    return {"pk": world.book_account.pk}


def terms(world: World) -> dict[str, Any]:
    return {"pk": world.book_account.agency.book_terms.pk}


def client(world: World) -> dict[str, Any]:
    return {"pk": world.client.pk}


def nothing(world: World) -> dict[str, Any]:
    return {"pk": 1}


OF_API = of_api(admins())
BOOKS = {
    "agencies:account_list": Line(admins(), **ALL),
    "agencies:account_new": Line(admins()),
    "agencies:account_detail": Line(admins(), account),
    "agencies:account_edit": Line(admins(), account),
    "agencies:account_delete": Line(admins(), account),
    "agencies:book_terms_edit": Line(admins(), terms),
    "sales:accounting": Line(admins()),
    "sales:book_line_list": Line(admins(), **ALL),
    "sales:trial_balance": Line(admins()),
    "sales:ledger": Line(admins(), client),
    "sales:close_books": Line(admins()),
    "sales:fec_new": Line(admins({302}), method="POST"),
    "sales:fec_file": Line(admins(HIDDEN), nothing),
    "sales:fec_description": Line(admins(HIDDEN), nothing),
    "api:accounts-list": Line(OF_API),
    "api:accounts-detail": Line(OF_API, account),
}

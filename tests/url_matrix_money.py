"""The lines of tests/url_matrix.py for payments (« règlements ») and bank statements."""

from typing import Any

from tests.url_matrix_api import api
from tests.url_world import HIDDEN, REFUSED, SEES, UNKNOWN, Line, World, admins, hugos, module_list


def money(world: World) -> dict[str, Any]:
    return {"pk": world.money.pk}


def matched(world: World) -> dict[str, Any]:
    return {"pk": world.money.pk, "invoice": world.issued_invoice.pk}


def sent(world: World) -> dict[str, Any]:
    return {"pk": world.issued_invoice.pk}


def given_up(world: World) -> dict[str, Any]:
    return {"pk": world.issued_invoice.pk, "write_off": 999_999}


# Everybody of sales looks, within their sight; administrators record.
SEEN = {**hugos(), "am": SEES}
CHANGES = {**admins(), "*": REFUSED}
NOTHING = {"data": "{}", "content_type": "application/json"}
BY_API = {"nobody": UNKNOWN, "admin": {422}, "*": REFUSED}
MONEY: dict[str, Line] = {
    "sales:payment_list": Line(module_list(am=SEES)),
    "sales:payment_new": Line(admins()),
    "sales:payment_detail": Line(SEEN, money),
    "sales:payment_match": Line(CHANGES, money),
    "sales:payment_unmatch": Line({**CHANGES, "admin": {302}}, matched, method="POST"),
    "sales:payment_refund": Line(CHANGES, money),
    "sales:payment_return": Line(CHANGES, money),
    "sales:payment_undo": Line(CHANGES, money),
    "sales:invoice_refund": Line({**CHANGES, "sales2": REFUSED}, sent),
    "sales:invoice_write_off": Line(CHANGES, sent),
    "sales:write_off_undo": Line({**CHANGES, "admin": HIDDEN}, given_up, method="POST"),
    "api:money-list": Line(api(am=SEES)),
    "api:money-detail": Line({**SEEN, "nobody": UNKNOWN}, money),
    "api:money-match": Line(BY_API, money, method="POST", extra=NOTHING),
    "api:money-unmatch": Line(BY_API, money, method="POST", extra=NOTHING),
    "api:money-give-back": Line(BY_API, money, method="POST", extra=NOTHING),
    "api:money-undo": Line(BY_API, money, method="POST", extra=NOTHING),
}


def statement(world: World) -> dict[str, Any]:
    return {"pk": world.bank_statement.pk}


def bank_line(world: World) -> dict[str, Any]:
    return {"pk": world.bank_statement.pk, "line": world.bank_statement.lines.get().pk}


MONEY |= {
    "sales:statement_list": Line(admins()),
    "sales:statement_new": Line(admins()),
    "sales:statement_detail": Line(admins(), statement),
    "sales:statement_remove": Line(admins(), statement),
    "sales:statement_certain": Line(admins({302}), statement, method="POST"),
    "sales:line_confirm": Line(admins({302}), bank_line, method="POST"),
    "sales:line_ignore": Line(admins({302}), bank_line, method="POST"),
    "sales:line_reopen": Line(admins({302}), bank_line, method="POST"),
    "sales:line_edit": Line(admins(), bank_line),
}

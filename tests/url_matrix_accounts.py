"""The lines of tests/url_matrix.py for payments and bank details."""

from typing import Any

from tests.url_world import HIDDEN, REFUSED, SEES, SIGN_IN, UNKNOWN, Line, World, admins, hugos, module_list


def account(world: World) -> dict[str, Any]:
    return {"pk": world.account.pk}


def payment(world: World) -> dict[str, Any]:
    return {"pk": world.payment.pk}


# Account managers see all of it, and change nothing.
OF_HUGO = {**hugos(), "am": SEES}
# Salespeople ask for accounts; who decides, and who reads whole numbers, is for administrators to say.
DECIDES = {**admins(), "*": REFUSED}

PAGES = {
    "sales:payment_record_list": Line(module_list(am=SEES), query=lambda world: "?all=1"),
    "sales:payment_record_detail": Line(OF_HUGO, payment),
    "sales:bank_account_list": Line(module_list(am=SEES), query=lambda world: "?all=1"),
    "sales:bank_account_new": Line(module_list()),
    "sales:bank_account_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "sales:bank_account_detail": Line(OF_HUGO, account),
    "sales:bank_account_approve": Line(DECIDES, account),
    "sales:bank_account_refuse": Line(DECIDES, account),
    "sales:bank_account_reveal": Line(DECIDES, account, method="POST"),
}

OF_API = {**OF_HUGO, "nobody": UNKNOWN}
LISTED = {**module_list(am=SEES), "nobody": UNKNOWN}
DECIDES_BY_API = {"nobody": UNKNOWN, "admin": {422}, "*": REFUSED}
READS_BY_API = {"nobody": UNKNOWN, "admin": SEES, "sales2": HIDDEN, "stranger": HIDDEN, "*": REFUSED}
NOTHING = {"data": "{}", "content_type": "application/json"}

API = {
    "api:payments-list": Line(LISTED),
    "api:payments-detail": Line(OF_API, payment),
    "api:bank-accounts-list": Line(LISTED),
    "api:bank-accounts-detail": Line(OF_API, account),
    "api:bank-accounts-approve": Line(DECIDES_BY_API, account, method="POST", extra=NOTHING),
    "api:bank-accounts-refuse": Line(DECIDES_BY_API, account, method="POST", extra=NOTHING),
    "api:bank-accounts-reveal": Line(READS_BY_API, account, method="POST"),
}

ACCOUNTS = {**PAGES, **API}

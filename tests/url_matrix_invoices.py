"""The lines of tests/url_matrix.py for invoices and their public page."""

from typing import Any

from sales.services.invoice_link import token_of
from tests.url_matrix_api import JSON_OBJECT, api, api_of_hugo, of_api
from tests.url_world import REFUSED, SEES, SIGN_IN, Line, World, admins, hugos, module_list, public


def draft(world: World) -> dict[str, Any]:
    return {"pk": world.invoice.pk}


def sent(world: World) -> dict[str, Any]:
    return {"pk": world.issued_invoice.pk}


def contract(world: World) -> dict[str, Any]:
    return {"pk": world.contract.pk}


def subscription(world: World) -> dict[str, Any]:
    return {"pk": world.subscription.pk}


def quote(world: World) -> dict[str, Any]:
    return {"pk": world.quote.pk}


def link(world: World) -> dict[str, Any]:
    return {"token": token_of(world.issued_invoice)}


SEEN = {**hugos(), "am": SEES}
INVOICES: dict[str, Line] = {
    "sales:invoice_list": Line(module_list(am=SEES), query=lambda world: "?all=1"),
    "sales:invoice_new": Line(module_list()),
    "sales:invoice_lookup": Line(module_list(am=SEES)),
    "sales:invoice_totals": Line(module_list(am=SEES), method="POST"),
    "sales:invoice_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "sales:invoice_detail": Line(SEEN, draft),
    "sales:invoice_edit": Line(hugos(), draft),
    "sales:invoice_delete": Line(hugos(), draft),
    "sales:invoice_issue": Line(admins(), draft),
    "sales:invoice_duplicate": Line(hugos({302}), draft, method="POST"),
    "sales:invoice_credit": Line(hugos(), sent),
    "sales:invoice_cancel": Line(hugos(), sent),
    "sales:invoice_send": Line(hugos(), sent),
    "sales:invoice_pdf": Line(SEEN, sent),
    "sales:invoice_picture": Line(SEEN, sent),
    "sales:contract_invoice": Line(hugos({302}), contract, method="POST"),
    "sales:subscription_invoice": Line(hugos({302}), subscription, method="POST"),
    "sales:quote_invoice": Line(hugos({302}), quote, method="POST"),
    "sales:quote_lease_invoice": Line(hugos({302}), quote, method="POST"),
    "sales:quote_deposit": Line(hugos(), quote),
    "sales:quote_interim": Line(hugos(), quote),
    "invoice_public": Line(public(), link),
    "invoice_public_pdf": Line(public(), link),
    "api:invoices-list": Line(api(am=SEES)),
    # A draft without lines: who may issue it is told what lacks.
    "api:invoices-issue": Line({**of_api(hugos(REFUSED)), "admin": {422}}, draft, method="POST"),
    # Of a draft nothing is credited, cancelled or sent: whoever may is told so.
    "api:invoices-credit": Line(of_api(hugos({422})), draft, method="POST", extra=JSON_OBJECT),
    "api:invoices-cancel": Line(
        {**of_api(hugos(REFUSED)), "admin": {422}}, draft, method="POST", extra=JSON_OBJECT
    ),
    "api:invoices-send": Line(of_api(hugos({422})), draft, method="POST", extra=JSON_OBJECT),
    "api:invoices-duplicate": Line({**of_api(hugos({201})), "am": REFUSED}, draft, method="POST"),
    "api:invoices-pdf": Line({**api_of_hugo(), "am": SEES}, draft),
    "api:invoices-detail": Line({**api_of_hugo(), "am": SEES}, draft),
}

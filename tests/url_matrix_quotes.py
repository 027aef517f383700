"""The lines of tests/url_matrix.py for quotes and their public pages."""

from typing import Any

from sales.services.quote_link import token_of
from tests.url_matrix_api import JSON_OBJECT, api, api_of_hugo, of_api
from tests.url_world import REFUSED, SEES, SIGN_IN, Line, World, admins, hugos, module_list, public


def draft(world: World) -> dict[str, Any]:
    return {"pk": world.quote.pk}


def sent(world: World) -> dict[str, Any]:
    return {"pk": world.sent_quote.pk}


def link(world: World) -> dict[str, Any]:
    return {"token": token_of(world.sent_quote)}


SEEN = {**hugos(), "am": SEES}
QUOTES: dict[str, Line] = {
    "sales:quote_list": Line(module_list(am=SEES), query=lambda world: "?all=1"),
    "sales:quote_new": Line(module_list()),
    "sales:quote_lookup": Line(module_list(am=SEES)),
    "sales:quote_totals": Line(module_list(am=SEES), method="POST"),
    "sales:quote_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "sales:quote_detail": Line(SEEN, draft),
    "sales:quote_edit": Line(hugos(), draft),
    "sales:quote_delete": Line(hugos(), draft),
    "sales:quote_duplicate": Line(hugos({302}), draft, method="POST"),
    "sales:quote_version": Line(hugos({302}), draft, method="POST"),
    "sales:quote_compare": Line(SEEN, sent),
    "sales:quote_pdf": Line(SEEN, sent),
    "sales:quote_send": Line(hugos(), draft),
    "sales:quote_hand_over": Line(hugos({302}), draft, method="POST"),
    "sales:quote_link": Line(hugos({302}), sent, method="POST"),
    "sales:quote_accept": Line(hugos(), sent),
    "sales:quote_refuse": Line(hugos(), sent),
    "sales:quote_lease": Line(hugos(), draft),
    "sales:quote_lease_step": Line(hugos({302}), draft),
    "sales:lease_terms": Line(admins()),
    "quote_public": Line(public(), link),
    "quote_public_accept": Line(public({422}), link, method="POST"),
    "quote_public_refuse": Line(public({302}), link, method="POST"),
    "quote_public_opened": Line(public({204}), link, method="POST"),
    "quote_public_totals": Line(public(), link, method="POST"),
    "quote_public_pdf": Line(public(), link),
    "quote_public_logo": Line(public({404}), link),
    "quote_public_brand": Line(public(), link),
    "api:quotes-list": Line(api(am=SEES)),
    # Sent without an address of the client's, answered by nobody: whoever may is told so.
    "api:quotes-send": Line(of_api(hugos({422})), draft, method="POST", extra=JSON_OBJECT),
    "api:quotes-hand-over": Line(of_api(hugos({422})), sent, method="POST"),
    "api:quotes-versions": Line(of_api(hugos({422})), draft, method="POST"),
    "api:quotes-duplicate": Line(of_api(hugos({201})), draft, method="POST"),
    "api:quotes-accept": Line(of_api(hugos({422})), sent, method="POST", extra=JSON_OBJECT),
    "api:quotes-refuse": Line(of_api(hugos({422})), draft, method="POST", extra=JSON_OBJECT),
    "api:quotes-pdf": Line({**api_of_hugo(), "am": SEES}, sent),
    "api:quotes-detail": Line({**api_of_hugo(), "am": SEES}, draft),
}

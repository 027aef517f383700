"""The lines of tests/url_matrix.py for commissions."""

from typing import Any

from tests.url_matrix_api import JSON_OBJECT, api, api_of_hugo, of_api
from tests.url_world import REFUSED, SIGN_IN, UNKNOWN, Line, World, admins, hugos, module_list


def statement(world: World) -> dict[str, Any]:
    return {"pk": world.statement.pk}


def line(world: World) -> dict[str, Any]:
    return {"pk": world.statement.lines.earliest("pk").pk}


def rate(world: World) -> dict[str, Any]:
    return {"pk": world.rate.pk}


def changing(found: set[int]) -> dict[str, set[int]]:
    """Who may see and not change is refused before anything is looked up; administrators change."""
    return admins(found)


RATES = {**admins(), "nobody": UNKNOWN}
COMMISSIONS: dict[str, Line] = {
    "sales:commission_list": Line(module_list(), query=lambda world: "?all=1"),
    "sales:commission_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "sales:commission_recount": Line(admins({302}), method="POST"),
    "sales:commission_line_list": Line(module_list(), query=lambda world: "?all=1"),
    "sales:commission_line_remove": Line(changing({302}), line, method="POST"),
    "sales:commission_detail": Line(hugos(), statement),
    "sales:commission_adjust": Line(changing({200}), statement),
    "sales:commission_close": Line(changing({200}), statement),
    "sales:commission_pay": Line(changing({200}), statement),
    "sales:commission_unpay": Line(changing({302}), statement, method="POST"),
    "sales:commission_pdf": Line(hugos(), statement),
    "sales:commission_rate_list": Line(admins(), query=lambda world: "?all=1"),
    "sales:commission_rate_new": Line(admins()),
    "sales:commission_terms": Line(admins()),
    "sales:commission_rate_detail": Line(admins(), rate),
    "sales:commission_rate_edit": Line(admins(), rate),
    "sales:commission_rate_delete": Line(admins(), rate),
    "api:commissions-list": Line(api()),
    "api:commissions-detail": Line(api_of_hugo(), statement),
    # Of the month that runs, without a reason, unpaid: who may change is told so.
    "api:commissions-close": Line(of_api(changing({422})), statement, method="POST", extra=JSON_OBJECT),
    "api:commissions-adjust": Line(of_api(changing({422})), statement, method="POST", extra=JSON_OBJECT),
    "api:commissions-pay": Line(of_api(changing({422})), statement, method="POST", extra=JSON_OBJECT),
    "api:commissions-unpay": Line(of_api(changing({422})), statement, method="POST"),
    "api:commission-lines-list": Line(api()),
    "api:commission-lines-detail": Line(api_of_hugo(), line),
    "api:commission-rates-list": Line(RATES),
    "api:commission-rates-detail": Line(RATES, rate),
}

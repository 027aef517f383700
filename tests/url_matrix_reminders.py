"""The lines of tests/url_matrix.py for reminders, their stages and rates, and disputes."""

from typing import Any

from sales.models import PenaltyRate, ReminderStage
from tests.url_matrix_api import JSON_OBJECT, api, api_of_hugo, of_api
from tests.url_world import (
    HIDDEN,
    REFUSED,
    SEES,
    SIGN_IN,
    Line,
    World,
    admins,
    client,
    hugos,
    module_list,
)


def plan(world: World) -> dict[str, Any]:
    return {"pk": world.plan.pk}


def sent(world: World) -> dict[str, Any]:
    return {"pk": world.reminder.pk}


def invoice(world: World) -> dict[str, Any]:
    return {"pk": world.issued_invoice.pk}


def stage(world: World) -> dict[str, Any]:
    return {"pk": ReminderStage.objects.order_by("days")[0].pk}


def notice(world: World) -> dict[str, Any]:
    return {"pk": ReminderStage.objects.get(is_formal=True).pk}


def rate(world: World) -> dict[str, Any]:
    return {"pk": PenaltyRate.objects.order_by("pk")[0].pk}


def on_it(world: World) -> str:
    return f"?invoice={world.issued_invoice.pk}"


SEEN = {**hugos(), "am": SEES}
ONLY_ADMIN = module_list(**{"*": REFUSED, "admin": SEES})
# Hugo's invoice is the example: who does not see it sees none.
EXAMPLE = {**module_list(am=SEES), "sales2": HIDDEN, "stranger": HIDDEN}
REMINDERS: dict[str, Line] = {
    "sales:reminder_list": Line(module_list(am=SEES), query=lambda world: "?all=1"),
    "sales:reminder_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "sales:reminder_sent_list": Line(module_list(am=SEES), query=lambda world: "?all=1"),
    "sales:reminder_detail": Line(SEEN, plan),
    "sales:reminder_mail": Line(SEEN, plan),
    # A letter is there for a notice alone.
    "sales:reminder_letter": Line({**hugos(HIDDEN), "am": HIDDEN}, plan),
    "sales:reminder_pause": Line(hugos(), plan),
    "sales:reminder_resume": Line(hugos({302}), plan, method="POST"),
    "sales:reminder_skip": Line(hugos({302}), plan, method="POST"),
    "sales:reminder_send": Line(hugos(), plan),
    "sales:reminder_client_pause": Line(hugos(), client),
    "sales:reminder_client_resume": Line(hugos({302}), client, method="POST"),
    "sales:reminder_sent_detail": Line(SEEN, sent),
    "sales:reminder_sent_mail": Line(SEEN, sent),
    "sales:reminder_sent_letter": Line(SEEN, sent),
    "sales:reminder_sent_again": Line(hugos({302}), sent, method="POST"),
    "sales:invoice_dispute": Line(hugos(), invoice),
    "sales:invoice_settle": Line(hugos({302}), invoice, method="POST"),
    "agencies:reminder_stage_list": Line(module_list(am=SEES), query=lambda world: "?all=1"),
    "agencies:reminder_stage_new": Line(admins()),
    "agencies:reminder_stage_detail": Line(module_list(am=SEES), stage),
    "agencies:reminder_stage_edit": Line(ONLY_ADMIN, stage),
    "agencies:reminder_stage_delete": Line(ONLY_ADMIN, stage),
    "agencies:reminder_stage_preview": Line(EXAMPLE, stage, query=on_it),
    "agencies:reminder_stage_letter": Line(EXAMPLE, notice, query=on_it),
    "agencies:penalty_rate_list": Line(module_list(am=SEES), query=lambda world: "?all=1"),
    "agencies:penalty_rate_new": Line(admins()),
    "agencies:penalty_rate_detail": Line(module_list(am=SEES), rate),
    "agencies:penalty_rate_edit": Line(ONLY_ADMIN, rate),
    "agencies:penalty_rate_delete": Line(ONLY_ADMIN, rate),
    "api:reminders-list": Line(api(am=SEES)),
    "api:reminders-detail": Line({**api_of_hugo(), "am": SEES}, plan),
    "api:reminders-send": Line(of_api(hugos({202, 422})), plan, method="POST"),
    "api:reminders-skip": Line(of_api(hugos({200, 422})), plan, method="POST"),
    "api:reminders-pause": Line(of_api(hugos({422})), plan, method="POST", extra=JSON_OBJECT),
    "api:reminders-resume": Line(of_api(hugos({422})), plan, method="POST"),
    "api:sent-reminders-list": Line(api(am=SEES)),
    "api:sent-reminders-detail": Line({**api_of_hugo(), "am": SEES}, sent),
    "api:sent-reminders-again": Line(of_api(hugos({422})), sent, method="POST"),
    "api:reminder-stages-list": Line(api(am=SEES)),
    "api:reminder-stages-detail": Line(api(am=SEES), stage),
    "api:penalty-rates-list": Line(api(am=SEES)),
    "api:penalty-rates-detail": Line(api(am=SEES), rate),
    "api:invoices-dispute": Line(of_api(hugos({422})), invoice, method="POST", extra=JSON_OBJECT),
    "api:invoices-settle": Line(of_api(hugos({422})), invoice, method="POST"),
}

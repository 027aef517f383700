"""The lines of tests/url_matrix.py for recurring invoices, mandates and direct debits."""

from typing import Any

from sales.models import BankAccount, BillingPlan, Debit, DebitBatch, Invoice, Mandate
from tests.url_matrix_accounts import NOTHING
from tests.url_matrix_api import api, api_of_hugo
from tests.url_world import REFUSED, SEES, SIGN_IN, UNKNOWN, Line, World, admins, hugos, module_list


def plan(world: World) -> dict[str, Any]:
    """Of Hugo's subscription; made where it is asked for."""
    found = BillingPlan.objects.filter(subscription=world.subscription).first()
    if found is None:
        found = BillingPlan.objects.create(
            client=world.client,
            subscription=world.subscription,
            agency=world.agency,
            starts_on="2026-01-01",
        )
    return {"pk": found.pk}


def mandate(world: World) -> dict[str, Any]:
    found = Mandate.objects.filter(client=world.client).first()
    if found is None:
        BankAccount.objects.filter(pk=world.account.pk).update(status="active")
        found = Mandate.objects.create(
            client=world.client,
            agency=world.agency,
            account=world.account,
            rum="RUM-1",
            signed_on="2026-01-02",
        )
    return {"pk": found.pk}


def batch(world: World) -> dict[str, Any]:
    found = DebitBatch.objects.first()
    if found is None:
        found = DebitBatch.objects.create(
            agency=world.agency, collect_on="2026-12-15", reference="PRLV-1", content="<a/>", file_sha256="1"
        )
    return {"pk": found.pk}


def debit(world: World) -> dict[str, Any]:
    found = Debit.objects.first()
    if found is None:
        mandate(world)
        found = Debit.objects.create(
            batch_id=batch(world)["pk"],
            invoice=Invoice.objects.get(pk=world.invoice.pk),
            mandate=Mandate.objects.get(),
            amount="1.00",
            sequence="FRST",
            reference="E2E-1",
            live_key=world.invoice.pk,
        )
    return {"pk": found.pk}


def subscription(world: World) -> dict[str, Any]:
    return {"pk": world.subscription.pk}


SEEN = {**hugos(), "am": SEES}
DEBITS: dict[str, Line] = {
    "sales:subscription_price": Line(hugos(), subscription),
    "sales:billing_plan_list": Line(module_list(am=SEES), query=lambda world: "?all=1"),
    "sales:billing_plan_new": Line(module_list()),
    "sales:billing_plan_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "sales:billing_plan_detail": Line(SEEN, plan),
    "sales:billing_plan_edit": Line(hugos(), plan),
    "sales:billing_plan_delete": Line(hugos(), plan),
    "sales:billing_plan_stop": Line(hugos({302}), plan, method="POST"),
    "sales:billing_plan_resume": Line(hugos({302}), plan, method="POST"),
    "sales:mandate_list": Line(module_list(am=SEES), query=lambda world: "?all=1"),
    "sales:mandate_new": Line(module_list()),
    "sales:mandate_detail": Line(SEEN, mandate),
    "sales:mandate_edit": Line(admins(), mandate),
    "sales:mandate_revoke": Line(admins(), mandate),
    "sales:debit_batch_list": Line(admins(), query=lambda world: "?all=1"),
    "sales:debit_batch_new": Line(admins()),
    "sales:debit_batch_answers": Line(admins()),
    "sales:debit_batch_detail": Line(admins(), batch),
    "sales:debit_batch_approve": Line(admins({302}), batch, method="POST"),
    "sales:debit_batch_file": Line(admins(), batch),
    "sales:debit_batch_send": Line(admins({302}), batch, method="POST"),
    "sales:debit_batch_collect": Line(admins(), batch),
    "sales:debit_batch_cancel": Line(admins(), batch),
    "sales:debit_remove": Line(admins({302}), debit, method="POST"),
    "sales:debit_return": Line(admins(), debit),
    "api:billing-plans-list": Line(api(am=SEES)),
    "api:billing-plans-detail": Line({**api_of_hugo(), "am": SEES}, plan),
    "api:mandates-list": Line(api(am=SEES)),
    "api:mandates-detail": Line({**api_of_hugo(), "am": SEES}, mandate),
    "api:mandates-revoke": Line(
        {"nobody": UNKNOWN, "admin": SEES, "*": REFUSED}, mandate, method="POST", extra=NOTHING
    ),
}

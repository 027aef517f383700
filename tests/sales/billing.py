"""Recurring invoices for the tests, made by the services of the pages."""

from datetime import date
from decimal import Decimal
from typing import Any

from people.models import User
from sales.models import BillingPlan, ContractLine
from sales.services.billing_plan import create_plan
from tests.sales.invoices import agency_for_invoices, make_buyer
from tests.sales.records import make_contract, make_subscription


def make_plan(user: User | None, **values: Any) -> BillingPlan:
    """A subscription of a client of `user`, of 120 € a month since 1 January 2026, and its plan."""
    owner = values.pop("owner", user)
    source = {
        "monthly_amount": values.pop("monthly_amount", Decimal(120)),
        "started_on": values.pop("started_on", date(2026, 1, 1)),
        "ended_on": values.pop("ended_on", None),
        "label": values.pop("label", "Maintenance"),
    }
    if "contract" not in values and "subscription" not in values:
        client = values.pop("client", None) or make_buyer(owner)
        values["subscription"] = make_subscription(None, owner=owner, client=client, **source)
    values.setdefault("agency", None)
    values["agency"] = values["agency"] or agency_for_invoices()
    values.setdefault("starts_on", source["started_on"])
    return create_plan(user=None, plan=BillingPlan(**values))


def contract_with(user: User, *lines: tuple[str, Any, str], **values: Any) -> Any:
    """A signed contract with lines of (label, amount, period)."""
    rows = [
        {"label": label, "quantity": Decimal(1), "unit_amount": Decimal(str(amount)), "vat_rate": Decimal(20),
         "period": str(ContractLine.Period(period))}
        for label, amount, period in lines
    ]  # fmt: skip
    values = {"client": make_buyer(user), "status": "signed", "starts_on": date(2026, 1, 1), **values}
    return make_contract(user, lines=rows, **values)

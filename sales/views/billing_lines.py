"""The lines of the menus of subscriptions and contracts that lead to their recurring invoices."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from sales.models import BillingPlan
from sales.tables.billing_plan import new_url


def regular_lines(user: Any, name: str, record: Any) -> list[dict[str, Any]]:
    """The plan that there is, or a new one; another price of a subscription."""
    lines: list[dict[str, Any]] = []
    plan = getattr(record, "billing_plan", None)
    if plan is not None and user.can(BillingPlan.module, "view"):
        lines.append(
            {"label": _("Recurring invoices"), "icon": "calendar-repeat", "url": plan.get_absolute_url()}
        )
    elif plan is None and user.can(BillingPlan.module, "create"):
        new = {"label": _("Invoice regularly"), "icon": "calendar-repeat", "drawer": True}
        lines.append({**new, "url": new_url(name, record.pk)})
    if name == "subscription" and user.may("change", record):
        price = {"label": _("Another price from a day"), "icon": "coin-euro", "drawer": True}
        lines.append({**price, "url": reverse("sales:subscription_price", args=[record.pk])})
    return lines

"""What recurring invoices hand over to the frame: rights, menu, tabs, jobs; called by sales/apps.py."""

from django.utils.translation import gettext_lazy as _

from digiweb import navigation
from digiweb.api import router as api
from digiweb.job_kinds import register_job
from digiweb.navigation import Item
from digiweb.permissions import ACTIONS, register_module
from digiweb.tabs import Tab, register_tab

MODULE, LIST, ICON = "sales.billingplan", "sales:billing_plan_list", "calendar-repeat"


def register_recurring() -> None:
    """Rights and the API."""
    register_module(
        MODULE,
        _("Recurring invoices"),
        group=_("Sales"),
        defaults={"sales": ("team", ACTIONS), "am": ("all", ("view",))},
    )
    api.register("billing-plans", "sales.api.billing_plan.BillingPlanViewSet")


def show_recurring() -> None:
    """Menu, tab of clients, what follows from changed sources, jobs."""
    from sales.models import BillingPlan
    from sales.services import contract, subscription
    from sales.services.billing_plan import refresh_plans
    from sales.services.billing_run import LABEL
    from timeline.services.bin import register_bin

    label = _("Recurring invoices")
    navigation.register(Item(_("Invoicing"), label, LIST, ICON, MODULE, order=30))
    register_tab(Tab("crm.client", "billing_plans", label, LIST, "client", MODULE, ICON, 22))
    register_job("sales.jobs.bill_plans", LABEL)
    register_bin(BillingPlan, lambda plans, *, came: None)
    subscription.followers.append(lambda changed: refresh_plans(subscription=changed))
    contract.followers.append(lambda changed: refresh_plans(contract=changed))

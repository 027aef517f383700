"""What commissions hand over to the frame: rights, menu, tabs, jobs; called by sales/apps.py."""

from django.utils.translation import gettext_lazy as _

from digiweb import navigation
from digiweb.api import router as api
from digiweb.job_kinds import register_job
from digiweb.navigation import Item
from digiweb.permissions import register_module
from digiweb.tabs import Tab, register_tab
from timeline.notification_kinds import register_kind

MODULE, RATES = "sales.commission", "sales.commissionrate"


def register_commissions() -> None:
    """Rights and the API. Closing, adjusting and paying are « change »: the administrators', by default."""
    sales = _("Sales")
    register_module(
        MODULE,
        _("Commissions"),
        group=sales,
        actions=("view", "change", "export"),
        defaults={"sales": ("team", ("view", "export"))},
    )
    register_module(RATES, _("Commission rates"), group=_("Settings"), scopes=("all",))
    api.register("commissions", "sales.api.commission.CommissionViewSet")
    api.register("commission-lines", "sales.api.commission.CommissionLineViewSet")
    api.register("commission-rates", "sales.api.commission.CommissionRateViewSet")


def show_commissions() -> None:
    """Menu, tabs, jobs, notifications."""
    from sales.services.commission_closing import CLOSING, READY
    from sales.services.commission_sending import CLOSED

    sales, label = _("Sales"), _("Commissions")
    address = "sales:commission_list"
    navigation.register(Item(sales, label, address, "coins", MODULE, order=30))
    rates = ("sales:commission_rate_list", "percentage", RATES)
    navigation.register(Item(_("Settings"), _("Commission rates"), *rates, order=999))
    register_tab(Tab("people.user", "commissions", label, address, "person", MODULE, "coins", 31))
    register_kind(READY, _("Commissions ready to be closed"), "coins")
    register_kind(CLOSED, _("Commissions closed"), "coins")
    register_job("sales.jobs.close_commissions", CLOSING)
    register_job("sales.jobs.send_commission_statement", _("Message with a commission statement"), quiet=True)

"""What the books hand over to the frame: rights, API, menu, jobs, tab of clients; called by sales/apps.py."""

from django.utils.translation import gettext_lazy as _

from digiweb import navigation
from digiweb.api import router as api
from digiweb.job_kinds import register_job
from digiweb.navigation import Item
from digiweb.permissions import register_module
from digiweb.tabs import Tab, register_tab

MODULE, LINES, ICON = "sales.accounting", "sales:book_line_list", "book-2"


def register_accounting() -> None:
    """Rights and the API."""
    # « create » closes a period: an act that cannot be undone, administrators' until they let others.
    register_module(
        MODULE, _("Accounting"), group=_("Sales"), actions=("view", "create", "export"), scopes=("all",)
    )
    register_module("sales.account", _("Chart of accounts"), group=_("Settings"), scopes=("all",))
    api.register("accounts", "sales.api.account.AccountViewSet")


def show_accounting() -> None:
    """Menu, the tab of clients, words of jobs."""
    from sales.services.chart import LABEL
    from sales.services.fec import LABEL as FEC

    navigation.register(Item(_("Invoicing"), _("Accounting"), "sales:accounting", ICON, MODULE, order=38))
    navigation.register(
        Item(
            _("Settings"),
            _("Chart of accounts"),
            "agencies:account_list",
            "list-numbers",
            "sales.account",
            order=997,
        )
    )
    register_tab(Tab("crm.client", "accounts", _("Accounts"), LINES, "client", MODULE, ICON, 26))
    register_job("sales.jobs.refresh_books", LABEL, quiet=True)
    register_job("sales.jobs.make_fec", FEC)

"""What mandates and direct debits hand over to the frame; called by sales/apps.py."""

from django.utils.translation import gettext_lazy as _

from digiweb import navigation
from digiweb.api import router as api
from digiweb.job_kinds import register_job
from digiweb.navigation import Item
from digiweb.permissions import register_module
from digiweb.tabs import Tab, register_tab

MANDATE, DEBIT = "sales.mandate", "sales.debit"


def register_debits() -> None:
    """Rights and the API."""
    sales = _("Sales")
    register_module(
        MANDATE,
        _("Mandates"),
        group=sales,
        actions=("view", "create", "change", "export"),
        defaults={"sales": ("team", ("view", "create")), "am": ("all", ("view",))},
    )
    # Whoever takes money out of accounts: administrators, and whom they let.
    register_module(
        DEBIT, _("Direct debits"), group=sales, actions=("view", "create", "change"), scopes=("all",)
    )
    api.register("mandates", "sales.api.mandate.MandateViewSet")


def show_debits() -> None:
    """Menu, tab of clients, documents of mandates, jobs."""
    from crm.models import Client
    from sales.debit_words import WORDS
    from sales.models import Mandate
    from sales.services.client_merge import settle_mandates
    from timeline.document_panel import register_documents
    from timeline.services.merge import register_settler
    from timeline.words import ACTIONS

    ACTIONS.update(WORDS)
    register_settler(Client, Mandate, settle_mandates)

    invoicing = _("Invoicing")
    mandates = (_("Mandates"), "sales:mandate_list", "writing-sign", MANDATE)
    label, url, icon, module = mandates
    navigation.register(Item(invoicing, label, url, icon, module, order=34))
    navigation.register(
        Item(invoicing, _("Direct debits"), "sales:debit_batch_list", "building-bank", DEBIT, order=33)
    )
    register_tab(Tab("crm.client", "mandates", label, url, "client", module, icon, 25))
    register_documents(MANDATE)
    register_job("sales.jobs.announce_debit", _("Announcement of a direct debit"), quiet=True)

"""What the shell and other records' pages show of received invoices; called by sales/apps.py."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from digiweb import navigation, search
from digiweb.api import router as api
from digiweb.job_kinds import register_job
from digiweb.navigation import Item
from digiweb.panels import Panel, register_panel
from digiweb.search import Source

MODULE = "sales.receivedinvoice"


def show_received() -> None:
    """Menu, « + », search, the panel beside companies, the resource of the API, kinds of jobs."""
    from sales.models import ReceivedInvoice
    from sales.received_page import invoices_of

    label, url, picture = _("Received invoices"), "sales:received_invoice_list", "file-import"
    navigation.register(Item(_("Invoicing"), label, url, picture, MODULE, order=37))
    navigation.register_create(
        Item("", _("Received invoice"), "sales:received_invoice_new", picture, MODULE, "create", order=26)
    )
    search.register(Source(ReceivedInvoice, label, picture, url, received_subtitle, order=26))
    template = "sales/received_invoice/panel.html"
    register_panel(Panel("crm.company", label, template, invoices_of, MODULE, url, "company", order=60))
    api.register("received-invoices", "sales.api.received_invoice.ReceivedInvoiceViewSet")
    register_job("sales.jobs.read_received_file", _("Reading of a received file"), quiet=True)
    register_job("sales.jobs.check_received_invoice", _("Check of a received invoice"))


def received_subtitle(invoice: Any) -> str:
    from sales.tables.received_invoice import amount_text

    return f"{invoice.get_status_display()} · {amount_text(invoice, 'gross')}"

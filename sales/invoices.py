"""What invoices hand over to the frame: rights, menu, search, tabs, panels, jobs; called by sales/apps.py."""

from typing import Any
from urllib.parse import urlencode

from django.db.models.signals import post_migrate, pre_migrate
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from digiweb import navigation, search
from digiweb.api import router as api
from digiweb.job_kinds import register_job
from digiweb.navigation import Item
from digiweb.panels import Panel, register_panel
from digiweb.permissions import ACTIONS, register_module
from digiweb.search import Source
from digiweb.tabs import Tab, register_tab
from people.hand_over import Owned, register_owned
from timeline.document_panel import register_documents
from timeline.notification_kinds import register_kind

MODULE, LIST, ICON = "sales.invoice", "sales:invoice_list", "file-invoice"
SHOWN = 5
# By which column invoices belong to records of these kinds.
ABOUT = (
    ("deal", "crm.deal"),
    ("client", "crm.client"),
    ("company", "crm.company"),
    ("quote", "sales.quote"),
)


def register_invoices(config: Any) -> None:
    """Rights, the API, and the triggers after each migrate."""
    from sales import triggers

    sales = _("Sales")
    register_module(
        MODULE,
        _("Invoices"),
        group=sales,
        defaults={"sales": ("team", ACTIONS), "am": ("all", ("view",))},
    )
    # Whoever issues binds the house: a grant of its own, so that one may draft and another issue.
    register_module("sales.issuing", _("Issuing invoices"), group=sales, actions=("create",), scopes=("all",))
    api.register("invoices", "sales.api.invoice.InvoiceViewSet")
    pre_migrate.connect(triggers.make_way, sender=config, dispatch_uid="sales.triggers")
    post_migrate.connect(triggers.restore, sender=config, dispatch_uid="sales.triggers")


def show_invoices() -> None:
    """Menu, « + », search, tabs, panels, jobs."""
    from sales.hand_over import give_invoices
    from sales.models import Invoice
    from sales.services.invoice_issue_many import LABEL
    from sales.services.invoice_progress import create_deposit_draft
    from sales.services.invoice_verify import KIND
    from sales.services.invoice_verify import LABEL as VERIFIED
    from sales.services.quote_accepted import deposit_makers

    label = _("Invoices")
    navigation.register(Item(_("Invoicing"), label, LIST, ICON, MODULE, order=29))
    navigation.register_create(Item("", _("Invoice"), "sales:invoice_new", ICON, MODULE, "create", order=19))
    register_tab(Tab("crm.client", "invoices", label, LIST, "client", MODULE, ICON, 19))
    register_tab(Tab("people.user", "invoices", label, LIST, "owner", MODULE, ICON, 19))
    search.register(Source(Invoice, label, ICON, LIST, invoice_subtitle, ("company", "contact"), order=19))
    register_owned(Owned(MODULE, give_invoices, order=21))
    register_documents(MODULE)
    for name, kind in ABOUT:
        panel = Panel(
            kind, label, "sales/invoice/panel.html", invoices_of(name), MODULE, LIST, name, order=26
        )
        register_panel(panel)
    register_kind(KIND, VERIFIED, "alert-triangle")
    register_job("sales.jobs.issue_invoices", LABEL)
    register_job("sales.jobs.send_invoice_message", _("Message with an invoice"), quiet=True)
    deposit_makers.append(create_deposit_draft)


def invoice_subtitle(invoice: Any) -> str:
    from sales.tables.invoice import status_text

    return " · ".join(
        part for part in (str(invoice.addressee or ""), invoice.subject, status_text(invoice)) if part
    )


def invoices_of(name: str) -> Any:
    """The builder of the panel on pages of these kinds: the latest, and what is left (SPEC N4)."""

    def build(user: Any, record: Any) -> dict[str, Any] | None:
        from sales.invoice_figures import figures_of
        from sales.models import Invoice
        from sales.tables.invoice import colour_of, status_text

        mine = Invoice.objects.visible_to(user).filter(**{f"{name}_id": record.pk}).order_by("-pk")
        invoices: list[Any] = list(mine.defer("facts", "terms", "introduction")[: SHOWN + 1])
        for invoice in invoices:
            invoice.colour, invoice.word = colour_of(invoice), status_text(invoice)
        create = ""
        if name != "quote" and user.can(MODULE, "create"):
            create = f"{reverse('sales:invoice_new')}?{urlencode({name: record.pk})}"
        return {
            "invoices": invoices[:SHOWN],
            "more": len(invoices) > SHOWN,
            "create_url": create,
            "figures": figures_of(user, name, record),
            **rows_of(user, name, record),
            "quote": record if name == "quote" and user.can(MODULE, "create") else None,
        }

    return build


def rows_of(user: Any, name: str, record: Any) -> dict[str, str]:
    """Where the rows of the figures are: quotes with something left, invoices that are not all paid."""
    about = {name: record.pk}
    unpaid = [("settlement", str(each)) for each in ("pending", "partly")]
    quotes = ""
    if name != "quote" and user.can("sales.quote", "view"):
        quotes = f"{reverse('sales:quote_list')}?{urlencode({**about, 'to_invoice': 'yes'})}"
    return {
        "to_invoice_url": quotes,
        "to_collect_url": f"{reverse(LIST)}?{urlencode([*about.items(), *unpaid])}",
    }

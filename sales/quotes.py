"""What the shell shows of quotes: menu, « + », search, bin, tabs, panels; their jobs and notifications."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from digiweb import navigation, search
from digiweb.job_kinds import register_job
from digiweb.navigation import Item
from digiweb.panels import Panel, register_panel
from digiweb.search import Source
from digiweb.tabs import Tab, register_tab
from people.hand_over import Owned, register_owned
from sales.hand_over import give_quotes
from sales.models import Quote
from sales.services.quote import quotes_came_or_went
from sales.tables.quote import colour_of
from timeline.document_panel import register_documents
from timeline.notification_kinds import register_kind
from timeline.services.bin import register_bin

MODULE, LIST, ICON = "sales.quote", "sales:quote_list", "file-description"
SHOWN = 5


def show_quotes() -> None:
    """Called once, by the app."""
    label, sales = _("Quotes"), _("Sales")
    navigation.register(Item(sales, label, LIST, ICON, MODULE, order=18))
    navigation.register_create(Item("", _("Quote"), "sales:quote_new", ICON, MODULE, "create", order=18))
    rules = ("sales:lease_terms", "building-bank", "sales.leaseterms", "change")
    navigation.register(Item(_("Settings"), _("Leases (LOCAM)"), *rules, order=999))
    register_tab(Tab("crm.client", "quotes", label, LIST, "client", MODULE, ICON, 18))
    register_tab(Tab("people.user", "quotes", label, LIST, "owner", MODULE, ICON, 18))
    search.register(Source(Quote, label, ICON, LIST, quote_subtitle, ("company", "contact"), order=18))
    register_owned(Owned(MODULE, give_quotes, order=19))
    register_bin(Quote, quotes_came_or_went)
    register_documents(MODULE)
    for name in ("deal", "company"):
        panel = Panel(
            f"crm.{name}", label, "sales/quote/panel.html", quotes_of(name), MODULE, LIST, name, order=25
        )
        register_panel(panel)
    register_kind("quote.opened", _("A client opened a quote"), "eye")
    register_kind("quote.accepted", _("A client accepted a quote"), "circle-check")
    register_kind("quote.refused", _("A client refused a quote"), "circle-x")
    register_job("sales.jobs.send_quote_message", _("Message about a quote"), quiet=True)


def quote_subtitle(quote: Any) -> str:
    return " · ".join(
        part for part in (str(quote.addressee or ""), quote.subject, str(quote.status_label)) if part
    )


def quotes_of(name: str) -> Any:
    """The builder of the panel on pages of a deal or a company: the latest quotes."""

    def build(user: Any, record: Any) -> dict[str, Any] | None:
        mine = Quote.objects.visible_to(user).filter(**{f"{name}_id": record.pk}).order_by("-pk")
        quotes: list[Any] = list(mine[: SHOWN + 1])
        for quote in quotes:
            quote.colour = colour_of(quote)
        create = f"{reverse('sales:quote_new')}?{urlencode({name: record.pk})}"
        return {
            "quotes": quotes[:SHOWN],
            "more": len(quotes) > SHOWN,
            "create_url": create if user.can(MODULE, "create") else "",
        }

    return build

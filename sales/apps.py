"""Sales: offers, quotes, contracts, subscriptions, payments, bank details."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from digiweb import navigation, search
from digiweb.api import router as api
from digiweb.navigation import Item
from digiweb.permissions import ACTIONS, register_module
from digiweb.search import Source
from digiweb.tabs import Tab, register_tab
from digiweb.widgets import Widget, register_widget
from people.hand_over import Owned, register_owned


class SalesConfig(AppConfig):
    name = "sales"
    verbose_name = _("Sales")

    def ready(self) -> None:
        from sales.accounting import register_accounting
        from sales.commissions import register_commissions
        from sales.direct_debits import register_debits
        from sales.invoices import register_invoices
        from sales.money import register_money
        from sales.recurring import register_recurring
        from sales.reminders import register_reminders

        sales = _("Sales")
        register_module(
            "sales.offer",
            _("Offers"),
            group=sales,
            scopes=("all",),
            defaults={"sales": ("all", ("view",)), "am": ("all", ("view",))},
        )
        register_module(
            "sales.contract",
            _("Contracts"),
            group=sales,
            defaults={"sales": ("team", ACTIONS), "am": ("all", ("view",))},
        )
        register_module(
            "sales.quote",
            _("Quotes"),
            group=sales,
            defaults={"sales": ("team", ACTIONS), "am": ("all", ("view",))},
        )
        register_module(
            "sales.leaseterms",
            _("Rules of leases"),
            group=_("Settings"),
            actions=("view", "change"),
            scopes=("all",),
        )
        register_module(
            "sales.subscription",
            _("Subscriptions"),
            group=sales,
            defaults={"sales": ("team", ACTIONS), "am": ("all", ("view",))},
        )
        register_module(
            "sales.paymentrecord",
            _("Payments"),
            group=sales,
            actions=("view", "export"),
            defaults={"sales": ("team", ("view", "export")), "am": ("all", ("view",))},
        )
        # « view » shows masked numbers; the whole number is a grant apart (sales.iban).
        register_module(
            "sales.bankaccount",
            _("Bank details"),
            group=sales,
            actions=("view", "create", "change"),
            # « create » asks for an account, « change » decides: both in one hand only by a decision.
            defaults={"sales": ("team", ("view", "create")), "am": ("all", ("view",))},
        )
        # Our own purchases: administrators, and whom they let.
        register_module("sales.receivedinvoice", _("Received invoices"), group=sales, scopes=("all",))
        # What one sees there follows the scopes of deals, contracts and activities.
        register_module(
            "sales.tracking",
            _("Sales tracking"),
            group=sales,
            actions=("view", "export"),
            scopes=("all",),
            defaults={"sales": ("all", ("view", "export"))},
        )
        # A salesperson reads the figures of the team, colleagues and manager included (SPEC T3).
        register_module(
            "sales.performance",
            _("Performances"),
            group=sales,
            actions=("view",),
            defaults={"sales": ("team", ("view",))},
        )
        register_module("sales.iban", _("Whole bank numbers"), group=sales, actions=("view",))
        register_module(
            "sales.agency",
            _("Agencies"),
            group=_("Settings"),
            scopes=("all",),
            defaults={"sales": ("all", ("view",)), "am": ("all", ("view",))},
        )
        api.register("agencies", "sales.api.agency.AgencyViewSet")
        api.register("mentions", "sales.api.mention.MentionViewSet")
        api.register("pipeline", "sales.api.steering.PipelineViewSet")
        api.register("tracking", "sales.api.steering.TrackingViewSet")
        register_invoices(self)
        register_money()
        register_recurring()
        register_debits()
        register_commissions()
        register_accounting()
        register_reminders()
        api.register("offers", "sales.api.offer.OfferViewSet")
        api.register("contracts", "sales.api.contract.ContractViewSet")
        api.register("quotes", "sales.api.quote.QuoteViewSet")
        api.register("subscriptions", "sales.api.subscription.SubscriptionViewSet")
        self.show()

    def show(self) -> None:
        """What the shell shows of this app: menu, « + », search, bin, tabs of other records."""
        from crm.services.client_signs import register_named
        from sales.accounting import show_accounting
        from sales.accounts import follow_merges, show_accounts
        from sales.commissions import show_commissions
        from sales.contract_figures import contracts_widget
        from sales.direct_debits import show_debits
        from sales.hand_over import give_contracts
        from sales.invoices import show_invoices
        from sales.models import Contract, Offer, Subscription
        from sales.money import show_money
        from sales.panels import show_panels
        from sales.quotes import show_quotes
        from sales.received import show_received
        from sales.recurring import show_recurring
        from sales.reminders import show_reminders
        from sales.revenue import show_revenue
        from sales.services.contract import contracts_came_or_went
        from sales.services.contract_words import reword_contracts
        from sales.services.subscription import subscriptions_came_or_went
        from timeline.document_panel import register_documents
        from timeline.notification_kinds import register_kind
        from timeline.services.bin import register_bin

        sales = _("Sales")
        lists = (
            (_("Offers"), "offer", "tags", 19),
            (_("Contracts"), "contract", "file-certificate", 20),
            (_("Subscriptions"), "subscription", "repeat", 21),
        )
        pipeline = (_("Pipeline"), "sales:pipeline", "chart-funnel", "crm.deal")
        navigation.register(Item(sales, *pipeline, order=18))
        tracking = (_("Sales tracking"), "sales:tracking", "chart-bar", "sales.tracking")
        navigation.register(Item(sales, *tracking, order=28))
        performances = (_("Performances"), "sales:performances", "trophy", "sales.performance")
        navigation.register(Item(sales, *performances, order=29))
        register_kind("sales.award", _("Badge earned"), "award")
        show_revenue()
        for label, name, picture, order in lists:
            module, url = f"sales.{name}", f"sales:{name}_list"
            navigation.register(Item(sales, label, url, picture, module, order=order))
            if name != "offer":
                register_tab(Tab("crm.client", f"{name}s", label, url, "client", module, picture, order))
        for label, name, picture, order in (
            (_("Contract"), "contract", "file-certificate", 20),
            (_("Subscription"), "subscription", "repeat", 21),
        ):
            new = Item("", label, f"sales:{name}_new", picture, f"sales.{name}", "create", order=order)
            navigation.register_create(new)
        for label, name, picture, order in (
            (_("Agencies"), "agency", "building-bank", 998),
            (_("Mentions"), "mention", "blockquote", 999),
        ):
            url = f"agencies:{name}_list"
            navigation.register(Item(_("Settings"), label, url, picture, "sales.agency", order=order))
        contracts = ("sales:contract_list", "owner", "sales.contract", "file-certificate", 20)
        register_tab(Tab("people.user", "contracts", _("Contracts"), *contracts))
        activities = ("crm:activity_list", "owner", "crm.activity", "calendar", 30)
        register_tab(Tab("people.user", "activities", _("Activities"), *activities))
        search.register(
            Source(
                Contract,
                _("Contracts"),
                "file-certificate",
                "sales:contract_list",
                contract_subtitle,
                ("client__company", "client__contact"),
                order=20,
            )
        )
        search.register(Source(Offer, _("Offers"), "tags", "sales:offer_list", offer_subtitle, order=21))
        register_widget(Widget("home/contracts_by_seller.html", contracts_widget, "sales.contract", order=9))
        register_owned(Owned("sales.contract", give_contracts, order=20))
        register_named(reword_contracts)
        register_bin(Contract, contracts_came_or_went)
        register_bin(Subscription, subscriptions_came_or_went)
        register_documents("sales.contract")
        show_accounts()
        show_panels()
        follow_merges()
        show_received()
        show_quotes()
        show_invoices()
        show_money()
        show_recurring()
        show_debits()
        show_commissions()
        show_accounting()
        show_reminders()


def contract_subtitle(contract: Any) -> str:
    return " · ".join(part for part in (str(contract.client), str(contract.status_label)) if part)


def offer_subtitle(offer: Any) -> str:
    from sales.tables.offer import price_text

    return f"{offer.get_category_display()} · {price_text(offer)}"

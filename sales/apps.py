"""Sales: offers, contracts, subscriptions, payments, bank details."""

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
        register_module("sales.iban", _("Whole bank numbers"), group=sales, actions=("view",))
        api.register("contracts", "sales.api.contract.ContractViewSet")
        self.show()

    def show(self) -> None:
        """What the shell shows of this app: menu, « + », search, bin, tabs of other records."""
        from sales.accounts import show_accounts
        from sales.contract_figures import contracts_widget
        from sales.hand_over import give_contracts
        from sales.models import Contract
        from sales.services.contract import contracts_came_or_went
        from timeline.document_panel import register_documents
        from timeline.services.bin import register_bin

        sales = _("Sales")
        navigation.register(
            Item(sales, _("Contracts"), "sales:contract_list", "file-certificate", "sales.contract", order=20)
        )
        navigation.register_create(
            Item(
                "",
                _("Contract"),
                "sales:contract_new",
                "file-certificate",
                "sales.contract",
                "create",
                order=20,
            )
        )
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
        register_tab(
            Tab(
                "crm.client",
                "contracts",
                _("Contracts"),
                "sales:contract_list",
                "client",
                "sales.contract",
                icon="file-certificate",
                order=20,
            )
        )
        register_tab(
            Tab(
                "people.user",
                "contracts",
                _("Contracts"),
                "sales:contract_list",
                "owner",
                "sales.contract",
                icon="file-certificate",
                order=20,
            )
        )
        register_widget(Widget("home/contracts_by_seller.html", contracts_widget, "sales.contract", order=9))
        register_owned(Owned("sales.contract", give_contracts, order=20))
        register_bin(Contract, contracts_came_or_went)
        register_documents("sales.contract")
        show_accounts()


def contract_subtitle(contract: Any) -> str:
    return " · ".join(part for part in (str(contract.client), str(contract.status_label)) if part)

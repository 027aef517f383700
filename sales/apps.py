"""Sales: offers, contracts, subscriptions, payments, bank details."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from digiweb.permissions import ACTIONS, register_module


class SalesConfig(AppConfig):
    name = "sales"
    verbose_name = _("Sales")

    def ready(self) -> None:
        sales = _("Sales")
        register_module(
            "sales.offer", _("Offers"), group=sales, scopes=("all",), defaults={"sales": ("all", ("view",))}
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
            defaults={"sales": ("team", ("view",)), "am": ("all", ("view",))},
        )
        register_module("sales.iban", _("Whole bank numbers"), group=sales, actions=("view",))

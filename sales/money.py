"""What payments hand over to the frame: rights, menu, tabs, the settlement of invoices; called by
sales/apps.py."""

from django.utils.translation import gettext_lazy as _

from digiweb.permissions import register_module

MODULE, LIST, ICON = "sales.payment", "sales:payment_list", "cash"


def register_money() -> None:
    """Rights: administrators and managers record payments, salespeople read those of their team."""
    register_module(
        MODULE,
        _("Settlements"),
        group=_("Sales"),
        actions=("view", "create", "change", "export"),
        defaults={"sales": ("team", ("view",)), "am": ("all", ("view",))},
    )


def show_money() -> None:
    """What is paid of invoices follows from payments."""
    from sales.services.payment import received_for
    from sales.services.settlement import register_payments

    register_payments(received_for)

"""What payments hand over to the frame: rights, menu, search, tabs, the API, the settlement of invoices;
called by sales/apps.py."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from digiweb import navigation, search
from digiweb.api import router as api
from digiweb.job_kinds import register_job
from digiweb.navigation import Item
from digiweb.permissions import register_module
from digiweb.search import Source
from digiweb.tabs import Tab, register_tab
from people.hand_over import Owned, register_owned

MODULE, LIST, ICON = "sales.payment", "sales:payment_list", "cash"


def register_money() -> None:
    """Rights: administrators record payments, salespeople read those of their team."""
    register_module(
        MODULE,
        _("Settlements"),
        group=_("Sales"),
        actions=("view", "create", "change", "export"),
        defaults={"sales": ("team", ("view", "export")), "am": ("all", ("view",))},
    )
    register_module(
        "sales.statement",
        _("Bank statements"),
        group=_("Sales"),
        actions=("view", "create", "change", "delete", "export"),
        scopes=("all",),
    )
    api.register("money", "sales.api.payment.PaymentViewSet")


def show_money() -> None:
    """Menu, « + », search, tabs; what is paid of invoices follows from payments."""
    from crm.services.client_signs import register_named
    from sales.hand_over import give_money
    from sales.models import Payment
    from sales.services.payment import received_for
    from sales.services.payment_words import reword_payments
    from sales.services.settlement import register_payments

    register_payments(received_for)
    register_named(reword_payments)
    label = _("Settlements")
    navigation.register(Item(_("Invoicing"), label, LIST, ICON, MODULE, order=31))
    navigation.register_create(
        Item("", _("Settlement"), "sales:payment_new", ICON, MODULE, "create", order=20)
    )
    register_tab(Tab("crm.client", "money", label, LIST, "client", MODULE, ICON, 20))
    search.register(Source(Payment, label, ICON, LIST, payment_subtitle, ("client",), order=22))
    register_owned(Owned(MODULE, give_money, order=22))
    register_job("sales.jobs.read_statement", _("Bank statement"))
    register_job("sales.jobs.confirm_certain_lines", _("Lines of a bank statement"))


def payment_subtitle(payment: Any) -> str:
    from digiweb.templatetags.digiweb import money

    parts = (payment.payer or str(payment.client or ""), money(payment.sign * payment.amount))
    return " · ".join(part for part in parts if part)

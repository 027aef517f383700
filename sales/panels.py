"""Contracts and subscriptions beside a company or a contact (digiweb/panels.py), as far as one sees them."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Count, IntegerField, Q, Sum, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import Client
from digiweb.panels import Panel, register_panel
from sales.models import Contract, Subscription
from sales.tables import contract as contract_table
from sales.tables import subscription as subscription_table
from sales.tables.contract import absent_text, amount_text

SHOWN = 5
Build = Callable[[Any, Any], dict[str, Any] | None]


def show_panels() -> None:
    """Hand both panels over; called by sales/apps.py."""
    kinds: tuple[tuple[str, Any, Callable[[str], Build], int], ...] = (
        ("contract", _("Contracts"), contracts_of, 22),
        ("subscription", _("Subscriptions"), subscriptions_of, 23),
    )
    for name in ("company", "contact"):
        for kind, label, build, order in kinds:
            template, url = f"sales/{kind}/panel.html", f"sales:{kind}_list"
            about = (f"crm.{name}", label, template, build(name), f"sales.{kind}", url, name)
            register_panel(Panel(*about, order=order))


def contracts_of(name: str) -> Build:
    """The builder on pages of a company or a contact: contracts in force first, then the latest."""
    order = Case(
        When(status__in=Contract.IN_FORCE, then=Value(0)),
        When(status=Contract.Status.PENDING, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )

    def build(user: Any, record: Any) -> dict[str, Any] | None:
        mine = Contract.objects.visible_to(user).filter(**{f"client__{name}": record.pk})
        columns = ("reference", "status", "status_text", "amount", "ends_on", "absent_since")
        found: list[Any] = list(mine.only(*columns).order_by(order, "-signed_key", "-pk")[: SHOWN + 1])
        add = _new(user, name, record, "contract")
        if not found and not add:
            return None
        for contract in found:
            contract.colour = contract_table.STATUS_COLOURS[contract.status]
            contract.worth, contract.gone = amount_text(contract.amount), absent_text(contract)
        in_force = Q(status__in=Contract.IN_FORCE)
        sums = mine.aggregate(count=Count("pk", filter=in_force), amount=Sum("amount", filter=in_force))
        return {
            "contracts": found[:SHOWN],
            "more": len(found) > SHOWN,
            "in_force": sums["count"],
            "worth": amount_text(sums["amount"] or 0),
            "create_url": add,
        }

    return build


def subscriptions_of(name: str) -> Build:
    """The same for subscriptions: those that run first, and what they bring in a month."""
    order = Case(
        When(status=Subscription.Status.ACTIVE, then=Value(0)),
        When(status=Subscription.Status.PAUSED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )

    def build(user: Any, record: Any) -> dict[str, Any] | None:
        mine = Subscription.objects.visible_to(user).filter(**{f"client__{name}": record.pk})
        columns = ("label", "status", "monthly_amount", "ended_on")
        found: list[Any] = list(mine.only(*columns).order_by(order, "-pk")[: SHOWN + 1])
        if not found:  # many clients have none: a contract is entered first
            return None
        for subscription in found:
            subscription.colour = subscription_table.STATUS_COLOURS[subscription.status]
            subscription.worth = amount_text(subscription.monthly_amount)
        active = Q(status=Subscription.Status.ACTIVE)
        monthly = mine.aggregate(amount=Sum("monthly_amount", filter=active))["amount"]
        return {
            "subscriptions": found[:SHOWN],
            "more": len(found) > SHOWN,
            "monthly": amount_text(monthly) if monthly else "",
            "create_url": _new(user, name, record, "subscription"),
        }

    return build


def _new(user: Any, name: str, record: Any, kind: str) -> str:
    """Where one more is entered, for a client that this person sees; "" where there is none."""
    if not user.can(f"sales.{kind}", "create"):
        return ""
    clients = Client.objects.visible_to(user).filter(**{name: record.pk})
    pk = clients.order_by("pk").values_list("pk", flat=True).first()
    return f"{reverse(f'sales:{kind}_new')}?{urlencode({'client': pk})}" if pk else ""

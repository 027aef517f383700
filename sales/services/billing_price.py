"""Another price of a subscription from a day on."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.audit import record
from sales.models import Subscription, SubscriptionPrice
from sales.services.billing_plan import refresh_plans
from sales.services.billing_run import apply_prices
from sales.services.subscription import also_of, hold_clients


@transaction.atomic
def add_price(
    *, user: Any, subscription: Subscription, starts_on: date, amount: Decimal
) -> SubscriptionPrice:
    """The amount a month before tax (euros) from a day on; one whose day has come counts at once.

    Raises ValidationError for a negative amount, or a day that has a price or that is invoiced already: what
    was invoiced stays, a credit note corrects it.
    """
    if amount < 0:
        raise ValidationError({"price": _("An amount below nought cannot be.")})
    hold_clients([subscription.client_id])
    held = Subscription.objects.select_for_update().get(pk=subscription.pk)
    plan = getattr(held, "billing_plan", None)
    if plan is not None and plan.billed_until is not None and starts_on <= plan.billed_until:
        raise ValidationError({"starts_on": _("These days are invoiced already: choose a later one.")})
    later = held.prices.filter(starts_on__gte=starts_on, before__isnull=False)
    if later.exists() or held.prices.filter(starts_on=starts_on).exists():
        raise ValidationError(
            {"starts_on": _("There is a price from that day already, or from a later one.")}
        )
    price = held.prices.create(starts_on=starts_on, monthly_amount=amount)
    changes: dict[str, list[Any]] = {"monthly_amount": [f"{held.monthly_amount:.2f}", f"{amount:.2f}"]}
    data = {"from": starts_on.isoformat()}
    record(user=user, action="price_set", obj=held, changes=changes, data=data, also=also_of(held))
    apply_prices(timezone.localdate())
    refresh_plans(subscription=held)
    subscription.refresh_from_db()
    return price

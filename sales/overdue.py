"""What is overdue, on the home page: each figure opens exactly its rows."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from digiweb.templatetags.digiweb import money, number
from sales.models import Invoice, ReminderPlan

LONG = timedelta(days=30)


def overdue_widget(user: Any) -> dict[str, Any] | None:
    """Amount and number of what should be paid already, of the old part of it, of what is disputed.

    Of unpaid invoices alone, and only the index of their settlement and due day is read, in which their
    balance stands; the few that are disputed have an index of their own.
    """
    today = timezone.localdate()
    old = today - LONG
    rows = Invoice.objects.visible_to(user).filter(settlement__in=Invoice.UNPAID, due_key__lt=today)
    is_old = Q(due_key__lt=old)
    sums = rows.order_by().aggregate(
        amount=Sum("balance"),
        count=Count("pk"),
        old_amount=Sum("balance", filter=is_old),
        old_count=Count("pk", filter=is_old),
    )
    disputed = rows.filter(disputed__gt="").order_by()
    sums |= disputed.aggregate(disputed_amount=Sum("balance"), disputed_count=Count("pk"))
    address = reverse("sales:invoice_list")
    last = (old - timedelta(days=1)).isoformat()
    narrowed: tuple[tuple[str, Any, str, dict[str, str]], ...] = (
        ("", _("overdue"), "clock-exclamation", {}),
        ("old_", _("overdue for more than 30 days"), "calendar-exclamation", {"due_before": last}),
        ("disputed_", _("of these disputed"), "message-exclamation", {"disputed": "yes"}),
    )
    figures = [
        {
            "label": label,
            "icon": icon,
            "value": money(sums[f"{prefix}amount"] or 0),
            "count": invoices_text(sums[f"{prefix}count"]),
            "is_bad": bool(sums[f"{prefix}count"]),
            "url": f"{address}?{urlencode({'overdue': 'yes', 'sort': 'due', **query})}",
        }
        for prefix, label, icon, query in narrowed
    ]
    stuck = 0
    if user.can(ReminderPlan.module, "view"):
        plans = ReminderPlan.objects.visible_to(user).filter(state=ReminderPlan.State.STUCK)
        stuck = plans.count()
    return {
        "figures": figures,
        "stuck": stuck,
        "stuck_text": ngettext(
            "%(count)s reminder cannot leave: no usable address.",
            "%(count)s reminders cannot leave: no usable address.",
            stuck,
        )
        % {"count": number(stuck)},
        "stuck_url": f"{reverse('sales:reminder_list')}?state=stuck",
        "reminders_url": reverse("sales:reminder_list") if user.can(ReminderPlan.module, "view") else "",
    }


def invoices_text(count: int) -> str:
    return ngettext("%(count)s invoice", "%(count)s invoices", count) % {"count": number(count)}

"""What the CRM shows on the home pages; every figure is read from the tallies and opens its rows."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Contact, ContactTally, ContactTotal
from crm.services.tally import within_sight
from digiweb.scopes import EVERYBODY

STATUS_LABELS = {"lead": _("Leads"), "prospect": _("Prospects"), "client": _("Clients")}
STATUS_ICONS = {"lead": "target", "prospect": "message-circle", "client": "circle-check"}


def contacts_widget(user: Any) -> dict[str, Any] | None:
    """Contacts within sight by status, those added this week against last, those without an owner."""
    visible = within_sight(user, ContactTally)
    by_status: Counter[str] = Counter()
    unassigned = 0
    for total in within_sight(user, ContactTotal):
        by_status[total.status] += total.count
        unassigned += total.count if total.owner_id == EVERYBODY else 0
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    this_week, last_week = (
        added_between(visible, monday),
        added_between(visible, monday - timedelta(7), monday),
    )
    url = reverse("crm:contact_list")
    return {
        "title": _("Contacts"),
        "figures": [
            {
                "label": STATUS_LABELS[status],
                "value": by_status[status],
                "url": f"{url}?status={status}",
                "icon": STATUS_ICONS[status],
            }
            for status in Contact.Status.values
        ],
        "week": {
            "value": this_week,
            "before": last_week,
            "url": f"{url}?created_after={monday.isoformat()}",
            "before_url": f"{url}?created_after={(monday - timedelta(7)).isoformat()}"
            f"&created_before={(monday - timedelta(1)).isoformat()}",
        },
        "unassigned": {"value": unassigned, "url": f"{url}?owner=nobody"},
        "total": sum(by_status.values()),
        "create_url": reverse("crm:contact_new") if user.can("crm.contact", "create") else "",
        "import_url": reverse("crm:contact_import_new") if user.can("crm.contactimport", "create") else "",
    }


def added_between(tallies: QuerySet, start: date, end: date | None = None) -> int:
    """How many contacts were added from `start` on, up to the day before `end`."""
    days = tallies.filter(day__gte=start)
    if end is not None:
        days = days.filter(day__lt=end)
    return int(days.aggregate(total=Sum("count"))["total"] or 0)

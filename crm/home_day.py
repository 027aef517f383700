"""What a home page says of today: appointments, what needs somebody now, hot leads, this week against last.

One's own on the home page of salespeople, all that is in sight on that of the company (SPEC T5). Every figure
opens its rows (SPEC N9). Asked for after the page, from its own address.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.home import STATUS_LABELS
from crm.models import Activity, Contact, Deal
from crm.models.score_rule import GOOD
from crm.services.deal_step import stale_condition, stale_days
from crm.tables.activity import KIND_ICONS
from digiweb.paging import Sort, capped_count, fetch_in_order, keyset_page
from digiweb.templatetags.digiweb import euros, number

SHOWN = 6
BEST = Sort("-score", "", ("score", "id"), descending=True)
SOONEST = Sort("date", "", ("starts_at", "id"))


def day_widget(user: Any) -> dict[str, Any]:
    """Where the home page gets it from, once it is drawn."""
    return {"title": _("My day") if is_own(user) else _("Today"), "url": reverse("crm:home_day")}


def is_own(user: Any) -> bool:
    """Whether one's home page is about oneself alone."""
    return bool(user.role and user.role.home != "company")


class Sight:
    """The rows that a person's home is about, and the lists that show the same."""

    def __init__(self, user: Any) -> None:
        self.user, self.own = user, is_own(user)
        self.asked = {"owner": "me"} if self.own else {}

    def branches(self, model: Any) -> Sequence[QuerySet]:
        if self.own:
            return [model.objects.visible_to(self.user).filter(owner=self.user)]
        found: Sequence[QuerySet] = model.objects.scope_branches(self.user)
        return found

    def rows(self, model: Any) -> QuerySet:
        rows: QuerySet = model.objects.visible_to(self.user)
        return rows.filter(owner=self.user) if self.own else rows

    def url(self, name: str, **asked: Any) -> str:
        mode = {"mode": "list"} if name == "crm:deal_list" else {}
        return f"{reverse(name)}?{urlencode({**mode, **self.asked, **asked})}"

    def may_see(self, model: Any) -> bool:
        return bool(self.user.can(model.module, "view"))


def day_of(user: Any) -> dict[str, Any]:
    """Everything that the part of the home page draws."""
    sight = Sight(user)
    return {
        "appointments": appointments(sight) if sight.may_see(Activity) else None,
        "needs": needs(sight),
        "hot": hot_leads(sight) if sight.may_see(Contact) else None,
        "weeks": weeks(sight),
    }


def appointments(sight: Sight) -> dict[str, Any]:
    """What is planned for today, in the order of the hours."""
    today = timezone.localdate()
    planned = [
        within_day(branch.filter(status=Activity.Status.PLANNED), today)
        for branch in sight.branches(Activity)
    ]
    page = keyset_page(planned, SOONEST, size=SHOWN)
    around = ("contact", "company", "owner")
    rows: list[Any] = fetch_in_order(sight.rows(Activity).select_related(*around), page.ids)
    count, capped = (len(rows), False) if not page.after else capped_count(planned)
    day = today.isoformat()
    return {
        "count": count,
        "capped": capped,
        "url": sight.url("crm:activity_list", status="planned", on_after=day, on_before=day, sort="date"),
        "rows": [{"activity": one, "icon": KIND_ICONS[one.kind]} for one in rows],
    }


def within_day(activities: QuerySet, day: date) -> QuerySet:
    return activities.filter(starts_at__gte=midnight(day), starts_at__lt=midnight(day + timedelta(1)))


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def needs(sight: Sight) -> list[dict[str, Any]]:
    """What waits for somebody: only kinds of which there are any."""
    now, today = timezone.now(), timezone.localdate()
    found: list[dict[str, Any]] = []

    def add(label: str, icon: str, rows: QuerySet, url: str) -> None:
        count, capped = capped_count(rows)
        if count:
            text = number(count) + ("+" if capped else "")
            found.append({"label": label, "icon": icon, "count": count, "text": text, "url": url})

    if sight.may_see(Activity):
        late = sight.rows(Activity).filter(status=Activity.Status.PLANNED, starts_at__lt=now)
        add(_("overdue activities"), "clock-exclamation", late, sight.url("crm:activity_list", late="yes"))
    if sight.may_see(Deal):
        going = sight.rows(Deal).filter(stage__in=Deal.OPEN)
        late = going.filter(expected_key__lt=today)
        add(
            _("deals whose closing date has passed"),
            "calendar-due",
            late,
            sight.url("crm:deal_list", late="yes"),
        )
        idle = going.filter(next_activity_at=None)
        add(_("deals without a next activity"), "calendar-off", idle, sight.url("crm:deal_list", idle="yes"))
        stale = sight.rows(Deal).filter(stale_condition(stale_days()))
        add(_("deals without activity for too long"), "zzz", stale, sight.url("crm:deal_list", stale="yes"))
    return found


def hot_leads(sight: Sight) -> dict[str, Any]:
    """Leads and prospects of good quality, the best first."""
    kinds = (Contact.Status.LEAD, Contact.Status.PROSPECT)
    good = [
        branch.filter(status=status, score__gte=GOOD)
        for status in kinds
        for branch in sight.branches(Contact)
    ]
    page = keyset_page(good, BEST, size=SHOWN)
    rows: list[Any] = fetch_in_order(sight.rows(Contact).select_related("company"), page.ids)
    counts = []
    for status in kinds:
        count, capped = capped_count(sight.rows(Contact).filter(status=status, score__gte=GOOD))
        url = sight.url("crm:contact_list", status=str(status), score_min=GOOD, sort="-score")
        text = number(count) + ("+" if capped else "")
        counts.append({"label": STATUS_LABELS[status], "count": count, "text": text, "url": url})
    return {"rows": rows, "counts": counts}


def weeks(sight: Sight) -> list[dict[str, Any]]:
    """This week, from Monday on, beside the whole week before."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    spans = ((monday, monday + timedelta(6)), (monday - timedelta(7), monday - timedelta(1)))
    lines: list[dict[str, Any]] = []
    if sight.may_see(Deal):
        won, amounts, added = [], [], []
        for first, last in spans:
            closed = sight.rows(Deal).filter(stage=Deal.Stage.WON, closed_on__gte=first, closed_on__lte=last)
            amount = closed.aggregate(amount=Sum("amount"))["amount"] or Decimal(0)
            url = sight.url("crm:deal_list", stage="won", closed_after=first, closed_before=last)
            amounts.append({"value": amount, "text": euros(amount), "url": url})
            won.append(counted(closed, url))
            new = sight.rows(Deal).filter(
                created_at__gte=midnight(first), created_at__lt=midnight(last + timedelta(1))
            )
            added.append(counted(new, sight.url("crm:deal_list", created_after=first, created_before=last)))
        lines += [
            {"label": _("Won"), "cells": amounts},
            {"label": _("Deals won"), "cells": won},
            {"label": _("Deals added"), "cells": added},
        ]
    if sight.may_see(Activity):
        done = []
        for first, last in spans:
            rows = sight.rows(Activity).filter(
                done_at__gte=midnight(first), done_at__lt=midnight(last + timedelta(1))
            )
            done.append(counted(rows, sight.url("crm:activity_list", done_after=first, done_before=last)))
        lines.append({"label": _("Activities done"), "cells": done})
    return lines


def counted(rows: QuerySet, url: str) -> dict[str, Any]:
    count, capped = capped_count(rows)
    return {"value": count, "text": number(count) + ("+" if capped else ""), "url": url}

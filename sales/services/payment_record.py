"""Payments as other systems tell them: sums, and what they say of a client."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Client
from digiweb.hints import by_counting_index
from digiweb.paging import COUNT_LIMIT, supports_branches
from sales.models import PaymentRecord

# No more payments are added up for a list: beyond, the page says so.
SUM_LIMIT = COUNT_LIMIT
# What happened longer ago says little of a client's health.
HEALTH_DAYS = 180
Status = PaymentRecord.Status


class Sums(NamedTuple):
    """Payments of a list: how many, and what they come to."""

    number: int = 0
    paid: Decimal = Decimal(0)
    pending: Decimal = Decimal(0)
    rejected: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    unknown: Decimal = Decimal(0)
    # Whether there are more than were added up.
    capped: bool = False


def sums_of(payments: QuerySet | Sequence[QuerySet], limit: int = SUM_LIMIT) -> Sums:
    """The sums of filtered payments, of at most `limit` of them, in one query.

    Several querysets must have no row in common, as those that are counted (digiweb/scopes.py).
    """
    portions = [payments] if isinstance(payments, QuerySet) else list(payments)
    if not supports_branches(portions[0]):
        portions = [reduce(or_, portions)]
    portions = by_counting_index(portions, ("status", "amount"))
    found = _summed(portions, limit) if len(portions) > 1 else _aggregated(portions[0], limit)
    count = found.pop("number")
    values = {name: value or Decimal(0) for name, value in found.items()}
    return Sums(number=min(count, limit), capped=count > limit, **values)


def _aggregated(payments: QuerySet, limit: int) -> dict[str, Any]:
    few = payments.order_by().values("pk", "status", "amount")[: limit + 1]
    by = {name: Sum("amount", filter=Q(status=name)) for name in Status.values}
    return few.aggregate(number=Count("pk"), **by)


def _summed(portions: Sequence[QuerySet], limit: int) -> dict[str, Any]:
    """The same of several querysets, which Django does not add up together."""
    connection = connections[portions[0].db]
    parts: list[str] = []
    params: list[Any] = []
    for portion in portions:
        few = portion.order_by().values("status", "amount")[: limit + 1]
        with suppress(EmptyResultSet):
            sql, values = few.query.get_compiler(connection=connection).as_sql()
            parts.append(f"({sql})")
            params += values
    rows: Sequence[Any] = ()
    if parts:
        union = f"{' UNION ALL '.join(parts)} LIMIT {limit + 1:d}"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT status, COUNT(*), SUM(amount) FROM ({union}) found GROUP BY status",  # noqa: S608
                params,
            )
            rows = cursor.fetchall()
    sums = {status: amount for status, _number, amount in rows}
    return {"number": sum(row[1] for row in rows), **{name: sums.get(name) for name in Status.values}}


# --- The health of a client (crm/services/client_health.py)


def judge_payments(clients: Sequence[Client], today: date) -> dict[int, tuple[int, Mapping[str, Any]]]:
    """Rejected payments of the past months and those that are late, client by client, in one query."""
    since = today - timedelta(days=HEALTH_DAYS)
    rejected = Q(status=Status.REJECTED)
    late = Q(status=Status.PENDING, paid_key__lt=today)
    recent = PaymentRecord.objects.filter(client__in=[client.pk for client in clients], paid_key__gte=since)
    rows = (
        recent.filter(rejected | late)
        .values("client")
        .annotate(rejected=Count("pk", filter=rejected), late=Count("pk", filter=late))
    )
    return {
        row["client"]: (
            -min(10 * row["rejected"] + 5 * row["late"], 30),
            {"rejected": row["rejected"], "late": row["late"]},
        )
        for row in rows
    }


def payment_words(points: int, facts: Mapping[str, Any]) -> str:
    """« 2 rejected payments, 1 late payment in the past 6 months »."""
    parts = []
    rejected, late = int(facts.get("rejected", 0)), int(facts.get("late", 0))
    if rejected:
        parts.append(
            ngettext("%(count)s rejected payment", "%(count)s rejected payments", rejected)
            % {"count": rejected}
        )
    if late:
        parts.append(ngettext("%(count)s late payment", "%(count)s late payments", late) % {"count": late})
    return _("%(payments)s in the past 6 months") % {"payments": ", ".join(parts)}

"""What contracts say of a client's health (crm/services/client_health.py)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Client
from crm.services.client_signs import touch_clients
from sales.models import Contract

Verdicts = dict[int, tuple[int, Mapping[str, Any]]]
# An end that comes so soon is told, and one that comes sooner costs more.
SOON_DAYS, NOW_DAYS = 60, 30
IN_FORCE = Q(status__in=Contract.IN_FORCE)
# What the health is worked out from, on the row of a contract.
TELLING = {"status", "ends_on", "client", "absent_since"}


def judge_contracts(clients: Sequence[Client], today: date) -> Verdicts:
    """Active clients who signed something: what is in force, and whether it goes on; in one query.

    +5 with contracts in force; -10 when the last of them ends within 60 days and none follows, -15 within
    30 days; -15 with none in force, -5 as long as one waits for its signature.
    """
    active = [client.pk for client in clients if client.status == Client.Status.ACTIVE]
    if not active:
        return {}
    running = IN_FORCE & (Q(ends_on=None) | Q(ends_on__gte=today))
    rows = (
        Contract.objects.filter(client__in=active)
        .order_by()
        .values("client")
        .annotate(
            running=Count("pk", filter=running),
            endless=Count("pk", filter=IN_FORCE & Q(ends_on=None)),
            last=Max("ends_on", filter=IN_FORCE),
            waiting=Count("pk", filter=Q(status=Contract.Status.PENDING)),
            signed=Count("pk", filter=~Q(status=Contract.Status.PENDING)),
        )
    )
    return {row["client"]: found for row in rows if (found := _verdict(row, today)) is not None}


def _verdict(row: Mapping[str, Any], today: date) -> tuple[int, Mapping[str, Any]] | None:
    if not row["running"]:
        if not row["signed"]:
            return None  # the first one is on its way
        if row["waiting"]:
            return -5, {"waiting": row["waiting"]}
        return -15, {"ended": row["last"].isoformat()} if row["last"] else {}
    last = row["last"]
    if not row["endless"] and not row["waiting"] and last - today <= timedelta(days=SOON_DAYS):
        return -15 if last - today <= timedelta(days=NOW_DAYS) else -10, {"ends": last.isoformat()}
    return 5, {"count": row["running"]}


def contract_words(points: int, facts: Mapping[str, Any]) -> str:
    """« 2 contrats en vigueur », « Le dernier contrat finit le 31/12/2026, et aucun ne suit »."""
    if "count" in facts:
        text = ngettext("%(count)s contract in force", "%(count)s contracts in force", facts["count"])
        return text % {"count": facts["count"]}
    if "ends" in facts:
        return _("The last contract ends on %(day)s, and none follows") % {"day": _day(facts["ends"])}
    if "waiting" in facts:
        text = ngettext(
            "No contract in force; %(count)s waits for its signature",
            "No contract in force; %(count)s wait for their signature",
            facts["waiting"],
        )
        return text % {"count": facts["waiting"]}
    if "ended" in facts:
        return _("No contract in force: the last one ended on %(day)s") % {"day": _day(facts["ended"])}
    return _("No contract in force")


def judge_absent(clients: Sequence[Client], today: date) -> Verdicts:
    """Contracts in force that the source does not send any more: -10, however many; in one query."""
    rows = (
        Contract.objects.filter(IN_FORCE, client__in=[client.pk for client in clients])
        .exclude(absent_since=None)
        .order_by()
        .values("client")
        .annotate(count=Count("pk"), since=Min("absent_since"))
    )
    return {
        row["client"]: (
            -10,
            {"count": row["count"], "since": timezone.localdate(row["since"]).isoformat()},
        )
        for row in rows
    }


def absent_words(points: int, facts: Mapping[str, Any]) -> str:
    """« 1 contrat absent de la source depuis le 12/11/2026 »."""
    text = ngettext(
        "%(count)s contract absent from the source since %(day)s",
        "%(count)s contracts absent from the source since %(day)s",
        facts["count"],
    )
    return text % {"count": facts["count"], "day": _day(facts["since"])}


def touch_clients_of(contracts: Iterable[Contract], *others: int | None) -> None:
    """Have the health of these contracts' clients worked out again, and of `others` (numbers of clients)."""
    touch_clients({pk for pk in (*(one.client_id for one in contracts), *others) if pk})


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "SHORT_DATE_FORMAT")

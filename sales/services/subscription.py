"""Verbs of subscriptions, and the monthly revenue of clients that follows from them.

A client's row is locked before its subscriptions: two who change two of them wait for each other's sum.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Client
from crm.services.client_signs import touch_clients
from digiweb.carriers import refresh_copies
from digiweb.changes import change_record, create_record
from digiweb.models import StaleVersion
from digiweb.querysets import people_in, reach_of
from digiweb.saving import update_objects
from sales.models import Subscription
from timeline.services.bin import move_to_bin

BATCH = 1000
AROUND = ("client__company", "client__contact", "offer")
# What an event is called when the status becomes this one.
TOLD = {"active": "resumed", "paused": "paused", "ended": "ended"}
# Called with a subscription that changed, in its transaction (what is invoiced next follows).
followers: list[Callable[[Subscription], object]] = []


@transaction.atomic
def create_subscription(*, user: Any, subscription: Subscription) -> Subscription:
    """Save a new subscription; its client's monthly revenue follows.

    Raises PermissionDenied for a client for whom `user` may not create subscriptions, ValidationError for
    an end before the start.
    """
    hold_clients([subscription.client_id])
    _check_client(user, subscription.client)
    _check_days(subscription.started_on, subscription.ended_on)
    if not subscription.label:
        subscription.label = str(subscription.offer or "")[:160]
    if not subscription.label:
        raise ValidationError({"label": _("Say what the subscription is about, or choose an offer.")})
    create_record(user=user, obj=subscription, also=also_of(subscription))
    # The client in hand may be older than a change of its salesperson.
    refresh_copies(Subscription, [subscription.client_id])
    refresh_revenue([subscription.client_id])
    return subscription


@transaction.atomic
def change_subscription(
    *, user: Any, subscription: Subscription, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change a subscription, its status included. Raises StaleVersion, ValidationError, PermissionDenied."""
    given = values.get("client")
    hold_clients([subscription.client_id, getattr(given, "pk", None)])
    before = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if version is not None and before.version != version:
        raise StaleVersion(before)
    if given is not None and given.pk != before.client_id:
        _check_client(user, given)
    settled = settle(before, values)
    _check_days(settled.get("started_on", before.started_on), settled.get("ended_on", before.ended_on))
    changes = change_record(
        user=user, obj=subscription, values=settled, also=also_of(before), action=action_of(before, settled)
    )
    if subscription.client_id != before.client_id:
        refresh_copies(Subscription, [subscription.client_id])
    refresh_revenue([before.client_id, subscription.client_id])
    if changes:
        note_pause(subscription, before.status)
        for follow in followers:
            follow(subscription)
    return changes


def note_pause(subscription: Subscription, before: str) -> None:
    """Keep the days of a pause: from today, and until the day before it goes on."""
    paused, today = Subscription.Status.PAUSED, timezone.localdate()
    open_pauses = subscription.pauses.filter(ends_on=None)
    if subscription.status == paused and before != paused and not open_pauses.exists():
        subscription.pauses.create(starts_on=today)
    elif subscription.status != paused and before == paused:
        open_pauses.filter(starts_on__gte=today).delete()
        open_pauses.update(ends_on=today - timedelta(days=1))


def settle(before: Subscription, values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with the day that follows from an end, or without it where it goes on."""
    settled = dict(values)
    status = settled.get("status", before.status)
    if status == before.status:
        return settled
    end = settled.get("ended_on", before.ended_on)
    if status == Subscription.Status.ENDED and end is None:
        start = settled.get("started_on", before.started_on)
        settled["ended_on"] = max(timezone.localdate(), start or timezone.localdate())
    elif before.status == Subscription.Status.ENDED and end is not None and end <= timezone.localdate():
        settled["ended_on"] = None
    return settled


@transaction.atomic
def pause_subscription(*, user: Any, subscription: Subscription) -> None:
    """Nothing is due until it is taken up again. Raises ValidationError for one that has ended."""
    _move(user, subscription, Subscription.Status.PAUSED, {})


@transaction.atomic
def resume_subscription(*, user: Any, subscription: Subscription) -> None:
    """Taken up again, after a pause or an end."""
    _move(user, subscription, Subscription.Status.ACTIVE, {})


@transaction.atomic
def end_subscription(
    *, user: Any, subscription: Subscription, on: date | None = None, version: int | None = None
) -> None:
    """Ended on a day: at once, or, for a day to come, by the night of that day (`end_due_subscriptions`)."""
    on = on or timezone.localdate()
    if on > timezone.localdate():
        change_subscription(user=user, subscription=subscription, values={"ended_on": on}, version=version)
        return
    _move(user, subscription, Subscription.Status.ENDED, {"ended_on": on}, version)


def _move(
    user: Any, subscription: Subscription, to: str, values: Mapping[str, Any], version: int | None = None
) -> None:
    hold_clients([subscription.client_id])
    held = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if held.status == to or (held.status == Subscription.Status.ENDED and to == Subscription.Status.PAUSED):
        raise ValidationError(
            _("“%(subscription)s” is %(status)s already."),
            params={"subscription": held, "status": str(held.get_status_display()).lower()},
        )
    values = {"status": to, **values}
    change_subscription(user=user, subscription=subscription, values=values, version=version)


def end_due_subscriptions(today: date | None = None) -> int:
    """End those whose last day has passed; returns how many. Run twice, it changes nothing."""
    today = today or timezone.localdate()
    running = (Subscription.Status.ACTIVE, Subscription.Status.PAUSED)
    due = Subscription.objects.filter(status__in=running, ended_on__lt=today).order_by("pk")
    ended = 0
    for subscription in due.iterator(chunk_size=BATCH):
        with transaction.atomic():
            hold_clients([subscription.client_id])
            current = Subscription.objects.select_for_update().filter(pk=subscription.pk).first()
            if current is None:  # deleted since it was found
                continue
            if current.status in running and current.ended_on is not None and current.ended_on < today:
                change_subscription(user=None, subscription=current, values={"status": "ended"})
                ended += 1
    return ended


@transaction.atomic
def delete_subscriptions(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move subscriptions to the bin as one batch; their contracts stay."""
    hold_clients(Subscription.objects.filter(pk__in=pks).values_list("client_id", flat=True))
    subscriptions = list(Subscription.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    return move_to_bin(user=user, objs=subscriptions, batch=batch)


def subscriptions_came_or_went(subscriptions: Sequence[Subscription], *, came: bool) -> None:
    """The monthly revenue follows the bin too."""
    refresh_revenue([subscription.client_id for subscription in subscriptions])


# --- The monthly revenue


def hold_clients(pks: Iterable[int | None]) -> None:
    """Lock these clients, before their subscriptions are locked or written."""
    ids = sorted({pk for pk in pks if pk})
    if ids:
        list(Client.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))


@transaction.atomic
def refresh_revenue(clients: Iterable[int | None]) -> int:
    """Work out `Client.mrr` of these clients again, and their health; returns how many differed."""
    moved = work_out_revenue(clients)
    touch_clients(moved)
    return len(moved)


@transaction.atomic
def work_out_revenue(clients: Iterable[int | None]) -> list[int]:
    """Work out `Client.mrr` of these clients again; returns those where it differed, whom the caller touches.

    No version is counted up and no event written: nothing of the client itself has changed.
    """
    ids = sorted({pk for pk in clients if pk})
    moved: list[int] = []
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        locked = Client.objects.select_for_update().filter(pk__in=part).order_by("pk")
        held = list(locked.only("id", "mrr"))
        active = Subscription.objects.filter(client__in=part, status=Subscription.Status.ACTIVE)
        found = dict(active.order_by().values_list("client_id").annotate(total=Sum("monthly_amount")))
        differing = [client for client in held if client.mrr != found.get(client.pk, Decimal(0))]
        for client in differing:
            client.mrr = found.get(client.pk, Decimal(0))
        update_objects(differing, ["mrr"])
        moved += [client.pk for client in differing]
    return moved


# --- Parts of them


def action_of(before: Subscription, values: Mapping[str, Any]) -> str:
    """What an event of this change is called."""
    status = values.get("status", before.status)
    return TOLD[status] if status != before.status else "changed"


def also_of(subscription: Subscription) -> tuple[Any, ...]:
    """On whose time lines the events of a subscription show too."""
    client: Client = subscription.client
    return tuple(other for other in (client, client.company, client.contact) if other is not None)


def _check_days(start: date | None, end: date | None) -> None:
    if start and end and end < start:
        raise ValidationError({"ended_on": _("The end cannot lie before the start.")})


def _check_client(user: Any, client: Client) -> None:
    """A subscription belongs to its client's salesperson: it goes only where `user` may make some."""
    if user is None or client.owner_id in (None, user.pk):
        return
    reach = reach_of(user, Subscription.module, "create") or reach_of(user, Subscription.module, "change")
    if reach != "all" and client.owner_id not in (people_in(user, reach) if reach else []):
        raise PermissionDenied

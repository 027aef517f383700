"""What a client shows of others, kept on its row: last contact, next activity, health."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from datetime import date, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from crm.models import Activity, Client
from crm.models.score_rule import EXCHANGES
from crm.services.client_health import held, judge
from digiweb.jobs import Progress
from digiweb.saving import update_objects

BATCH = 500
P = ParamSpec("P")
R = TypeVar("R")
# The companies and contacts whose clients wait for the end of the verb under way.
_waiting: ContextVar[tuple[set[int], set[int]] | None] = ContextVar("waiting", default=None)
# What is found by the names of clients (contracts): told by their numbers when these change.
_named: list[Callable[[Sequence[int]], None]] = []
SIGNS = ("last_contact_at", "next_activity_at", "health", "health_lines")


def clients_about(*, companies: Iterable[int | None] = (), contacts: Iterable[int | None] = ()) -> list[int]:
    """The clients that these companies and contacts are, or whose person a contact is."""
    firms, people = {pk for pk in companies if pk}, {pk for pk in contacts if pk}
    asked = Q()
    if firms:
        asked |= Q(company__in=firms)
    if people:
        asked |= Q(contact__in=people)
    if not asked:
        return []
    return list(Client.objects.filter(asked).order_by("pk").values_list("pk", flat=True))


def follow_subjects(*, companies: Iterable[int | None] = (), contacts: Iterable[int | None] = ()) -> None:
    """Touch the clients of these companies and contacts: now, or when the verb under way is through."""
    waiting = _waiting.get()
    if waiting is None:
        touch_clients(clients_about(companies=companies, contacts=contacts))
    else:
        waiting[0].update(pk for pk in companies if pk)
        waiting[1].update(pk for pk in contacts if pk)


def follows_clients(verb: Callable[P, R]) -> Callable[P, R]:
    """A verb whose clients are touched once, at its end: they are locked last (crm/services/holding.py)."""

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _waiting.get() is not None:  # inside another such verb
            return verb(*args, **kwargs)
        companies: set[int] = set()
        contacts: set[int] = set()
        token = _waiting.set((companies, contacts))
        try:
            result = verb(*args, **kwargs)
        finally:
            _waiting.reset(token)
        touch_clients(clients_about(companies=companies, contacts=contacts))
        return result

    return run


@transaction.atomic
def touch_clients(pks: Iterable[int], today: date | None = None) -> None:
    """Work out last contact, next activity, health of these clients again, in the transaction of the change.

    No version is counted up and no event written: nothing of the client itself has changed. Called twice,
    it changes nothing.
    """
    ids = sorted(set(pks))
    for start in range(0, len(ids), BATCH):
        _touch(ids[start : start + BATCH], today or timezone.localdate())


def _touch(ids: Sequence[int], today: date) -> None:
    # Locked, so that of two people who do something with one client the second looks again.
    locked = Client.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    clients = list(locked.defer("identity_card", "search_text"))
    if not clients:
        return
    before = {client.pk: [getattr(client, name) for name in SIGNS] for client in clients}
    last, following = _moments(clients)
    for client in clients:
        client.last_contact_at, client.next_activity_at = last.get(client.pk), following.get(client.pk)
    lines = judge(clients, today)
    for client in clients:
        client.health_lines = lines[client.pk]
        client.health = held(sum(line[1] for line in client.health_lines))
    moved = [client for client in clients if before[client.pk] != [getattr(client, name) for name in SIGNS]]
    update_objects(moved, SIGNS)


def _moments(clients: Sequence[Client]) -> tuple[dict[int, datetime], dict[int, datetime]]:
    """({client: when something was last done with it}, {client: when something is planned first})."""
    last: dict[int, datetime] = {}
    following: dict[int, datetime] = {}
    for name in ("company_id", "contact_id"):
        owners: dict[int, list[int]] = defaultdict(list)  # a person may stand for several firms
        for client in clients:
            if pk := getattr(client, name):
                owners[pk].append(client.pk)
        if not owners:
            continue
        about = Activity.objects.filter(**{f"{name}__in": list(owners)}).order_by()
        found = about.values_list(name).annotate(
            last=Max("done_at", filter=Q(kind__in=list(EXCHANGES))),
            following=Min("starts_at", filter=Q(status=Activity.Status.PLANNED)),
        )
        for subject, done, planned in found:
            for pk in owners[subject]:
                if done is not None:
                    last[pk] = max(done, last.get(pk, done))
                if planned is not None:
                    following[pk] = min(planned, following.get(pk, planned))
    return last, following


def refresh_clients(progress: Progress | None = None) -> None:
    """All clients, in batches: health changes with the days. Killed and called again, it begins anew."""
    last, done, total = 0, 0, Client.objects.count()
    while True:
        with transaction.atomic():
            ids = list(Client.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH])
            if not ids:
                return
            _touch(ids, timezone.localdate())
            last, done = ids[-1], done + len(ids)
            if progress is not None:
                progress.set(min(done, total), total)


def register_named(reword: Callable[[Sequence[int]], None]) -> None:
    """`reword(clients)` derives again the words of what is found by the names of clients."""
    _named.append(reword)


def reword_named(clients: Sequence[int]) -> None:
    """The names of these clients are others now."""
    for reword in _named:
        reword(clients)


def reword_clients(*, companies: Iterable[int | None] = (), contacts: Iterable[int | None] = ()) -> None:
    """Names, addresses and numbers of a company or contact are the words by which its client is found."""
    ids = clients_about(companies=companies, contacts=contacts)
    if not ids:
        return
    # Locked alone, so that who renames the other of the two meanwhile derives the words after us.
    list(Client.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    clients = list(Client.objects.filter(pk__in=ids).select_related("company", "contact").order_by("pk"))
    derived = ("subject", "sort_name", "search_text")
    moved: list[Any] = []
    renamed: list[int] = []
    for client in clients:
        values = [getattr(client, f"derive_{name}")() for name in derived]
        if client.derive_sort_name() != client.sort_name:
            renamed.append(client.pk)
        if values != [getattr(client, name) for name in derived]:
            for name, value in zip(derived, values, strict=True):
                setattr(client, name, value)
            moved.append(client)
    update_objects(moved, derived)
    if renamed:
        reword_named(renamed)

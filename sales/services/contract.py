"""Verbs of contracts. Page, API, bulk action and the colleague's import call the same functions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Client
from digiweb.audit import Change, record_many
from digiweb.changes import change_each, change_many, change_record, create_many, create_record
from digiweb.models import StaleVersion
from digiweb.querysets import people_in, reach_of
from sales.models import Contract
from sales.services.contract_health import TELLING, touch_clients_of
from sales.services.contract_lines import totals_of, write_lines
from sales.services.contract_totals import adjust_totals, figures_of
from sales.services.subscription import hold_clients
from timeline.services.bin import move_to_bin

AROUND = ("client__company", "client__contact", "owner", "offer")
TRIES = 5
# What an event is called when the status becomes this one.
TOLD = {
    Contract.Status.SIGNED: "signed",
    Contract.Status.VALIDATED: "validated",
    Contract.Status.TERMINATED: "terminated",
    Contract.Status.ENDED: "ended",
}
# What a change of the status changes besides, and what undoing it restores.
OF_THE_STATUS = ("status", "status_text", "signed_on", "validated_on", "ends_on", "termination_reason")
# Called with a contract that changed, in its transaction (what is invoiced next follows).
followers: list[Callable[[Contract], object]] = []


@transaction.atomic
def create_contract(
    *, user: Any, contract: Contract, lines: Sequence[Mapping[str, Any]] | None = None
) -> Contract:
    """Save a new contract; with lines, its amount is theirs. It shows on its client's time lines too.

    Without a reference it gets the next one of the year, without a salesperson its client's (or `user`,
    where that one is out of reach). Raises PermissionDenied for an owner for whom `user` may not create
    contracts, ValidationError for what cannot be.
    """
    hold_clients([contract.client_id])
    _settle_owner(user, contract)
    contract.clean()
    fresh = Contract(status=Contract.Status.PENDING)
    for name, value in fresh.settled({name: getattr(contract, name) for name in OF_THE_STATUS}).items():
        setattr(contract, name, value)
    if lines:
        contract.amount = totals_of(lines, starts_on=contract.starts_on, ends_on=contract.ends_on).net
    if contract.reference:
        create_record(user=user, obj=contract, also=also_of(contract))
    else:
        _create_numbered(user, contract)
    if lines:
        write_lines(contract, lines)
    adjust_totals([], [figures_of(contract)])
    touch_clients_of([contract])
    return contract


def _create_numbered(user: Any, contract: Contract) -> None:
    """Two who ask for the next reference at once: the second takes the one after."""
    for attempt in range(TRIES):
        contract.reference = next_reference(skip=attempt)
        try:
            create_record(user=user, obj=contract, also=also_of(contract))
        except IntegrityError:
            contract.pk = None
            if attempt == TRIES - 1:
                raise
        else:
            return


def next_reference(today: date | None = None, skip: int = 0) -> str:
    """« CT-2026-0143 »: the one after the highest of the year."""
    prefix = f"CT-{(today or timezone.localdate()).year}-"
    last = Contract.objects.filter(reference__startswith=prefix).order_by("-reference")
    numbers = [text[len(prefix) :] for text in last.values_list("reference", flat=True)[:20]]
    highest = max((int(number) for number in numbers if number.isascii() and number.isdigit()), default=0)
    return f"{prefix}{highest + 1 + skip:04d}"


@transaction.atomic
def change_contract(
    *,
    user: Any,
    contract: Contract,
    values: Mapping[str, Any],
    version: int | None = None,
    lines: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, list[Any]]:
    """Change a contract, its status included, with the days that follow from it; `lines` None leaves them.

    Raises StaleVersion when `version` is no longer the current one, ValidationError for what cannot be.
    """
    hold_clients([contract.client_id, getattr(values.get("client"), "pk", None)])
    before = Contract.objects.select_for_update().get(pk=contract.pk)
    if version is not None and before.version != version:
        raise StaleVersion(before)
    prefetch_related_objects([before], *AROUND)
    settled = before.settled(_with_own_subscription(before, values))
    if lines:
        span = {name: settled.get(name, getattr(before, name)) for name in ("starts_on", "ends_on")}
        settled["amount"] = totals_of(lines, **span).net
    _check_days(before, settled)
    _check_reason(user, before, settled)
    changes = change_record(
        user=user, obj=contract, values=settled, also=also_of(before), action=_action(before, settled)
    )
    if lines is not None:
        changes |= _set_lines(user, contract, lines)
    adjust_totals([figures_of(before)], [figures_of(contract)])
    if TELLING & changes.keys():
        touch_clients_of([contract], before.client_id)
    if changes:
        for follow in followers:
            follow(contract)
    return changes


def _set_lines(user: Any, contract: Contract, lines: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    pair = write_lines(contract, lines)
    if pair[0] == pair[1]:
        return {}
    contract.version += 1
    contract.save(update_fields=["version", "updated_at"])
    changes = {"lines": pair}
    record_many(user=user, changes=[Change("changed", contract, changes)])
    return changes


@transaction.atomic
def sign_contract(
    *, user: Any, contract: Contract, on: date | None = None, version: int | None = None
) -> None:
    """Signed on a day (today). Raises ValidationError for one that has ended, StaleVersion."""
    _move(user, contract, Contract.Status.SIGNED, {"signed_on": on or timezone.localdate()}, version)


@transaction.atomic
def validate_contract(
    *, user: Any, contract: Contract, on: date | None = None, version: int | None = None
) -> None:
    """Validated on a day (today); raises as `sign_contract`."""
    _move(user, contract, Contract.Status.VALIDATED, {"validated_on": on or timezone.localdate()}, version)


@transaction.atomic
def terminate_contract(
    *, user: Any, contract: Contract, reason: str, on: date | None = None, version: int | None = None
) -> None:
    """Ended before its time, on a day (today) and for a reason. Raises as `sign_contract`."""
    if not reason.strip():
        raise ValidationError({"termination_reason": _("Say why the contract is terminated.")})
    values = {"ends_on": on or timezone.localdate(), "termination_reason": reason.strip()}
    _move(user, contract, Contract.Status.TERMINATED, values, version)


def _move(user: Any, contract: Contract, to: str, values: Mapping[str, Any], version: int | None) -> None:
    hold_clients([contract.client_id])
    held = Contract.objects.select_for_update().get(pk=contract.pk)
    if held.status == to or held.status in (Contract.Status.TERMINATED, Contract.Status.ENDED):
        raise ValidationError(
            _("“%(contract)s” is %(status)s already."),
            params={"contract": held, "status": str(held.status_label).lower()},
        )
    change_contract(user=user, contract=contract, values={"status": to, **values}, version=version)


@transaction.atomic
def change_contracts(*, user: Any, pks: Sequence[int], values: Mapping[str, Any]) -> int:
    """Set the same values on many contracts (salesperson); returns how many differed."""
    # Locked alone: a join would lock clients and people too.
    contracts = list(Contract.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    prefetch_related_objects(contracts, *AROUND)
    before = {contract.pk: figures_of(contract) for contract in contracts}
    changed = change_many(user=user, objs=contracts, values=values, also=also_of)
    adjust_totals([before[one.pk] for one in changed], [figures_of(one) for one in changed])
    return len(changed)


@transaction.atomic
def delete_contracts(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move contracts with their lines to the bin as one batch; returns the batch."""
    hold_clients(Contract.objects.filter(pk__in=pks).values_list("client_id", flat=True))
    contracts = list(Contract.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    return move_to_bin(user=user, objs=contracts, batch=batch)


def contracts_came_or_went(contracts: Sequence[Contract], *, came: bool) -> None:
    """Sums and clients follow when contracts enter or leave the table other than by these verbs (the bin)."""
    figures = [figures_of(contract) for contract in contracts]
    adjust_totals([] if came else figures, figures if came else [])
    touch_clients_of(contracts)


# --- What the colleague's import writes: many at once, each with its own values


@transaction.atomic
def import_contracts(
    *,
    user: Any,
    new: Sequence[Contract] = (),
    changed: Iterable[tuple[int, Mapping[str, Any]]] = (),
    data: Mapping[str, Any] | None = None,
) -> dict[int, dict[str, list[Any]]]:
    """Save new contracts and change known ones ((number, values) each), in a few statements.

    `data` goes into the events ("source": whose data they are). New ones have their numbers afterwards.
    Returns {number: {field: [before, after]}} of those that differed; an event, a version and a sum
    change only for these. The caller touches their clients; those that lose one are touched here.
    """
    _insert_many(user, new, data)
    return _change_each(user, dict(changed), data)


def _insert_many(user: Any, new: Sequence[Contract], data: Mapping[str, Any] | None) -> None:
    prefetch_related_objects(list(new), *AROUND)
    create_many(user=user, objs=new, action="imported", data=data, also=also_of)
    adjust_totals([], [figures_of(one) for one in new])


def _change_each(
    user: Any, wanted: Mapping[int, Mapping[str, Any]], data: Mapping[str, Any] | None
) -> dict[int, dict[str, list[Any]]]:
    contracts = list(Contract.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
    prefetch_related_objects(contracts, *AROUND)
    before = {contract.pk: figures_of(contract) for contract in contracts}
    clients = {contract.pk: contract.client_id for contract in contracts}
    found = change_each(
        user=user,
        wanted=[(contract, contract.settled(wanted[contract.pk])) for contract in contracts],
        action=_action,
        also=also_of,
        data=data,
    )
    differing = [contract for contract in contracts if contract.pk in found]
    adjust_totals([before[pk] for pk in found], [figures_of(contract) for contract in differing])
    touch_clients_of((), *{clients[one.pk] for one in differing if clients[one.pk] != one.client_id})
    return found


# --- Parts of them


def also_of(contract: Contract) -> tuple[Any, ...]:
    """On whose time lines the events of a contract show too."""
    client: Client = contract.client
    return tuple(other for other in (client, client.company, client.contact) if other is not None)


def _action(before: Contract, values: Mapping[str, Any]) -> str:
    status = values.get("status", before.status)
    return TOLD.get(status, "changed") if status != before.status else "changed"


def _with_own_subscription(before: Contract, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A contract that goes to another client leaves a subscription of the former one behind."""
    kept = values.get("subscription", before.subscription)
    client = values.get("client", before.client)
    return {**values, "subscription": None} if kept is not None and kept.client_id != client.pk else values


def _check_days(before: Contract, values: Mapping[str, Any]) -> None:
    start = values.get("starts_on", before.starts_on)
    end = values.get("ends_on", before.ends_on)
    if start and end and end < start:
        raise ValidationError({"ends_on": _("The end cannot lie before the start.")})


def _check_reason(user: Any, before: Contract, values: Mapping[str, Any]) -> None:
    """Whoever terminates a contract says why; another system may not know."""
    to = values.get("status", before.status)
    if user is None or to == before.status or to != Contract.Status.TERMINATED:
        return
    if not str(values.get("termination_reason", "")).strip():
        raise ValidationError({"termination_reason": _("Say why the contract is terminated.")})


def _settle_owner(user: Any, contract: Contract) -> None:
    """One's own contracts, for a manager the team's, for who sees all anybody's; the system's whose ever."""
    if user is None or contract.owner_id == user.pk:
        return
    reach = reach_of(user, Contract.module, "create")
    people = None if reach == "all" else people_in(user, reach) if reach else []
    if contract.owner_id is None:
        seller = contract.client.owner
        known = seller is not None and (people is None or seller.pk in people)
        contract.owner = seller if known else user
    elif people is not None and contract.owner_id not in people:
        raise PermissionDenied


# --- Renewal


def proposed_renewal(user: Any, client: Client) -> date | None:
    """The earliest end to come of a contract in force that `user` sees: what is proposed where a client has
    no renewal day.
    """
    ends = Contract.objects.visible_to(user).filter(
        client=client, status__in=Contract.IN_FORCE, ends_on__gte=timezone.localdate()
    )
    return ends.order_by("ends_on").values_list("ends_on", flat=True).first()


def clients_named_by_contracts(user: Any) -> QuerySet:
    """The clients whom `user` sees, and those of the contracts that they see: what lists are filtered by."""
    mine = Contract.objects.visible_to(user).values("client")
    seen = Client.objects.visible_to(user).values("pk")
    clients: QuerySet = Client.objects.filter(Q(pk__in=seen) | Q(pk__in=mine))
    return clients

"""Verbs of deals. Page, board, API, bulk action and import call the same functions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from crm.models import Deal, Tag
from crm.services.client_signs import follow_subjects, follows_clients
from crm.services.company import change_tags, set_tags
from crm.services.custom_value import settle_values
from crm.services.deal_step import enter_stages, leave_stage_again
from crm.services.deal_totals import adjust_totals, figures_of
from crm.services.holding import hold
from crm.services.score import touch_scores
from digiweb.changes import change_many, change_record, create_record
from digiweb.models import StaleVersion
from digiweb.querysets import people_in, reach_of
from timeline.services.bin import move_to_bin

# What moving a deal changes besides its stage, and what taking the move back restores.
OF_THE_STAGE = (
    "stage", "closed_on", "lost_reason", "lost_comment", "stage_since", "furthest", "last_activity_at",
)  # fmt: skip
# What the score of its contact takes from a deal.
SCORED = {"stage", "closed_on", "stage_since", "contact"}
# What the health of its client takes from a deal.
SEEN = {"stage", "company", "contact"}
# Set beside what a person changed; the event does not repeat it.
UNLOGGED = ("stage_since", "furthest", "last_activity_at")


@transaction.atomic
@follows_clients
def create_deal(*, user: Any, deal: Deal, tags: Iterable[Tag] = ()) -> Deal:
    """Save a new deal with its tags; it shows on its company's and its contact's time lines too.

    Raises PermissionDenied for an owner for whom `user` may not create deals, ValidationError for a lost
    deal without a reason.
    """
    if deal.owner_id is None and user is not None:
        deal.owner = user
    _check_new_owner(user, deal)
    deal.clean()
    if not deal.source and deal.contact_id and deal.contact is not None:
        deal.source = deal.contact.source
    hold(contacts=[deal.contact_id])
    create_record(user=user, obj=deal, also=_also(deal))
    deal.tags.set(tags)
    enter_stages([deal])
    adjust_totals([], [figures_of(deal)])
    touch_scores([deal.contact_id])
    _tell_clients([deal])
    return deal


@transaction.atomic
@follows_clients
def change_deal(
    *,
    user: Any,
    deal: Deal,
    values: Mapping[str, Any],
    version: int | None = None,
    tags: Iterable[Tag] | None = None,
) -> dict[str, list[Any]]:
    """Change a deal, its stage included; what follows from it (dates, counts) is set with it.

    Raises StaleVersion when `version` is no longer the current one, PermissionDenied when somebody else
    than an administrator gives it to another owner, ValidationError for a loss without a reason.
    """
    hold(contacts=[deal.contact_id, getattr(values.get("contact"), "pk", None)])
    before = Deal.objects.select_for_update().get(pk=deal.pk)
    if version is not None and before.version != version:
        raise StaleVersion(before)
    if "owner" in values:
        _check_owner_change(user, [before], values["owner"])
    changes = change_record(
        user=user,
        obj=deal,
        values=before.settled(values),
        version=version,
        also=_also(before),
        action=_action(before, values),
        unlogged=UNLOGGED,
    )
    if tags is not None:
        changes |= set_tags(user=user, obj=deal, tags=tags)
    if "stage" in changes:
        enter_stages([deal])
    adjust_totals([figures_of(before)], [figures_of(deal)])
    if SCORED & changes.keys():
        touch_scores([before.contact_id, deal.contact_id])
    if SEEN & changes.keys():
        _tell_clients([before, deal])
    return changes


@transaction.atomic
@follows_clients
def move_deal(
    *, user: Any, deal: Deal, to: str, version: int | None = None, reason: str = "", comment: str = ""
) -> dict[str, Any]:
    """Put a deal in another stage; losing it takes a reason.

    Returns what the deal had before, by which `take_back_move` undoes it. Raises as `change_deal`.
    """
    values: dict[str, Any] = {"stage": to}
    if to == Deal.Stage.LOST:
        values |= {"lost_reason": reason, "lost_comment": comment}
    hold(contacts=[deal.contact_id])
    held = Deal.objects.select_for_update().get(pk=deal.pk)
    before = {name: getattr(held, name) for name in OF_THE_STAGE}
    change_deal(user=user, deal=deal, values=values, version=version)
    return before


@transaction.atomic
@follows_clients
def take_back_move(*, user: Any, deal: Deal, before: Mapping[str, Any], version: int) -> None:
    """Put a moved deal back as it was; raises StaleVersion when somebody changed it since."""
    hold(contacts=[deal.contact_id])
    held = Deal.objects.select_for_update().get(pk=deal.pk)
    if held.version != version:
        raise StaleVersion(held)
    values = {name: before[name] for name in OF_THE_STAGE}
    change_record(
        user=user, obj=deal, values=values, also=_also(held), action="move_undone", unlogged=UNLOGGED
    )
    if deal.stage != held.stage:
        leave_stage_again(deal)
    adjust_totals([figures_of(held)], [figures_of(deal)])
    touch_scores([deal.contact_id])
    _tell_clients([deal])


@transaction.atomic
@follows_clients
def change_deals(*, user: Any, pks: Sequence[int], values: Mapping[str, Any]) -> int:
    """Set the same values on many deals (stage, owner); returns how many differed."""
    # Locked alone: a join would lock companies, contacts and people too.
    hold(contacts=Deal.objects.filter(pk__in=pks).values_list("contact_id", flat=True))
    locked = list(Deal.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    models.prefetch_related_objects(locked, "company", "contact", "owner")
    deals = locked
    if "owner" in values:
        _check_owner_change(user, deals, values["owner"])
    if "stage" in values:
        deals = [deal for deal in deals if deal.stage != values["stage"]]
    if not deals:
        return 0
    before = {deal.pk: figures_of(deal) for deal in deals}
    if "stage" in values:
        # All of them are in another stage: what follows from the new one, and only that, is the same for all.
        settled = deals[0].settled(values)
        wanted = {*values, *OF_THE_STAGE} - {"furthest"}
        values = {name: settled[name] for name in settled if name in wanted}
    action = _action(deals[0], values)
    changed = change_many(user=user, objs=deals, values=values, also=_also, action=action, unlogged=UNLOGGED)
    if "stage" in values:
        _come_further(changed)
        enter_stages(changed)
    adjust_totals([before[deal.pk] for deal in changed], [figures_of(deal) for deal in changed])
    if "stage" in values:
        touch_scores(deal.contact_id for deal in changed)
        _tell_clients(changed)
    return len(changed)


@transaction.atomic
def tag_deals(*, user: Any, pks: Sequence[int], add: Iterable[Tag] = (), remove: Iterable[Tag] = ()) -> int:
    """Put tags on deals and take tags off; returns how many deals were given."""
    deals = list(Deal.objects.filter(pk__in=pks).order_by("pk"))
    change_tags(user=user, objs=deals, add=list(add), remove=list(remove))
    return len(deals)


@transaction.atomic
@follows_clients
def delete_deals(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move deals to the bin as one batch; returns the batch, by which they come back."""
    hold(contacts=Deal.objects.filter(pk__in=pks).values_list("contact_id", flat=True))
    deals = list(Deal.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    return move_to_bin(user=user, objs=deals, batch=batch)


def deals_came_or_went(deals: Sequence[Deal], *, came: bool) -> None:
    """Sums and scores follow when deals enter or leave the table other than by the verbs above (the bin)."""
    figures = [figures_of(deal) for deal in deals]
    adjust_totals([] if came else figures, figures if came else [])
    touch_scores(deal.contact_id for deal in deals)
    _tell_clients(deals)
    if came:
        settle_values(deals)


def _come_further(deals: Sequence[Deal]) -> None:
    """How far deals have come, which differs from one to the other, follows their new stage."""
    ahead = [deal for deal in deals if deal.furthest < Deal.RANK[deal.stage]]
    for deal in ahead:
        deal.furthest = Deal.RANK[deal.stage]
    Deal.objects.bulk_update(ahead, ["furthest"], batch_size=1000)


def _tell_clients(deals: Sequence[Deal]) -> None:
    """The health of the clients that these are about."""
    follow_subjects(
        companies=[deal.company_id for deal in deals], contacts=[deal.contact_id for deal in deals]
    )


def hold_contacts_of(pks: Sequence[int]) -> None:
    """Lock the contacts of these deals, before the deals themselves (crm/services/holding.py)."""
    hold(contacts=Deal.objects.filter(pk__in=pks).values_list("contact_id", flat=True))


def _also(deal: Deal) -> tuple[Any, ...]:
    """On whose time lines the events of a deal show too."""
    company = deal.company if deal.company_id else None
    contact = deal.contact if deal.contact_id else None
    return tuple(other for other in (company, contact) if other is not None)


def _action(before: Deal, values: Mapping[str, Any]) -> str:
    """What the event is called: the most telling of what changed."""
    stage, expected = values.get("stage", before.stage), values.get("expected_on")
    if stage != before.stage:
        if stage in Deal.CLOSED:
            return str(stage)
        return "moved" if before.is_open else "reopened"
    if expected and before.expected_on and expected > before.expected_on:
        return "postponed"
    return "changed"


def _check_new_owner(user: Any, deal: Deal) -> None:
    """Salespeople create their own deals, managers their team's too; the system (None) anybody's."""
    if deal.owner_id is None:
        raise ValidationError({"owner": _("A deal belongs to a salesperson: choose one.")})
    if user is None or deal.owner_id == user.pk:
        return
    reach = reach_of(user, Deal.module, "create")
    if reach is None or (reach != "all" and deal.owner_id not in people_in(user, reach)):
        raise PermissionDenied


def _check_owner_change(user: Any, deals: Sequence[Deal], owner: Any) -> None:
    """Only administrators give deals to somebody else (SPEC C5)."""
    if owner is None:
        raise ValidationError({"owner": _("A deal belongs to a salesperson: choose one.")})
    if user is not None and not user.is_admin and any(deal.owner_id != owner.pk for deal in deals):
        raise PermissionDenied

"""Removing a member (SPEC T9): access ends at once, a job hands over what is theirs, messages leave."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.changes import change_many
from digiweb.jobs import enqueue
from people import jobs
from people.models import User
from people.services.hand_over import belongings, check_successor
from people.services.team import check_may_manage, lock_team
from people.services.user import change_user


@transaction.atomic
def remove_member(*, user: Any, person: User, successors: Mapping[str, User], for_good: bool = False) -> Any:
    """End a member's access now and enqueue the hand-over; returns the JobRun.

    `successors` says who takes over each kind of `belongings` ({"crm.contact": person}). With
    `for_good` the personal data is archived once all is handed over; otherwise the account stays,
    inactive. Those whom they manage get their manager. Raises ValidationError for a kind without a fit
    successor, for oneself, for the last administrator; PermissionDenied for whom `user` may not manage.
    """
    lock_team()
    current = User.objects.select_for_update().get(pk=person.pk)
    check_may_manage(user, current)
    if not user.can("people.user", "delete", current):
        raise PermissionDenied
    if user.pk == current.pk:
        raise ValidationError(_("You cannot remove your own account: ask another administrator."))
    if current.removed_at:
        raise ValidationError(_("%(person)s was removed already.") % {"person": current})
    left = belongings(current)
    for kind, _count in left:
        check_successor(kind, current, successors.get(kind.model))
    if current.is_active:
        change_user(user=user, person=current, values={"is_active": False})
    manager = current.manager
    reports = list(User.objects.select_for_update().filter(manager=current).order_by("pk"))
    change_many(user=user, objs=reports, values={"manager": manager})
    counts = {kind.model: count for kind, count in left}
    heirs = {model: successors[model].pk for model in counts}
    record(user=user, action="removed", obj=current, data={"for_good": for_good, "counts": counts})
    person.refresh_from_db()
    for pk in {*heirs.values(), *([manager.pk] if manager else [])} - {user.pk}:
        given = {model: count for model, count in counts.items() if heirs[model] == pk}
        enqueue(
            jobs.tell_of_removal,
            user=user,
            label=_("Message about the removal of %(person)s") % {"person": current},
            recipient_id=pk,
            person_id=current.pk,
            given=given,
        )
    return enqueue(
        jobs.hand_over,
        user=user,
        label=_("Removal of %(person)s") % {"person": current},
        key=removal_key(current),
        url=current.get_absolute_url(),
        person_id=current.pk,
        by_id=user.pk,
        successors=heirs,
        for_good=for_good,
    )


def removal_key(person: User) -> str:
    """The key of the job that removes this person."""
    return f"removal-{person.pk}"

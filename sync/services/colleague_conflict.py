"""Settling who a prospect is, when several contacts answer to it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Contact
from digiweb.changes import change_record
from digiweb.models import StaleVersion
from sync.models import ColleagueConflict
from sync.services.colleague_replay import replay_conflict

State = ColleagueConflict.State


@transaction.atomic
def settle_conflict(
    *, user: Any, conflict: ColleagueConflict, contact: Contact | None, version: int | None = None
) -> Any:
    """This prospect is `contact`; without one it is somebody new. It holds for all runs to come.

    Returns the job that imports the prospect at once, from what was kept of it; None where nothing is kept:
    then the next run does. Raises ValidationError for a conflict that is over, and for a contact that does
    not answer to it.
    """
    held = ColleagueConflict.objects.select_for_update().get(pk=conflict.pk)
    if version is not None and held.version != version:
        raise StaleVersion(held)
    if held.state == State.GONE:
        raise ValidationError(_("Nothing is to be settled any more: one contact answers to it by now."))
    if contact is not None and not candidates_of(held).filter(pk=contact.pk).exists():
        raise ValidationError({"choice": _("Choose one of the contacts that answer to it.")})
    values = {
        "state": State.SETTLED,
        "contact": contact,
        "settled_by": user,
        "settled_at": timezone.now(),
    }
    change_record(
        user=user, obj=conflict, values=values, action="settled", unlogged=("settled_by", "settled_at")
    )
    return replay_conflict(user=user, conflict=held)


def candidates_of(conflict: ColleagueConflict) -> Any:
    """The contacts that answer to it, as it was told and as it is now."""
    now = Q(pk__in=conflict.candidates)
    if conflict.email:
        now |= Q(email=conflict.email)
    return Contact.objects.filter(now).order_by("pk")

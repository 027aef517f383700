"""Taking a second factor off somebody's account."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.jobs import enqueue
from people import jobs
from people.models import User
from people.services.access import end_sessions


@transaction.atomic
def reset_second_factor(*, user: Any, person: User) -> None:
    """Take the second factor off the account of a colleague whose phone is lost.

    Their sessions end, and a mail tells them.

    The password alone signs in until they set up another one. Raises PermissionDenied for whoever is no
    administrator (it weakens the account) and for oneself (one's own goes with one's own code), and
    ValidationError where there is none.
    """
    if user is not None and (not user.is_admin or user.pk == person.pk):
        raise PermissionDenied
    deleted, _per_model = Authenticator.objects.filter(user=person).delete()
    if not deleted:
        raise ValidationError(_("%(person)s has no two-step sign-in.") % {"person": person})
    end_sessions(user=user, person=person)
    record(user=user, action="second_factor_removed", obj=person, data={"reset": True})
    if user is not None:
        enqueue(
            jobs.tell_of_reset,
            user=user,
            label=_("Message about the sign-in of %(person)s") % {"person": person},
            person_id=person.pk,
            by_id=user.pk,
        )

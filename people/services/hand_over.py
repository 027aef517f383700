"""What a member leaves behind: counted, handed over in batches, and the account archived (SPEC T9)."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.audit import record, snapshot
from digiweb.jobs import JobError, Progress
from people.hand_over import Owned, owned_kinds
from people.models import FormerMember, User

BATCH = 500
# What leaves the account for the archive; the name stays in both, so that history keeps its authors.
PERSONAL = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "job_title",
    "role",
    "department",
    "manager",
    "start_date",
    "joined_at",
)


def belongings(person: User) -> list[tuple[Owned, int]]:
    """What must be somebody else's before `person` leaves: (kind, how many), only kinds with rows."""
    counted = [(kind, kind.rows(person).count()) for kind in owned_kinds()]
    return [(kind, count) for kind, count in counted if count]


def check_successor(kind: Owned, person: User, to: User | None) -> None:
    """Raise ValidationError unless `to` can take over records of this kind."""
    about = {"kind": kind.label, "person": to}
    if to is None:
        raise ValidationError(_("Choose who takes over: %(kind)s.") % about)
    if to.pk == person.pk or not to.is_active:
        raise ValidationError(_("%(person)s cannot take anything over.") % about)
    if not to.can(kind.module, "view"):
        raise ValidationError(_("%(person)s may not see these records: %(kind)s.") % about)


def hand_over_all(
    *, user: Any, person: User, successors: Mapping[str, int], for_good: bool, progress: Progress
) -> None:
    """Give everything to its successor in batches, then archive; run again it goes on where it stopped.

    `successors` is {"crm.contact": number of the person}. Raises JobError when the person was given
    records meanwhile of a kind for which nobody was named.
    """
    left = belongings(person)
    total, done = sum(count for _kind, count in left), 0
    people = User.objects.in_bulk(set(successors.values()))
    for kind, _count in left:
        to = people.get(successors.get(kind.model, 0))
        if to is None:
            text = _("%(person)s was given records meanwhile that nobody takes over: %(kind)s. Remove again.")
            raise JobError(text % {"person": person, "kind": kind.label})
        while pks := list(kind.rows(person).order_by("pk").values_list("pk", flat=True)[:BATCH]):
            with transaction.atomic():
                kind.hand_over(user, pks, to)
                done += len(pks)
                progress.set(done, max(total, done))
    if for_good:
        archive_member(user=user, person=person)


@transaction.atomic
def archive_member(*, user: Any, person: User) -> FormerMember:
    """Move the personal data of an inactive member to the archive; done already: nothing happens."""
    current = User.objects.select_for_update().get(pk=person.pk)
    former = FormerMember.objects.filter(user=current).first()
    if former is not None:
        return former
    kept = {name: _text(value) for name, value in snapshot(current, PERSONAL).items()}
    former = FormerMember.objects.create(user=current, removed_by=user, data=json.dumps(kept))
    if current.photo:
        transaction.on_commit(partial(default_storage.delete, current.photo.name))
    # An address that can receive nothing (RFC 2606, 2): a new account may use the former one.
    current.email = f"removed-{current.pk}@removed.invalid"
    current.phone = current.job_title = current.photo = ""
    current.department = current.manager = current.role = current.start_date = None
    current.is_superuser = False
    current.removed_at = timezone.now()
    current.version += 1
    current.set_unusable_password()
    current.save()
    for held in ("emailaddress_set", "authenticator_set", "list_preferences", "saved_views", "invitations"):
        getattr(current, held).all().delete()
    record(user=user, action="archived", obj=current)
    return former


def _text(value: Any) -> str:
    return str(value["label"]) if isinstance(value, dict) else str(value or "")


def archived_data(former: FormerMember) -> dict[str, str]:
    """The personal data that was archived, by name of field."""
    kept: dict[str, str] = json.loads(former.data)
    return kept

"""Salespeople whom another system knows, and their profiles (the colleague's *apporteurs*)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from digiweb.changes import change_record, create_record
from digiweb.phones import normalise_phone
from people.models import Role, Salesperson, User
from people.services.team import lock_team
from people.services.user import create_user

# The role of salespeople, as it ships (people/services/role.py).
SALES_ROLE = "sales"


@transaction.atomic
def salesperson_by_email(
    *,
    user: Any,
    email: str,
    first_name: str = "",
    last_name: str = "",
    phone: str = "",
    source_id: UUID | None = None,
) -> User:
    """The member with this address, created inactive with the Sales role when there is none.

    Nobody is invited: the team's page shows such a member as one to invite. Calling it again, or twice at
    once, gives the same member; whoever exists keeps their name, role and phone, and gets the profile
    that they lack. Somebody whose number in the source we know already is found by it when their
    address has changed there. Raises ValidationError when `email` is no address.

    Who must be created holds the lock of the team until the transaction ends: imports ask before their
    batches, not within them.
    """
    email = User._meta.get_field("email").clean(email, None)
    person = _known(email, source_id)
    if person is None:
        # One at a time from here on: who came first is found by who waited.
        lock_team()
        person = _known(email, source_id) or _create(user, email, first_name, last_name, phone)
    _ensure_profile(user, person, source_id)
    return person


def _known(email: str, source_id: UUID | None) -> User | None:
    found: User | None = User.objects.select_related("salesperson").filter(email=email).first()
    if found is None and source_id is not None:
        found = User.objects.filter(salesperson__source_id=source_id, removed_at=None).first()
    return found


def _create(user: Any, email: str, first_name: str, last_name: str, phone: str) -> User:
    columns: Any = User._meta
    limits = {name: columns.get_field(name).max_length for name in ("first_name", "last_name")}
    name = email.partition("@")[0].replace(".", " ").replace("_", " ").title()
    person = User(
        email=email,
        first_name=first_name.strip()[: limits["first_name"]],
        last_name=(last_name.strip() or ("" if first_name.strip() else name))[: limits["last_name"]],
        phone=_clean_phone(phone),
        role=Role.objects.filter(slug=SALES_ROLE).first(),
        is_active=False,
    )
    try:
        with transaction.atomic():
            return create_user(user=user, person=person, invited=False)
    except IntegrityError:
        # Where nobody holds the administrators' role there is no row to wait at.
        found: User = User.objects.get(email=email)
        return found


def _clean_phone(phone: str) -> str:
    try:
        return normalise_phone(phone) if phone.strip() else ""
    except ValidationError:
        return ""


def _ensure_profile(user: Any, person: User, source_id: UUID | None) -> Salesperson:
    """The person's profile; it learns its number in the source, unless another has that number."""
    profile = Salesperson.objects.filter(user=person).first()
    if profile is None:
        # Under the lock of the person's row: two at once make one profile.
        User.objects.select_for_update().get(pk=person.pk)
        profile = Salesperson.objects.filter(user=person).first()
    if profile is None:
        profile = Salesperson(user=person, source_id=_free(source_id))
        create_record(user=user, obj=profile, also=(person,))
    elif profile.source_id is None and _free(source_id) is not None:
        change_record(user=user, obj=profile, values={"source_id": source_id}, also=(person,))
    return profile


def _free(source_id: UUID | None) -> UUID | None:
    taken = source_id is None or Salesperson.objects.filter(source_id=source_id).exists()
    return None if taken else source_id


@transaction.atomic
def change_salesperson(
    *, user: Any, person: User, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change a member's profile, which is made where there is none; administrators only.

    Raises StaleVersion, PermissionDenied, and ValidationError for a number that another has.
    """
    if user is not None and not user.is_admin:
        raise PermissionDenied
    profile = _ensure_profile(user, person, None)
    return change_record(user=user, obj=profile, values=values, version=version, also=(person,))

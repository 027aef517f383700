"""Rules of the team, whoever changes it: who leads whom, who runs the house, who may change whom."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from digiweb.permissions import SCOPES
from people.models import Department, Role, User


def lock_team() -> None:
    """One change of roles, managers or access at a time: whoever holds the administrators' row goes first.

    Without it two changes that are each allowed could together make a loop of managers, or leave
    nobody to run the house. The people's own rows stay free for those who only point at them.
    """
    list(Role.objects.select_for_update().filter(is_admin=True).order_by("pk").values_list("pk"))


# --- Who leads whom


def check_manager(person: User, manager: User | None) -> None:
    """Raise ValidationError when `person` stands above `manager` already, however far, or is the same."""
    managers = dict(User.objects.filter(manager__isnull=False).values_list("pk", "manager_id"))
    above = manager.pk if manager else None
    seen: set[int] = set()
    while above is not None and above not in seen:
        if above == person.pk:
            if manager and manager.pk == person.pk:
                raise ValidationError(_("Nobody can be their own manager."))
            text = _("%(manager)s works under %(person)s: the other way round would make a loop.")
            raise ValidationError(text, params={"manager": manager, "person": person})
        seen.add(above)
        above = managers.get(above)


# --- Who runs the house


def active_admins() -> QuerySet:
    """Those who can sign in and administer the installation today."""
    runs = Q(is_superuser=True) | Q(role__is_admin=True)
    admins: QuerySet = User.objects.filter(runs, is_active=True, joined_at__isnull=False)
    return admins


def check_sight_of_manager(user: Any, person: User, manager: User | None) -> None:
    """Raise ValidationError when somebody would put a colleague, and their records, into their own team.

    Whoever manages a person sees what is theirs: only administrators, or who sees that person's records
    already, decide it.
    """
    if user is None or user.is_admin or manager is None or person.pk in user.team_ids:
        return
    managers = dict(User.objects.filter(manager__isnull=False).values_list("pk", "manager_id"))
    above: int | None = manager.pk
    seen: set[int] = set()
    while above is not None and above not in seen:
        if above == user.pk:
            raise ValidationError(_("Only an administrator puts somebody into your own team."))
        seen.add(above)
        above = managers.get(above)


def check_admin_remains() -> None:
    """Raise ValidationError when nobody would be left to administer the installation."""
    if not active_admins().exists():
        text = _("This is the last active administrator: give the role to somebody else first.")
        raise ValidationError(text, code="last_admin")


# --- Who may change whom


def grants_within(user: Any, role: Role | None) -> bool:
    """Whether `role` grants nothing that `user` lacks, so that nobody hands out more than they have."""
    if user is None or user.is_admin or role is None:
        return True
    if role.is_admin:
        return False
    return all(may_grant(user, grant.module, grant.action, grant.scope) for grant in role.grants.all())


def may_grant(user: Any, module: str, action: str, scope: str) -> bool:
    """Whether `user` has this right at least as far."""
    mine = user.scope(module, action)
    return mine is not None and SCOPES.index(scope) <= SCOPES.index(mine)


def check_may_manage(user: Any, person: User) -> None:
    """Raise PermissionDenied when `person` has more rights than `user`.

    Whoever may change an account's address can take the account over; so only administrators
    change administrators, and nobody changes those whose role reaches further than theirs.
    """
    if user is None or user.is_admin or person.pk == user.pk:
        return
    if person.is_superuser or not grants_within(user, person.role):
        raise PermissionDenied


def may_change_address(user: Any, person: User) -> bool:
    """Whether `user` may give `person` another address: it is where forgotten passwords are asked for.

    Even of two people with one role each has records that the other does not see. An invitation that
    went to a mistyped address may be put right by whoever looks after accounts.
    """
    return user is None or user.is_admin or person.pk == user.pk or not person.joined_at


def assignable_roles(user: Any, *, besides: int | None = None) -> QuerySet:
    """The roles that `user` may give to people, and the one with the number `besides`."""
    roles = Role.objects.order_by("name")
    if user.is_admin:
        return roles
    allowed = [role.pk for role in roles.prefetch_related("grants") if grants_within(user, role)]
    return roles.filter(pk__in=[*allowed, besides])


def roles_of_team(user: Any) -> QuerySet:
    """The roles of the people whom `user` sees: to filter by."""
    used = User.objects.visible_to(user).exclude(role=None).values("role")
    return Role.objects.filter(pk__in=used).order_by("name")


def saved_department(department: Department | None) -> Department | None:
    """The department, created when it is new; a twin made meanwhile is taken instead."""
    if department is None or department.pk:
        return department
    return Department.objects.named(department.name) or Department.objects.create(name=department.name)

"""Scopes: for any grants and any tree of managers, the queryset equals the plain rule."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Company, Contact
from crm.services.company import refresh_companies
from people.models import Grant, Role, User

SCOPES = st.sampled_from([None, "own", "team", "all"])
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def manages(boss: User, person: User, people: dict[int, User]) -> bool:
    """Whether `boss` leads `person`, directly or not (a loop of managers ends the climb)."""
    seen: set[int] = set()
    manager = person.manager_id
    while manager is not None and manager not in seen:
        if manager == boss.pk:
            return True
        seen.add(manager)
        manager = people[manager].manager_id
    return False


def may_see_owner(user: User, scope: str | None, owner: int | None, people: dict[int, User]) -> bool:
    """The rule of SPEC T2–T3 in plain words, for a record of `owner` (None: nobody's)."""
    if scope is None or not user.is_active:
        return False
    if scope == "all" or owner is None or owner == user.pk:
        return True
    return scope == "team" and manages(user, people[owner], people)


@pytest.mark.django_db
@pytest.mark.sqlite
@FEW
@given(
    managers=st.lists(st.integers(-1, 5), min_size=6, max_size=6),
    scope=SCOPES,
    owners=st.lists(st.integers(-1, 5), max_size=8),
    company_owners=st.lists(st.integers(-1, 5), min_size=2, max_size=2),
    active=st.booleans(),
)
def test_what_one_sees_is_what_the_rule_says(
    managers: list[int], scope: str | None, owners: list[int], company_owners: list[int], active: bool
) -> None:
    for model in (Contact, Company, User, Role):
        model.objects.all().delete()
    role = Role.objects.create(name="r", slug="r")
    if scope:
        for module in ("crm.contact", "crm.company"):
            Grant.objects.create(role=role, module=module, action="view", scope=scope)
    staff = [
        User.objects.create_user(f"p{n}@x.test", first_name="P", last_name=str(n), role=role)
        for n in range(6)
    ]
    for person, boss in zip(staff, managers, strict=True):
        person.manager = staff[boss] if boss >= 0 and staff[boss] is not person else None
        person.save(update_fields=["manager"])
    staff[0].is_active = active
    staff[0].save(update_fields=["is_active"])
    people = {person.pk: person for person in staff}

    def owner_of(number: int) -> User | None:
        return staff[number] if number >= 0 else None

    companies = [
        Company.objects.create(name=f"C{n}", owner=owner_of(o)) for n, o in enumerate(company_owners)
    ]
    for place, number in enumerate(owners):
        Contact.objects.create(last_name=str(place), owner=owner_of(number), company=companies[place % 2])
    refresh_companies(company.pk for company in companies)

    user = User.objects.select_related("role").get(pk=staff[0].pk)
    contacts = list(Contact.objects.all())
    wanted = {c.pk for c in contacts if may_see_owner(user, scope, c.owner_id, people)}
    assert set(Contact.objects.visible_to(user).values_list("pk", flat=True)) == wanted
    assert ids_of_branches(Contact, user) == wanted
    assert ids_of_portions(Contact, user) == sorted(wanted)

    def may_see_company(company: Company) -> bool:
        mine = [c.owner_id for c in contacts if c.company_id == company.pk]
        persons: list[int | None] = [*mine, *([company.owner_id] if company.owner_id else [])] or [None]
        return any(may_see_owner(user, scope, person, people) for person in persons)

    wanted = {company.pk for company in companies if may_see_company(company)}
    assert set(Company.objects.visible_to(user).values_list("pk", flat=True)) == wanted
    assert ids_of_branches(Company, user) == wanted
    assert ids_of_portions(Company, user) == sorted(wanted)


def ids_of_branches(model: Any, user: User) -> set[int]:
    return {pk for branch in model.objects.scope_branches(user) for pk in branch.values_list("pk", flat=True)}


def ids_of_portions(model: Any, user: User) -> list[int]:
    """In order; a row that is in two portions, or twice in one, is there twice: it would be counted twice."""
    portions = model.objects.scope_portions(user)
    return sorted(pk for portion in portions for pk in portion.values_list("pk", flat=True))

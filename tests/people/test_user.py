"""The team: members as the pages and services handle them (SPEC T6–T8, T10)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digiweb.models import StaleVersion
from people.models import APIToken, Department, Invitation, Role, Target, User
from people.services.target import (
    Wanted,
    set_targets,
    targets_between,
    targets_by,
    targets_of,
    targets_version,
)
from people.services.token import make_token
from people.services.user import change_user
from tests.base import client_of, make_cast, make_role, make_user
from timeline.models import Event

pytestmark = pytest.mark.django_db
LIST = "/settings/team/?all=1"


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


def new_member(cast: dict[str, User], **values: Any) -> dict[str, Any]:
    role = Role.objects.get(slug="sales")
    form = {"first_name": "Zoé", "last_name": "Le Gall", "email": "Zoe@Digiweb.TEST", "role": role.pk}
    return {
        **form,
        "department": "Ventes",
        "manager": cast["manager"].pk,
        "start_date": "2026-12-01",
        **values,
    }


def test_nobody_without_a_grant_reaches_the_team(cast: dict[str, User]) -> None:
    person = cast["sales"]
    paths = [LIST, "/settings/team/new/", person.get_absolute_url(), f"/settings/team/{person.pk}/edit/"]
    for path in paths:
        assert client_of(None).get(path).status_code == 302
        assert client_of(cast["sales"]).get(path).status_code == 403
        assert client_of(cast["admin"]).get(path).status_code == 200


def test_the_list_filters_by_role_status_and_words(cast: dict[str, User]) -> None:
    client = client_of(cast["admin"])
    change_user(user=cast["admin"], person=cast["am"], values={"is_active": False})
    make_user("waiting", "Nina", "Attente", role=Role.objects.get(slug="sales"), joined_at=None)

    def names(query: str) -> str:
        return client.get(
            f"/settings/team/?{query}", headers={"HX-Request": "true", "HX-Target": "list"}
        ).content.decode()

    role = Role.objects.get(slug="marketing").pk
    assert "Léa Roux" in names(f"role={role}")
    assert "Hugo" not in names(f"role={role}")
    assert "Paul Noël" in names("status=inactive")
    assert "Nina Attente" in names("status=invited")
    assert "Hugo" not in names("status=invited")
    assert "Paul Noël" not in names("status=active")


def test_a_list_of_many_costs_no_more_queries_than_one_of_few(cast: dict[str, User]) -> None:
    client = client_of(cast["admin"])
    client.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(LIST)
    for number in range(20):
        make_user(f"many{number}", "Jo", f"N{number}", role=cast["sales"].role, manager=cast["manager"])
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)
    assert len(many) == len(few)


def test_a_new_member_is_saved_with_a_new_department_and_an_invitation(cast: dict[str, User]) -> None:
    answer = client_of(cast["admin"]).post("/settings/team/new/", new_member(cast))
    assert answer.status_code == 302
    person = User.objects.get(email="zoe@digiweb.test")
    assert (person.department and person.department.name) == "Ventes"
    assert person.manager == cast["manager"]
    assert person.start_date == date(2026, 12, 1)
    assert person.status == "invited"
    assert not person.has_usable_password()
    assert Invitation.objects.filter(user=person).count() == 1
    created = Event.objects.get(subject_type="people.user", subject_id=person.pk, action="created")
    assert created.actor_id == cast["admin"].pk
    assert "password" not in created.changes
    assert created.changes["role"][1]["label"] == "Vente"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", "hugo.taken@digiweb.test"),
        ("first_name", " "),
        ("last_name", "x" * 121),
        ("role", "999999"),
        ("manager", "999999"),
        ("start_date", "31.13.2026"),
        ("phone", "12"),
        ("department", "x" * 81),
    ],
)
def test_a_wrong_value_is_told_beside_its_field(cast: dict[str, User], field: str, value: str) -> None:
    make_user("hugo.taken")
    answer = client_of(cast["admin"]).post("/settings/team/new/", new_member(cast, **{field: value}))
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert not User.objects.filter(last_name="Le Gall").exists()


def test_the_same_department_in_another_case_is_not_made_twice(cast: dict[str, User]) -> None:
    Department.objects.create(name="Ventes")
    client_of(cast["admin"]).post("/settings/team/new/", new_member(cast, department="  VENTES "))
    assert Department.objects.count() == 1


def test_nobody_stands_above_their_own_manager(cast: dict[str, User]) -> None:
    admin, top, middle, low = cast["admin"], cast["manager"], cast["sales"], cast["sales2"]
    change_user(user=admin, person=low, values={"manager": middle})
    for person, manager in ((top, low), (top, middle), (top, top), (middle, low)):
        with pytest.raises(ValidationError):
            change_user(user=admin, person=person, values={"manager": manager})
    answer = client_of(admin).post(
        f"/settings/team/{top.pk}/edit/?field=manager",
        {"manager": low.pk, "version": User.objects.get(pk=top.pk).version},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 422
    top.refresh_from_db()
    assert top.manager is None


def test_a_manager_of_managers_leads_everybody_below(cast: dict[str, User]) -> None:
    change_user(user=cast["admin"], person=cast["manager"], values={"manager": cast["admin"]})
    assert set(User.objects.get(pk=cast["admin"].pk).team_ids) == {
        cast[key].pk for key in ("admin", "manager", "sales", "sales2")
    }


def test_two_administrators_who_edit_one_member_do_not_overwrite_each_other(cast: dict[str, User]) -> None:
    person = cast["sales"]
    version = person.version
    change_user(user=cast["admin"], person=person, values={"job_title": "Closer"}, version=version)
    with pytest.raises(StaleVersion):
        change_user(user=cast["admin"], person=person, values={"job_title": "Hunter"}, version=version)
    data = new_member(cast, email=person.email, job_title="Hunter", version=version, department="Ventes")
    answer = client_of(cast["admin"]).post(f"/settings/team/{person.pk}/edit/", data)
    assert answer.status_code == 409
    assert "Closer" in answer.content.decode()
    person.refresh_from_db()
    assert person.job_title == "Closer"


def test_deactivating_ends_sessions_tokens_and_invitations_at_once(cast: dict[str, User]) -> None:
    person = cast["sales"]
    browser = client_of(person)
    assert browser.get("/me/").status_code == 200
    key = browser.session.session_key
    make_token(user=person, name="Script")
    answer = client_of(cast["admin"]).post(f"/settings/team/{person.pk}/deactivate/")
    assert answer.status_code == 302
    assert browser.get("/me/").status_code == 302
    assert not Session.objects.filter(session_key=key).exists()
    assert not UserSession.objects.filter(user=person).exists()
    assert not APIToken.objects.get(user=person).is_live
    actions = set(
        Event.objects.filter(subject_type="people.user", subject_id=person.pk).values_list(
            "action", flat=True
        )
    )
    assert {"changed", "session_ended", "token_revoked"} <= actions


def test_an_inactive_member_comes_back(cast: dict[str, User]) -> None:
    admin, person = cast["admin"], cast["am"]
    change_user(user=admin, person=person, values={"is_active": False})
    assert client_of(admin).post(f"/settings/team/{person.pk}/activate/").status_code == 302
    person.refresh_from_db()
    assert person.status == "active"


def test_the_last_administrator_stays_one(cast: dict[str, User]) -> None:
    admin = cast["admin"]
    sales = Role.objects.get(slug="sales")
    with pytest.raises(ValidationError, match=r"dernier|last"):
        change_user(user=None, person=admin, values={"role": sales})
    with pytest.raises(ValidationError, match=r"dernier|last"):
        change_user(user=None, person=admin, values={"is_active": False})
    waiting = make_user("waiting", role=admin.role, joined_at=None)
    with pytest.raises(ValidationError):  # somebody who never signed in runs nothing
        change_user(user=waiting, person=admin, values={"is_active": False})
    make_user("admin2", role=admin.role)
    change_user(user=None, person=admin, values={"role": sales})
    assert User.objects.get(pk=admin.pk).role == sales


def test_nobody_locks_themselves_out(cast: dict[str, User]) -> None:
    make_user("admin2", role=cast["admin"].role)
    with pytest.raises(ValidationError):
        change_user(user=cast["admin"], person=cast["admin"], values={"is_active": False})


def test_who_may_edit_people_gives_no_more_rights_than_they_have(cast: dict[str, User]) -> None:
    office = make_role("office", people_user=("all", ["view", "create", "change"]))
    clerk = make_user("clerk", role=office)
    with pytest.raises(ValidationError):
        change_user(user=clerk, person=clerk, values={"role": cast["admin"].role})
    with pytest.raises(PermissionDenied):
        change_user(user=clerk, person=cast["admin"], values={"email": "mine@digiweb.test"})
    with pytest.raises(PermissionDenied):
        change_user(user=clerk, person=cast["sales"], values={"email": "mine@digiweb.test"})
    client = client_of(clerk)
    assert client.post("/settings/team/new/", new_member(cast)).status_code == 422
    assert client.post(f"/settings/team/{cast['admin'].pk}/deactivate/").status_code == 403


def test_the_former_address_opens_nothing_any_more(cast: dict[str, User]) -> None:
    from allauth.account.models import EmailAddress

    person = cast["sales"]
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    change_user(user=cast["admin"], person=person, values={"email": "hugo2@digiweb.test"})
    client = client_of(None)
    for address, works in (("sales@digiweb.test", False), ("hugo2@digiweb.test", True)):
        client.post("/accounts/login/", {"login": address, "password": "Correct-Horse-42"})
        assert ("_auth_user_id" in client.session) is works


def test_targets_are_set_for_the_year_and_written_down(cast: dict[str, User]) -> None:
    person, client = cast["sales"], client_of(cast["admin"])
    data: dict[str, Any] = {"version": 0}
    for month in range(1, 13):
        data |= {f"revenue_{month}": "12 500,50", f"deals_won_{month}": "4", f"new_contacts_{month}": ""}
    assert client.post(f"/settings/team/{person.pk}/targets/?year=2027", data).status_code == 302
    targets = Target.objects.filter(user=person, month__year=2027)
    assert targets.count() == 12
    assert {target.revenue for target in targets} == {Decimal("12500.50")}
    event = Event.objects.get(action="targets_changed")
    assert event.changes["2027-03.deals_won"] == [0, 4]
    assert (
        "12\u202f500,50" in client.get(f"{person.get_absolute_url()}?tab=targets&year=2027").content.decode()
    )
    stale = client.post(f"/settings/team/{person.pk}/targets/?year=2027", data)
    assert stale.status_code == 409


def test_a_month_is_copied_to_those_after_it_and_nothing_saved(cast: dict[str, User]) -> None:
    url = f"/settings/team/{cast['sales'].pk}/targets/?year=2027"
    data = {"version": 0, "revenue_1": "900", "revenue_3": "1 500", "activities_3": "40", "copy": "3"}
    page = client_of(cast["admin"]).post(url, data)
    assert page.status_code == 200
    form = page.context["form"]
    assert [form[f"revenue_{month}"].value() for month in (1, 2, 3, 4, 12)] == [
        "900", "", "1 500", "1 500", "1 500",
    ]  # fmt: skip
    assert form["activities_12"].value() == "40"
    assert not Target.objects.exists()
    assert client_of(cast["sales2"]).post(url, data).status_code in (403, 404)


def test_targets_of_several_people_add_up(cast: dict[str, User]) -> None:
    for person, revenue in (("sales", 10), ("sales2", 5)):
        values = {month: {"revenue": Decimal(revenue), "activities": 2} for month in (1, 2, 3)}
        set_targets(user=cast["admin"], person=cast[person], year=2026, values=values)
    first, last = date(2026, 1, 1), date(2026, 2, 28)
    assert targets_between(None, first, last) == Wanted(Decimal(30), 0, 0, 8)
    assert targets_between([cast["sales"].pk], first, last).revenue == 20
    assert targets_by("user_id", None, first, last)[cast["sales2"].pk].revenue == 10
    assert targets_by("month", [], first, last) == {}


@pytest.mark.parametrize("value", ["-1", "douze", "1e400", "99999999999999", "NaN", "1,234,5"])
def test_a_wrong_target_is_told(cast: dict[str, User], value: str) -> None:
    person = cast["sales"]
    answer = client_of(cast["admin"]).post(
        f"/settings/team/{person.pk}/targets/", {"version": 0, "revenue_1": value}
    )
    assert answer.status_code == 422
    assert not Target.objects.exists()


def test_targets_that_do_not_change_write_nothing(cast: dict[str, User]) -> None:
    values = {1: {"revenue": Decimal("10.00"), "deals_won": 1, "new_contacts": 0}}
    assert set_targets(user=cast["admin"], person=cast["sales"], year=2026, values=values)
    version = targets_version(targets_of(cast["sales"], 2026))
    assert not set_targets(
        user=cast["admin"], person=cast["sales"], year=2026, values=values, version=version
    )
    assert Event.objects.filter(action="targets_changed").count() == 1


def test_the_member_s_page_tells_what_they_may_see(cast: dict[str, User]) -> None:
    page = client_of(cast["admin"]).get(f"{cast['sales'].get_absolute_url()}?tab=sight")
    rows = {
        str(row["label"]): [cell["scope"] for cell in row["cells"]]
        for group in page.context["sight"]["groups"]
        for row in group["rows"]
    }
    from digiweb.permissions import MODULES

    assert rows[str(MODULES["crm.contact"].label)] == ["team"] * 5
    assert rows[str(MODULES["people.role"].label)] == [""] * 5


def test_export_holds_the_team_and_is_written_down(cast: dict[str, User]) -> None:
    answer = client_of(cast["admin"]).get("/settings/team/?export=csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "Hugo Lefèvre" in text
    assert "sales@digiweb.test" in text
    assert Event.objects.get(action="exported").data["list"] == "people:user"

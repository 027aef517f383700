"""Roles: the matrix as a page, its guards, two administrators at once (SPEC T2)."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from digiweb.permissions import MODULES
from people.models import Grant, Role, User
from people.services.role import change_role, create_role, delete_role, matrix_of, set_matrix
from tests.base import client_of, make_cast, make_role, make_user
from timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


def form_of(role: Role, **values: Any) -> dict[str, Any]:
    """What the page sends when nothing is touched."""
    from people.forms.role import RoleForm

    form = RoleForm(instance=role, user=User.objects.get(email="admin@digiweb.test"))
    data: dict[str, Any] = {
        "name": role.name,
        "description": role.description,
        "home": role.home,
        "api_calls_per_hour": role.api_calls_per_hour,
        "version": role.version,
        "base": form.fields["base"].initial,
    }
    if role.mfa_required:
        data["mfa_required"] = "on"
    for key, row in matrix_of(role).items():
        data[f"scope:{key}"] = row["scope"]
        data[f"actions:{key}"] = sorted(row["actions"])
    return {**data, **values}


def url(role: Role) -> str:
    return f"/settings/roles/{role.pk}/"


def test_only_those_with_the_right_reach_roles(cast: dict[str, User]) -> None:
    role = Role.objects.get(slug="sales")
    for path in ("/settings/roles/?all=1", url(role), "/settings/roles/new/"):
        assert client_of(cast["sales"]).get(path).status_code == 403
        assert client_of(cast["admin"]).get(path).status_code == 200
    reader = make_user("reader", role=make_role("reader", people_role=("all", ["view"])))
    assert client_of(reader).get(url(role)).status_code == 200
    assert client_of(reader).post(url(role), form_of(role)).status_code == 403


def test_the_list_says_how_many_people_have_each_role(cast: dict[str, User]) -> None:
    page = client_of(cast["admin"]).get("/settings/roles/?all=1")
    counts = {row["record"].slug: row["record"].people_count for row in page.context["list"]["rows"]}
    assert counts == {"admin": 1, "sales": 4, "marketing": 1, "am": 1}


def test_what_is_ticked_is_granted_and_written_down(cast: dict[str, User]) -> None:
    role = Role.objects.get(slug="marketing")
    data = form_of(
        role, **{"actions:crm.contact": ["view", "export"], "scope:crm.contact": "all", "mfa_required": "on"}
    )
    assert client_of(cast["admin"]).post(url(role), data).status_code == 302
    assert User.objects.get(pk=cast["marketing"].pk).scope("crm.contact", "view") == "all"
    role.refresh_from_db()
    assert role.mfa_required
    assert role.version == 2
    event = Event.objects.get(action="grants_changed")
    assert event.actor_name == "Alice Moreau"
    assert event.changes == {"crm.contact.view": [None, "all"], "crm.contact.export": [None, "all"]}
    text = client_of(cast["admin"]).get(event.get_absolute_url()).content.decode()
    assert str(MODULES["crm.contact"].label) in text


def test_saving_without_a_change_writes_nothing(cast: dict[str, User]) -> None:
    role = Role.objects.get(slug="sales")
    before = list(Grant.objects.order_by("pk").values_list("pk", flat=True))
    assert client_of(cast["admin"]).post(url(role), form_of(role)).status_code == 302
    assert list(Grant.objects.order_by("pk").values_list("pk", flat=True)) == before
    assert not Event.objects.filter(action__in=("grants_changed", "changed")).exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("actions:crm.contact", ["view", "fly"]),
        ("scope:crm.contact", "galaxy"),
        ("actions:people.audit", ["delete"]),
        ("name", ""),
        ("name", "Vente"),
        ("api_calls_per_hour", "-1"),
        ("home", "moon"),
    ],
)
def test_a_wrong_value_is_refused(cast: dict[str, User], name: str, value: Any) -> None:
    role = Role.objects.get(slug="marketing")
    answer = client_of(cast["admin"]).post(url(role), form_of(role, **{name: value}))
    assert answer.status_code == 422
    assert not Event.objects.filter(action="grants_changed").exists()


def test_administrators_keep_the_right_to_edit_roles(cast: dict[str, User]) -> None:
    role = Role.objects.get(slug="admin")
    for kept in ([], ["view"], ["change"]):
        answer = client_of(cast["admin"]).post(url(role), form_of(role, **{"actions:people.role": kept}))
        assert answer.status_code == 422
    assert User.objects.get(pk=cast["admin"].pk).can("people.role", "change")


def test_the_second_of_two_administrators_gets_what_the_first_changed(cast: dict[str, User]) -> None:
    role = Role.objects.get(slug="marketing")
    mine = form_of(role, **{"actions:crm.contact": ["view"], "description": "Mine"})
    matrix = matrix_of(role)
    matrix["crm.company"] = {"scope": "all", "actions": {"view"}}
    other = make_user("admin2", "Bob", "Autre", role=cast["admin"].role)
    change_role(user=other, role=role, values={"description": "Theirs", "mfa_required": True}, matrix=matrix)
    client = client_of(cast["admin"])
    answer = client.post(url(role), mine)
    assert answer.status_code == 409
    merge = answer.context["merge"]
    assert merge["who"] == "Bob Autre"
    assert {str(line["mine"]) for line in merge["kept"]} == {"Mine"}
    assert len(merge["taken"]) == 3  # a box, its scope, the second factor
    role.refresh_from_db()
    assert role.description == "Theirs"
    assert not Grant.objects.filter(role=role, module="crm.contact").exists()
    form = answer.context["form"]
    again = {name: form.data.getlist(name) for name in form.data}
    assert client.post(url(role), again).status_code == 302
    role.refresh_from_db()
    assert (role.description, role.mfa_required) == ("Mine", True)
    assert set(
        Grant.objects.filter(role=role, module__startswith="crm.").values_list("module", "action", "scope")
    ) == {
        ("crm.contact", "view", "own"),
        ("crm.company", "view", "all"),
    }


def test_a_new_role_copies_another_and_opens_its_matrix(cast: dict[str, User]) -> None:
    sales = Role.objects.get(slug="sales")
    data = {"name": "Vente junior", "home": "sales", "copy_from": sales.pk}
    answer = client_of(cast["admin"]).post("/settings/roles/new/", data)
    role = Role.objects.get(slug="vente-junior")
    assert answer["Location"] == url(role)
    assert matrix_of(role) == matrix_of(sales)
    assert not role.shipped
    assert not role.is_admin


def test_a_copy_of_the_administrators_role_does_not_administer(cast: dict[str, User]) -> None:
    source = Role.objects.get(slug="admin")
    role = create_role(user=cast["admin"], role=Role(name="Adjoint"), source=source)
    assert not role.is_admin
    assert matrix_of(role) == matrix_of(source)


def test_a_role_of_one_s_own_is_deleted_when_nobody_has_it(cast: dict[str, User]) -> None:
    admin = client_of(cast["admin"])
    role = make_role("temps")
    person = make_user("temp", role=role)
    assert admin.post(f"{url(role)}delete/").status_code == 302
    assert Role.objects.filter(pk=role.pk).exists()
    assert "kept" in admin.get(f"{url(role)}delete/").templates[0].name
    person.role = None
    person.save()
    assert admin.post(f"{url(role)}delete/").status_code == 302
    assert not Role.objects.filter(pk=role.pk).exists()
    assert Event.objects.filter(action="deleted", subject_type="people.role").exists()


def test_a_role_that_ships_is_never_deleted(cast: dict[str, User]) -> None:
    role = Role.objects.get(slug="am")
    User.objects.filter(role=role).update(role=None)
    with pytest.raises(ValidationError):
        delete_role(user=cast["admin"], role=role)


def test_who_edits_roles_without_being_administrator_grants_no_more_than_they_have(
    cast: dict[str, User],
) -> None:
    office = make_role("office", people_role=("all", ["view", "change"]), crm_contact=("team", ["view"]))
    clerk = make_user("clerk", role=office)
    matrix = matrix_of(office)
    for module, scope, actions in (
        ("people.user", "all", {"view"}),
        ("crm.contact", "all", {"view"}),
        ("crm.contact", "team", {"view", "delete"}),
    ):
        with pytest.raises(ValidationError):
            set_matrix(
                user=clerk, role=office, matrix={**matrix, module: {"scope": scope, "actions": actions}}
            )
    with pytest.raises(PermissionDenied):
        change_role(user=clerk, role=Role.objects.get(slug="admin"), values={"description": "x"})
    other = make_role("other")
    granted = {**matrix_of(other), "crm.contact": {"scope": "own", "actions": {"view"}}}
    assert set_matrix(user=clerk, role=other, matrix=granted)


def test_what_a_grant_takes_away_is_gone_at_the_next_page(cast: dict[str, User]) -> None:
    client = client_of(cast["sales"])
    assert client.get("/crm/contacts/?all=1").status_code == 200
    role = Role.objects.get(slug="sales")
    matrix = {**matrix_of(role), "crm.contact": {"scope": "team", "actions": set()}}
    set_matrix(user=cast["admin"], role=role, matrix=matrix)
    assert client.get("/crm/contacts/?all=1").status_code == 403

"""The team and oneself over the API."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.models import Department, User
from tests.base import make_cast, make_role, make_user
from tests.contracts.api import assert_problem, caller, fields_refused

pytestmark = pytest.mark.django_db
URL = "/api/v1/users/"
ME = f"{URL}me/"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def patch(client: Any, url: str, **body: Any) -> Any:
    return client.patch(url, body, content_type="application/json")


def test_everybody_reads_themselves_and_their_rights(cast: dict[str, User]) -> None:
    body = caller(cast["marketing"]).get(ME).json()
    assert (body["id"], body["email"], body["role_name"]) == (
        cast["marketing"].pk,
        "marketing@digiweb.test",
        "Marketing",
    )
    rights = caller(cast["sales"]).get(ME).json()["rights"]
    assert rights["crm.contact"]["view"] == "team"
    assert "people.user" not in rights
    assert_problem(caller(None).get(ME), 401)


def test_one_changes_ones_name_and_language_but_not_ones_role(cast: dict[str, User]) -> None:
    client = caller(cast["sales"])
    answer = patch(client, ME, first_name="Hugues", language="en", version=cast["sales"].version)
    assert (answer.status_code, answer.json()["first_name"], answer.json()["language"]) == (
        200,
        "Hugues",
        "en",
    )
    admin = cast["admin"].role_id
    assert patch(client, ME, role=admin, email="boss@digiweb.test").status_code == 200
    cast["sales"].refresh_from_db()
    assert (cast["sales"].role, cast["sales"].email) == (cast["manager"].role, "sales@digiweb.test")
    assert_problem(patch(client, ME, first_name="Hugo", version=99), 409)
    assert fields_refused(patch(client, ME, language="xx", phone="12")) == {"language", "phone"}


def test_the_team_is_for_those_who_are_granted_it(cast: dict[str, User]) -> None:
    assert_problem(caller(cast["sales"]).get(URL), 403)
    rows = caller(cast["admin"]).get(URL).json()["results"]
    assert len(rows) == len(cast)
    assert {row["status"] for row in rows} == {"active"}
    hugo = next(row for row in rows if row["id"] == cast["sales"].pk)
    assert (hugo["manager"], hugo["manager_name"], hugo["role_name"]) == (
        cast["manager"].pk,
        "Claire Fontaine",
        "Vente",
    )
    found = caller(cast["admin"]).get(f"{URL}?role={cast['admin'].role_id}").json()["results"]
    assert [row["id"] for row in found] == [cast["admin"].pk]


def test_a_member_is_changed_but_neither_invited_nor_removed(cast: dict[str, User]) -> None:
    client, url = caller(cast["admin"]), f"{URL}{cast['sales'].pk}/"
    answer = patch(
        client, url, job_title="Chef", department="Vente", manager=cast["admin"].pk, phone="06 12 34 56 78"
    )
    assert answer.status_code == 200, answer.content
    told = {name: answer.json()[name] for name in ("job_title", "department", "manager", "phone")}
    assert told == {
        "job_title": "Chef",
        "department": "Vente",
        "manager": cast["admin"].pk,
        "phone": "+33612345678",
    }
    assert Department.objects.get().name == "Vente"
    assert patch(client, url, job_title="Cheffe").json()["department"] == "Vente"
    assert_problem(client.post(URL, {"email": "new@digiweb.test"}, content_type="application/json"), 405)
    assert_problem(client.delete(url), 405)
    assert patch(client, url, role=cast["admin"].role_id, is_active=False).status_code == 422
    assert fields_refused(patch(client, f"{URL}{cast['manager'].pk}/", manager=cast["sales2"].pk))


def test_a_member_out_of_sight_is_unknown(cast: dict[str, User]) -> None:
    role = make_role("leads", people_user=("team", ["view", "change"]))
    lead = make_user("lead", role=role)
    User.objects.filter(pk=cast["am"].pk).update(manager=lead)
    client = caller(lead)
    assert {row["id"] for row in client.get(URL).json()["results"]} == {lead.pk, cast["am"].pk}
    assert_problem(client.get(f"{URL}{cast['sales'].pk}/"), 404)
    assert_problem(patch(client, f"{URL}{cast['sales'].pk}/", job_title="x"), 404)


def test_nobody_changes_those_who_may_do_more(cast: dict[str, User]) -> None:
    person = make_user("hr", role=make_role("hr", people_user=("all", ["view", "change"])))
    assert_problem(patch(caller(person), f"{URL}{cast['admin'].pk}/", phone="0612345678"), 403)


def test_the_team_costs_the_same_for_few_and_for_many(cast: dict[str, User]) -> None:
    client = caller(cast["admin"])
    client.get(URL)
    for number in range(10):
        make_user(f"more{number}", role=cast["sales"].role, manager=cast["manager"])
    with CaptureQueriesContext(connection) as queries:
        client.get(URL)
    assert len(queries) == 4, [query["sql"] for query in queries.captured_queries]

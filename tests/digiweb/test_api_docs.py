"""The OpenAPI document and the page that shows it."""

from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from digiweb.api.router import router
from people.models import User
from tests.base import client_of, make_cast
from tests.contracts.api import assert_problem, caller

pytestmark = pytest.mark.django_db
SCHEMA = "/api/v1/schema/"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def test_the_document_is_made_without_a_single_warning() -> None:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert yaml.safe_load(out.getvalue())["openapi"] == "3.1.0"


def test_json_and_yaml_say_the_same(cast: dict[str, User]) -> None:
    client = caller(cast["marketing"])
    as_json, as_yaml = client.get(f"{SCHEMA}?format=json"), client.get(f"{SCHEMA}?format=yaml")
    assert as_json.json() == yaml.safe_load(as_yaml.content)
    assert_problem(Client().get(SCHEMA), 401)


@pytest.fixture
def document(cast: dict[str, User]) -> dict[str, Any]:
    return client_of(cast["admin"]).get(f"{SCHEMA}?format=json").json()  # type: ignore[no-any-return]


def test_every_operation_tells_examples_security_and_refusals(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            place = f"{method} {path}"
            assert operation["summary"], place
            assert operation["description"], place
            assert {"token": []} in operation["security"], place
            assert {"401", "403", "429"} <= operation["responses"].keys(), place
            problem = operation["responses"]["401"]["content"]["application/problem+json"]
            assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}, place
            if method in ("post", "patch"):
                assert "422" in operation["responses"], place
            if method == "post":
                assert "Idempotency-Key" in {one["name"] for one in operation["parameters"]}, place


def test_filters_and_sorts_of_the_list_are_described(document: dict[str, Any]) -> None:
    parameters = {one["name"]: one for one in document["paths"]["/api/v1/contacts/"]["get"]["parameters"]}
    assert parameters["status"]["schema"]["enum"] == ["lead", "prospect", "client"]
    assert {
        "q",
        "created_after",
        "created_before",
        "score_min",
        "score_max",
        "after",
        "page_size",
    } <= parameters.keys()
    assert "-score" in parameters["sort"]["schema"]["enum"]
    assert all(one["description"] for one in parameters.values())


def test_the_page_shows_every_operation_with_a_line_to_copy(
    cast: dict[str, User], document: dict[str, Any]
) -> None:
    page = client_of(cast["sales"]).get("/api/v1/docs/")
    text = page.content.decode()
    assert page.status_code == 200
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    for operation in operations:
        assert f'id="{operation["operationId"]}"' in text
    assert text.count("curl ") >= len(operations)
    for path, _viewset, _basename in router().registry:
        assert f'id="api-{path}"' in text


def test_the_page_is_for_people_who_signed_in() -> None:
    assert Client().get("/api/v1/docs/").status_code == 302

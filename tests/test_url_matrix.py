"""Every route as every member of the cast and as nobody: who is let in, sent to sign in, refused.

The table names each route once; a route that is not in it fails the suite, and so does a line
whose route is gone. Records belong to Hugo (`sales`); Claire manages him.
"""

from typing import Any

import pytest
from django.urls import Resolver404, resolve, reverse

from digiweb.checks import routes
from people.models import User
from tests.base import client_of, make_cast
from tests.url_lines import PREFIXES, World, expected
from tests.url_matrix import MATRIX

pytestmark = pytest.mark.django_db

# The admin site's own way in and out.
ENTRANCES = ("admin/login/", "admin/logout/")


def named_routes() -> dict[str, str]:
    """{name with namespace: path pattern} of every route of ours."""
    found: dict[str, str] = {}
    for path, pattern in routes():
        if any(path.startswith(prefix) for prefix in PREFIXES):
            continue
        name = pattern.name or path
        namespace = _namespace(path)
        found[f"{namespace}:{name}" if namespace else str(name)] = path
    return found


def _namespace(path: str) -> str:
    from digiweb.urls import urlpatterns

    for pattern in urlpatterns:
        prefix = str(pattern.pattern)
        namespace = getattr(pattern, "namespace", None) or getattr(pattern, "app_name", None)
        if namespace and path.startswith(prefix):
            rest = path[len(prefix) :]
            if any(rest == str(child.pattern) for child in pattern.url_patterns):
                return str(namespace)
    return ""


def test_every_route_is_in_the_matrix_and_every_line_has_its_route() -> None:
    known, present = set(MATRIX), set(named_routes())
    assert present - known == set(), "routes without a line in tests/url_matrix.py"
    assert known - present == set(), "lines of tests/url_matrix.py without a route"


@pytest.fixture
def world(db: None) -> World:
    return World(make_cast())


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_a_route_lets_in_whom_it_should(name: str, world: World) -> None:
    line = MATRIX[name]
    address = reverse(name, kwargs=world.arguments(name, line)) + (line.query(world) if line.query else "")
    wrong = []
    people: dict[str, User | None] = {"nobody": None, **world.cast}
    for key, person in people.items():
        client = client_of(person)
        send: Any = client.post if line.method == "POST" else client.get
        status = send(address, **line.extra).status_code
        wanted = expected(line, key)
        if status not in wanted:
            wrong.append(f"{key}: {status}, expected {sorted(wanted)}")
    assert not wrong, f"{line.method} {address}: {'; '.join(wrong)}"


@pytest.mark.parametrize("key", ["nobody", "manager", "sales", "marketing", "am"])
def test_the_admin_site_is_the_administrators_alone(key: str, world: World) -> None:
    client = client_of(None if key == "nobody" else world.cast[key])
    for path, _pattern in routes():
        if not path.startswith("admin/") or "<" in path or "(" in path or path in ENTRANCES:
            continue
        response = client.get(f"/{path}")
        assert response.status_code in (302, 403, 404, 405), path
        if response.status_code == 302 and "static" not in path:
            assert "login" in response["Location"] or "accounts" in response["Location"], path


def test_administrators_open_every_list_of_the_admin_site(world: World) -> None:
    client = client_of(world.cast["admin"])
    for path, pattern in routes():
        if (
            path.startswith("admin/")
            and str(pattern.name).endswith(("_changelist", "index"))
            and "<" not in path
        ):
            assert client.get(f"/{path}").status_code in (200, 302), path


def test_addresses_of_designs_list_resolve() -> None:
    for path in (
        "/",
        "/crm/contacts/",
        "/crm/companies/",
        "/search/",
        "/settings/team/",
        "/settings/roles/",
        "/me/",
    ):
        try:
            resolve(path)
        except Resolver404:
            pytest.fail(f"{path} leads nowhere")

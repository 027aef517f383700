"""Legal data over the API: looked for, and taken over into a company."""

from typing import Any

import pytest

from people.models import User
from tests.base import make_cast, make_company
from tests.contracts.api import assert_problem, caller, fields_refused
from tests.fixtures.provider import Server, status
from tests.sync.answers import DIRECTORY, SIREN, SIRET
from timeline.models import Event

pytestmark = pytest.mark.django_db
URL = "/api/v1/company-data/"


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def server(provider_server: Server) -> Server:
    provider_server.answers["/directory/search"] = DIRECTORY
    return provider_server


def fill(client: Any, pk: int, **body: Any) -> Any:
    return client.post(f"/api/v1/companies/{pk}/fill/", body, content_type="application/json")


@pytest.mark.parametrize("asked", [SIREN, "552 100 554", "dupont"])
def test_a_firm_is_found_by_number_or_name(cast: dict[str, User], server: Server, asked: str) -> None:
    answer = caller(cast["sales"]).get(URL, {"q": asked}).json()
    assert answer["state"] == "ok"
    assert (answer["results"][0]["siren"], answer["results"][0]["city"]) == (SIREN, "Lyon")


def test_a_trouble_is_told_in_words_and_in_one(cast: dict[str, User], server: Server) -> None:
    server.answers["/directory/search"] = status(429, Retry_After="60")
    answer = caller(cast["sales"]).get(URL, {"q": SIREN}).json()
    assert (answer["state"], answer["results"], len(answer["notices"])) == ("quota", [], 1)
    assert_problem(caller(cast["sales"]).get(URL), 422)


def test_only_who_makes_companies_asks_and_not_for_ever(cast: dict[str, User], server: Server) -> None:
    assert_problem(caller(cast["am"]).get(URL, {"q": "dupont"}), 403)
    client = caller(cast["sales"])
    codes = {client.get(URL, {"q": SIREN}).status_code for _each in range(25)}
    assert codes == {200, 429}


def test_what_is_empty_is_filled_and_the_history_says_from_where(
    cast: dict[str, User], server: Server
) -> None:
    hugo = cast["sales"]
    company = make_company(hugo, owner=hugo, name="Dupont", city="Metz", siren=SIREN)
    answer = fill(caller(hugo), company.pk)
    assert answer.status_code == 200
    assert (answer.json()["siret"], answer.json()["city"]) == (SIRET, "Metz")
    event = Event.objects.filter(subject_type="crm.company").latest("id")
    assert (event.action, "city" in event.changes) == ("filled", False)
    answer = fill(caller(hugo), company.pk, fields=["city"], version=answer.json()["version"])
    assert answer.json()["city"] == "Lyon"


def test_a_misspelt_field_is_refused_and_fills_nothing(cast: dict[str, User], server: Server) -> None:
    company = make_company(cast["sales"], owner=cast["sales"], siren=SIREN)
    client = caller(cast["sales"])
    assert fields_refused(fill(client, company.pk, feilds=["city"])) == {"feilds"}
    company.refresh_from_db()
    assert company.city == ""
    assert fields_refused(client.get(URL, {"q": SIREN, "fresch": "1"})) == {"fresch"}


def test_a_stale_version_a_wrong_siren_and_another_firms_siret_are_refused(
    cast: dict[str, User], server: Server
) -> None:
    hugo = cast["sales"]
    company = make_company(hugo, owner=hugo, siren="732829320")
    client = caller(hugo)
    assert_problem(fill(client, company.pk, siren="123"), 422)
    assert_problem(fill(client, company.pk, siren=SIREN, fields=["siret"]), 422)
    assert_problem(fill(client, company.pk, siren=SIREN, fields=["nothing"]), 422)
    assert_problem(fill(client, company.pk, siren=SIREN, fields=["city"], version=9), 409)
    company.refresh_from_db()
    assert (company.siret, company.city, company.version) == ("", "", 1)


def test_nobody_fills_what_they_may_not_change(cast: dict[str, User], server: Server) -> None:
    company = make_company(cast["sales"], owner=cast["sales"], siren=SIREN)
    assert_problem(fill(caller(cast["stranger"]), company.pk), 404)
    assert_problem(fill(caller(cast["am"]), company.pk), 403)
    assert server.requests == []

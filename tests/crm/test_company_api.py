"""Companies over the API."""

import pytest

from crm.models import Company
from people.models import User
from tests.base import make_cast, make_company, make_contact
from tests.contracts.api import APIContract, caller

URL = "/api/v1/companies/"


class TestCompanyAPI(APIContract):
    model = Company
    path = "companies"
    make = staticmethod(make_company)
    body = {"name": "Boulangerie Martin", "siren": "732829320", "turnover": "640000.50", "headcount": 12}
    change = {"headcount": 14}
    listed_by = {"status": "client"}
    wrong = {
        "siren": "123456789",
        "headcount": -3,
        "turnover": "lots",
        "country": "ZZ",
        "website": "javascript:x",
    }
    list_queries = 5


pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def test_identifiers_lose_their_blanks(cast: dict[str, User]) -> None:
    body = {"name": "Martin", "siren": "732 829 320", "siret": "732 829 320 00074", "owner": cast["sales"].pk}
    answer = caller(cast["sales"]).post(URL, body, content_type="application/json")
    assert (answer.json()["siren"], answer.json()["siret"]) == ("732829320", "73282932000074")


def test_a_deleted_company_leaves_its_contacts(cast: dict[str, User]) -> None:
    company = make_company(cast["sales"], owner=cast["sales"])
    contact = make_contact(cast["sales"], owner=cast["sales"], company=company)
    assert caller(cast["sales"]).delete(f"{URL}{company.pk}/").status_code == 204
    contact.refresh_from_db()
    assert contact.company is None

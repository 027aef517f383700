"""Activities over the API."""

from typing import Any

import pytest

from crm.models import Activity
from people.models import User
from tests.base import make_activity, make_cast
from tests.contracts.api import APIContract, caller

URL = "/api/v1/activities/"


class TestActivityAPI(APIContract):
    model = Activity
    path = "activities"
    make = staticmethod(make_activity)
    body = {"kind": "call", "subject": "Relancer", "starts_at": "2027-01-12T08:30:00Z"}
    change = {"place": "Visio"}
    listed_by = {"kind": "meeting"}
    wrong = {"kind": "fax", "starts_at": "tomorrow", "duration": -1, "contact": 999_999, "priority": "x"}
    list_queries = 4


pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def test_done_by_its_status(cast: dict[str, User]) -> None:
    activity: Any = make_activity(cast["sales"])
    client = caller(cast["sales"])
    answer = client.patch(f"{URL}{activity.pk}/", {"status": "done"}, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["done_at"]

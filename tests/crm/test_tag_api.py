"""Tags over the API."""

from typing import Any

import pytest

from crm.models import Tag
from crm.services.tag import create_tag
from people.models import User
from tests.base import make_cast
from tests.contracts.api import APIContract, caller, fields_refused

URL = "/api/v1/tags/"
made = iter(range(10_000))


def make_tag(user: Any, **fields: Any) -> Tag:
    tag = Tag(**{"name": f"Tag {next(made)}", **fields})
    tag.clean()
    return create_tag(user=user, tag=tag)


class TestTagAPI(APIContract):
    model = Tag
    path = "tags"
    make = staticmethod(make_tag)
    body = {"name": "Salon", "colour": "amber"}
    change = {"name": "Salon 2027"}
    listed_by = {"q": "foire"}
    wrong = {"name": "", "colour": "pink"}
    owned = False
    list_queries = 4

    def found_by(self) -> dict[str, Any]:
        return {"name": "Grande Foire"}


@pytest.mark.django_db
def test_two_tags_never_differ_by_case_or_accents_only() -> None:
    cast: dict[str, User] = make_cast()
    client = caller(cast["admin"])
    assert client.post(URL, {"name": "Été"}, content_type="application/json").status_code == 201
    assert fields_refused(client.post(URL, {"name": "ETE"}, content_type="application/json")) == {"name"}
    pk = Tag.objects.get().pk
    renamed = client.patch(f"{URL}{pk}/", {"name": "Hiver"}, content_type="application/json")
    assert renamed.status_code == 200
    assert Tag.objects.get().key == "hiver"

"""Pages of tags."""

from typing import Any

import pytest

from crm.models import Tag
from crm.services.tag import create_tag, tags_named
from people.models import User
from tests.base import client_of, make_cast
from tests.contracts.pages import PageContract

pytestmark = pytest.mark.django_db
_number = iter(range(1_000_000))


def make_tag(user: User | None, **fields: Any) -> Tag:
    return create_tag(user=user, tag=Tag(**{"name": f"Salon {next(_number)}", **fields}))


class TestTagPages(PageContract):
    """The contract of every module, on tags."""

    model = Tag
    urls = "crm:tag"
    make = staticmethod(make_tag)
    form = {"name": "Salon de Lyon", "colour": "blue"}
    change = {"name": "Salon de Nantes"}
    owned = False
    list_queries = 9

    def test_two_spellings_are_one_tag(self, cast: dict[str, User]) -> None:
        make_tag(cast["admin"], name="Été 2026")
        response = client_of(cast["admin"]).post(self.url("new"), {"name": "ete  2026", "colour": "blue"})
        assert response.status_code == 422


def test_naming_tags_creates_the_missing_ones_once() -> None:
    admin = make_cast()["admin"]
    first = tags_named(["VIP", "vip ", "Nouveau"], user=admin)
    again = tags_named(["nouveau", "VIP"], user=admin)
    assert [tag.name for tag in first] == ["VIP", "Nouveau"]
    assert {tag.pk for tag in first} == {tag.pk for tag in again}

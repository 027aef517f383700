"""Attempts at more than one may, where no other test is at home."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import override_settings

from people.models import User
from people.services.user import change_user
from tests.base import PASSWORD, client_of, make_cast, make_contact, make_role, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, Any]:
    return make_cast()


def test_nobody_draws_a_colleague_into_their_own_team(cast: dict[str, Any]) -> None:
    """Who looks after accounts, and sees a team\'s contacts, would see those of anybody they manage."""
    role = make_role(
        "accounts", people_user=("all", ["view", "change"]), crm_contact=("team", ["view", "change"])
    )
    reader = make_role("reader", crm_contact=("own", ["view"]))
    clerk, helper = make_user("clerk", role=role), make_user("helper", role=reader)
    victim = make_user("victim", role=reader)
    contact = make_contact(victim, owner=victim)
    for manager in (clerk, helper):
        User.objects.filter(pk=helper.pk).update(manager=clerk)
        with pytest.raises(ValidationError):
            change_user(user=User.objects.get(pk=clerk.pk), person=victim, values={"manager": manager})
    assert client_of(clerk).get(contact.get_absolute_url()).status_code == 404
    change_user(user=cast["admin"], person=victim, values={"manager": clerk})
    assert client_of(User.objects.get(pk=clerk.pk)).get(contact.get_absolute_url()).status_code == 200


class TestWithoutRedis:
    NOWHERE = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }

    def test_pages_work(self, cast: dict[str, Any]) -> None:
        client = client_of(cast["sales"])
        with override_settings(CACHES=self.NOWHERE):
            for address in ("/", "/crm/contacts/", "/me/"):
                assert client.get(address, follow=True).status_code == 200, address

    def test_signing_in_says_that_it_cannot_rather_than_letting_in_without_counting(
        self, cast: dict[str, Any]
    ) -> None:
        client = client_of(None)
        data = {"login": cast["sales"].email, "password": PASSWORD}
        with override_settings(CACHES=self.NOWHERE):
            answer = client.post("/accounts/login/", data)
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        assert "Réessayez" in answer.content.decode()

    def test_the_api_answers_with_a_problem(self, cast: dict[str, Any]) -> None:
        client = client_of(cast["sales"])
        with override_settings(CACHES=self.NOWHERE):
            answer = client.get("/api/v1/contacts/")
        assert answer.status_code in (200, 503)
        if answer.status_code == 503:
            assert answer["Content-Type"] == "application/problem+json"

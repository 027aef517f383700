"""The colleague's system on the page of integrations: its state, its token, its test."""

from typing import Any

import pytest
from django.utils import translation

from people.models import User
from sync.models import Call, Connection
from tests.base import client_of, make_cast
from tests.fixtures.provider import Server, raw, status
from tests.sync.colleague.server import prospect

pytestmark = pytest.mark.django_db
PAGE = "/settings/integrations/colleague/"


@pytest.fixture
def admin(settings: Any) -> Any:
    settings.LANGUAGE_CODE = "en"
    settings.EXTERNAL_API_TRIES = 1
    cast: dict[str, User] = make_cast()
    User.objects.update(language="en")
    with translation.override("en"):
        yield client_of(cast["admin"])


def state(client: Any) -> dict[str, str]:
    found: dict[str, str] = client.get(PAGE).context["state"]
    return found


def told(client: Any) -> str:
    """What the test says."""
    client.post(f"{PAGE}test/")
    return client.get(PAGE).content.decode()  # type: ignore[no-any-return]


def test_without_an_address_it_says_what_lacks(admin: Any, settings: Any) -> None:
    settings.EXTERNAL_API_URL = ""
    assert state(admin)["label"] == "Not set up"
    assert "EXTERNAL_API_URL" in state(admin)["text"]
    assert "EXTERNAL_API_URL" in told(admin)
    settings.PROVIDERS_PLAIN_HTTP = False
    settings.EXTERNAL_API_URL = "http://colleague.example/list"
    assert "https://" in state(admin)["text"]
    assert not Call.objects.exists()


def test_the_test_reads_the_beginning_and_says_how_it_goes(admin: Any, endpoint: Server) -> None:
    assert state(admin)["label"] == "Not tried yet"
    endpoint.answers["/list"] = [prospect(each) for each in range(1, 9)]
    assert "a list of prospects" in told(admin)
    assert state(admin)["colour"] == "green"
    endpoint.answers["/list"] = []
    assert "an empty list" in told(admin)
    for answer, label, text in (
        (status(401), "No key", "wants a token"),
        (status(500), "Out of order", "error of its own"),
        (raw(b"<html>"), "Out of order", "web page"),
        (raw(b'{"error": 1}'), "Out of order", "no list of prospects"),
    ):
        endpoint.answers["/list"] = answer
        assert text in told(admin)
        assert state(admin)["label"] == label


def test_whoever_waits_for_the_test_waits_for_one_try(admin: Any, endpoint: Server, settings: Any) -> None:
    settings.EXTERNAL_API_TRIES = 4
    endpoint.answers["/list"] = status(503)
    assert "error of its own" in told(admin)
    assert len(endpoint.requests) == 1


def test_a_token_typed_here_is_sealed_and_used(admin: Any, endpoint: Server) -> None:
    assert admin.post(PAGE, {"token": "Bearer é", "active": "on"}).status_code == 422
    assert admin.post(PAGE, {"token": "Bearer s3cret-token", "active": "on"}).status_code == 302
    assert state(admin)["label"] == "Not tried yet"
    connection = Connection.objects.get()
    assert "s3cret" not in connection.sealed
    assert "s3cret" not in admin.get(PAGE).content.decode()
    endpoint.answers["/list"] = status(403)
    assert "refuses the token" in told(admin)
    assert endpoint.requests[-1][4]["Authorization"] == "Bearer s3cret-token"
    assert state(admin)["label"] == "Key refused"


def test_switched_off_it_is_not_asked(admin: Any, endpoint: Server) -> None:
    admin.post(PAGE, {"token": ""})
    assert state(admin)["label"] == "Switched off"
    told(admin)
    assert not endpoint.requests


def test_in_demo_mode_its_state_is_told_as_it_is(admin: Any, endpoint: Server, settings: Any) -> None:
    settings.DEMO_MODE = True
    endpoint.answers["/list"] = [prospect()]
    assert "a list of prospects" in told(admin)
    assert state(admin)["colour"] == "green"
    settings.EXTERNAL_API_URL = "https://colleague.example/list"
    assert "demo" in state(admin)["text"]

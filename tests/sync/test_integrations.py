"""Settings → Integrations: keys in, never out; state, test, log."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from people.models import User
from sync.models import Call, CompanyLookup, Connection
from sync.providers import all_providers
from tests.base import client_of, make_cast
from tests.fixtures.provider import Server, status
from timeline.models import Event

pytestmark = pytest.mark.django_db
PAPPERS = "/settings/integrations/pappers/"
KEY = "cle-tres-secrete-42"


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def admin(cast: dict[str, User]) -> Any:
    return client_of(cast["admin"])


def save(client: Any, **data: Any) -> Any:
    return client.post(PAPPERS, {"api_key": "", "active": "on", **data})


def test_a_key_goes_in_and_never_comes_out(admin: Any) -> None:
    assert save(admin, api_key=KEY).status_code == 302
    connection = Connection.objects.get()
    assert (connection.secret("api_key"), connection.state) == (KEY, "saved")
    assert KEY not in connection.sealed
    for page in (PAPPERS, "/settings/integrations/", f"/admin/sync/connection/{connection.pk}/change/"):
        assert KEY not in admin.get(page).content.decode()
        assert connection.sealed not in admin.get(page).content.decode()
    told = Event.objects.get(action="key_saved")
    assert KEY not in f"{told.changes} {told.data}"


def test_a_setting_that_would_not_do_what_it_says_is_refused(admin: Any) -> None:
    keys = {"api_id": "a", "api_token": "b", "recordings": "yes", "active": "on"}
    path = "/settings/integrations/aircall/"
    for name, value in {
        "person": "personne@digiweb.test",
        "recording_days": "30 jours",
    }.items():
        page = admin.post(path, {**keys, name: value})
        assert page.status_code == 422
        assert list(page.context["form"].errors) == [name]
    for days in ("0", "181", "-5", "٣٠x"):
        assert admin.post(path, {**keys, "recording_days": days}).status_code == 422
    assert not Connection.objects.exists()
    good = {**keys, "person": "Sales@digiweb.test", "recording_days": "30"}
    assert admin.post(path, good).status_code == 302
    assert Connection.objects.get().setting("recording_days") == "30"


def test_an_empty_key_keeps_the_one_that_is_there(admin: Any) -> None:
    assert save(admin).status_code == 422
    save(admin, api_key=KEY)
    version = Connection.objects.get().version
    assert save(admin, version=version, active="").status_code == 302
    connection = Connection.objects.get()
    assert (connection.secret("api_key"), connection.active) == (KEY, False)


def test_two_administrators_meet(admin: Any) -> None:
    save(admin, api_key=KEY)
    version = Connection.objects.get().version
    save(admin, active="", version=version)
    assert save(admin, version=version).status_code == 409
    assert not Connection.objects.get().active


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"total": 1200, "resultats": []}, "ok"),
        (status(401), "wrong_key"),
        (status(429, Retry_After="60"), "quota"),
        (status(500), "down"),
    ],
)
def test_the_test_says_how_it_goes_and_the_card_shows_it(
    admin: Any, provider_server: Server, answer: Any, state: str
) -> None:
    save(admin, api_key=KEY)
    provider_server.answers["/pappers/recherche"] = answer
    assert admin.post(f"{PAPPERS}test/").status_code == 302
    assert Connection.objects.get().state == state
    badge = {"ok": "green", "wrong_key": "red", "quota": "amber", "down": "red"}[state]
    page = admin.get("/settings/integrations/").content.decode()
    assert f"dw-badge-{badge}" in page
    assert "GET /recherche" in admin.get(PAPPERS).content.decode()
    assert Call.objects.latest("id").user == User.objects.get(email="admin@digiweb.test")


def test_a_test_asks_again_whatever_was_known(admin: Any, provider_server: Server) -> None:
    save(admin, api_key=KEY)
    provider_server.answers["/pappers/recherche"] = status(429, Retry_After="600")
    admin.post(f"{PAPPERS}test/")
    provider_server.answers["/pappers/recherche"] = {"total": 1}
    admin.post(f"{PAPPERS}test/")
    assert Connection.objects.get().state == "ok"


def test_disconnecting_forgets_the_keys(admin: Any) -> None:
    save(admin, api_key=KEY)
    assert admin.get(f"{PAPPERS}disconnect/").status_code == 200
    assert admin.post(f"{PAPPERS}disconnect/").status_code == 302
    connection = Connection.objects.get()
    assert (connection.sealed, connection.active, connection.state) == ("", False, "no_key")
    assert Event.objects.filter(action="disconnected").exists()


def test_every_provider_has_its_page_and_an_unknown_one_has_none(admin: Any) -> None:
    for provider in all_providers():
        assert admin.get(f"/settings/integrations/{provider.name}/").status_code == 200
        assert admin.post(f"/settings/integrations/{provider.name}/test/").status_code == 302
    assert admin.get("/settings/integrations/salesforce/").status_code == 404
    assert admin.post("/settings/integrations/salesforce/test/").status_code == 404


def test_who_only_looks_changes_nothing(cast: dict[str, User]) -> None:
    from people.models import Grant

    Grant.objects.create(role=cast["am"].role, module="sync.connection", action="view", scope="all")
    client = client_of(cast["am"])
    assert '<form class="dw-form' not in client.get(PAPPERS).content.decode()
    assert save(client, api_key=KEY).status_code == 403
    assert client.post(f"{PAPPERS}test/").status_code == 403
    assert not Connection.objects.exists()


def test_the_log_keeps_thirty_days(admin: Any) -> None:
    old = Call.objects.create(provider="pappers", what="GET /old", outcome="ok")
    Call.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=31))
    Call.objects.create(provider="pappers", what="GET /new", outcome="ok")
    for days in (364, 366):
        moment = timezone.now() - timedelta(days=days)
        CompanyLookup.objects.create(provider="pappers", key=f"{days:09}", fetched_at=moment)
    call_command("purge_calls")
    assert [row.key for row in CompanyLookup.objects.all()] == ["000000364"]
    assert [call.what for call in Call.objects.all()] == ["GET /new"]


def test_in_demo_mode_the_outbox_lists_what_would_have_left(admin: Any, settings: Any) -> None:
    settings.DEMO_MODE = True
    admin.post(f"{PAPPERS}test/")
    page = admin.get("/sync/outbox/").content.decode()
    assert "GET /recherche?q=boulangerie" in page
    assert "/sync/outbox/" in admin.get("/settings/integrations/").content.decode()

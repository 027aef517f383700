"""My space: profile, sessions, tokens; always one's own and nobody else's."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import APIToken, User
from people.services.token import find_token, make_token, revoke_token
from people.services.user import change_profile, change_user
from tests.base import PASSWORD, client_of, make_cast
from timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


def sign_in(person: User, **headers: str) -> Any:
    client = client_of(None, **headers)
    answer = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


@pytest.mark.parametrize("key", ["admin", "sales", "marketing", "am"])
def test_everybody_has_a_space_of_their_own(cast: dict[str, User], key: str) -> None:
    page = client_of(cast[key]).get("/me/")
    assert page.status_code == 200
    assert cast[key].email in page.content.decode()
    assert client_of(None).get("/me/").status_code == 302


def test_one_changes_one_s_profile_and_no_right(cast: dict[str, User]) -> None:
    person = cast["sales"]
    data = {
        "first_name": "Hugues",
        "last_name": "Lefèvre",
        "phone": "06 12 34 56 78",
        "language": "en",
        "theme": "dark",
    }
    extra = {"role": cast["admin"].role_id, "email": "boss@digiweb.test", "is_superuser": "on"}
    client = client_of(person)
    answer = client.post("/me/edit/", {**data, **extra, "version": person.version})
    assert answer.status_code == 302
    assert "Your profile is saved." in client.get("/me/").content.decode()  # in the language just chosen
    assert answer.cookies["dw_theme"].value == "dark"
    person.refresh_from_db()
    assert (person.first_name, person.phone, person.language) == ("Hugues", "+33612345678", "en")
    assert person.role.slug == "sales"  # type: ignore[union-attr]
    assert person.email == "sales@digiweb.test"
    assert "My space" in client_of(person).get("/me/").content.decode()
    with pytest.raises(PermissionDenied):
        change_profile(user=person, values={"role": cast["admin"].role})


def test_a_profile_that_an_administrator_changed_meanwhile_is_not_overwritten(cast: dict[str, User]) -> None:
    person = cast["sales"]
    data = {
        "first_name": "Hugues",
        "last_name": "Lefèvre",
        "language": "fr",
        "theme": "auto",
        "version": person.version,
    }
    change_user(user=cast["admin"], person=person, values={"first_name": "Hugolin"})
    assert client_of(person).post("/me/edit/", data).status_code == 409


def test_a_token_is_shown_once_and_only_its_hash_is_kept(cast: dict[str, User]) -> None:
    client = client_of(cast["sales"])
    answer = client.post("/me/tokens/new/", {"name": "Script", "days": "30", "read_only": "on"})
    secret = answer.context["secret"]
    assert secret.startswith("dw_")
    assert len(secret) == 43
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    token = APIToken.objects.get()
    assert token.read_only
    assert timedelta(days=29) < token.expires_at - timezone.now() < timedelta(days=31)  # type: ignore[operator]
    assert secret not in f"{token.token_hash}{token.prefix}"
    page = client.get("/me/").content.decode()
    assert secret not in page
    assert token.prefix in page
    assert Event.objects.get(action="token_made").data == {"token": "Script", "prefix": token.prefix}


def test_a_token_is_found_by_its_secret_as_long_as_it_lives(cast: dict[str, User]) -> None:
    person = cast["sales"]
    token, secret = make_token(user=person, name="A", expires_at=timezone.now() + timedelta(days=1))
    assert find_token(secret) == token
    for wrong in ("", "dw_", secret[:-1], secret[:-1] + "!", secret.upper(), token.token_hash, "x" * 5000):
        assert find_token(wrong) is None
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert find_token(secret) is None
    revoke_token(user=person, token=token)
    assert find_token(secret) is None
    revoke_token(user=person, token=token)
    assert Event.objects.filter(action="token_revoked").count() == 1


def test_the_token_of_an_inactive_person_opens_nothing(cast: dict[str, User]) -> None:
    _token, secret = make_token(user=cast["sales"], name="A")
    User.objects.filter(pk=cast["sales"].pk).update(is_active=False)
    assert find_token(secret) is None


def test_the_last_use_is_written_once_a_minute(cast: dict[str, User]) -> None:
    _token, secret = make_token(user=cast["sales"], name="A")
    find_token(secret)
    with CaptureQueriesContext(connection) as queries:
        find_token(secret)
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]
    with (
        time_machine.travel(timezone.now() + timedelta(minutes=2)),
        CaptureQueriesContext(connection) as queries,
    ):
        find_token(secret)
    assert [query["sql"].split()[0] for query in queries] == ["SELECT", "UPDATE"]


def test_nobody_revokes_somebody_else_s_token_or_ends_their_session(cast: dict[str, User]) -> None:
    token, _secret = make_token(user=cast["sales"], name="A")
    sign_in(cast["sales"])
    session = UserSession.objects.get(user=cast["sales"])
    other = client_of(cast["sales2"])
    assert other.post(f"/me/tokens/{token.pk}/revoke/").status_code == 404
    assert other.post(f"/me/sessions/{session.pk}/end/").status_code == 404
    assert client_of(cast["sales"]).post(f"/me/tokens/{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at


def test_one_ends_a_session_of_one_s_own(cast: dict[str, User]) -> None:
    person = cast["sales"]
    here, there = sign_in(person), sign_in(person)
    away = UserSession.objects.get(session_key=there.session.session_key)
    assert here.post(f"/me/sessions/{away.pk}/end/").status_code == 302
    assert there.get("/me/").status_code == 302
    assert here.get("/me/").status_code == 200
    assert Event.objects.filter(action="session_ended", subject_id=person.pk).count() == 1
    third = sign_in(person)
    here.post("/accounts/sessions/")
    assert third.get("/me/").status_code == 302
    assert Event.objects.filter(action="session_ended", subject_id=person.pk).count() == 2


def test_changing_the_password_ends_the_other_sessions(cast: dict[str, User]) -> None:
    person = cast["sales"]
    here, there = sign_in(person), sign_in(person)
    new = "Encore-une-phrase-9"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/accounts/password/change/", data).status_code == 302
    assert here.get("/me/").status_code == 200
    assert there.get("/me/").status_code == 302


def test_the_last_activity_is_written_every_five_minutes_only(cast: dict[str, User]) -> None:
    client = sign_in(cast["sales"])
    client.get("/me/")
    first = UserSession.objects.get().last_seen_at
    with CaptureQueriesContext(connection) as queries:
        client.get("/me/")
    writes = [q["sql"] for q in queries if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert writes == []
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        client.get("/me/")
    assert UserSession.objects.get().last_seen_at - first > timedelta(minutes=5)


@pytest.mark.parametrize("proxy", [("HTTP_X_FORWARDED_PROTO", "https"), None])
def test_one_signs_in_behind_a_proxy_that_speaks_through_a_socket(
    cast: dict[str, User], settings: Any, proxy: Any
) -> None:
    """nginx in front of a unix socket: there is no REMOTE_ADDR, the proxy's word is all there is."""
    settings.SECURE_PROXY_SSL_HEADER = proxy
    client = Client(REMOTE_ADDR="", headers={"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"})
    person = cast["sales"]
    answer = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302
    page = client.get("/accounts/sessions/").content.decode()
    assert ("192.0.2.7" if proxy else "127.0.0.1") in page


def test_my_latest_sign_ins_are_mine(cast: dict[str, User]) -> None:
    sign_in(cast["sales2"])
    client = sign_in(cast["sales"])
    events = [line["event"] for line in client.get("/me/").context["sign_ins"]]
    assert {event.subject_id for event in events} == {cast["sales"].pk}
    assert events[0].action == "signed_in"

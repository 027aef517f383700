"""Signing in: second factor compulsory by role, secrets encrypted, lock-out (SPEC T1)."""

import json
import re
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.db import connection

from people.jobs import tell_of_reset
from people.models import Role, User
from tests.base import PASSWORD, client_of, make_cast, make_role, make_user
from timeline.models import Event, JobRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


def sign_in(person: User, password: str = PASSWORD) -> tuple[Any, Any]:
    client = client_of(None)
    return client, client.post("/accounts/login/", {"login": person.email, "password": password})


def code_of(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def set_up(client: Any) -> str:
    page = client.get("/accounts/2fa/totp/activate/")
    assert page.status_code == 200
    secret = str(page.context["form"].secret)
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert answer.status_code == 302
    return secret


def stored() -> str:
    """The table of second factors as it lies in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        return json.dumps([str(row) for row in cursor.fetchall()])


@pytest.mark.django_db(transaction=True)
def test_a_role_that_asks_for_it_lets_nobody_in_without() -> None:
    cast = make_cast()
    Role.objects.filter(slug="sales").update(mfa_required=True)
    client, _answer = sign_in(cast["sales"])
    for path in ("/", "/crm/contacts/?all=1", "/me/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/totp/activate/")
    set_up(client)
    assert client.get("/crm/contacts/?all=1").status_code == 200
    assert Event.objects.filter(action="second_factor_added", subject_id=cast["sales"].pk).exists()
    assert client_of(cast["marketing"]).get("/me/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_what_a_page_loads_by_itself_leaves_the_key_on_the_setup_page_alone() -> None:
    cast = make_cast()
    Role.objects.filter(slug="sales").update(mfa_required=True)
    client, _answer = sign_in(cast["sales"])
    page = client.get("/accounts/2fa/totp/activate/")
    here = {"HX-Request": "true", "HX-Current-URL": "http://testserver/accounts/2fa/totp/activate/"}
    bell = client.get("/me/notifications/bell/", headers=here)
    assert (bell.status_code, bell.content, bell.headers.get("HX-Redirect")) == (204, b"", None)
    assert client.get("/files/photos/x.webp", headers={"Accept": "image/webp,*/*"}).status_code == 403
    elsewhere = {"HX-Request": "true", "HX-Current-URL": "http://testserver/crm/contacts/"}
    answer = client.get("/crm/contacts/", headers=elsewhere)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/accounts/2fa/totp/activate/")
    code = code_of(str(page.context["form"].secret))
    assert client.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302


def test_an_administrator_resets_the_second_factor_of_who_lost_their_phone(cast: dict[str, User]) -> None:
    client, _answer = sign_in(cast["sales"])
    set_up(client)
    path = f"/settings/team/{cast['sales'].pk}/second-factor/"
    admin = client_of(cast["admin"])
    assert path in admin.get(cast["sales"].get_absolute_url()).content.decode()
    assert admin.get(path).status_code == 200
    admin.post(path)
    assert client.get("/me/").status_code == 302  # signed out everywhere
    _client, answer = sign_in(cast["sales"])
    assert answer["Location"] == "/"  # the password alone
    event = Event.objects.get(action="second_factor_removed", subject_id=cast["sales"].pk)
    assert (event.actor_id, event.data) == (cast["admin"].pk, {"reset": True})
    assert path not in admin.get(cast["sales"].get_absolute_url()).content.decode()
    tell_of_reset(**JobRun.objects.get(func="people.jobs.tell_of_reset").kwargs)
    (message,) = mail.outbox
    assert message.to == [cast["sales"].email]
    assert cast["admin"].full_name in message.body
    assert "/me/" in message.body


def test_nobody_else_resets_a_second_factor(cast: dict[str, User]) -> None:
    client, _answer = sign_in(cast["admin"])
    set_up(client)
    grants = {"people_user": ("all", ["view", "change"])}
    clerk = make_user("clerk", "Ana", "Bureau", role=make_role("clerk", **grants))
    path = f"/settings/team/{cast['sales'].pk}/second-factor/"
    assert client_of(clerk).post(path).status_code == 403
    assert client.post(f"/settings/team/{cast['admin'].pk}/second-factor/").status_code == 403
    assert cast["admin"].authenticator_set.count()


def test_afterwards_the_password_alone_opens_nothing(cast: dict[str, User]) -> None:
    client, _answer = sign_in(cast["sales"])
    secret = set_up(client)
    second, answer = sign_in(cast["sales"])
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert second.get("/me/").status_code == 302
    assert second.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert second.get("/me/").status_code == 302
    cache.clear()  # the code that activated it was used in this half minute already
    second.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert second.get("/me/").status_code == 200


def test_recovery_codes_open_once_each(cast: dict[str, User]) -> None:
    client, _answer = sign_in(cast["sales"])
    set_up(client)
    page = client.get("/accounts/2fa/recovery-codes/")
    codes = page.context["unused_codes"]
    assert len(codes) == 10
    assert "10" in client.get("/me/").content.decode()
    second, _answer = sign_in(cast["sales"])
    second.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert second.get("/me/").status_code == 200
    third, _answer = sign_in(cast["sales"])
    third.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert third.get("/me/").status_code == 302


def test_the_database_holds_no_secret_that_one_can_read(cast: dict[str, User]) -> None:
    client, _answer = sign_in(cast["sales"])
    secret = set_up(client)
    codes = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    raw = stored()
    assert secret not in raw
    assert not any(code in raw for code in codes)
    values = re.findall(r'\\?"(?:secret|seed)\\?": \\?"([^"\\]+)', raw)
    assert len(values) == 2
    assert all(value.startswith("v1:test:") for value in values)


def test_repeated_failures_lock_the_account_for_a_while_and_are_written_down(cast: dict[str, User]) -> None:
    for _time in range(5):
        _client, answer = sign_in(cast["sales"], "wrong")
        assert answer.status_code == 200
    client, answer = sign_in(cast["sales"])  # the right password now
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert "_auth_user_id" not in client.session
    assert Event.objects.filter(action="sign_in_refused", data__email="sales@digiweb.test").count() == 5
    _client, answer = sign_in(cast["sales2"])
    assert answer.status_code == 302


def test_a_flood_from_one_address_gets_our_own_page(cast: dict[str, User]) -> None:
    client = client_of(None)
    codes = {
        client.post("/accounts/login/", {"login": f"x{n}@y.fr", "password": "x"}).status_code
        for n in range(32)
    }
    assert 429 in codes
    answer = client.post("/accounts/login/", {"login": "x@y.fr", "password": "x"})
    assert answer.status_code == 429
    assert "dw-error-page" in answer.content.decode()
    assert answer["Retry-After"]

"""The one way out, against a real server that behaves and misbehaves."""

import logging
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from sync.errors import Down, NoKey, ProviderError, Quota, Unknown, WrongKey
from sync.http import Api, Limits, retry_moment
from sync.models import Call, CompanyLookup, Connection
from sync.pappers.client import PappersApi
from tests.fixtures.provider import (
    Server,
    announced,
    bomb,
    dripping_body,
    dripping_header,
    endless,
    half,
    in_turn,
    raw,
    sleepy,
    status,
)
from tests.sync.answers import PAPPERS, SIREN

pytestmark = pytest.mark.django_db
KEY = "a-very-secret-key-of-ours"
QUICK = Limits(connect=1, read=0.6, total=1.2, tries=2, size=200_000)


@pytest.fixture
def connection(db: None) -> Connection:
    connection = Connection(provider="pappers", state=Connection.State.SAVED)
    connection.seal({"api_key": KEY})
    connection.save()
    return connection


@pytest.fixture
def api(connection: Connection, provider_server: Server) -> PappersApi:
    provider_server.answers["/pappers/entreprise"] = PAPPERS
    return PappersApi(connection, limits=QUICK)


def test_the_key_travels_in_a_header_and_is_kept_encrypted(
    api: PappersApi, provider_server: Server, connection: Connection
) -> None:
    assert api.firm(SIREN).name == "DUPONT BOULANGERIE"
    _verb, path, query, _body, headers = provider_server.requests[0]
    assert (path, query["siren"]) == ("/pappers/entreprise", SIREN)
    assert headers["api-key"] == KEY
    assert "DigiWeb" in headers["User-Agent"]
    assert KEY not in str(query)
    connection.refresh_from_db()
    assert KEY not in connection.sealed
    assert connection.state == "ok"
    assert connection.last_used_at
    call = Call.objects.get()
    assert (call.outcome, call.status, call.what) == ("ok", 200, f"GET /entreprise?siren={SIREN}")


@pytest.mark.parametrize(
    ("answer", "error", "state"),
    [
        (status(401), WrongKey, "wrong_key"),
        (status(403), WrongKey, "wrong_key"),
        (status(404), Unknown, "ok"),
        (status(402), Quota, "quota"),
        (status(429, Retry_After="120"), Quota, "quota"),
        (status(400), Down, "down"),
        (status(500), Down, "down"),
        (status(503), Down, "down"),
        (raw(b"<html><body>Maintenance</body></html>", Content_Type="text/html"), Down, "down"),
        (raw(b""), Down, "down"),
        (raw(b'{"siren": "55210'), Down, "down"),
        (raw(b'{"a": NaN}'), Down, "down"),
        (raw(b"\xff\xfe\x00"), Down, "down"),
        (raw(b"[" * 10_000 + b"]" * 10_000), Down, "down"),
        (raw(b"1" * 20_000), Down, "down"),
        (half, Down, "down"),
        (sleepy(3), Down, "down"),
        (dripping_body, Down, "down"),
        (dripping_header, Down, "down"),
        (endless, Down, "down"),
        (announced, Down, "down"),
        (bomb(), Down, "down"),
        (raw(b"xx", Content_Encoding="gzip"), Down, "down"),
        (raw(b"xx", Content_Encoding="zstd"), Down, "down"),
        (status(302, Location="https://evil.example/"), Down, "down"),
        (status(302, Location="//evil.example/x"), Down, "down"),
        (status(302, Location="/pappers/entreprise"), Down, "down"),
    ],
)
def test_every_bad_answer_is_one_of_five_troubles_noted_and_soon_over(
    answer: Any, error: type[ProviderError], state: str, api: PappersApi, provider_server: Server
) -> None:
    provider_server.answers["/pappers/entreprise"] = answer
    started = time.monotonic()
    with pytest.raises(error):
        api.firm(SIREN)
    assert time.monotonic() - started < 4
    connection = Connection.objects.get()
    assert connection.state == state
    call = Call.objects.get()
    assert call.outcome == (state if state != "ok" else "unknown")
    assert KEY not in f"{call.what} {call.detail} {connection.last_error}"
    assert not CompanyLookup.objects.exists()


def test_the_key_does_not_follow_a_redirect_to_another_address(
    api: PappersApi, provider_server: Server
) -> None:
    other = f"http://localhost:{provider_server.server_address[1]}/stolen"
    provider_server.answers["/pappers/entreprise"] = status(302, Location=other)
    with pytest.raises(Down, match="redirected"):
        api.firm(SIREN)
    assert [request[1] for request in provider_server.requests] == ["/pappers/entreprise"]


@pytest.mark.parametrize(
    "location", ["http://h.test/x", "https://h.test:8443/x", "https://h.test.evil/x", "//evil.test/x"]
)
def test_a_redirect_leads_neither_to_plain_http_nor_elsewhere(api: PappersApi, location: str) -> None:
    with pytest.raises(Down, match="redirected"):
        api._followed("GET", "https://h.test/entreprise", location)
    assert api._followed("GET", "https://h.test/entreprise", "/v3") == "https://h.test/v3"


def test_a_password_of_the_machines_own_is_not_sent_along(
    api: PappersApi, provider_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "netrc"
    secrets.write_text("machine 127.0.0.1 login root password of-the-machine\n")
    monkeypatch.setenv("NETRC", str(secrets))
    api.firm(SIREN)
    *_request, headers = provider_server.requests[0]
    assert "authorization" not in {name.lower() for name in headers}


def test_a_redirect_on_the_same_host_is_followed(api: PappersApi, provider_server: Server) -> None:
    provider_server.answers["/pappers/entreprise"] = status(301, Location="/pappers/v3?siren=1")
    provider_server.answers["/pappers/v3"] = PAPPERS
    assert api.firm(SIREN).siren == SIREN


@pytest.mark.parametrize("first", [status(500), status(502), half, status(429, Retry_After="0")])
def test_a_passing_trouble_is_tried_once_more(first: Any, api: PappersApi, provider_server: Server) -> None:
    provider_server.answers["/pappers/entreprise"] = in_turn(first, PAPPERS)
    assert api.firm(SIREN).siren == SIREN
    assert len(provider_server.requests) == 2


def test_a_post_is_never_sent_twice(connection: Connection, provider_server: Server) -> None:
    provider_server.answers["/pappers/x"] = status(503)
    with pytest.raises(Down):
        PappersApi(connection, limits=QUICK).post("/x", {})
    assert len(provider_server.requests) == 1


def test_while_a_quota_runs_nobody_is_asked(api: PappersApi, provider_server: Server) -> None:
    provider_server.answers["/pappers/entreprise"] = status(429, Retry_After="120")
    for _each in range(3):
        with pytest.raises(Quota) as caught:
            api.firm(SIREN)
    assert len(provider_server.requests) == 1
    assert caught.value.retry_at is not None
    assert 100 < (caught.value.retry_at - timezone.now()).total_seconds() <= 120


def test_a_service_that_is_down_is_left_alone_for_a_moment(
    api: PappersApi, provider_server: Server, connection: Connection
) -> None:
    provider_server.answers["/pappers/entreprise"] = status(400)
    for _each in range(3):
        with pytest.raises(Down):
            api.firm(SIREN)
    assert len(provider_server.requests) == 1
    connection.checked_at = timezone.now() - timedelta(minutes=1)
    provider_server.answers["/pappers/entreprise"] = PAPPERS
    assert api.firm(SIREN).siren == SIREN


def test_nobody_listening_is_down(connection: Connection, settings: Any) -> None:
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, "pappers": "http://127.0.0.1:9"}
    with pytest.raises(Down):
        PappersApi(connection, limits=QUICK).firm(SIREN)


def test_without_a_key_or_switched_off_nobody_is_asked(
    provider_server: Server, connection: Connection
) -> None:
    with pytest.raises(NoKey):
        PappersApi(Connection(provider="pappers"), limits=QUICK).firm(SIREN)
    connection.active = False
    with pytest.raises(NoKey):
        PappersApi(connection, limits=QUICK).firm(SIREN)
    assert provider_server.requests == []
    assert not Call.objects.exists()


def test_keys_that_cannot_be_decrypted_count_as_none(connection: Connection, settings: Any) -> None:
    settings.FIELD_KEYS = ["other:" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]
    assert Connection.objects.get(pk=connection.pk).secrets() == {}


def test_an_address_without_tls_is_refused(api: PappersApi, settings: Any, provider_server: Server) -> None:
    settings.PROVIDERS_PLAIN_HTTP = False
    with pytest.raises(ImproperlyConfigured):
        api.firm(SIREN)
    assert provider_server.requests == []


def test_in_demo_mode_nothing_leaves_and_the_outbox_says_what_would_have(
    provider_server: Server, settings: Any, db: None
) -> None:
    settings.DEMO_MODE = True
    firm = PappersApi(Connection(provider="pappers")).firm(SIREN)
    assert (firm.siren, bool(firm.name)) == (SIREN, True)
    assert provider_server.requests == []
    assert (Call.objects.get().outcome, Call.objects.get().what) == (
        "held",
        f"GET /entreprise?siren={SIREN}",
    )


def test_no_log_line_holds_the_key(
    api: PappersApi, provider_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    provider_server.answers["/pappers/entreprise"] = in_turn(half, status(500))
    with pytest.raises(Down) as caught:
        api.firm(SIREN)
    assert KEY not in caplog.text
    assert KEY not in repr(caught.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        ("", 900),
        ("soon", 900),
        ("-5", 900),
        ("9" * 40, 31 * 86400),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 31 * 86400),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Mon, 99 Foo 2026", 900),
    ],
)
def test_any_retry_after_gives_a_moment_within_a_month(header: str, seconds: int) -> None:
    assert abs((retry_moment(header) - timezone.now()).total_seconds() - seconds) < 3


def test_every_client_answers_in_demo_mode() -> None:
    for client in Api.__subclasses__():
        assert client.demo_answer is not Api.demo_answer, client


def test_behind_tls_it_works_and_a_dripping_server_is_cut_all_the_same(
    connection: Connection, secure_server: Server
) -> None:
    secure_server.answers["/pappers/entreprise"] = PAPPERS
    api = PappersApi(connection, limits=QUICK)
    assert api.firm(SIREN).siren == SIREN
    secure_server.answers["/pappers/entreprise"] = dripping_header
    started = time.monotonic()
    with pytest.raises(Down, match="within"):
        api.firm(SIREN)
    assert time.monotonic() - started < 3


def test_a_certificate_that_nobody_vouches_for_is_down(
    connection: Connection, secure_server: Server, settings: Any
) -> None:
    settings.PROVIDERS_CA_FILE = ""
    with pytest.raises(Down, match="SSLError"):
        PappersApi(connection, limits=QUICK).firm(SIREN)
    assert secure_server.requests == []

"""The colleague's list over a real line: as it should come, and every other way."""

import gzip
import os
import time
from dataclasses import replace
from typing import Any

import pytest

from sync.colleague import troubles
from sync.colleague.client import ColleagueApi
from sync.errors import NoKey, ProviderError, Quota
from sync.models import Call, Connection
from tests.fixtures.provider import Server, bomb, dripping_header, in_turn, raw, sleepy, status
from tests.sync.colleague.conftest import QUICK
from tests.sync.colleague.server import (
    body,
    chunked,
    cut,
    one_endless_text,
    packed,
    pieces,
    prospect,
    stalled,
)

pytestmark = pytest.mark.django_db
THREE = [prospect(number) for number in (1, 2, 3)]


def api(**changes: Any) -> ColleagueApi:
    return ColleagueApi(limits=replace(QUICK, **changes))


def numbers(client: ColleagueApi) -> list[int]:
    return [each["idProspect"] for each in client.prospects()]


def outcome(client: ColleagueApi) -> tuple[list[Any], ProviderError | None]:
    """What came, and the trouble that ended it."""
    came: list[Any] = []
    try:
        came.extend(each for each in client.prospects())
    except ProviderError as error:
        return came, error
    return came, None


@pytest.mark.parametrize(
    "answer",
    [
        raw(body(THREE)),
        packed(body(THREE)),
        chunked(lambda: pieces(THREE)),
        raw(b"\xef\xbb\xbf \n" + body(THREE) + b"\n"),
        in_turn(status(500), status(503), raw(body(THREE))),
        in_turn(status(429, Retry_After="0"), raw(body(THREE))),
        in_turn(cut(body(THREE), 20), raw(body(THREE))),
        in_turn(sleepy(0.8), raw(body(THREE))),
        in_turn(raw(b""), raw(body(THREE))),
    ],
)
def test_the_list_comes_whole_however_it_is_sent(endpoint: Server, answer: Any) -> None:
    endpoint.answers["/list"] = answer
    client = api()
    assert list(client.prospects()) == THREE
    assert (client.came, client.pages) == (3, 1)
    assert Connection.objects.get(provider="colleague").state == "ok"
    call = Call.objects.get()
    assert (call.provider, call.what, call.outcome, call.status) == ("colleague", "GET /list", "ok", 200)


def test_an_empty_list_is_a_list(endpoint: Server) -> None:
    endpoint.answers["/list"] = []
    assert list(api().prospects()) == []


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (status(500), troubles.Failing),
        (status(503), troubles.Failing),
        (status(400), troubles.Refusing),
        (status(404), troubles.Refusing),
        (status(204), troubles.EmptyBody),
        (status(401), troubles.NoToken),
        (status(429, Retry_After="3600"), Quota),
        (raw(b"<!doctype html><title>Maintenance</title>", Content_Type="text/html"), troubles.WebPage),
        (raw(b""), troubles.EmptyBody),
        (raw(b" \n "), troubles.EmptyBody),
        (raw(b'{"error": "no"}'), troubles.NotAList),
        (raw(b'"prospects"'), troubles.NotAList),
        (raw(b"null"), troubles.NotAList),
        (raw(b"12"), troubles.NotAList),
        (raw(b"Bonjour"), troubles.NotJson),
        (raw(b"[{'nom': 1}]"), troubles.NotJson),
        (raw(b"[" * 100_000), troubles.NotJson),
        (raw('[{"nom": "Lefèvre"}]'.encode("latin-1")), troubles.NotUtf8),
        (raw("[]".encode("utf-16")), troubles.NotUtf8),
        (status(302, Location="https://evil.example/list"), troubles.Redirected),
        (status(302, Location="//evil.example/list"), troubles.Redirected),
        (status(302, Location="/list"), troubles.Redirected),
        (raw(b"xx", Content_Encoding="gzip"), troubles.Cut),
        (raw(b"xx", Content_Encoding="br"), troubles.UnknownPacking),
        (sleepy(1), troubles.TooSlow),
        (dripping_header, troubles.TooSlow),
        (one_endless_text(200), troubles.ProspectTooLarge),
        (bomb(), troubles.TooLarge),
        (lambda handler: handler.send(200, b"x" * 9 * 2**20), troubles.TooLarge),
    ],
)
def test_every_bad_answer_is_a_trouble_of_its_own_noted_and_soon_over(
    endpoint: Server, answer: Any, trouble: type[ProviderError]
) -> None:
    endpoint.answers["/list"] = answer
    started = time.monotonic()
    came, error = outcome(api())
    assert type(error) is trouble
    assert (came, error.came) == ([], 0)
    assert time.monotonic() - started < 5
    assert str(error.text)
    connection = Connection.objects.get()
    assert connection.state == error.state
    assert Call.objects.get().outcome == error.state


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (cut(body(THREE), len(body(THREE)) - 30), troubles.Cut),
        (cut(body(THREE), len(body(THREE)) - 1), troubles.Cut),
        (raw(body(THREE)[:-30]), troubles.Cut),
        (chunked(lambda: pieces(THREE), end=False), troubles.Cut),
        (stalled(body(THREE)[:-30]), troubles.TooSlow),
        (raw(body(THREE)[:-1] + b', {"nom": }]'), troubles.NotJson),
        (raw(body(THREE) + b"[]"), troubles.NotJson),
        (raw(body(THREE)[:-1] + b', "' + b"x" * 400_000 + b'"]'), troubles.ProspectTooLarge),
        (packed(body(THREE)[:-1] + b"\xff]"), troubles.NotUtf8),
    ],
)
def test_what_came_whole_before_a_cut_is_given_out_and_counted(
    endpoint: Server, answer: Any, trouble: type[ProviderError]
) -> None:
    endpoint.answers["/list"] = answer
    client = api()
    came, error = outcome(client)
    assert type(error) is trouble
    assert came == THREE[: len(came)]
    assert error.came == client.came == len(came)
    assert len(came) in (2, 3) or trouble is troubles.NotUtf8
    # Nothing is given out twice: what failed after a prospect is not tried again.
    assert len(endpoint.requests) == (1 if came else QUICK.tries) or trouble is troubles.NotUtf8


def test_a_packed_list_that_is_cut_says_so(endpoint: Server) -> None:
    noise = [prospect(each, identityCard={"x": os.urandom(200).hex()}) for each in range(1, 400)]
    data = gzip.compress(body(noise))
    endpoint.answers["/list"] = lambda handler: handler.send(
        200, data[: len(data) // 2], {"Content-Encoding": "gzip"}
    )
    came, error = outcome(api())
    assert type(error) is troubles.Cut
    assert 0 < len(came) < 399


def test_nobody_there_is_a_trouble_too(settings: Any) -> None:
    settings.EXTERNAL_API_URL = "http://127.0.0.1:9/list"
    assert type(outcome(api())[1]) is troubles.NotReached


def test_the_whole_takes_no_longer_than_it_may(endpoint: Server) -> None:
    """One byte after the other: no single read ever waits for long."""

    def dripping(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        for byte in body(THREE):
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.02)

    endpoint.answers["/list"] = dripping
    started = time.monotonic()
    error = outcome(api(total=0.7))[1]
    assert type(error) is troubles.TooSlow
    assert time.monotonic() - started < 3


def test_the_token_travels_in_the_header_that_is_set_and_stays_at_home(
    endpoint: Server, settings: Any
) -> None:
    endpoint.answers["/list"] = THREE
    settings.EXTERNAL_API_TOKEN_HEADER, settings.EXTERNAL_API_TOKEN = "X-Token", "from-the-settings"
    numbers(api())
    assert endpoint.requests[-1][4]["X-Token"] == "from-the-settings"
    connection = Connection.objects.get()
    connection.seal({"token": "typed-in-the-page"})
    connection.save()
    numbers(api())
    assert endpoint.requests[-1][4]["X-Token"] == "typed-in-the-page"
    endpoint.answers["/list"] = status(302, Location=f"http://localhost:{endpoint.server_address[1]}/stolen")
    assert type(outcome(api())[1]) is troubles.Redirected
    assert {request[1] for request in endpoint.requests} == {"/list"}
    endpoint.answers["/list"] = status(401)
    assert type(outcome(api())[1]) is troubles.TokenRefused
    assert "typed-in" not in "".join(f"{call.what}{call.detail}" for call in Call.objects.all())


def test_a_redirect_on_the_same_host_is_followed(endpoint: Server) -> None:
    endpoint.answers["/list"] = status(301, Location="/v2/list")
    endpoint.answers["/v2/list"] = THREE
    assert numbers(api()) == [1, 2, 3]


def test_pages_are_asked_for_until_one_is_not_full(endpoint: Server, settings: Any) -> None:
    settings.EXTERNAL_API_PAGE_SIZE = 2

    def page(handler: Any) -> None:
        number = int(handler.server.requests[-1][2]["page"])
        handler.send(200, THREE[(number - 1) * 2 : number * 2])

    endpoint.answers["/list"] = page
    client = api()
    assert numbers(client) == [1, 2, 3]
    assert [request[2] for request in endpoint.requests] == [
        {"page": "1", "limit": "2"},
        {"page": "2", "limit": "2"},
    ]
    assert client.pages == 2


def test_a_link_to_the_next_page_is_followed_on_the_same_host_only(endpoint: Server) -> None:
    endpoint.answers["/list"] = status(200, THREE[:2], Link='</rest?after=2>; rel="next"')
    endpoint.answers["/rest"] = THREE[2:]
    assert numbers(api()) == [1, 2, 3]
    endpoint.answers["/list"] = status(200, THREE[:2], Link='<https://evil.example/2>; rel="next"')
    came, error = outcome(api())
    assert (len(came), type(error)) == (2, troubles.Redirected)


def test_an_endpoint_that_does_not_know_pages_is_not_asked_for_ever(endpoint: Server, settings: Any) -> None:
    endpoint.answers["/list"] = THREE
    settings.EXTERNAL_API_PAGE_SIZE = 2
    assert numbers(api()) == [1, 2, 3]
    settings.EXTERNAL_API_PAGE_SIZE = 3
    assert type(outcome(api())[1]) is troubles.SamePage


def test_a_page_that_fails_is_tried_again_without_doubles(endpoint: Server) -> None:
    endpoint.answers["/list"] = status(200, THREE[:2], Link='</rest>; rel="next"')
    endpoint.answers["/rest"] = in_turn(status(500), THREE[2:])
    assert numbers(api()) == [1, 2, 3]


def test_a_long_retry_after_is_a_quota_that_holds(endpoint: Server) -> None:
    endpoint.answers["/list"] = status(429, Retry_After="600")
    for _each in range(2):
        assert type(outcome(api())[1]) is Quota
    assert len(endpoint.requests) == 1
    assert Connection.objects.get().retry_at


def test_nobody_is_asked_without_an_address_or_when_switched_off(endpoint: Server, settings: Any) -> None:
    Connection.objects.create(provider="colleague", active=False)
    assert type(outcome(api())[1]) is NoKey
    Connection.objects.update(active=True)
    settings.PROVIDERS_PLAIN_HTTP = False
    for address, trouble in (
        ("", troubles.NoAddress),
        ("http://colleague.example/list", troubles.BadAddress),
        ("ftp://colleague.example/list", troubles.BadAddress),
        ("colleague.example", troubles.BadAddress),
    ):
        settings.EXTERNAL_API_URL = address
        assert type(outcome(api())[1]) is trouble
    assert not endpoint.requests


def test_in_demo_mode_this_machine_only_is_asked(endpoint: Server, settings: Any) -> None:
    settings.DEMO_MODE = True
    endpoint.answers["/list"] = THREE
    assert numbers(api()) == [1, 2, 3]
    for host in ("colleague.example", "127.0.0.1.evil.example", "0.0.0.0", "10.0.0.1"):
        settings.EXTERNAL_API_URL = f"https://{host}/list"
        assert type(outcome(api())[1]) is troubles.OnlyHere


def test_who_stops_in_the_middle_leaves_no_line_open(endpoint: Server) -> None:
    endpoint.answers["/list"] = chunked(lambda: pieces(prospect(each) for each in range(1, 5000)))
    client = api()
    found = client.prospects()
    assert next(found)["idProspect"] == 1
    found.close()
    assert client.came == 1
    assert client.size < 2**20


def test_the_certificate_is_checked(secure_server: Server, settings: Any) -> None:
    settings.EXTERNAL_API_URL = f"https://localhost:{secure_server.server_address[1]}/list"
    secure_server.answers["/list"] = THREE
    assert numbers(api()) == [1, 2, 3]
    settings.PROVIDERS_CA_FILE = ""
    assert type(outcome(api())[1]) is troubles.NotReached

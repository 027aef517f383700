"""The door for webhooks: who is let in, what is kept, what twins do."""

import json
import socket
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings as django_settings
from django.db import connection as database

from crm.models import Activity
from people.models import User
from sync.aircall.receiver import work
from sync.models import Caller, PhoneCall, WebhookDelivery
from sync.services.identify import say_who
from sync.services.webhook import replay_deliveries
from sync.services.webhook_work import purge_deliveries, work_off
from sync.webhooks import hook_path, hook_secret
from tests.base import make_cast, make_contact
from tests.sync.aircall import NUMBER, a_call, connect, message, send
from timeline.models import JobRun

State = WebhookDelivery.State


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


def only() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


# --- Who is let in


@pytest.mark.django_db
def test_what_the_service_sends_is_kept_as_it_came_and_worked_off_by_a_job() -> None:
    connect()
    body = json.dumps(message(), indent=3)
    response = send(body)
    assert response.status_code == 200
    assert response.content == b""
    kept = only()
    assert (kept.provider, kept.event, kept.about, kept.state) == ("aircall", "call.ended", "812", "received")
    assert kept.body == body
    run = JobRun.objects.get(func="sync.jobs.work_off_delivery")
    assert run.kwargs == {"delivery_id": kept.pk}


@pytest.mark.django_db
def test_the_body_is_encrypted_in_the_database() -> None:
    connect()
    send(message())
    with database.cursor() as cursor:
        cursor.execute("SELECT body FROM sync_webhookdelivery")
        stored = cursor.fetchone()[0]
    assert stored.startswith("v1:")
    assert "6 12 34" not in stored


@pytest.mark.parametrize("token", ["wrong", "", None, 45, ["45XXYYZZa08"], "45XXYYZZa08 "])
@pytest.mark.django_db
def test_a_wrong_token_is_told_nothing_and_nothing_is_kept(token: Any) -> None:
    connect()
    assert send(message(token=token)).status_code == 404
    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db
def test_without_a_token_of_ours_nobody_gets_in() -> None:
    connection = connect()
    connection.seal({"api_id": "id"})
    connection.save()
    assert send(message(token="")).status_code == 404


@pytest.mark.django_db
def test_a_wrong_address_an_unknown_service_and_a_connection_that_is_off_look_alike() -> None:
    connection = connect()
    assert send(message(), path="/hooks/aircall/guessed/").status_code == 404
    assert send(message(), path=f"/hooks/nothing/{hook_secret('nothing')}/").status_code == 404
    connection.active = False
    connection.save()
    assert send(message()).status_code == 404


@pytest.mark.django_db
def test_only_posts_of_json_are_taken(client: Any) -> None:
    connect()
    assert client.get(hook_path("aircall")).status_code == 405
    assert client.post(hook_path("aircall"), message(), content_type="text/plain").status_code == 415
    assert client.post(hook_path("aircall"), {"token": "x"}).status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        b" ", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b'{"a": NaN}', b'{"a": Infinity}', b"\0",
        b"[" * 200_000, b'{"token": "x", "a": ' + b"9" * 5000 + b"}", b'{"a": "\0"}',
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    connect()
    response = send(body)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db
def test_an_event_that_nobody_asked_for_is_kept_and_ignored() -> None:
    connect()
    assert send(message("number.closed")).status_code == 200
    assert only().state == State.IGNORED
    assert not JobRun.objects.exists()


@pytest.mark.django_db
def test_too_many_in_a_minute_are_told_to_wait(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**django_settings.ACCOUNT_RATE_LIMITS, "webhook": "2/m/ip"}
    connect()
    assert [send(message()).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.django_db
def test_without_redis_nothing_is_lost(settings: Any) -> None:
    settings.CACHES = {"default": {**django_settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    connect()
    assert send(message()).status_code == 200
    assert only().state == State.RECEIVED


@pytest.mark.django_db(transaction=True)
def test_ten_megabytes_are_refused_without_being_read(live_server: Any) -> None:
    connect()
    address = urlsplit(live_server.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=10) as wire:
        head = (
            f"POST {hook_path('aircall')} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {10 * 1024 * 1024}\r\nConnection: close\r\n\r\n{{"
        )
        wire.sendall(head.encode())  # and nothing more: who waits for the rest waits for ever
        assert b" 413 " in wire.recv(4096).split(b"\r\n")[0]
    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_half_a_megabyte_of_comments_is_taken(live_server: Any) -> None:
    connect()
    data = a_call(comments=[{"id": 1, "content": "x" * 500_000}])
    response = requests.post(live_server.url + hook_path("aircall"), json=message(data=data), timeout=20)
    assert response.status_code == 200
    work_off(only().pk)
    assert PhoneCall.objects.get().comments["1"]["text"] == "x" * 2000


# --- Twins


@pytest.mark.django_db(transaction=True)
def test_a_hundred_replays_from_several_threads_are_one_delivery_and_one_activity(live_server: Any) -> None:
    cast = make_cast()
    make_contact(cast["sales"], owner=cast["sales"], mobile=NUMBER)
    connect()
    body = message()
    answers: list[tuple[int, float]] = []

    def post_twenty_five() -> None:
        with requests.Session() as session:
            for _ in range(25):
                began = time.monotonic()
                response = session.post(live_server.url + hook_path("aircall"), json=body, timeout=20)
                answers.append((response.status_code, time.monotonic() - began))

    threads = [threading.Thread(target=post_twenty_five) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _seconds in answers] == [200] * 100
    assert JobRun.objects.count() == 1
    work_off(only().pk)
    work_off(only().pk)
    assert Activity.objects.filter(kind="call").count() == 1


@pytest.mark.django_db(transaction=True)
def test_different_messages_of_one_call_worked_off_at_once_make_one_activity() -> None:
    cast = make_cast()
    make_contact(cast["sales"], owner=cast["sales"], mobile=NUMBER)
    connect()
    began = int(time.time())
    for second in range(8):
        comments = [{"id": number, "content": f"Note {number}"} for number in range(second + 1)]
        data = a_call(comments=comments)
        event = "call.commented" if second else "call.ended"
        send(message(event, data, timestamp=began + second))
    pks = list(WebhookDelivery.objects.order_by("-pk").values_list("pk", flat=True))
    assert len(pks) == 8
    errors: list[Exception] = []

    def work(part: list[int]) -> None:
        try:
            for pk in part:
                work_off(pk)
        except Exception as error:
            errors.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=work, args=(pks[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    activity = Activity.objects.get(kind="call")
    assert [line for line in activity.notes.splitlines() if line.startswith("Note")] == [
        f"Note {number}" for number in range(8)
    ]


@pytest.mark.django_db
def test_a_comment_may_come_again_with_another_text_in_the_same_second() -> None:
    connect()
    stamp = int(time.time())
    one, two = ([{"id": n, "content": f"N° {n}"} for n in range(count)] for count in (1, 2))
    for comments in (one, two, one, two):
        send(message("call.commented", a_call(comments=comments), timestamp=stamp))
    assert WebhookDelivery.objects.count() == 2


# --- Working off, replaying, forgetting


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_nothing_half_done(live_server: Any, worker: Any, settings: Any) -> None:
    cast = make_cast()
    make_contact(cast["sales"], owner=cast["sales"], mobile=NUMBER)
    connect()
    child = worker(JOB_LEASE_SECONDS="2")
    for number in range(10):
        body = message(data=a_call(number))
        assert requests.post(live_server.url + hook_path("aircall"), json=body, timeout=20).ok
    until = time.monotonic() + 30
    while not WebhookDelivery.objects.filter(state=State.DONE).exists() and time.monotonic() < until:
        time.sleep(0.02)
    child.kill()
    worker(JOB_LEASE_SECONDS="2")
    until = time.monotonic() + 60
    while WebhookDelivery.objects.exclude(state=State.DONE).exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert WebhookDelivery.objects.filter(state=State.DONE).count() == 10
    assert Activity.objects.filter(kind="call").count() == 10
    assert PhoneCall.objects.filter(state=PhoneCall.State.LOGGED).count() == 10


@pytest.mark.django_db
def test_what_makes_no_sense_fails_with_the_reason() -> None:
    connect()
    for data in ({"id": None}, {}, [], "text", 7):
        assert send(message(data=data)).status_code == 200
    for pk in WebhookDelivery.objects.values_list("pk", flat=True):
        work_off(pk)
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {State.FAILED}
    assert all(WebhookDelivery.objects.values_list("error", flat=True))


@pytest.mark.django_db
def test_a_replay_works_it_off_again_and_is_in_the_log(cast: dict[str, User]) -> None:
    connect()
    send(message())
    work_off(only().pk)
    assert (only().state, only().attempts) == (State.DONE, 1)
    assert replay_deliveries(user=cast["admin"], pks=[only().pk]) == 1
    assert only().state == State.RECEIVED
    work_off(only().pk)
    assert (only().state, only().attempts) == (State.DONE, 2)
    assert PhoneCall.objects.count() == 1


@pytest.mark.django_db
def test_a_delivery_of_a_connection_that_was_switched_off_since_is_ignored() -> None:
    connection = connect()
    send(message())
    connection.active = False
    connection.save()
    work_off(only().pk)
    assert only().state == State.IGNORED
    assert not PhoneCall.objects.exists()


@pytest.mark.django_db
def test_bodies_are_forgotten_after_their_days(settings: Any) -> None:
    connect()
    send(message())
    assert purge_deliveries() == 0
    settings.WEBHOOK_DAYS = -1
    assert purge_deliveries() == 1
    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_saying_who_it_is_while_calls_of_the_number_arrive_loses_none() -> None:
    cast = make_cast()
    connection = connect()
    work(message(data=a_call(0)), connection)
    contact = make_contact(cast["sales"], owner=cast["sales"])
    errors: list[Exception] = []

    def together(does: Any) -> threading.Thread:
        def run() -> None:
            try:
                does()
            except Exception as error:
                errors.append(error)
            finally:
                database.close()

        return threading.Thread(target=run)

    def arrive(start: int) -> Any:
        return lambda: [work(message(data=a_call(number)), connection) for number in range(start, 41, 4)]

    def identify() -> None:
        say_who(user=cast["sales"], caller=Caller.objects.get(), contact=contact)

    threads = [together(arrive(start)) for start in (1, 2, 3, 4)] + [together(identify)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert Activity.objects.filter(contact=contact, kind="call").count() == 41
    assert (Caller.objects.get().state, Caller.objects.get().waiting) == ("known", 0)

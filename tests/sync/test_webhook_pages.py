"""Pages and API of deliveries: administrators look, and replay."""

import pytest

from people.models import User
from sync.bodies import shown_to
from sync.models import PhoneCall, WebhookDelivery
from sync.services.webhook_work import work_off
from tests.base import client_of, make_cast, make_role, make_user
from tests.sync.aircall import NUMBER_TEXT, TOKEN, a_call, connect, message, send
from timeline.models import Event, JobRun

pytestmark = pytest.mark.django_db
LIST = "/sync/webhooks/?all=1"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def delivery() -> WebhookDelivery:
    connect()
    send(message(data=a_call(comments=[{"id": 1, "content": "<script>alert(1)</script> \0\ud800"}])))
    return WebhookDelivery.objects.get()


def test_administrators_read_the_body_without_its_token(
    cast: dict[str, User], delivery: WebhookDelivery
) -> None:
    page = client_of(cast["admin"]).get(delivery.get_absolute_url()).content.decode()
    assert NUMBER_TEXT in page
    assert TOKEN not in page
    assert "<script>alert" not in page


def test_others_who_may_look_see_no_numbers_nor_addresses(
    cast: dict[str, User], delivery: WebhookDelivery
) -> None:
    watcher = make_user("watcher", role=make_role("watcher", sync_webhook=("all", ["view"])))
    page = client_of(watcher).get(delivery.get_absolute_url()).content.decode()
    assert "12 34 56" not in page
    assert "•••• 78" in page
    assert "sales@" not in page
    body = client_of(watcher).get(f"/api/v1/webhook-deliveries/{delivery.pk}/body/").json()["body"]
    assert body == shown_to(watcher, delivery.payload)
    assert client_of(watcher).post(f"/sync/webhooks/{delivery.pk}/replay/").status_code == 403
    assert client_of(cast["sales"]).get(LIST).status_code == 403


def test_one_or_many_are_replayed_by_post(cast: dict[str, User], delivery: WebhookDelivery) -> None:
    work_off(delivery.pk)
    client = client_of(cast["admin"])
    assert client.get(f"/sync/webhooks/{delivery.pk}/replay/").status_code == 405
    client.post(f"/sync/webhooks/{delivery.pk}/replay/")
    assert WebhookDelivery.objects.get().state == "received"
    JobRun.objects.update(key=None, state="done")
    work_off(delivery.pk)
    data = {"action": "replay", "confirm": "1", "pk": [delivery.pk]}
    assert client.post("/sync/webhooks/bulk/", data).status_code == 302
    assert Event.objects.filter(action="replayed", actor_id=cast["admin"].pk).count() == 2
    assert JobRun.objects.filter(func="sync.jobs.work_off_delivery", key__isnull=False).count() == 1
    JobRun.objects.update(key=None, state="done")
    work_off(delivery.pk)
    answer = client.post(f"/api/v1/webhook-deliveries/{delivery.pk}/replay/")
    assert (answer.status_code, answer.json()["state"]) == (202, "received")
    assert PhoneCall.objects.count() == 1


def test_the_list_filters_by_state_service_and_words(
    cast: dict[str, User], delivery: WebhookDelivery
) -> None:
    send(message("number.closed"))
    client = client_of(cast["admin"])
    for query, expected in (
        ("?state=ignored", ["number.closed 812"]),
        ("?provider=aircall", ["number.closed 812", "call.ended 812"]),
        ("?q=ended", ["call.ended 812"]),
        ("?q=812", ["number.closed 812", "call.ended 812"]),
        ("?provider=none", None),
    ):
        response = client.get("/sync/webhooks/" + query)
        if expected is None:
            assert response.status_code == 422
            continue
        assert [row["label"] for row in response.context["list"]["rows"]] == expected, query
    assert client.get("/api/v1/webhook-deliveries/?state=ignored").json()["results"][0]["state"] == "ignored"


def test_the_export_holds_no_bodies(cast: dict[str, User], delivery: WebhookDelivery) -> None:
    response = client_of(cast["admin"]).get("/sync/webhooks/?export=csv")
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert "call.ended" in text
    assert "12 34" not in text

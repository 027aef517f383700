"""Quotes signed by Yousign, against a server of our own that speaks its API v3."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from digiweb.jobs import JobError, TryAgain
from people.models import User
from sales.models import Contract, Quote
from sales.services.quote_accepted import accept_quote
from sales.services.quote_link import token_of
from sync.models import Connection, SignatureRequest, WebhookDelivery
from sync.services.signature import ask_signature, fetch_signed, start
from sync.services.webhook_work import work_off
from sync.webhooks import hook_path
from sync.yousign.mapping import signature_of, signer_body
from sync.yousign.provider import test as check_keys
from tests.base import client_of, make_cast
from tests.sales.quotes import LINE, OPTION, make_sent
from tests.sync.yousign_server import YousignServer
from timeline.models import Document

pytestmark = pytest.mark.django_db
SECRET = "whsec-4711"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def yousign(settings: Any) -> Iterator[YousignServer]:
    server = YousignServer("key-1")
    settings.PROVIDERS_PLAIN_HTTP = True
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, "yousign_sandbox": f"{server.url}/v3"}
    yield server
    server.close()


@pytest.fixture
def connection() -> Connection:
    made = Connection(provider="yousign", settings={"mode": "sandbox"})
    made.seal({"api_key": "key-1", "webhook_secret": SECRET})
    made.save()
    return made


@pytest.fixture
def quote(cast: dict[str, User]) -> Quote:
    made = make_sent(cast["sales"], lines=[LINE, OPTION])
    made.refresh_from_db()
    return made


def asked(quote: Quote, **more: Any) -> SignatureRequest:
    return ask_signature(quote=quote, name="Émilie Anne Durand", email="emilie@example.org", **more)


def event(name: str, row: SignatureRequest, key: str = "evt-1", **more: Any) -> dict[str, Any]:
    request = {"id": row.request_id, "external_id": row.external_id, "status": name, **more}
    return {
        "event_id": key,
        "event_name": f"signature_request.{name}",
        "event_time": "1763740800",
        "sandbox": True,
        "data": {"signature_request": request},
    }


def deliver(payload: dict[str, Any], *, secret: str = SECRET) -> int:
    """As Yousign posts it; a kept delivery is worked off."""
    body = json.dumps(payload, separators=(",", ": ")).encode()
    answer = client_of(None).post(
        hook_path("yousign"),
        data=body,
        content_type="application/json",
        headers={"X-Yousign-Signature-256": signature_of(secret, body)},
    )
    for delivery in WebhookDelivery.objects.filter(state="received"):
        work_off(delivery.pk)
    return int(answer.status_code)


def test_the_key_is_tried_for_nothing(yousign: YousignServer, connection: Connection) -> None:
    assert hook_path("yousign") in check_keys(connection)
    assert yousign.asked == [("GET", "/v3/signature_requests")]


def test_the_client_signs_there_where_a_key_is_set(
    cast: dict[str, User], yousign: YousignServer, connection: Connection, quote: Quote
) -> None:
    page, option = f"/q/{token_of(quote)}/", quote.lines.get(is_optional=True)
    client = client_of(None)
    assert "Signer électroniquement" in client.get(page).content.decode()
    given = {
        "name": "Émilie Durand", "email": "emilie@example.org", "consent": "on", "sha256": quote.pdf_sha256,
        "chosen": [option.pk],
    }  # fmt: skip
    assert client.post(f"{page}accept/", {**given, "sha256": "0" * 64}).status_code == 409
    for _time in range(2):
        assert client.post(f"{page}accept/", given).status_code == 302
    row = SignatureRequest.objects.get()
    assert "emilie@example.org" in client.get(page).content.decode()
    start(row.pk)
    row.refresh_from_db()
    assert row.state == "ongoing"
    made = yousign.requests[row.request_id]
    assert (made["status"], made["external_id"], made["delivery_mode"]) == (
        "ongoing",
        row.external_id,
        "email",
    )
    assert yousign.files[row.document_id].startswith(b"%PDF")
    assert b"signable_document" in yousign.forms[row.document_id]
    quote.refresh_from_db()
    assert quote.status == "sent"
    assert deliver(event("done", row)) == 200
    quote.refresh_from_db()
    assert (quote.status, quote.answer_name, quote.net) == ("accepted", "Émilie Durand", 1400)
    fetch_signed(row.pk)
    fetch_signed(row.pk)
    kept = Document.objects.filter(subject_type="sales.quote", subject_id=quote.pk)
    assert sorted(document.name for document in kept) == [
        f"{quote.number} piste d’audit.pdf", f"{quote.number} signé.pdf",
    ]  # fmt: skip


def test_a_job_that_died_goes_on_where_it_was(
    yousign: YousignServer, connection: Connection, quote: Quote
) -> None:
    row = asked(quote)
    yousign.down_after = 2
    with pytest.raises(TryAgain):
        start(row.pk)
    row.refresh_from_db()
    assert (bool(row.request_id), row.signer_id, row.state) == (True, "", "waiting")
    yousign.down_after = None
    Connection.objects.update(state="ok")
    start(row.pk)
    start(row.pk)
    row.refresh_from_db()
    assert row.state == "ongoing"
    assert len(yousign.requests) == 1


def test_a_refused_key_fails_it_and_our_own_page_stands_again(
    yousign: YousignServer, connection: Connection, quote: Quote
) -> None:
    row = asked(quote)
    connection.seal({"api_key": "wrong", "webhook_secret": SECRET})
    connection.save()
    with pytest.raises(JobError):
        start(row.pk)
    row.refresh_from_db()
    assert row.state == "failed"
    Connection.objects.update(active=False)
    assert "accept-form" in client_of(None).get(f"/q/{token_of(quote)}/").content.decode()


def test_a_message_twice_or_with_a_bad_signature_or_from_the_other_world(
    yousign: YousignServer, connection: Connection, quote: Quote
) -> None:
    row = asked(quote)
    start(row.pk)
    row.refresh_from_db()
    assert deliver(event("done", row), secret="other") == 404
    assert deliver({**event("done", row), "sandbox": False}) == 404
    quote.refresh_from_db()
    assert quote.status == "sent"
    for _time in range(2):
        assert deliver(event("done", row)) == 200
    assert deliver(event("declined", row, key="evt-2")) == 200
    assert WebhookDelivery.objects.count() == 2
    quote.refresh_from_db()
    assert (quote.status, Contract.objects.count()) == ("accepted", 1)


def test_done_may_come_before_we_noted_the_number(
    yousign: YousignServer, connection: Connection, quote: Quote
) -> None:
    row = asked(quote)
    row.request_id = "unknown-yet"
    assert deliver(event("done", row)) == 200
    quote.refresh_from_db()
    assert quote.status == "accepted"


@pytest.mark.parametrize(
    ("name", "status"), [("declined", "refused"), ("expired", "sent"), ("canceled", "sent")]
)
def test_what_is_not_signed(
    yousign: YousignServer, connection: Connection, quote: Quote, name: str, status: str
) -> None:
    row = asked(quote)
    start(row.pk)
    row.refresh_from_db()
    assert deliver(event(name, row, decline_information={"reason": "Trop cher"})) == 200
    quote.refresh_from_db()
    row.refresh_from_db()
    assert (row.state, quote.status) == (name, status)
    assert quote.refusal_reason == ("Trop cher" if name == "declined" else "")


def test_a_request_of_somebody_else_asks_for_nothing(connection: Connection, quote: Quote) -> None:
    row = SignatureRequest(pk=999_999, request_id="foreign", quote=quote)
    assert deliver(event("done", row)) == 200
    assert WebhookDelivery.objects.get().state == "ignored"


def test_a_quote_accepted_on_paper_meanwhile_stays_as_it_is(
    yousign: YousignServer, connection: Connection, quote: Quote
) -> None:
    row = asked(quote)
    accept_quote(user=None, quote=quote, name="Paul")
    start(row.pk)
    row.refresh_from_db()
    assert deliver(event("done", row)) == 200
    quote.refresh_from_db()
    assert (quote.answer_name, Contract.objects.count()) == ("Paul", 1)


def test_a_single_name_serves_as_first_and_last() -> None:
    info = signer_body(name="Cher", email="c@example.org", language="fr", document_id="d", page=2)["info"]
    assert (info["first_name"], info["last_name"]) == ("Cher", "Cher")

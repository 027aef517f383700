"""Bank details in the API."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.models import User
from sales.models import BankAccount
from tests.base import make_cast
from tests.contracts.api import assert_problem, caller, fields_refused
from tests.sales.accounts import french_iban, make_account, make_approver
from tests.sales.records import make_client
from timeline.models import Event

pytestmark = pytest.mark.django_db
URL = "/api/v1/bank-accounts/"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def send(user: User | None, path: str = "", body: Any = None, **headers: str) -> Any:
    return caller(user).post(
        f"{URL}{path}", json.dumps(body) if body is not None else None, "application/json", headers=headers
    )


def test_an_account_is_asked_for_approved_and_read_masked(cast):
    client = make_client(cast["sales"])
    iban = french_iban(600)
    made = send(
        cast["sales"], body={"client": client.pk, "iban": iban.lower(), "bic": "AGRIFRPP", "holder": "Jo"}
    )
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["status"], told["asked_by"], told["number"]) == (
        "waiting",
        cast["sales"].pk,
        f"FR\u00a0••••\u00a0{iban[-4:]}",
    )
    assert {"iban", "bic"}.isdisjoint(told)
    assert caller(cast["sales"]).get(made["Location"]).json() == told
    again = send(cast["sales"], body={"client": client.pk, "iban": iban})
    assert again.json()["id"] == told["id"]
    assert_problem(send(cast["sales"], f"{told['id']}/approve/", {"proof": "call"}), 403)
    approved = send(cast["admin"], f"{told['id']}/approve/", {"proof": "call", "note": "Standard"})
    assert approved.json()["status"] == "active"
    late = send(cast["admin"], f"{told['id']}/refuse/", {"reason": "Non"})
    assert_problem(late, 422)


def test_who_asked_is_refused_the_approval(cast):
    approver = make_approver()
    account = make_account(approver, owner=cast["sales"])
    assert_problem(send(approver, f"{account.pk}/approve/", {"proof": "call"}), 422)
    assert fields_refused(send(cast["admin"], f"{account.pk}/approve/", {"proof": "trust"})) == {"proof"}
    assert fields_refused(send(cast["admin"], f"{account.pk}/refuse/", {})) == {"reason"}
    account.refresh_from_db()
    assert account.status == "waiting"


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"iban": "FR7630006000011234567890188"}, {"iban"}),
        ({"iban": True}, {"iban"}),
        ({"iban": "x" * 10_000}, {"iban"}),
        ({"iban": ""}, {"iban"}),
        ({"bic": "DEUTDEFF"}, {"bic"}),
        ({"client": 999_999}, {"client"}),
        ({"status": "active", "nonsense": 1}, {"nonsense"}),
    ],
)
def test_wrong_values_are_told_field_by_field(cast, wrong, fields):
    body = {"client": make_client(cast["sales"]).pk, "iban": french_iban(601), **wrong}
    answer = send(cast["sales"], body=body)
    assert fields_refused(answer) == fields
    assert french_iban(601)[4:] not in answer.content.decode()
    assert not BankAccount.objects.exists()


def test_the_status_of_a_new_account_is_not_the_callers_to_say(cast):
    body = {"client": make_client(cast["sales"]).pk, "iban": french_iban(602), "status": "active"}
    answer = send(cast["sales"], body=body)
    assert answer.status_code == 201
    assert answer.json()["status"] == "waiting"


def test_scopes_verbs_and_strangers(cast):
    account = make_account(cast["sales"])
    theirs = make_account(cast["stranger"])
    for user, seen in (("sales", {account.pk}), ("manager", {account.pk}), ("am", {account.pk, theirs.pk})):
        rows = caller(cast[user]).get(URL).json()["results"]
        assert {row["id"] for row in rows} == seen, user
    assert_problem(caller(cast["marketing"]).get(URL), 403)
    assert_problem(caller(None).get(URL), 401)
    assert_problem(caller(cast["sales"]).get(f"{URL}{theirs.pk}/"), 404)
    for action, body in (("approve", {"proof": "call"}), ("refuse", {"reason": "x"}), ("reveal", None)):
        assert send(cast["stranger"], f"{account.pk}/{action}/", body).status_code in (403, 404)
        assert_problem(send(cast["admin"], f"999999999/{action}/", body), 404)
    for method in ("patch", "put", "delete"):
        call = getattr(caller(cast["admin"]), method)
        assert_problem(call(f"{URL}{account.pk}/", "{}", content_type="application/json"), 405)
    read_only = caller(make_approver("reader", iban=True), read_only=True)
    assert_problem(read_only.post(f"{URL}{account.pk}/reveal/"), 403)


def test_a_reveal_gives_the_number_once_each_time_with_an_event(cast):
    iban = french_iban(603)
    account = make_account(cast["sales"], iban=iban, bic="AGRIFRPP")
    reader = make_approver("reader", iban=True)
    for _number in range(2):  # a key repeats nothing: the answer is kept nowhere
        answer = send(reader, f"{account.pk}/reveal/", **{"Idempotency-Key": "one"})
        assert answer.json() == {"iban": iban, "bic": "AGRIFRPP"}
        assert answer["Cache-Control"] == "private, no-store"
    events = Event.objects.filter(action="number_revealed", actor_id=reader.pk)
    assert [event.channel for event in events] == ["api", "api"]


def test_filters_and_cost(cast):
    waiting = make_account(cast["sales"])
    client = caller(cast["admin"])
    assert [row["id"] for row in client.get(f"{URL}?status=waiting").json()["results"]] == [waiting.pk]
    assert client.get(f"{URL}?status=active").json()["results"] == []
    assert [row["id"] for row in client.get(f"{URL}?q={waiting.last_digits}").json()["results"]] == [
        waiting.pk
    ]
    assert_problem(client.get(f"{URL}?iban={french_iban(1)}"), 422)
    with CaptureQueriesContext(connection) as one:
        client.get(URL)
    for _number in range(8):
        make_account(cast["sales"])
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(URL).json()["results"]) == 9
    assert len(one) == len(many) <= 6

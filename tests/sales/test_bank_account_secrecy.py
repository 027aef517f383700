"""Whole bank numbers: who reads them, how often, and where they never stand."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from digiweb.changes import change_record, initial_values
from digiweb.crypto import blind_index
from people.models import Grant, User
from sales.models import BankAccount
from sales.services.bank_account import TooManyReveals, approve_account, refuse_account, reveal
from tests.base import client_of, make_cast
from tests.contracts.api import caller
from tests.sales.accounts import french_iban, make_account, make_approver
from tests.sales.records import make_client
from timeline.models import Event

pytestmark = pytest.mark.django_db
IBAN, BIC = french_iban(4_221_337), "AGRIFRPP882"
SPACED = " ".join(IBAN[place : place + 4] for place in range(0, len(IBAN), 4))
# The account number inside: told apart from anything else, however it is grouped.
PLAIN = re.compile("".join(f"{digit}[\\s\\u00a0\\u202f.-]*" for digit in IBAN[4:]), re.IGNORECASE)


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """All that is logged meanwhile, by whomever, at any level."""
    kept: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(f"{record.getMessage()} {record.__dict__}")

    handler, root = Keeper(level=0), logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in ("django", "django.request", "digiweb"))]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    yield kept
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


def database_dump() -> str:
    """Every cell of every table, as text."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            parts += [str(row) for row in cursor.fetchall()]
    return "\n".join(parts)


def test_the_plain_number_stands_nowhere_in_database_log_or_pages(cast, lines, settings):
    """Asked for by form and API, wrong and right, refused, asked again, approved, revealed, listed."""
    reader = make_approver("reader", iban=True)
    client = make_client(cast["sales"])
    form = {"client": client.pk, "holder": "SARL Martin", "iban": SPACED, "bic": BIC}
    sales, admin = client_of(cast["sales"]), client_of(cast["admin"])
    wrong = sales.post(reverse("sales:bank_account_new"), {**form, "bic": "DEUTDEFF"})
    assert wrong.status_code == 422
    assert wrong["Cache-Control"] == "private, no-store"
    assert sales.post(reverse("sales:bank_account_new"), form).status_code == 302
    account = BankAccount.objects.get()
    refuse_account(user=cast["admin"], account=account, reason=f"Non : {SPACED}")
    api = caller(cast["sales"])
    sent = api.post("/api/v1/bank-accounts/", json.dumps(form), content_type="application/json",
                    headers={"Idempotency-Key": "one"})  # fmt: skip
    assert sent.status_code == 201, sent.content
    approve = reverse("sales:bank_account_approve", args=[account.pk])
    assert admin.post(approve, {"proof": "call", "note": f"Lu : {IBAN}"}).status_code == 302
    shown = client_of(reader).post(reverse("sales:bank_account_reveal", args=[account.pk]))
    assert SPACED in shown.content.decode()
    page = account.get_absolute_url()
    pages = [
        *(each.get(url) for each in (sales, admin, client_of(reader)) for url in (
            reverse("sales:bank_account_list") + "?all=1", page, client.get_absolute_url(), approve,
            f"/search/?q={IBAN[4:9]}",
        )),
        admin.get("/admin/sales/bankaccount/"),
        admin.get(f"/admin/sales/bankaccount/{account.pk}/change/"),
        admin.get("/settings/audit/"),
        api.get("/api/v1/bank-accounts/"),
        api.get(f"/api/v1/bank-accounts/{account.pk}/"),
        sent,
    ]  # fmt: skip
    for response in pages:
        assert not PLAIN.search(response.content.decode()), response.request["PATH_INFO"]
    dump = database_dump()
    assert blind_index(IBAN) in dump  # the dump is of this database
    assert not PLAIN.search(dump)
    assert BIC not in dump
    assert not any(PLAIN.search(line) or BIC in line for line in lines)
    assert any("account_approved" in line or "request" in line for line in lines), "nothing was listened to"
    for event in Event.objects.all():
        assert not PLAIN.search(json.dumps([event.changes, event.data, event.subject_label]))


def test_an_encrypted_column_is_logged_by_no_door(cast):
    account = make_account(cast["sales"], bic=BIC)
    assert {"iban", "bic"}.isdisjoint(initial_values(account))
    change_record(user=cast["sales"], obj=account, values={"bic": "BNPAFRPP", "holder": "Jo"})
    event = Event.objects.filter(action="changed").latest("id")
    assert set(event.changes) == {"holder"}


def test_lists_and_pages_do_not_even_decrypt(cast, monkeypatch):
    account = make_account(cast["sales"], bic=BIC)
    approve_account(user=cast["admin"], account=account)

    def fail(*args: Any) -> str:
        raise AssertionError("a number was decrypted")

    monkeypatch.setattr("digiweb.crypto.decrypt", fail)
    client = client_of(cast["admin"])
    for url in (
        reverse("sales:bank_account_list") + "?all=1",
        account.get_absolute_url(),
        reverse("sales:bank_account_approve", args=[account.pk]),
        "/admin/sales/bankaccount/",
        f"/admin/sales/bankaccount/{account.pk}/change/",
        "/api/v1/bank-accounts/",
        f"/api/v1/bank-accounts/{account.pk}/",
    ):
        assert client.get(url).status_code == 200, url


# --- Reading it


def test_those_with_the_grant_read_it_and_the_log_says_so(cast):
    account = make_account(cast["sales"], iban=IBAN, bic=BIC)
    reader = make_approver("reader", iban=True)
    client = client_of(reader)
    page = client.get(account.get_absolute_url()).content.decode()
    url = reverse("sales:bank_account_reveal", args=[account.pk])
    assert f'hx-post="{url}"' in page
    answer = client.post(url, headers={"HX-Request": "true"})
    assert SPACED in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    event = Event.objects.get(action="number_revealed")
    assert (event.actor_id, event.subject_id, event.subject_type) == (
        reader.pk,
        account.pk,
        "sales.bankaccount",
    )
    assert all((event.channel, event.ip, event.request_id))
    assert client.get(url).status_code == 405


@pytest.mark.parametrize("who", ["sales", "manager", "am"])
def test_without_the_grant_there_is_neither_button_nor_answer(cast, who):
    account = make_account(cast["sales"], iban=IBAN)
    url = reverse("sales:bank_account_reveal", args=[account.pk])
    client = client_of(cast[who])
    for page in (account.get_absolute_url(), reverse("sales:bank_account_list") + "?all=1"):
        assert url not in client.get(page).content.decode()
    assert client.post(url).status_code == 403
    assert caller(cast[who]).post(f"/api/v1/bank-accounts/{account.pk}/reveal/").status_code == 403
    with pytest.raises(PermissionDenied):
        reveal(user=cast[who], account=account)
    assert not Event.objects.filter(action="number_revealed").exists()


def test_the_grant_reaches_as_far_as_its_scope(cast):
    mine, theirs = make_account(cast["sales"]), make_account(cast["stranger"])
    role = cast["sales"].role
    assert role is not None
    Grant.objects.create(role=role, module="sales.iban", action="view", scope="own")
    team = make_account(cast["sales2"])
    user = User.objects.get(pk=cast["manager"].pk)
    boss_client = client_of(user)
    assert boss_client.get(team.get_absolute_url()).status_code == 200
    assert boss_client.post(reverse("sales:bank_account_reveal", args=[team.pk])).status_code == 403
    hugo = client_of(User.objects.get(pk=cast["sales"].pk))
    assert hugo.post(reverse("sales:bank_account_reveal", args=[mine.pk])).status_code == 200
    assert hugo.post(reverse("sales:bank_account_reveal", args=[theirs.pk])).status_code == 404
    assert hugo.post(reverse("sales:bank_account_reveal", args=[999_999_999])).status_code == 404


def test_beyond_a_number_an_hour_nothing_is_read(cast, settings):
    settings.BANK_REVEALS_AN_HOUR = 2
    reader, other = make_approver("reader", iban=True), make_approver("other", iban=True)
    accounts = [make_account(cast["sales"]) for _number in range(3)]
    for account in accounts[:2]:
        reveal(user=reader, account=account)
    with pytest.raises(TooManyReveals):
        reveal(user=reader, account=accounts[2])
    url = reverse("sales:bank_account_reveal", args=[accounts[2].pk])
    refused = client_of(reader).post(url)
    assert refused.status_code == 429
    assert accounts[2].last_digits not in refused.content.decode()
    answer = caller(reader).post(f"/api/v1/bank-accounts/{accounts[2].pk}/reveal/")
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")
    assert Event.objects.filter(action="number_revealed").count() == 2
    assert reveal(user=other, account=accounts[2]).iban
    Event.objects.filter(actor_id=reader.pk).update(at=timezone.now() - timedelta(hours=1, minutes=1))
    assert reveal(user=reader, account=accounts[2]).iban


def test_through_somebody_elses_eyes_nothing_is_read(cast):
    account = make_account(cast["sales"])
    role = cast["sales"].role
    assert role is not None
    Grant.objects.create(role=role, module="sales.iban", action="view", scope="all")
    client = client_of(cast["admin"])
    client.post(reverse("people:view_as", args=[cast["sales"].pk]))
    url = reverse("sales:bank_account_reveal", args=[account.pk])
    assert client.post(url).status_code == 403
    assert not Event.objects.filter(action="number_revealed").exists()


def test_a_number_whose_key_is_lost_says_so(cast, settings):
    account = make_account(cast["sales"])
    settings.FIELD_KEYS = ["new:MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="]
    client = client_of(cast["admin"])
    assert client.get(account.get_absolute_url()).status_code == 200
    assert client.post(reverse("sales:bank_account_reveal", args=[account.pk])).status_code == 422


def test_the_blind_index_finds_a_number_and_tells_nothing(cast):
    account = make_account(cast["sales"], iban=IBAN)
    assert account.iban_index == blind_index(SPACED.lower())
    assert len(account.iban_index) == 64
    with pytest.raises(TypeError):
        BankAccount.objects.filter(iban=IBAN).exists()
    assert account.masked == f"FR\u00a0••••\u00a0{IBAN[-4:]}"

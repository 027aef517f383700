"""A changed account: the logged call-back of the second person, and the warning of the former contact."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from crm.services.client import change_client
from crm.services.contact import change_contact
from people.models import User
from sales.models import BankAccount
from sales.services.bank_account import (
    Wanted,
    add_account,
    add_accounts,
    approve_account,
    approve_accounts,
)
from sales.services.bank_change import is_change, known_numbers
from sales.services.bank_warning import addresses_of, deliver_warning
from tests.base import client_of, make_cast, make_contact
from tests.contracts.api import caller
from tests.sales.accounts import french_iban, make_account
from tests.sales.records import make_client
from timeline.models import Event, JobRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def change(cast: dict[str, User]) -> BankAccount:
    """An account of Hugo's client that waits while another one is in use."""
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo, email="old@martin.example", phone="+33142685300")
    client = make_client(hugo, contact=contact)
    approve_account(user=cast["admin"], account=make_account(hugo, client=client))
    return make_account(hugo, client=client)


def call(**fields: Any) -> dict[str, Any]:
    said = {"proof": "call", "called": "Mme Martin", "called_number": "01 42 68 53 00"}
    return {**said, "called_at": timezone.now(), **fields}


def long_ago() -> None:
    """What has happened until now lies three months back."""
    Event.objects.update(at=timezone.now() - timedelta(days=90))


class TestCallBack:
    def test_a_change_takes_whom_where_and_when(self, cast: dict[str, User], change: BankAccount) -> None:
        assert is_change(change)
        for missing in ("called", "called_number", "called_at"):
            with pytest.raises(ValidationError) as refused:
                approve_account(
                    user=cast["admin"],
                    account=change,
                    **call(**{missing: None if missing == "called_at" else ""}),
                )
            assert set(refused.value.message_dict) == {missing}
        for fields, field in (
            ({"proof": "paper"}, "proof"),
            ({"called_number": "12"}, "called_number"),
            ({"called_at": timezone.now() + timedelta(hours=1)}, "called_at"),
            ({"called_at": timezone.now() - timedelta(days=1)}, "called_at"),
        ):
            with pytest.raises(ValidationError) as refused:
                approve_account(user=cast["admin"], account=change, **call(**fields))
            assert set(refused.value.message_dict) == {field}
        approve_account(user=cast["admin"], account=change, **call())
        change.refresh_from_db()
        assert (change.status, change.called, change.called_number) == (
            "active",
            "Mme Martin",
            "+33142685300",
        )
        assert (
            Event.objects.get(action="account_approved", subject_id=change.pk).data["called"] == "Mme Martin"
        )

    def test_the_page_asks_for_it_and_shows_it_afterwards(
        self, cast: dict[str, User], change: BankAccount
    ) -> None:
        client = client_of(cast["admin"])
        url = reverse("sales:bank_account_approve", args=[change.pk])
        page = client.get(url).content.decode()
        assert "01 42 68 53 00" in page
        assert 'name="proof"' not in page
        assert client.post(url, {"proof": "paper"}).status_code == 422
        values = {**call(), "called_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M")}
        assert client.post(url, values).status_code == 302
        shown = client.get(change.get_absolute_url()).content.decode()
        assert "Mme Martin, 01 42 68 53 00" in shown

    def test_the_api_asks_for_it(self, cast: dict[str, User], change: BankAccount) -> None:
        url = f"/api/v1/bank-accounts/{change.pk}/approve/"
        refused = caller(cast["admin"]).post(url, {"proof": "call"}, content_type="application/json")
        assert refused.status_code == 422
        values = {**call(), "called_at": timezone.now().isoformat()}
        told = caller(cast["admin"]).post(url, values, content_type="application/json").json()
        assert (told["status"], told["called"]) == ("active", "Mme Martin")

    def test_many_at_once_leaves_changes_alone(self, cast: dict[str, User], change: BankAccount) -> None:
        first = make_account(cast["sales"])
        assert approve_accounts(user=cast["admin"], pks=[first.pk, change.pk]) == 1
        change.refresh_from_db()
        assert change.status == "waiting"

    def test_a_first_account_takes_no_call(self, cast: dict[str, User]) -> None:
        account = make_account(cast["sales"])
        assert not is_change(account)
        page = client_of(cast["admin"]).get(reverse("sales:bank_account_approve", args=[account.pk]))
        assert 'name="proof"' in page.content.decode()
        approve_account(user=cast["admin"], account=account, proof="paper")
        assert not JobRun.objects.filter(func="sales.jobs.warn_former_contact").exists()

    def test_a_number_that_is_new_is_marked(self, cast: dict[str, User], change: BankAccount) -> None:
        client = change.client
        contact = client.contact
        assert contact is not None
        long_ago()
        type(contact).objects.filter(pk=contact.pk).update(created_at=timezone.now() - timedelta(days=90))
        contact.refresh_from_db()
        assert [each["new"] for each in known_numbers(client)] == [False]
        change_contact(user=cast["sales"], contact=contact, values={"phone": "+33699999999"})
        client = type(client).objects.get(pk=client.pk)
        assert [(each["number"], each["new"]) for each in known_numbers(client)] == [("+33699999999", True)]


class TestWarning:
    def test_the_address_of_before_is_warned_once_and_without_the_number(
        self, cast: dict[str, User], change: BankAccount
    ) -> None:
        contact = change.client.contact
        assert contact is not None
        long_ago()
        change_contact(user=cast["sales"], contact=contact, values={"email": "new@forger.example"})
        approve_account(user=cast["admin"], account=change, **call())
        job = JobRun.objects.get(func="sales.jobs.warn_former_contact")
        deliver_warning(change.pk, timezone.now().fromisoformat(job.kwargs["at"]))
        deliver_warning(change.pk, timezone.now().fromisoformat(job.kwargs["at"]))
        assert [message.to for message in mail.outbox] == [["old@martin.example"], ["new@forger.example"]]
        whole = str(BankAccount.objects.get(pk=change.pk).iban)
        for message in mail.outbox:
            page = message.alternatives[0].content  # type: ignore[attr-defined]
            assert change.masked in message.body
            assert change.masked in page
            for text in (message.subject, message.body, page):
                assert whole not in text.replace(" ", "")
            assert "old@" not in message.body
        told = Event.objects.filter(action="account_warned", subject_id=change.pk)
        assert list(told.order_by("id").values_list("data__remark", flat=True)) == [
            "o•••@martin.example",
            "n•••@forger.example",
        ]

    def test_the_person_of_before_is_warned_too(self, cast: dict[str, User], change: BankAccount) -> None:
        long_ago()
        other = make_contact(cast["sales"], email="other@forger.example")
        change_client(user=cast["sales"], client=change.client, values={"contact": other})
        client = type(change.client).objects.get(pk=change.client_id)
        since = timezone.now() - timedelta(days=30)
        assert addresses_of(client, since) == ["old@martin.example", "other@forger.example"]

    def test_without_four_eyes_it_is_warned_all_the_same(self, cast: dict[str, User], settings: Any) -> None:
        settings.BANK_FOUR_EYES = False
        client = make_client(cast["sales"])
        add_account(user=cast["sales"], client=client, iban=french_iban(1))
        assert not JobRun.objects.filter(func="sales.jobs.warn_former_contact").exists()
        add_account(user=cast["sales"], client=client, iban=french_iban(2))
        assert JobRun.objects.filter(func="sales.jobs.warn_former_contact").count() == 1

    def test_an_import_of_two_accounts_of_a_new_client_warns_nobody(
        self, cast: dict[str, User], settings: Any
    ) -> None:
        settings.BANK_FOUR_EYES = False
        client = make_client(cast["sales"])
        wanted = [Wanted(client.pk, french_iban(number)) for number in (3, 4)]
        add_accounts(user=None, wanted=wanted, source="colleague")
        assert not JobRun.objects.filter(func="sales.jobs.warn_former_contact").exists()

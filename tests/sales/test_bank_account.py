"""Bank details: asking, approving, refusing; the pages of it."""

import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from people.models import User
from sales.models import BankAccount
from sales.services.bank_account import (
    Wanted,
    add_account,
    add_accounts,
    approve_account,
    approve_accounts,
    refuse_account,
    reveal,
    without_numbers,
)
from sales.services.bank_account_words import tell_of_imported
from tests.base import client_of, make_cast
from tests.contracts.pages import PageContract
from tests.sales.accounts import french_iban, make_account, make_approver
from tests.sales.records import make_client
from timeline.models import Event, Notification

pytestmark = pytest.mark.django_db
Status = BankAccount.Status


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


class TestBankAccountPages(PageContract):
    """The contract of every module, for records that are neither edited nor deleted."""

    model = BankAccount
    urls = "sales:bank_account"
    make = staticmethod(make_account)
    form = {"iban": french_iban(900_000), "holder": "SARL Martin"}
    shown = "holder"
    list_queries = 13

    def addresses(self, record: Any) -> list[str]:
        return [self.url("list") + "?all=1", self.url("new"), record.get_absolute_url()]

    def test_a_record_is_created_with_its_event(self, cast: dict[str, User]) -> None:
        self.form = {**self.form, "client": make_client(cast["sales"]).pk}
        super().test_a_record_is_created_with_its_event(cast)

    def test_a_record_out_of_sight_answers_404_by_every_door(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        approver = make_approver()
        approver.role.grants.update(scope="own")  # type: ignore[union-attr]
        client = client_of(approver)
        assert client.get(record.get_absolute_url()).status_code == 404
        for name in ("approve", "refuse"):
            assert client.get(self.url(name, record.pk)).status_code == 404
            assert client.post(self.url(name, record.pk), {"proof": "call", "reason": "x"}).status_code == 404
        assert client_of(cast["admin"]).get(self.url("approve", 999_999_999)).status_code == 404

    @pytest.mark.parametrize("action", ["create", "change", "export"])
    def test_seeing_does_not_allow_the_other_actions(self, record: Any, action: str) -> None:
        client = client_of(self.person_with("all", "view"))
        assert client.get(record.get_absolute_url()).status_code == 200
        if action == "create":
            assert client.post(self.url("new"), self.form).status_code == 403
        elif action == "change":
            assert client.post(self.url("approve", record.pk), {"proof": "call"}).status_code == 403
            assert client.post(self.url("refuse", record.pk), {"reason": "Non"}).status_code == 403
        else:
            assert client.get(self.url("list") + "?export=csv").status_code == 403
        record.refresh_from_db()
        assert record.status == Status.WAITING

    # Neither edited, nor deleted, nor exported: the number would leave the house.
    test_an_unknown_number_answers_404 = None  # type: ignore[assignment]
    test_a_change_is_saved_with_before_and_after = None  # type: ignore[assignment]
    test_the_second_of_two_editors_is_shown_what_changed = None  # type: ignore[assignment]
    test_deleting_asks_first_then_moves_to_the_bin_and_comes_back = None  # type: ignore[assignment]
    test_the_export_holds_what_the_list_shows_and_is_logged = None  # type: ignore[assignment]


# --- Asking


def test_what_is_asked_for_waits_and_approvers_are_told(cast):
    approver = make_approver()
    account = make_account(cast["sales"])
    assert account.status == Status.WAITING
    assert account.asked_by == cast["sales"]
    told = Notification.objects.filter(kind="bank_account.waiting")
    assert set(told.values_list("user__email", flat=True)) == {approver.email, cast["admin"].email}
    assert all(note.by_mail and account.last_digits in note.text for note in told)


def test_the_same_number_of_a_client_is_one_account_however_it_is_written(cast):
    client, iban = make_client(cast["sales"]), french_iban(7)
    first = add_account(user=cast["sales"], client=client, iban=iban)
    spaced = " ".join(iban[place : place + 4] for place in range(0, 27, 4)).lower()
    again = add_account(user=cast["sales2"], client=client, iban=spaced)
    assert first.pk == again.pk
    assert BankAccount.objects.count() == 1
    assert Event.objects.filter(subject_type="sales.bankaccount").count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"iban": "FR7630006000011234567890188"}, "iban"),
        ({"iban": french_iban(8), "bic": "DEUTDEFF"}, "bic"),
        ({"iban": french_iban(8), "bic": "SHORT"}, "bic"),
    ],
)
def test_wrong_numbers_are_told_by_field_and_never_repeated(cast, values, field):
    with pytest.raises(ValidationError) as raised:
        add_account(user=cast["sales"], client=make_client(cast["sales"]), **values)
    assert set(raised.value.message_dict) == {field}
    assert values["iban"] not in str(raised.value)


def test_a_refused_or_former_account_is_asked_for_again_by_a_person_but_not_by_an_import(cast):
    account = make_account(cast["sales"], iban=french_iban(9))
    refuse_account(user=cast["admin"], account=account, reason="Inconnu au standard")
    wanted = Wanted(account.client_id, french_iban(9))
    add_accounts(user=None, wanted=[wanted], source="colleague")
    account.refresh_from_db()
    assert account.status == Status.REFUSED
    add_accounts(user=cast["sales2"], wanted=[wanted])
    account.refresh_from_db()
    assert (account.status, account.asked_by, account.decided_by) == (Status.WAITING, cast["sales2"], None)


def test_an_import_asks_without_a_person_and_anyone_who_may_approves(cast):
    client = make_client(cast["sales"])
    wanted = [Wanted(client.pk, french_iban(number), holder=" Jo   Martin ") for number in (20, 21, 20)]
    accounts = add_accounts(user=None, wanted=wanted, source="colleague")
    assert accounts[0].pk == accounts[2].pk != accounts[1].pk
    assert accounts[0].holder == "Jo Martin"
    assert {account.status for account in accounts} == {Status.WAITING}
    assert not Notification.objects.filter(kind="bank_account.waiting").exists()
    again = add_accounts(user=None, wanted=wanted, source="colleague")
    assert [account.pk for account in again] == [account.pk for account in accounts]
    assert tell_of_imported() == 1
    assert tell_of_imported() == 0
    approve_account(user=cast["admin"], account=accounts[1])
    accounts[1].refresh_from_db()
    assert accounts[1].status == Status.ACTIVE


def test_without_four_eyes_it_is_in_use_at_once_and_the_old_one_former(cast, settings):
    settings.BANK_FOUR_EYES = False
    old = make_account(cast["sales"])
    new = make_account(cast["sales"], client=old.client)
    old.refresh_from_db()
    assert (old.status, new.status) == (Status.FORMER, Status.ACTIVE)
    # What had been waiting before the setting was changed is not stuck.
    BankAccount.objects.filter(pk=old.pk).update(status=Status.WAITING)
    approve_account(user=cast["sales"], account=old)


# --- Deciding


def test_of_two_accounts_brought_at_once_without_four_eyes_one_is_in_use(cast, settings):
    settings.BANK_FOUR_EYES = False
    client = make_client(cast["sales"])
    old = add_account(user=None, client=client, iban=french_iban(80))
    first, last = add_accounts(
        user=None, wanted=[Wanted(client.pk, french_iban(n)) for n in (81, 82)], source="colleague"
    )
    states = dict(BankAccount.objects.values_list("pk", "status"))
    assert states == {old.pk: Status.FORMER, first.pk: Status.FORMER, last.pk: Status.ACTIVE}


def test_who_asked_cannot_approve_and_the_old_one_stays_until_somebody_else_does(cast):
    asker, approver = make_approver("asker"), make_approver("other")
    client = make_client(cast["sales"])
    old = make_account(asker, client=client)
    approve_account(user=approver, account=old)
    new = make_account(asker, client=client)
    with pytest.raises(ValidationError):
        approve_account(user=asker, account=new)
    old.refresh_from_db()
    assert old.status == Status.ACTIVE
    said = {"proof": "call", "called": "Mme Martin", "called_number": "01 42 68 53 00"}
    approve_account(user=approver, account=new, note="Standard", called_at=timezone.now(), **said)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.status, new.status, new.decided_by) == (Status.FORMER, Status.ACTIVE, approver)
    event = Event.objects.get(action="account_approved", subject_id=new.pk)
    assert event.data.pop("called_at")
    assert event.data == {
        "proof": "Called back on a number known before",
        "remark": "Standard",
        "called": "Mme Martin",
        "called_number": "+33142685300",
    }
    assert event.changes == {"status": ["waiting", "active"]}
    assert Notification.objects.filter(user=asker, kind="bank_account.decided").count() == 2


def test_a_refusal_says_why_and_leaves_the_old_one_in_use(cast):
    account = make_account(cast["sales"])
    reason = f"Pas {french_iban(77)}, le client dit autre chose"
    refuse_account(user=cast["admin"], account=account, reason=reason)
    account.refresh_from_db()
    assert account.status == Status.REFUSED
    told = Notification.objects.get(user=cast["sales"], kind="bank_account.decided")
    assert "le client dit autre chose" in told.text
    assert french_iban(77) not in told.text
    with pytest.raises(ValidationError):
        approve_account(user=cast["admin"], account=account)


@pytest.mark.parametrize(
    "text", ["FR76 3000 6000 0112 3456 7890 189", "de89370400440532013000", "FR76-3000-6000-0112-3456"]
)
def test_numbers_in_what_people_type_are_masked(text):
    assert without_numbers(f"Voir {text}.").replace(" ", "").isdigit() is False
    assert text not in without_numbers(f"Voir {text}.")
    assert without_numbers("Mme Martin, 01 42 68 53 00, ce matin") == "Mme Martin, 01 42 68 53 00, ce matin"


def test_many_are_approved_but_for_ones_own(cast):
    approver = make_approver()
    own = make_account(approver, owner=cast["sales"])
    theirs = [make_account(cast["sales"]) for _number in range(2)]
    client = client_of(approver)
    url = reverse("sales:bank_account_bulk")
    values = {"action": "approve", "pk": [own.pk, *(account.pk for account in theirs)]}
    assert client.post(url, values).status_code == 200
    assert client.post(url, {**values, "confirm": "1"}).status_code == 302
    assert BankAccount.objects.filter(status=Status.ACTIVE).count() == 2
    own.refresh_from_db()
    assert own.status == Status.WAITING
    assert approve_accounts(user=approver, pks=[own.pk]) == 0


def test_the_page_of_ones_own_request_offers_no_approval(cast):
    approver = make_approver()
    own = make_account(approver, owner=cast["sales"])
    approve, page = reverse("sales:bank_account_approve", args=[own.pk]), own.get_absolute_url()
    assert approve not in client_of(approver).get(page).content.decode()
    assert approve in client_of(cast["admin"]).get(page).content.decode()
    answer = client_of(approver).post(approve, {"proof": "call"})
    assert answer.status_code == 422
    own.refresh_from_db()
    assert own.status == Status.WAITING
    assert client_of(cast["admin"]).post(approve, {"proof": "call"}).status_code == 302
    own.refresh_from_db()
    assert own.status == Status.ACTIVE


def test_who_approves_is_warned_of_the_same_number_elsewhere(cast):
    iban = french_iban(31)
    make_account(cast["stranger"], iban=iban)
    twin = make_account(cast["sales"], iban=iban)
    page = client_of(cast["admin"]).get(reverse("sales:bank_account_approve", args=[twin.pk]))
    assert len(page.context["namesakes"]) == 1


def test_the_inbox_is_the_list_of_what_waits(cast):
    waiting, decided = make_account(cast["sales"]), make_account(cast["sales"])
    approve_account(user=cast["admin"], account=decided)
    rows = (
        client_of(cast["admin"])
        .get(reverse("sales:bank_account_list") + "?status=waiting")
        .context["list"]["rows"]
    )
    assert [row["pk"] for row in rows] == [waiting.pk]
    url = f"{reverse('sales:bank_account_list')}?client={decided.client_id}"
    rows = client_of(cast["sales"]).get(url).context["list"]["rows"]
    assert [row["pk"] for row in rows] == [decided.pk]


def in_threads(*functions: Any) -> list[Any]:
    """Run each in a thread of its own, at once; what each returned or raised."""
    barrier, results = threading.Barrier(len(functions)), [None] * len(functions)

    def run(place: int, function: Any) -> None:
        barrier.wait()
        try:
            results[place] = function()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_number_at_once_make_one_account():
    cast = make_cast()
    client, iban = make_client(cast["sales"]), french_iban(40)

    def add(user: User) -> Any:
        return lambda: add_account(user=user, client=client, iban=iban).pk

    pks = in_threads(add(cast["sales"]), add(cast["sales2"]), add(cast["admin"]))
    assert len(set(pks)) == 1
    assert BankAccount.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_the_second_is_told():
    cast = make_cast()
    account = make_account(cast["sales"])
    other = make_approver()
    results = in_threads(
        lambda: approve_account(user=cast["admin"], account=account),
        lambda: refuse_account(user=other, account=account, reason="Non"),
    )
    assert sum(isinstance(result, ValidationError) for result in results) == 1, results
    assert Event.objects.filter(action__in=["account_approved", "account_refused"]).count() == 1


def test_who_reads_a_number_is_told_the_bank(cast):
    account = make_account(iban="FR7630006000011234567890189", bic="")
    whole = reveal(user=cast["admin"], account=account)
    assert (whole.bank, whole.bic) == ("CREDIT AGRICOLE SA", "AGRIFRPPXXX")

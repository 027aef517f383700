"""The import against a real endpoint: what comes to be, what changes, what stays."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crm.models import Client, Contact
from people.models import User
from sales.models import BankAccount, Contract, Offer, PaymentRecord, Subscription
from sales.services.contract import create_contract
from sync.models import ColleagueConflict, ColleagueRun, ImportedRecord
from tests.base import client_of, make_contact
from tests.sync.importing.prospects import IBANS, SELLER, contract, prospect

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_a_prospect_becomes_a_client_with_all_that_it_bought(cast: dict[str, User], imported: Any) -> None:
    paid = [{"reference": "P1", "date": "2026-04-05", "montant": 90, "statut": "Payé"}]
    one = prospect(
        1,
        contract("CT-1", paiements=paid),
        contract("CT-2", statut="Résilié", montant="1 234,56"),
        informationsPaiement=[{"IBAN": IBANS[0], "BIC": "AGRIFRPP"}],
        identityCard={"numero": "X1"},
    )
    run = imported([one, {**prospect(2), "Souscription": []}])
    assert (run.state, run.complete, run.error) == ("done", True, "")
    contact = Contact.objects.get()
    assert (contact.full_name, contact.email, contact.phone) == (
        "Émilie Durand1", "client1@example.test", "+33612340001",
    )  # fmt: skip
    assert contact.status == "client"
    client = Client.objects.get()
    seller = User.objects.get(email=SELLER["email"])
    assert (client.contact, client.owner, client.mrr) == (contact, seller, Decimal(90))
    assert client.identity_card == {"numero": "X1"}
    assert not seller.is_active
    first, second = Contract.objects.order_by("reference")
    assert (first.client, first.owner, first.status, first.amount) == (
        client,
        seller,
        "signed",
        Decimal("1200.50"),
    )
    assert (second.status, second.amount, second.supplier) == ("terminated", Decimal("1234.56"), "LOCAM")
    assert Offer.objects.get().name == "Site vitrine"
    assert Subscription.objects.get().monthly_amount == 90
    assert PaymentRecord.objects.get().contract == first
    assert BankAccount.objects.get().last_digits == "0189"
    assert run.counts["contract"] == {"created": 2}
    assert run.counts["client"] == {"created": 1}
    assert run.counts["prospect"] == {"skipped": 1}


def test_the_same_list_again_changes_nothing(cast: dict[str, User], imported: Any) -> None:
    many = [prospect(n) for n in range(1, 6)]
    imported(many)
    versions = list(Contract.objects.order_by("pk").values_list("pk", "version", "updated_at"))
    run = imported(many)
    assert run.counts["contract"] == {"unchanged": 5}
    assert run.counts["client"] == {"unchanged": 5}
    assert (run.created, run.updated, run.failed) == (0, 0, 0)
    assert list(Contract.objects.order_by("pk").values_list("pk", "version", "updated_at")) == versions


def test_what_changes_in_the_source_changes_here(cast: dict[str, User], imported: Any) -> None:
    imported([prospect(1)])
    run = imported([prospect(1, contract("CT-1", montant=99), nom="Martin")])
    assert Contract.objects.get().amount == 99
    assert Contact.objects.get().last_name == "Martin"
    assert run.counts["contract"] == {"updated": 1}
    assert run.counts["contact"] == {"updated": 1}


def test_who_is_known_by_email_or_phone_is_no_new_contact(cast: dict[str, User], imported: Any) -> None:
    by_email = make_contact(cast["sales"], email="client1@example.test", first_name="Zoé")
    by_phone = make_contact(cast["sales"], phone="+33612340002", email="")
    imported([prospect(1), prospect(2)])
    assert {client.contact for client in Client.objects.all()} == {by_email, by_phone}
    by_email.refresh_from_db()
    by_phone.refresh_from_db()
    assert by_email.first_name == "Zoé"  # ours stays; what was empty is filled in
    assert by_phone.email == "client2@example.test"
    assert by_phone.status == "client"


def test_a_number_that_is_known_as_the_mobile_is_not_written_twice(
    cast: dict[str, User], imported: Any
) -> None:
    contact = make_contact(cast["sales"], mobile="+33612340001", email="client1@example.test")
    imported([prospect(1)])
    contact.refresh_from_db()
    assert (contact.mobile, contact.phone) == ("+33612340001", "")
    imported([prospect(1, telephone="01 02 03 04 05")])
    contact.refresh_from_db()
    assert (contact.mobile, contact.phone) == ("+33612340001", "+33102030405")


def test_two_who_answer_to_it_wait_for_a_person(cast: dict[str, User], imported: Any) -> None:
    twins = [
        make_contact(cast["sales"], email="client1@example.test", first_name=name) for name in ("A", "B")
    ]
    run = imported([prospect(1), prospect(2)])
    conflict = ColleagueConflict.objects.get()
    assert conflict.candidates == [twin.pk for twin in twins]
    assert run.conflicts == 1
    assert Contract.objects.get().reference == "CT-2"
    conflict.state, conflict.contact = ColleagueConflict.State.SETTLED, twins[1]
    conflict.save()
    imported([prospect(1), prospect(2)])
    assert Contract.objects.get(reference="CT-1").client.contact == twins[1]


def test_two_prospects_with_one_phone_are_two_clients(cast: dict[str, User], imported: Any) -> None:
    run = imported([prospect(1), prospect(2, telephone="06 12 34 00 01")])
    assert Client.objects.count() == 2
    assert run.lines.get().code == "shared_phone"


def test_two_prospects_with_one_email_are_one_client(cast: dict[str, User], imported: Any) -> None:
    imported([prospect(1), prospect(2, email="client1@example.test")])
    assert Contact.objects.count() == Client.objects.count() == 1
    assert Contract.objects.count() == 2


def test_a_prospect_without_an_email_is_who_has_its_phone(cast: dict[str, User], imported: Any) -> None:
    imported([prospect(2, telephone="06 12 34 00 01", email=None), prospect(1)])
    assert Contact.objects.get().email == "client1@example.test"
    assert Client.objects.get().contracts.count() == 2


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("order", [(1, 4, 3), (4, 1, 3), (3, 4, 1)])
def test_a_phone_of_any_prospect_that_a_contact_is_leads_to_it(
    cast: dict[str, User], imported: Any, order: tuple[int, ...], at_once: bool
) -> None:
    """One person stands twice in the list, with two phones: the contact keeps one, and answers to both."""
    people = {
        1: prospect(1, email="p@example.test", telephone="06 12 34 56 00"),
        4: prospect(4, email="p@example.test", telephone="06 12 34 56 02"),
        3: prospect(3, email=None, telephone="06 12 34 56 00"),
    }
    whole = [people[number] for number in order]
    if not at_once:
        imported([one for one in whole if one["email"]][:1])
        imported([one for one in whole if one["email"]])
    imported(whole)
    assert Contact.objects.get().email == "p@example.test"
    assert Client.objects.get().contracts.count() == 3


def test_a_contract_of_two_prospects_stays_with_one(cast: dict[str, User], imported: Any) -> None:
    many = [prospect(2, contract("CT-1")), prospect(1, contract("CT-1"))]
    run = imported(many)
    assert Contract.objects.get().client.contact.email == "client1@example.test"
    assert run.counts["contract"] == {"created": 1, "failed": 1}
    assert run.lines.get(outcome="failed").code == "shared_contract"
    again = imported(many)
    assert again.counts["contract"] == {"unchanged": 1, "failed": 1}
    assert Contract.objects.get().client.contact.email == "client1@example.test"


def test_a_contract_goes_over_when_its_prospect_has_gone(cast: dict[str, User], imported: Any) -> None:
    imported([prospect(1), prospect(2)])
    run = imported([prospect(2, contract("CT-1"), contract("CT-2"))])
    assert {one.client.contact.email for one in Contract.objects.all()} == {"client2@example.test"}
    assert run.lines.get().code == "moved_contract"


def test_what_the_source_sends_no_more_is_marked_and_comes_back(cast: dict[str, User], imported: Any) -> None:
    imported([prospect(1, contract("A"), contract("B")), prospect(2)])
    run = imported([prospect(1, contract("A"))])
    gone = set(Contract.objects.filter(absent_since__isnull=False).values_list("reference", flat=True))
    assert gone == {"B", "CT-2"}
    assert run.counts["contract"]["absent"] == 2
    imported([prospect(1, contract("A"), contract("B")), prospect(2)])
    assert not Contract.objects.filter(absent_since__isnull=False).exists()


def test_the_salesperson_of_a_contract_changes_with_the_source(cast: dict[str, User], imported: Any) -> None:
    imported([prospect(1)])
    other = {"nom": "Garnier", "prenom": "Inès", "email": "sales2@digiweb.test"}
    run = imported([prospect(1, commercial=other, commercialId=None)])
    assert Contract.objects.get().owner == cast["sales2"]
    assert Client.objects.get().owner == cast["sales2"]
    assert "salesperson" in run.lines.values_list("code", flat=True)


def test_an_unknown_status_is_kept_and_told(cast: dict[str, User], imported: Any) -> None:
    run = imported([prospect(1, contract("A", statut="À moitié"))])
    ours = Contract.objects.get()
    assert (ours.status, ours.status_text) == ("unknown", "À moitié")
    assert run.lines.get().code == "unknown_status"


def test_good_ones_are_kept_beside_bad_ones(cast: dict[str, User], imported: Any) -> None:
    bad = [
        7, None, [], {"idProspect": "x"}, prospect(3, contract("C", montant="1,2,3")),
        prospect(4, contract(""), contract("D")), prospect(5, informationsPaiement=[{"IBAN": "FR00"}]),
        prospect(6, email=None, telephone=None), {**prospect(7), "Souscription": {"a": 1}},
    ]  # fmt: skip
    run = imported([prospect(1), *bad, prospect(2)])
    assert run.state == "done"
    assert set(Contract.objects.values_list("reference", flat=True)) == {"CT-1", "CT-2", "C", "D", "CT-5"}
    assert run.failed >= 6
    assert not run.lines.filter(piece__contains="FR00").exists()
    assert ColleagueRun.objects.get().doubtful


def test_the_imported_are_remembered_by_hashes(cast: dict[str, User], imported: Any) -> None:
    imported([prospect(1, informationsPaiement=[{"IBAN": IBANS[0], "BIC": ""}])])
    assert ImportedRecord.objects.filter(kind="prospect").count() == 1
    assert not [
        row for row in ImportedRecord.objects.values_list("values", flat=True) if IBANS[0] in str(row)
    ]


def test_a_contract_typed_by_hand_stays_with_its_client(cast: dict[str, User], imported: Any) -> None:
    imported([prospect(1)])
    other = Client.objects.get()
    typed = create_contract(user=None, contract=Contract(reference="ct 9", client=other, owner=cast["sales"]))
    run = imported([prospect(1), prospect(2, contract("CT  9", updatedAt="2026-11-21T10:00:00Z"))])
    typed.refresh_from_db()
    assert (typed.client, typed.owner) == (other, cast["sales"])
    assert typed.amount == Decimal("1200.50")
    assert run.lines.get(outcome="notice").code == "other_client"


def test_who_looks_after_a_contact_goes_on_doing_so(
    cast: dict[str, User], imported: Any, time_machine: Any
) -> None:
    contact = make_contact(cast["sales"], email="client1@example.test", owner=cast["sales"])
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    imported([prospect(1, updatedAt=(timezone.now() - timedelta(minutes=1)).isoformat())])
    contact.refresh_from_db()
    assert contact.owner == Client.objects.get().owner == cast["sales"]
    assert Contract.objects.get().owner == User.objects.get(email=SELLER["email"])


def test_time_lines_name_the_source_in_words(cast: dict[str, User], imported: Any) -> None:
    imported([prospect(1)])
    page = client_of(cast["admin"]).get(Contact.objects.get().get_absolute_url(), {"events": "1"})
    assert "système du collègue" in page.content.decode()

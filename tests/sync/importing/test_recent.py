"""Most recent wins, field by field, and the run says which."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crm.models import Client, Contact
from crm.services.contact import change_contact
from people.models import User
from sales.models import Contract
from sales.services.contract import change_contract
from sync.colleague.recent import NEVER, Told, Win, decide
from tests.base import make_contact
from tests.sync.importing.prospects import contract, prospect

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def lines(run: Any, outcome: str) -> list[tuple[str, str, str]]:
    found = run.lines.filter(outcome=outcome, code="recent").values_list("params", flat=True)
    return [(one["field"], one["ours"], one["theirs"]) for one in found]


def test_a_value_changed_by_hand_stays_while_the_source_says_the_same(
    cast: dict[str, User], imported: Any
) -> None:
    imported([prospect(1)])
    ours = Contract.objects.get()
    change_contract(user=cast["admin"], contract=ours, values={"amount": Decimal(5000)})
    # The piece changes elsewhere: the amount that a person typed is none of its business.
    run = imported([prospect(1, contract("CT-1", description="Autre"))])
    ours.refresh_from_db()
    assert (ours.amount, ours.description) == (5000, "Autre")
    assert lines(run, "ours") == [("amount", "5000.00", "1200.50")]


def test_what_was_changed_by_hand_is_told_once_when_the_list_is_as_it_was(
    cast: dict[str, User], imported: Any
) -> None:
    many = [prospect(1), prospect(2)]
    imported(many)
    change_contract(
        user=cast["admin"], contract=Contract.objects.get(reference="CT-1"), values={"amount": Decimal(5000)}
    )
    run = imported(many)
    assert lines(run, "ours") == [("amount", "5000.00", "1200.50")]
    assert run.counts["contract"] == {"unchanged": 2}
    assert Contract.objects.get(reference="CT-1").amount == 5000
    assert lines(imported(many), "ours") == []


def test_both_changed_and_the_source_later(cast: dict[str, User], imported: Any, time_machine: Any) -> None:
    imported([prospect(1)])
    change_contract(user=cast["admin"], contract=Contract.objects.get(), values={"amount": Decimal(5000)})
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    run = imported([prospect(1, contract("CT-1", montant=7))])
    assert Contract.objects.get().amount == 7
    assert lines(run, "theirs") == [("amount", "5000.00", "7.00")]


def test_both_changed_and_ours_later(cast: dict[str, User], imported: Any) -> None:
    imported([prospect(1)])
    change_contract(user=cast["admin"], contract=Contract.objects.get(), values={"amount": Decimal(5000)})
    before = (timezone.now() - timedelta(days=2)).isoformat()
    run = imported([prospect(1, contract("CT-1", montant=7, updatedAt=before))])
    assert Contract.objects.get().amount == 5000
    assert lines(run, "ours") == [("amount", "5000.00", "7.00")]
    # It is said once more only when the source changes again; what a person chose holds.
    imported([prospect(1, contract("CT-1", montant=7, updatedAt=before, description="x"))])
    assert Contract.objects.get().amount == 5000


def test_a_contact_who_was_here_is_filled_in_and_a_later_date_wins(
    cast: dict[str, User], imported: Any, time_machine: Any
) -> None:
    contact = make_contact(cast["sales"], email="client1@example.test", first_name="Zoé", last_name="")
    imported([prospect(1)])
    contact.refresh_from_db()
    assert (contact.first_name, contact.last_name) == ("Zoé", "Durand1")
    other = make_contact(cast["sales"], email="client2@example.test", first_name="Zoé")
    later = (timezone.now() + timedelta(minutes=30)).isoformat()
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    run = imported([prospect(1), prospect(2, updatedAt=later)])
    other.refresh_from_db()
    assert other.first_name == "Émilie"
    assert ("first_name", "Zoé", "Émilie") in lines(run, "theirs")


def test_a_phone_alone_makes_nobody_somebody_else(
    cast: dict[str, User], imported: Any, time_machine: Any
) -> None:
    contact = make_contact(
        cast["sales"], email="zoe@example.test", phone="+33612340001", first_name="Zoé", last_name=""
    )
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    imported([prospect(1, updatedAt=(timezone.now() - timedelta(minutes=1)).isoformat())])
    contact.refresh_from_db()
    assert (contact.first_name, contact.last_name, contact.email) == ("Zoé", "Durand1", "zoe@example.test")
    assert Client.objects.get().contact == contact


def test_a_change_by_hand_of_a_contact_outlives_what_the_source_repeats(
    cast: dict[str, User], imported: Any
) -> None:
    imported([prospect(1)])
    change_contact(user=cast["admin"], contact=Contact.objects.get(), values={"phone": "+33699999999"})
    imported([prospect(1, nom="Autre")])
    contact = Contact.objects.get()
    assert (contact.phone, contact.last_name) == ("+33699999999", "Autre")
    assert Client.objects.count() == 1


def test_a_salesperson_given_by_hand_stays_until_the_source_says_another(
    cast: dict[str, User], imported: Any, time_machine: Any
) -> None:
    imported([prospect(1)])
    change_contract(user=cast["admin"], contract=Contract.objects.get(), values={"owner": cast["sales"]})
    imported([prospect(1, nom="Autre")])
    assert Contract.objects.get().owner == cast["sales"]
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    imported([prospect(1, commercialId=None, commercial={"email": "sales2@digiweb.test", "nom": "Garnier"})])
    assert Contract.objects.get().owner == cast["sales2"]


@pytest.mark.parametrize(
    ("ours", "last", "said", "dated", "by_hand", "wins"),
    [
        ("a", "a", "a", False, None, Win.SAME),
        ("a", "a", "b", False, None, Win.SOURCE),
        ("c", "a", "a", False, None, Win.OURS),
        ("c", "a", "b", True, NOON - timedelta(hours=1), Win.THEIRS),
        ("c", "a", "b", True, NOON + timedelta(hours=1), Win.OURS),
        ("", NEVER, "b", False, None, Win.SOURCE),
        ("c", NEVER, "b", False, NOON, Win.OURS),
        ("c", NEVER, "", True, NOON - timedelta(hours=1), Win.SAME),
        ("", "a", "b", True, NOON + timedelta(hours=1), Win.OURS),
        (Decimal("1.00"), "1.00", Decimal(1), False, None, Win.SAME),
    ],
)
def test_who_wins(ours: Any, last: Any, said: Any, dated: bool, by_hand: Any, wins: Win) -> None:
    told = Told(said, NOON, dated)
    assert decide(ours=ours, last=last, told=told, changed_at=lambda: by_hand) is wins

"""Any list: twice is once, in two halves is whole, in any order gives the same clients and contracts."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Client, Contact
from sales.models import BankAccount, Contract, Offer, PaymentRecord, Subscription
from sync.models import ColleagueConflict, ColleagueRun, ImportedRecord
from tests.sync.importing.prospects import IBANS, contract, prospect

FEW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

titles = st.sampled_from([f"CT {letter}" for letter in "ABCDEFGH"])
contracts = st.builds(
    lambda title, status, amount, day: contract(title, statut=status, montant=amount, dateSignature=day),
    titles,
    st.sampled_from(["Signé", "validé", "RÉSILIÉ", "Inconnu", None]),
    st.sampled_from([0, 12.5, "1 234,56", "x", None]),
    st.sampled_from(["2026-01-02", "31/01/2026", None, "hier"]),
)


@st.composite
def prospects(draw: Any, number: int, apart: bool) -> dict[str, Any]:
    """`apart`: its contracts are its own. E-mails and phones are shared, at times, or missing."""
    mine = draw(st.lists(contracts, max_size=3, unique_by=lambda one: one["titre"]))
    if apart:
        mine = [{**one, "titre": f"{one['titre']} {number}"} for one in mine]
    who = draw(st.integers(1, 4))
    return {
        **prospect(number, contract("x")),
        # Who has the same e-mail has the same name: whose name counts is another matter.
        "nom": f"Durand{who}",
        "email": draw(st.sampled_from([f"p{who}@example.test", None])),
        "telephone": draw(st.sampled_from([f"06 12 34 56 0{who}", "0612345600", None])),
        "informationsPaiement": draw(st.sampled_from([[], [{"IBAN": IBANS[0], "BIC": ""}], [{"IBAN": "x"}]])),
        "Souscription": [
            {"offre": {"nom": draw(st.sampled_from(["Site", "SITE ", "Réf"]))}, "contrats": mine}
        ],
    }


@st.composite
def lists(draw: Any, apart: bool = False) -> list[dict[str, Any]]:
    numbers = draw(st.lists(st.integers(1, 9), min_size=1, max_size=6, unique=True))
    return [draw(prospects(number, apart)) for number in numbers]


def outcome() -> dict[str, Any]:
    """Clients and contracts as they are, whatever the numbers of their rows."""
    people = {
        one.pk: (one.contact.email, one.contact.phone if not one.contact.email else "")
        for one in Client.objects.select_related("contact")
        if one.contact is not None
    }
    return {
        "clients": sorted(people.values()),
        "contacts": sorted(Contact.objects.values_list("email", flat=True)),
        "contracts": sorted(
            (reference, people[client], status, str(amount), str(signed))
            for reference, client, status, amount, signed in Contract.objects.values_list(
                "reference", "client", "status", "amount", "signed_on"
            )
        ),
        "subscriptions": Subscription.objects.count(),
        "payments": PaymentRecord.objects.count(),
        "offers": sorted(Offer.objects.values_list("sort_name", flat=True)),
        "accounts": BankAccount.objects.count(),
    }


class Undone(Exception):
    """Takes everything of one example back."""


def after(imported: Any, *bodies: list[Any]) -> tuple[dict[str, Any], ColleagueRun]:
    """What is there after runs of these lists on an empty house."""
    found: list[Any] = []
    try:
        with transaction.atomic():
            run = None
            for body in bodies:
                run = imported(body)
                assert run.state == "done", run.error
            found = [outcome(), run]
            raise Undone
    except Undone:
        pass
    return found[0], found[1]


@pytest.mark.django_db
class TestAnyList:
    @FEW
    @given(body=lists())
    def test_twice_is_once(self, imported: Any, body: list[Any]) -> None:
        once, _run = after(imported, body)
        twice, run = after(imported, body, body)
        assert twice == once
        assert (run.created, run.updated) == (0, 0)

    @FEW
    @given(body=lists(), seed=st.randoms(use_true_random=False))
    def test_in_any_order_it_is_the_same(self, imported: Any, body: list[Any], seed: Any) -> None:
        shuffled = seed.sample(body, len(body))
        there, _run = after(imported, body)
        here, _other = after(imported, shuffled)
        for name in ("subscriptions", "accounts", "contacts"):
            assert there[name] == here[name]
        assert there == here

    @FEW
    @given(body=lists(apart=True), at=st.integers(0, 6))
    def test_in_two_halves_it_is_the_whole(self, imported: Any, body: list[Any], at: int) -> None:
        # Who has no e-mail is compared with all who have one: halves would not know them.
        body = [one for one in body if one["email"]]
        whole, _run = after(imported, body)
        halves, _other = after(imported, body[:at], body[at:])
        assert halves == whole


@pytest.mark.django_db
def test_nothing_is_left_of_an_example(imported: Any) -> None:
    after(imported, [prospect(1)])
    assert not ImportedRecord.objects.exists()
    assert not ColleagueConflict.objects.exists()

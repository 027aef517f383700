"""Whatever the list holds, a run ends with a report, keeps what is good, and the next one finds it so."""

import json
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Client
from people.models import User
from sales.models import Contract, Subscription
from sales.services.contract_totals import recount_contracts
from sales.services.subscription import refresh_revenue
from sync.models import ColleagueRun
from tests.sync.colleague.test_any_json import ANY_JSON, FULL, places, put
from tests.sync.importing.prospects import contract, prospect

EMOJI = "Zoé 👩‍🚀 Müller"


@pytest.mark.django_db
def test_a_list_with_everything_that_goes_wrong_keeps_what_is_good(
    cast: dict[str, User], imported: Any
) -> None:
    junk = {"a": [{"b": [[[{"c": None}]]]}] * 20}
    hostile = [
        dict.fromkeys(prospect(2)),
        {},
        prospect(3, nom="x" * 1_000_000),
        prospect(4, prenom=EMOJI, identityCard=junk),
        prospect(5, nom={"a": 1}, telephone=["06"], email=12, Souscription=None),
        prospect(6, contract("D-1", montant="1 234,56 €", dateSignature="31/03/2026")),
        prospect(7, contract("D-2", montant=1e400, dateSignature="20260331")),
        prospect(8, contract("D-3", dateSignature="2026-03-31T10:00:00+02:00", statut=7)),
        prospect(9, email="client6@example.test"),
        prospect(10, telephone="06 12 34 00 06", email="other@example.test"),
        prospect(11, Souscription=[None, 3, {"offre": None, "contrats": [None, "x", {"titre": None}]}]),
        prospect(12, informationsPaiement=[{"IBAN": "FR7630006000011234567890180"}, 4, None]),
        prospect(6),  # a second time
    ]
    run = imported([prospect(1), *hostile, prospect(99)])
    assert (run.state, run.complete, run.read) == ("done", True, len(hostile) + 2)
    assert {"CT-1", "CT-99", "CT-4", "D-1", "D-2", "D-3"} <= set(
        Contract.objects.values_list("reference", flat=True)
    )
    assert Client.objects.get(contact__email="client4@example.test").contact.first_name == EMOJI
    days = set(Contract.objects.filter(reference__startswith="D-").values_list("signed_on", flat=True))
    assert {str(day) for day in days} == {"2026-03-31"}
    assert run.failed
    assert "FR7630006000011234567890180" not in str(list(run.lines.values()))
    again = imported([prospect(1), *hostile, prospect(99)])
    assert (again.state, again.created, again.updated) == ("done", 0, 0)


@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(found=st.lists(st.tuples(st.sampled_from(places(FULL)), ANY_JSON), min_size=1, max_size=4))
def test_any_json_anywhere_ends_with_a_report_and_sums_that_are_right(
    cast: dict[str, User], imported: Any, found: list[tuple[tuple[Any, ...], Any]]
) -> None:
    with transaction.atomic():
        bent = [put({**FULL, "idProspect": place}, *each) for place, each in enumerate(found, start=1)]
        body = json.dumps([*bent, prospect(99, contract("GOOD"))], default=str).encode()
        run: ColleagueRun = imported(lambda handler: handler.send(200, body))
        assert (run.state, run.complete) == ("done", True)
        assert Contract.objects.filter(reference="GOOD").exists()
        assert recount_contracts() == 0
        assert refresh_revenue(Client.objects.values_list("pk", flat=True)) == 0
        assert Subscription.objects.count() <= 3 * (len(bent) + 1)
        transaction.set_rollback(True)

"""Pages and API of the import's runs, and of its conflicts."""

import threading
from typing import Any

import pytest
from django.db import connection

from people.models import User
from sync.colleague.people_pieces import PeoplePieces
from sync.models import ColleagueConflict, ColleagueRun, ColleagueRunLine
from sync.services.colleague_conflict import settle_conflict
from tests.base import client_of, make_contact, make_role, make_user
from tests.sales.records import make_contract
from tests.sync.importing.prospects import prospect
from tests.sync.importing.runs import SECRET, make_conflict, make_run
from timeline.models import Event

pytestmark = pytest.mark.django_db
LIST = "/sync/runs/?all=1"


def watcher(**grants: Any) -> User:
    return make_user("watcher", role=make_role("watcher", sync_run=("all", ["view"]), **grants))


def test_the_list_filters_by_state_starter_and_day(cast: dict[str, User]) -> None:
    first, second = make_run(), make_run(state="failed", origin="person", user=cast["admin"])
    client = client_of(cast["admin"])
    for query, expected in (
        ("", [second, first]),
        ("&state=done", [first]),
        ("&origin=person", [second]),
        (f"&q={first.pk}", [first]),
        ("&started_before=2020-01-01", []),
    ):
        rows = client.get(LIST + query).context["list"]["rows"]
        assert [row["record"] for row in rows] == expected, query
    assert client_of(cast["sales"]).get(LIST).status_code == 403


def test_a_run_shows_counts_that_lead_to_lines(cast: dict[str, User]) -> None:
    run = make_run()
    page = client_of(cast["admin"]).get(f"/sync/runs/{run.pk}/").content.decode()
    assert "?lines=failed&amp;kind=contract#lines" in page
    assert SECRET in page
    lines = client_of(cast["admin"]).get(f"/sync/runs/{run.pk}/?lines=theirs").content.decode()
    assert SECRET in lines
    other = client_of(cast["admin"]).get(f"/sync/runs/{run.pk}/?lines=failed&kind=client")
    assert other.context["lines"] == []


def test_who_does_not_see_all_contacts_sees_no_texts_of_people(cast: dict[str, User]) -> None:
    run, conflict = make_run(), make_conflict(make_contact(cast["sales"]))
    client = client_of(watcher(crm_contact=("own", ["view"])))
    for name in ("failed", "conflict", "theirs", "notice", "moved"):
        answer = client.get(f"/sync/runs/{run.pk}/?lines={name}")
        assert answer.status_code == 200
        assert SECRET not in answer.content.decode(), name
    assert client.get("/sync/conflicts/?all=1").status_code == 403
    assert client.get(conflict.get_absolute_url()).status_code == 403
    assert client.post("/sync/runs/start/").status_code == 403
    assert client.post("/api/v1/sync/runs/").status_code == 403


@pytest.mark.parametrize(
    ("kind", "code", "params"),
    [
        ("contract", "other_client", {"client": SECRET}),
        ("prospect", "refused_here", {"why": f"« {SECRET} » est déjà client."}),
        ("bank_account", "account_refused", {"why": SECRET}),
        ("contract", "recent", {"field": "supplier", "ours": SECRET, "theirs": SECRET, "at": ""}),
        ("client", "recent", {"field": "upsell", "ours": SECRET, "theirs": SECRET, "at": ""}),
    ],
)
def test_reasons_name_nobody_to_who_sees_neither_contacts_nor_the_record(
    cast: dict[str, User], kind: str, code: str, params: dict[str, str]
) -> None:
    contract = make_contract(cast["sales"])
    run = make_run()
    line = ColleagueRunLine.objects.create(
        run=run, outcome="failed", kind=kind, code=code, params=params, number=7,
        target_type="sales.contract", target_id=contract.pk,
    )  # fmt: skip
    url = f"/sync/runs/{run.pk}/?lines=failed&kind={kind}"
    blind = client_of(watcher(crm_contact=("own", ["view"]))).get(url)
    assert line.pk in [each.pk for each in ColleagueRunLine.objects.filter(run=run, outcome="failed")]
    assert blind.status_code == 200
    assert SECRET not in blind.content.decode()
    assert contract.reference not in blind.content.decode()
    assert SECRET in client_of(cast["admin"]).get(url).content.decode()


def test_a_value_of_a_contract_is_shown_to_who_sees_it(cast: dict[str, User]) -> None:
    """Whoever sees all contacts, but not that contract, does not read its amount in a run."""
    contract = make_contract(cast["sales"])
    run = make_run()
    ColleagueRunLine.objects.create(
        run=run, outcome="theirs", kind="contract", code="recent", number=7,
        params={"field": "amount", "ours": "98765.00", "theirs": "98766.00", "at": ""},
        target_type="sales.contract", target_id=contract.pk,
    )  # fmt: skip
    url = f"/sync/runs/{run.pk}/?lines=theirs&kind=contract"
    user = watcher(crm_contact=("all", ["view"]), sales_contract=("own", ["view"]))
    assert "98765" not in client_of(user).get(url).content.decode()
    contract.owner = user
    contract.save()
    assert "98765" in client_of(user).get(url).content.decode()


def test_the_button_starts_a_run_and_leads_to_it(cast: dict[str, User], endpoint: Any) -> None:
    client = client_of(cast["admin"])
    answer = client.post("/sync/runs/start/")
    run = ColleagueRun.objects.get()
    assert answer["Location"] == run.get_absolute_url()
    page = client.get(run.get_absolute_url())
    assert b'id="job"' in page.content
    assert Event.objects.get(action="import_started").actor_id == cast["admin"].pk


def test_the_page_becomes_the_report_when_the_run_has_ended(cast: dict[str, User]) -> None:
    run = make_run()
    answer = client_of(cast["admin"], **{"HX-Request": "true"}).get(run.get_absolute_url())
    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")


def test_a_run_whose_job_is_gone_is_shown_as_stopped(cast: dict[str, User]) -> None:
    run = make_run(state="running", ended_at=None)
    client_of(cast["admin"]).get(run.get_absolute_url())
    run.refresh_from_db()
    assert run.state == "stopped"


def test_a_conflict_is_settled_for_one_or_for_a_new_one(cast: dict[str, User], imported: Any) -> None:
    one, two = (make_contact(cast["sales"], email="client1@example.test") for _each in range(2))
    imported([prospect(1)])
    client = client_of(cast["admin"])
    conflict = client.get("/sync/conflicts/?state=open").context["list"]["rows"][0]["record"]
    url = conflict.get_absolute_url()
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"choice": "999999"}).status_code == 422
    assert client.post(url, {"choice": str(two.pk)}).status_code == 302
    conflict.refresh_from_db()
    assert (conflict.state, conflict.contact, conflict.settled_by) == ("settled", two, cast["admin"])
    imported([prospect(1)])
    assert two.clients.count() == 1
    assert one.clients.count() == 0
    other = make_conflict(one, key="k2")
    assert client.post(other.get_absolute_url(), {"choice": "new"}).status_code == 302
    other.refresh_from_db()
    assert (other.state, other.contact) == ("settled", None)


def test_settled_as_somebody_new_a_contact_is_made(cast: dict[str, User], imported: Any) -> None:
    for _each in range(2):
        make_contact(cast["sales"], email="client1@example.test")
    imported([prospect(1)])
    client = client_of(cast["admin"])
    conflict = client.get("/sync/conflicts/?state=open").context["list"]["rows"][0]["record"]
    client.post(conflict.get_absolute_url(), {"choice": "new"})
    run = imported([prospect(1)])
    assert run.counts["contact"] == {"created": 1}
    assert imported([prospect(1)]).counts["contact"] == {"unchanged": 1}


def test_the_api_starts_a_run_once(cast: dict[str, User], endpoint: Any) -> None:
    client = client_of(cast["admin"])
    first = client.post("/api/v1/sync/runs/")
    assert (first.status_code, first.json()["state"]) == (202, "waiting")
    assert client.post("/api/v1/sync/runs/").json()["id"] == first.json()["id"]
    assert client.get("/api/v1/sync/runs/").json()["results"][0]["id"] == first.json()["id"]
    assert client.get(first["Location"]).json()["origin"] == "person"


def test_the_export_of_runs(cast: dict[str, User]) -> None:
    make_run()
    answer = client_of(cast["admin"]).get("/sync/runs/?export=csv")
    assert answer.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_choice_made_while_the_import_asks_again_is_kept(
    cast: dict[str, User], imported: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _two = (make_contact(cast["sales"], email="client1@example.test") for _each in range(2))
    imported([prospect(1)])
    conflict = ColleagueConflict.objects.get()
    settled: list[threading.Thread] = []

    def settle() -> None:
        try:
            settle_conflict(user=cast["admin"], conflict=conflict, contact=one)
        finally:
            connection.close()

    ask = PeoplePieces._ask

    def ask_meanwhile(self: Any, *args: Any) -> None:
        if not settled:
            settled.append(threading.Thread(target=settle))
            settled[0].start()
            settled[0].join(1)  # it waits for us, or it is through
        ask(self, *args)

    monkeypatch.setattr(PeoplePieces, "_ask", ask_meanwhile)
    imported([prospect(1, prenom="Zoé")])
    settled[0].join()
    conflict.refresh_from_db()
    assert (conflict.state, conflict.contact) == ("settled", one)

"""Replaying one faulty prospect of a run, and settling a conflict at once, without the source."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from crm.models import Client
from crm.services.merge import merge_records, undo_merge
from digiweb.jobs import run_job
from people.models import User
from sales.models import BankAccount, Contract
from sync.colleague.kept import read_again, written
from sync.colleague.keys import digest_of
from sync.models import ColleaguePiece, ColleagueRun, ImportedRecord
from sync.services.colleague_work import purge_runs
from tests.base import client_of, make_contact, make_role, make_user
from tests.sync.importing.prospects import IBANS, contract, prospect
from timeline.models import Event, JobRun

pytestmark = pytest.mark.django_db


def post(user: User, piece: ColleaguePiece) -> Any:
    return client_of(user).post(f"/sync/runs/{piece.run_id}/replay/{piece.pk}/")


def replayed(user: User, piece: ColleaguePiece) -> dict[str, Any]:
    answer = post(user, piece)
    assert answer["Location"].endswith(f"?piece={piece.pk}#piece-{piece.pk}")
    piece.refresh_from_db()
    run_job(piece.job_id)
    piece.refresh_from_db()
    assert piece.job.state == "done", piece.job.error
    return piece.result


def faulty(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A prospect of whose two contracts one is already that of another prospect."""
    return prospect(number, contract(f"CT-{number}"), contract("SHARED"), **fields)


def test_a_piece_that_can_be_taken_by_now_is_taken_and_told_beside_its_line(
    cast: dict[str, User], imported: Any, endpoint: Any
) -> None:
    holder = prospect(1, contract("SHARED"))
    account = [{"IBAN": IBANS[0], "BIC": "AGRIFRPP"}]
    run = imported([holder, faulty(2, informationsPaiement=account)])
    piece = run.pieces.get()
    assert run.lines.get(code="shared_contract").kept_piece == piece
    asked = len(endpoint.requests)
    assert replayed(cast["admin"], piece)["state"] == "failed"  # it is the other's still
    # The other prospect has let it go: the record of it is gone.
    ImportedRecord.objects.filter(kind="contract", target_id__isnull=False).exclude(parent__number=2).update(
        parent=None
    )
    result = replayed(cast["admin"], piece)
    assert (result["state"], result["counts"]["contract"]) == ("done", {"updated": 1, "unchanged": 1})
    assert Contract.objects.get(reference="SHARED").client.contact.email == "client2@example.test"
    before = list(Contract.objects.order_by("pk").values_list("pk", "version", "updated_at"))
    assert replayed(cast["admin"], piece)["state"] == "same"
    assert list(Contract.objects.order_by("pk").values_list("pk", "version", "updated_at")) == before
    assert BankAccount.objects.count() == 1
    assert len(endpoint.requests) == asked  # nothing was asked of the source
    page = client_of(cast["admin"]).get(f"/sync/runs/{run.pk}/?piece={piece.pk}")
    (line,) = [each for each in page.context["lines"] if each["replay"]]
    assert line["replay"]["outcome"]["state"] == "same"
    assert Event.objects.filter(action="import_replayed", actor_id=cast["admin"].pk).count() == 3


def test_what_is_kept_is_encrypted_and_never_shown(cast: dict[str, User], imported: Any) -> None:
    run = imported([prospect(1, contract("SHARED")), faulty(2, informationsPaiement=[{"IBAN": IBANS[0]}])])
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM sync_colleaguepiece")
        (stored,) = cursor.fetchone()
    assert "client2" not in stored
    assert IBANS[0] not in stored
    page = client_of(cast["admin"]).get(f"/sync/runs/{run.pk}/").content.decode()
    assert IBANS[0] not in page


def test_only_who_may_start_runs_replays(cast: dict[str, User], imported: Any) -> None:
    run = imported([prospect(1, contract("SHARED")), faulty(2)])
    piece = run.pieces.get()
    watcher = make_user("watcher", role=make_role("watcher", sync_run=("all", ["view"])))
    assert post(watcher, piece).status_code == 403
    assert post(cast["sales"], piece).status_code == 403
    page = client_of(watcher).get(f"/sync/runs/{run.pk}/")
    assert f"/replay/{piece.pk}/" not in page.content.decode()
    assert client_of(cast["admin"]).post(f"/sync/runs/{run.pk}/replay/{piece.pk + 1}/").status_code == 404
    assert f"/replay/{piece.pk}/" in client_of(cast["admin"]).get(f"/sync/runs/{run.pk}/").content.decode()


def test_asked_twice_it_is_done_once_and_the_page_follows(cast: dict[str, User], imported: Any) -> None:
    run = imported([prospect(1, contract("SHARED")), faulty(2)])
    piece = run.pieces.get()
    post(cast["admin"], piece)
    post(cast["admin"], piece)
    assert JobRun.objects.filter(func="sync.jobs.replay_piece").count() == 1
    page = client_of(cast["admin"]).get(run.get_absolute_url())
    assert page.context["job"]["live"]
    assert b'id="job"' in page.content


def test_while_an_import_runs_the_replay_waits(cast: dict[str, User], imported: Any) -> None:
    run = imported([prospect(1, contract("SHARED")), faulty(2)])
    piece = run.pieces.get()
    job = JobRun.objects.create(label="x", func="sync.jobs.import_from_colleague", state="running")
    other = ColleagueRun.objects.create(state="running", job=job)
    post(cast["admin"], piece)
    piece.refresh_from_db()
    run_job(piece.job_id)
    piece.refresh_from_db()
    assert piece.job.state == "queued"
    assert piece.result is None
    other.delete()


def test_once_a_later_run_has_read_the_list_nothing_is_kept(cast: dict[str, User], imported: Any) -> None:
    many = [prospect(1, contract("SHARED")), faulty(2)]
    first = imported(many)
    piece = first.pieces.get()
    replayed(cast["admin"], piece)
    second = imported(many)
    piece.refresh_from_db()
    assert piece.payload is None
    assert piece.result["state"] == "failed"  # what came of it stays readable
    assert second.pieces.get().payload
    answer = client_of(cast["admin"]).post(f"/sync/runs/{first.pk}/replay/{piece.pk}/", follow=True)
    assert "rien à rejouer" in answer.content.decode()


def test_a_prospect_that_a_cut_run_has_read_since_is_left_alone(
    cast: dict[str, User], imported: Any, endpoint: Any
) -> None:
    run = imported([prospect(1, contract("SHARED")), faulty(2)])
    piece = run.pieces.get()
    ImportedRecord.objects.filter(kind="prospect", number=2).update(seen_turn=run.turn + 1)
    ColleagueRun.objects.create(state="partial", turn=run.turn + 1)
    assert replayed(cast["admin"], piece) == {"state": "seen"}


def test_a_settled_conflict_takes_effect_at_once(cast: dict[str, User], imported: Any, endpoint: Any) -> None:
    twins = [make_contact(cast["sales"], email="client1@example.test") for _each in range(2)]
    run = imported([prospect(1), prospect(2)])
    asked = len(endpoint.requests)
    client = client_of(cast["admin"])
    conflict = client.get("/sync/conflicts/?state=open").context["list"]["rows"][0]["record"]
    assert client.post(conflict.get_absolute_url(), {"choice": str(twins[1].pk)}).status_code == 302
    piece = run.pieces.get()
    run_job(piece.job_id)
    assert Contract.objects.get(reference="CT-1").client.contact == twins[1]
    assert len(endpoint.requests) == asked
    again = imported([prospect(1), prospect(2)])
    assert again.counts["contract"] == {"unchanged": 2}


def test_decimals_come_back_as_they_were() -> None:
    raw = {"a": [Decimal("1.10"), 3, 1.5, None, True, "é\u2028", {"b": {}}], "n": 10**30}
    assert read_again(written(raw)) == raw
    assert digest_of(read_again(written(raw))) == digest_of(raw)


def test_runs_are_forgotten_with_their_pieces(cast: dict[str, User], imported: Any) -> None:
    run = imported([prospect(1, contract("SHARED")), faulty(2)])
    ColleagueRun.objects.filter(pk=run.pk).update(created_at="2020-01-01T00:00:00Z")
    assert purge_runs()
    assert not ColleaguePiece.objects.exists()


@pytest.mark.parametrize("undone", [False, True])
def test_the_import_follows_clients_that_were_merged(
    undone: bool, cast: dict[str, User], imported: Any
) -> None:
    imported([prospect(1), prospect(2)])
    kept, lost = (Client.objects.get(contact__email=f"client{n}@example.test") for n in (1, 2))
    merge = merge_records(user=cast["admin"], kept=kept.contact, lost=lost.contact, take=set())
    run = imported([prospect(1), prospect(2, contract("CT-2"), contract("CT-3"))])
    assert run.failed == 0
    assert set(kept.contracts.values_list("reference", flat=True)) == {"CT-1", "CT-2", "CT-3"}
    assert Client.objects.count() == 1
    if undone:
        undo_merge(user=cast["admin"], merge=merge)
        imported([prospect(1), prospect(2, contract("CT-2"), contract("CT-3"), contract("CT-4"))])
        assert Client.objects.count() == 2
        assert Contract.objects.get(reference="CT-4").client_id == lost.pk
        assert Contract.objects.get(reference="CT-2").client_id == lost.pk

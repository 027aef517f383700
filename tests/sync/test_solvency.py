"""Scores of solvency: asked for by who may, paid once, dated, told."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from crm.models import Company
from crm.services.company import delete_companies
from crm.services.merge import merge_records
from people.models import Grant, User
from sync.models import Solvency
from sync.providers import provider_named
from sync.services.connection import save_connection
from sync.services.solvency import collect_solvency, open_order
from tests.base import client_of, make_cast, make_company
from tests.fixtures.provider import Server, in_turn, status
from tests.sync.answers import ORDER, READY, SCORES, SIREN
from timeline.models import Event
from timeline.services.bin import restore_from_bin

pytestmark = pytest.mark.django_db
COMPANY_ID = "d560bd24-bbce-3f90-b46d-e3fcac4e555c"


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def company(cast: dict[str, User]) -> Company:
    return make_company(cast["sales"], owner=cast["sales"], siren=SIREN)


@pytest.fixture
def server(provider_server: Server, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> Server:
    provider = provider_named("coface")
    assert provider
    save_connection(
        user=cast["admin"],
        provider=provider,
        settings={"username": "agence"},
        secrets={"api_key": "key", "password": "pass"},
    )
    provider_server.answers |= {
        "/auth/token": {"idToken": "token-of-an-hour", "expiresIn": 3600},
        "/icon/companies": [{"id": COMPANY_ID, "name": "DUPONT"}],
        "/icon/publications/orders": READY,
        "/icon/publications": SCORES,
    }
    monkeypatch.setattr("sync.coface.client.BETWEEN", 0.01)
    return provider_server


def ask(user: User, company: Company, **data: str) -> Any:
    return client_of(user).post(f"/sync/companies/{company.pk}/solvency/", data)


def test_a_score_is_asked_for_kept_and_told(cast: dict[str, User], company: Company, server: Server) -> None:
    assert ask(cast["admin"], company).status_code == 302
    row = Solvency.objects.get()
    assert (row.state, row.value, row.released_on) == ("scored", 7, date(2026, 9, 30))
    assert (row.asked_by, row.siren, row.history) == (cast["admin"], SIREN, [["2025-04-04", 6]])
    company.refresh_from_db()
    assert (company.solvency, company.solvency_on) == (7, date(2026, 9, 30))
    told = Event.objects.filter(subject_type="crm.company", subject_id=company.pk).order_by("id")
    assert [event.action for event in told][-2:] == ["solvency_asked", "solvency_scored"]
    paths = [request[1] for request in server.requests]
    assert paths == [
        "/auth/token",
        "/icon/companies",
        "/icon/publications/orders",
        "/icon/publications",
    ]
    token = server.requests[0]
    assert token[3] == {"grantType": "password", "username": "agence", "password": "pass"}
    asked = server.requests[1]
    assert asked[2] == {"countryCode": "FR", "externalId": f"registration-number#{SIREN}"}
    assert asked[4]["authorization"] == "token-of-an-hour"
    order = server.requests[2][3]
    assert (order["companyId"], order["assessments"][0]["slug"]) == (
        COMPANY_ID,
        "debtor-risk-assessment-package",
    )


def test_the_panel_shows_it_to_who_may_see_scores(
    cast: dict[str, User], company: Company, server: Server
) -> None:
    ask(cast["admin"], company)
    url = f"/panels/crm.company/{company.pk}/"
    page = client_of(cast["sales"], HX_Request="true").get(url).content.decode()
    assert "7/10" in page
    assert "30/09/2026" in page
    assert f"/sync/companies/{company.pk}/solvency/" not in page  # he may not ask
    Grant.objects.filter(role=cast["sales"].role, module="sync.solvency").delete()
    page = client_of(cast["sales2"].__class__.objects.get(pk=cast["sales"].pk), HX_Request="true").get(url)
    assert "7/10" not in page.content.decode()


def test_nothing_is_paid_twice_by_mistake(cast: dict[str, User], company: Company, server: Server) -> None:
    ask(cast["admin"], company)
    number = len(server.requests)
    assert ask(cast["admin"], company).status_code == 422
    assert len(server.requests) == number
    assert ask(cast["admin"], company, again="1").status_code == 302
    assert Solvency.objects.count() == 2
    Solvency.objects.update(created_at=timezone.now() - timedelta(days=91))
    assert ask(cast["admin"], company).status_code == 302


def test_an_order_that_takes_its_time_is_collected_later(
    cast: dict[str, User], company: Company, server: Server
) -> None:
    server.answers["/icon/publications/orders"] = ORDER
    assert ask(cast["admin"], company).status_code == 302
    row = Solvency.objects.get()
    assert (row.state, row.order_number) == ("asked", ORDER["id"])
    assert ask(cast["admin"], company, again="1").status_code == 422
    server.answers["/icon/publications/orders"] = [READY]
    url = f"/sync/companies/{company.pk}/solvency/collect/"
    assert client_of(cast["admin"]).post(url).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.value) == ("scored", 7)
    orders = [request for request in server.requests if request[0] == "POST" and "orders" in request[1]]
    assert len(orders) == 1


def test_an_order_ready_at_the_second_look_comes_at_once(
    cast: dict[str, User], company: Company, server: Server
) -> None:
    server.answers["/icon/publications/orders"] = in_turn(ORDER, ORDER, READY)
    ask(cast["admin"], company)
    assert Solvency.objects.get().value == 7


@pytest.mark.parametrize(
    ("path", "answer", "trouble"),
    [
        ("/auth/token", status(401), "wrong_key"),
        ("/auth/token", {"nothing": 1}, "wrong_key"),
        ("/icon/companies", [], "unknown"),
        ("/icon/companies", status(404), "unknown"),
        ("/icon/publications/orders", status(402), "quota"),
        (
            "/icon/publications/orders",
            {**ORDER, "publications": [], "status": "negative"},
            "unknown",
        ),
    ],
)
def test_whatever_goes_wrong_the_company_keeps_its_score_and_the_page_says_why(
    cast: dict[str, User], company: Company, server: Server, path: str, answer: Any, trouble: str
) -> None:
    Company.objects.filter(pk=company.pk).update(solvency=5, solvency_on=date(2026, 1, 1))
    server.answers[path] = answer
    response = ask(cast["admin"], company)
    assert response.status_code == 422
    assert "Coface" in response.context["error"]
    row = Solvency.objects.get()
    assert (row.state, row.trouble, row.value) == ("failed", trouble, None)
    company.refresh_from_db()
    assert company.solvency == 5


@pytest.mark.parametrize("answer", [status(500), {"status": "ready"}])
def test_an_order_that_may_have_been_placed_is_not_paid_twice(
    cast: dict[str, User], company: Company, server: Server, answer: Any
) -> None:
    server.answers["/icon/publications/orders"] = answer
    assert ask(cast["admin"], company).status_code == 422
    row = Solvency.objects.get()
    assert (row.state, row.trouble) == ("asked", "doubtful")
    asked_before = len(server.requests)
    assert ask(cast["admin"], company, again="1").status_code == 422
    client_of(cast["admin"]).post(f"/sync/companies/{company.pk}/solvency/collect/")
    assert len(server.requests) == asked_before
    assert Solvency.objects.get().state == "asked"
    server.answers["/icon/publications/orders"] = READY
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        ask(cast["admin"], company)
    assert Solvency.objects.latest("id").value == 7


def test_a_look_while_the_order_is_being_placed_ends_nothing(
    cast: dict[str, User], company: Company, server: Server
) -> None:
    row = Solvency.objects.create(company=company, siren=SIREN, asked_by=cast["admin"])
    collect_solvency(user=cast["admin"], row=row)
    row.refresh_from_db()
    assert (row.state, server.requests) == ("asked", [])
    assert open_order(company) == row


def test_the_figure_stands_in_the_panel_not_in_the_time_line(
    cast: dict[str, User], company: Company, server: Server
) -> None:
    ask(cast["admin"], company)
    event = Event.objects.get(action="solvency_scored")
    assert event.data == {"source": "Coface"}
    assert "7/10" not in client_of(cast["sales"]).get(company.get_absolute_url()).content.decode()


def test_a_company_without_siren_or_a_service_without_key_asks_nobody(
    cast: dict[str, User], provider_server: Server
) -> None:
    bare = make_company(cast["admin"])
    assert ask(cast["admin"], bare).status_code == 422
    known = make_company(cast["admin"], siren=SIREN)
    assert ask(cast["admin"], known).status_code == 422
    assert provider_server.requests == []
    assert not Solvency.objects.exists()
    assert not Event.objects.filter(action="solvency_asked").exists()


def test_only_who_may_asks_and_only_of_companies_in_sight(
    cast: dict[str, User], company: Company, server: Server
) -> None:
    assert ask(cast["sales"], company).status_code == 403
    for member in ("sales", "sales2"):
        Grant.objects.get_or_create(
            role=cast[member].role, module="sync.solvency", action="create", scope="all"
        )
    stranger = User.objects.get(pk=cast["stranger"].pk)
    assert ask(stranger, company).status_code == 404
    assert server.requests == []
    assert ask(User.objects.get(pk=cast["sales"].pk), company).status_code == 302


def test_the_confirmation_says_what_is_known_already(
    cast: dict[str, User], company: Company, server: Server
) -> None:
    client, url = client_of(cast["admin"]), f"/sync/companies/{company.pk}/solvency/"
    assert 'name="again"' not in client.get(url).content.decode()
    assert server.requests == []
    ask(cast["admin"], company)
    page = client.get(url).content.decode()
    assert 'name="again"' in page
    assert "7/10" in page


def test_an_order_that_a_dead_worker_never_placed_does_not_block_the_next(
    cast: dict[str, User], company: Company, server: Server
) -> None:
    row = Solvency.objects.create(company=company, siren=SIREN)
    assert ask(cast["admin"], company).status_code == 422
    Solvency.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(minutes=11))
    assert ask(cast["admin"], company).status_code == 302
    assert Solvency.objects.latest("id").value == 7


def test_scores_go_to_the_bin_with_the_company_and_come_back_and_follow_a_merge(
    cast: dict[str, User], company: Company, server: Server
) -> None:
    ask(cast["admin"], company)
    admin = cast["admin"]
    batch = delete_companies(user=admin, pks=[company.pk])
    assert not Solvency.objects.exists()
    restore_from_bin(user=admin, batch=batch)
    assert Solvency.objects.get().company_id == company.pk
    assert Company.objects.get(pk=company.pk).solvency == 7
    kept = make_company(admin, owner=admin)
    merge_records(user=admin, kept=kept, lost=Company.objects.get(pk=company.pk), take=set())
    assert Solvency.objects.get().company_id == kept.pk

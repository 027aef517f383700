"""Asking the sources one after the other: what is kept, what is told, the form that is filled."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from crm.models import Company
from crm.services.company_data import differences, find_firm, look_for, number_in, stamp_of
from people.models import User
from sync.models import Call, CompanyLookup, Connection
from sync.providers import provider_named
from sync.services.connection import save_connection
from tests.base import client_of, make_cast, make_company
from tests.fixtures.provider import Server, half, status
from tests.sync.answers import DIRECTORY, PAPPERS, SIREN, SIRENE_PLACE, SIRENE_UNIT, SIRET
from timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def server(provider_server: Server) -> Server:
    provider_server.answers |= {
        "/directory/search": DIRECTORY,
        "/pappers/entreprise": PAPPERS,
        "/insee/siren/": SIRENE_UNIT,
        "/insee/siret/": SIRENE_PLACE,
    }
    return provider_server


def connect(user: User, name: str, **secrets: str) -> Connection:
    provider = provider_named(name)
    assert provider is not None
    return save_connection(
        user=user, provider=provider, settings={}, secrets=secrets or {"api_key": f"key-of-{name}"}
    )


def asked(server: Server) -> list[str]:
    return [request[1].split("/")[1] for request in server.requests]


# --- The sources


def test_without_any_key_the_directory_answers(cast: dict[str, User], server: Server) -> None:
    search = find_firm(user=cast["sales"], siren=SIREN)
    assert search.answer
    assert (search.answer.source, search.answer.firm.name) == ("directory", "DUPONT BOULANGERIE")
    assert search.notices == []
    assert asked(server) == ["directory"]


@time_machine.travel("2026-07-06T22:30:00Z")
def test_the_day_of_an_answer_is_that_of_paris(cast: dict[str, User], server: Server) -> None:
    connect(cast["admin"], "pappers")
    find_firm(user=cast["sales"], siren=SIREN)
    assert stamp_of(SIREN) == {"source": "Pappers", "on": "2026-07-07", "siren": SIREN}
    page = client_of(cast["admin"]).get("/settings/integrations/pappers/").content.decode()
    assert "07/07/2026" in page
    assert "06/07/2026" not in page
    server.answers |= {"/pappers/entreprise": status(503), "/directory/search": status(503)}
    with time_machine.travel("2026-11-06T10:00:00Z"):
        search = find_firm(user=cast["sales"], siren=SIREN)
    assert "07/07/2026" in search.notices[-1]


def test_pappers_is_asked_first_where_it_is_connected(cast: dict[str, User], server: Server) -> None:
    connect(cast["admin"], "pappers")
    connect(cast["admin"], "sirene")
    search = find_firm(user=cast["sales"], siren=SIREN)
    assert search.answer
    assert (search.answer.source, search.answer.firm.headcount) == ("pappers", 23)
    assert asked(server) == ["pappers"]


@pytest.mark.parametrize("trouble", [status(401), status(402), status(404), status(429), status(400), half])
def test_the_next_source_answers_when_one_cannot_and_the_page_says_why(
    cast: dict[str, User], server: Server, trouble: Any
) -> None:
    connect(cast["admin"], "pappers")
    connect(cast["admin"], "sirene")
    server.answers["/pappers/entreprise"] = trouble
    server.answers["/insee/"] = status(401)
    del server.answers["/insee/siren/"], server.answers["/insee/siret/"]
    search = find_firm(user=cast["sales"], siren=SIREN)
    assert search.answer
    assert search.answer.source == "directory"
    assert [notice.split(" – ")[0] for notice in search.notices] == ["Pappers", "INSEE Sirene"]


def test_insee_is_asked_for_the_establishment_of_a_siret(cast: dict[str, User], server: Server) -> None:
    connect(cast["admin"], "sirene")
    search = look_for(user=cast["sales"], text="552 100 554 00013")
    assert search.answer
    assert search.answer.firm.siret == SIRET
    assert [request[1] for request in server.requests] == [f"/insee/siret/{SIRET}"]


def test_what_was_asked_is_kept_thirty_days_and_asked_anew_on_demand(
    cast: dict[str, User], server: Server
) -> None:
    hugo = cast["sales"]
    for _each in range(3):
        find_firm(user=hugo, siren=SIREN)
    assert len(server.requests) == 1
    row = CompanyLookup.objects.get()
    assert (row.provider, row.key, row.asked_by) == ("directory", SIREN, hugo)
    find_firm(user=hugo, siren=SIREN, fresh=True)
    assert len(server.requests) == 2
    CompanyLookup.objects.update(fetched_at=timezone.now() - timedelta(days=31))
    find_firm(user=hugo, siren=SIREN)
    assert len(server.requests) == 3
    assert CompanyLookup.objects.count() == 1


def test_when_nobody_answers_what_was_known_is_shown_with_its_date(
    cast: dict[str, User], server: Server
) -> None:
    find_firm(user=cast["sales"], siren=SIREN)
    kept = CompanyLookup.objects.get().payload
    CompanyLookup.objects.update(fetched_at=timezone.now() - timedelta(days=40))
    server.answers["/directory/search"] = status(400)
    search = find_firm(user=cast["sales"], siren=SIREN)
    assert search.answer
    assert search.answer.firm.siren == SIREN
    assert (search.state, len(search.notices)) == ("down", 2)
    assert CompanyLookup.objects.get().payload == kept


def test_another_firm_than_the_one_asked_for_is_no_answer(cast: dict[str, User], server: Server) -> None:
    connect(cast["admin"], "pappers")
    server.answers["/pappers/entreprise"] = {**PAPPERS, "siren": "732829320"}
    server.answers["/directory/search"] = {"results": []}
    search = find_firm(user=cast["sales"], siren=SIREN)
    assert (search.answer, search.state) == (None, "unknown")
    assert not CompanyLookup.objects.exists()


def test_a_service_switched_off_is_not_asked(cast: dict[str, User], server: Server) -> None:
    provider = provider_named("directory")
    assert provider
    save_connection(user=cast["admin"], provider=provider, settings={}, secrets={}, active=False)
    search = look_for(user=cast["sales"], text="dupont")
    assert (search.state, server.requests) == ("no_source", [])


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("552 100 554", (SIREN, "")),
        ("552.100.554", (SIREN, "")),
        ("552 100 554 00013", (SIREN, SIRET)),
        ("Dupont", ("", "")),
        ("3615", ("", "")),
        ("²²²²²²²²²", ("", "")),
    ],
)
def test_a_number_is_told_from_a_name(typed: str, found: tuple[str, str]) -> None:
    assert number_in(typed) == found


def test_a_wrong_digit_is_told_without_asking_anybody(cast: dict[str, User], server: Server) -> None:
    search = look_for(user=cast["sales"], text="552100555")
    assert (search.state, server.requests) == ("invalid", [])


def test_a_headcount_within_the_range_and_another_case_are_no_difference(
    cast: dict[str, User], server: Server
) -> None:
    answer = find_firm(user=cast["sales"], siren=SIREN).answer
    assert answer
    ours = {"name": "Dupont boulangerie", "headcount": 30, "city": "LYON", "turnover": "1 000 000,00"}
    names = {each.name for each in differences(answer.firm, {**answer.firm.given(), **ours})}
    assert names == set()
    names = {each.name for each in differences(answer.firm, {**answer.firm.given(), "headcount": 12})}
    assert names == {"headcount"}


# --- The form

NEW = "/crm/companies/new/"


def body(response: Any) -> str:
    return response.content.decode()


def test_names_are_proposed_while_one_types(cast: dict[str, User], server: Server) -> None:
    make_company(cast["sales"], owner=cast["sales"], siren=SIREN)
    client = client_of(cast["sales"], HX_Request="true")
    page = body(client.get("/crm/companies/suggest/?find=dup"))
    assert f'name="fill" value="{SIREN}"' in page
    assert page.count("dw-badge-slate") == 1
    assert server.requests[0][2]["q"] == "dup"
    # A colleague's company is not betrayed.
    assert "dw-badge-slate" not in body(client_of(cast["stranger"]).get("/crm/companies/suggest/?find=dup"))
    for text in ("du", "552100", "  "):
        client.get("/crm/companies/suggest/", {"find": text})
    assert len(server.requests) == 2


def test_a_firm_chosen_fills_what_is_empty_and_keeps_what_was_typed(
    cast: dict[str, User], server: Server
) -> None:
    client = client_of(cast["sales"])
    typed = {"name": "Chez Dupont", "email": "pas-une-adresse", "turnover": "12,", "country": "FR"}
    response = client.post(NEW, {**typed, "status": "prospect", "fill": SIREN})
    form = response.context["form"]
    assert response.status_code == 200
    assert form["siren"].value() == SIREN
    assert (form["name"].value(), form["email"].value(), form["turnover"].value()) == (
        "Chez Dupont",
        "pas-une-adresse",
        "12,",
    )
    rows = {row.name for row in response.context["fill"]["rows"]}
    assert rows == {"name", "turnover"}
    assert not Company.objects.exists()


def test_the_company_made_of_it_says_in_its_history_whose_data_it_has(
    cast: dict[str, User], server: Server
) -> None:
    connect(cast["admin"], "pappers")
    client = client_of(cast["sales"])
    form = client.post(NEW, {"fill": SIREN}).context["form"]
    data = {name: form[name].value() or "" for name in form.fields if name != "tags"}
    assert client.post(NEW, {**data, "filled": SIREN}).status_code == 302
    company = Company.objects.get()
    assert (company.siret, company.city, company.headcount) == (SIRET, "Lyon", 23)
    event = Event.objects.get(subject_type="crm.company", subject_id=company.pk)
    assert (event.action, event.data["source"]) == ("created", "Pappers")
    page = body(client.get(company.get_absolute_url()))
    assert "Pappers, " in page


def test_on_a_company_that_is_there_nothing_changes_until_it_is_ticked_and_saved(
    cast: dict[str, User], server: Server
) -> None:
    hugo = cast["sales"]
    company = make_company(hugo, owner=hugo, name="Dupont", city="Villeurbanne", siren=SIREN)
    client, url = client_of(hugo), f"/crm/companies/{company.pk}/edit/"
    response = client.post(url, {"fill": SIREN})  # the button of the panel: the form was not sent with it
    rows = {row.name: row for row in response.context["fill"]["rows"]}
    assert (rows["city"].ours, rows["city"].theirs, rows["city"].fills) == ("Villeurbanne", "Lyon", False)
    assert rows["siret"].fills
    form = response.context["form"]
    assert (form["city"].value(), form["siret"].value()) == ("Villeurbanne", "")
    data = {name: form[name].value() or "" for name in form.fields if name != "tags"}
    response = client.post(url, {**data, "apply": SIREN, "take_city": "1", "take_siret": "1"})
    form = response.context["form"]
    assert (form["city"].value(), form["siret"].value(), form["name"].value()) == ("Lyon", SIRET, "Dupont")
    company.refresh_from_db()
    assert company.city == "Villeurbanne"
    data = {name: form[name].value() or "" for name in form.fields if name != "tags"}
    assert client.post(url, {**data, "filled": SIREN}).status_code == 302
    company.refresh_from_db()
    assert (company.city, company.siret, company.name) == ("Lyon", SIRET, "Dupont")
    event = Event.objects.filter(subject_id=company.pk, subject_type="crm.company").latest("id")
    assert (event.action, set(event.changes)) == ("filled", {"city", "siret"})
    assert event.data["source"]
    assert len(server.requests) == 1


def test_a_second_editor_still_meets_the_first(cast: dict[str, User], server: Server) -> None:
    hugo = cast["sales"]
    company = make_company(hugo, owner=hugo, siren=SIREN)
    client, url = client_of(hugo), f"/crm/companies/{company.pk}/edit/"
    form = client.post(url, {"fill": SIREN}).context["form"]
    data = {name: form[name].value() or "" for name in form.fields if name != "tags"}
    Company.objects.filter(pk=company.pk).update(version=7, city="Metz")
    form = client.post(url, {**data, "apply": SIREN, "take_city": "1"}).context["form"]
    data = {name: form[name].value() or "" for name in form.fields if name != "tags"}
    assert client.post(url, {**data, "filled": SIREN}).status_code == 409


def test_enter_without_javascript_searches_once_and_then_saves(cast: dict[str, User], server: Server) -> None:
    client = client_of(cast["sales"])
    response = client.post(NEW, {"enter": "1", "find": "dupont", "found": "", "name": ""})
    assert [row["firm"].siren for row in response.context["fill"]["firms"]] == [SIREN]
    assert response.context["fill"]["find"] == "dupont"
    saved = client.post(
        NEW,
        {
            "enter": "1",
            "find": "dupont",
            "found": "dupont",
            "name": "X",
            "status": "prospect",
            "country": "FR",
        },
    )
    assert saved.status_code == 302


@pytest.mark.parametrize("find", ["<script>alert(1)</script>", "x" * 10_000, "\u202e", "%%%", "'"])
def test_hostile_text_in_the_box_is_only_text(cast: dict[str, User], server: Server, find: str) -> None:
    server.answers["/directory/search"] = {"results": []}
    response = client_of(cast["sales"]).post(NEW, {"look": "1", "find": find, "name": ""})
    assert response.status_code == 200
    assert "<script>alert" not in body(response)
    assert not server.requests or len(server.requests[0][2]["q"]) <= 100


def test_hostile_names_from_a_provider_are_only_text(cast: dict[str, User], server: Server) -> None:
    line = {**DIRECTORY["results"][0], "nom_raison_sociale": "<img src=x onerror=alert(1)>" + "y" * 10_000}
    server.answers["/directory/search"] = {"results": [line] * 100}
    page = body(client_of(cast["sales"]).get("/crm/companies/suggest/?find=dup"))
    assert "<img src=x" not in page
    assert page.count('name="fill"') == 8
    assert len(page) < 8_000


def test_who_may_neither_create_nor_change_companies_asks_nobody(
    cast: dict[str, User], server: Server
) -> None:
    for key in ("marketing", "am"):
        assert client_of(cast[key]).get("/crm/companies/suggest/?find=dup").status_code == 403
        assert client_of(cast[key]).post(NEW, {"fill": SIREN}).status_code == 403
    company = make_company(cast["sales"], owner=cast["sales"])
    url = f"/crm/companies/{company.pk}/edit/"
    assert client_of(cast["stranger"]).post(url, {"fill": SIREN}).status_code == 404
    assert server.requests == []


def test_nobody_asks_more_than_a_person_can(cast: dict[str, User], server: Server) -> None:
    client = client_of(cast["sales"])
    with time_machine.travel(timezone.now(), tick=False):  # all within one minute of the clock
        for _each in range(25):
            response = client.post(NEW, {"fill": SIREN, "fresh": "1"})
    assert response.context["fill"]["state"] == "too_fast"
    assert len(server.requests) <= 20


def test_administrators_are_shown_the_way_to_the_keys(cast: dict[str, User], server: Server) -> None:
    server.answers["/directory/search"] = status(401)
    link = "/settings/integrations/"
    for key, shown in (("admin", True), ("sales", False)):
        fill = client_of(cast[key]).post(NEW, {"look": "1", "find": "dupont"}).context["fill"]
        assert (fill["settings_url"] == link) is shown
        assert fill["notices"]


def test_the_panel_says_whose_data_and_of_when_and_that_a_firm_closed(
    cast: dict[str, User], server: Server
) -> None:
    hugo = cast["sales"]
    company = make_company(hugo, owner=hugo, siren=SIREN)
    client = client_of(hugo, HX_Request="true")
    url = f"/panels/crm.company/{company.pk}/"
    assert 'name="fresh"' not in body(client.get(url))
    closed = {**DIRECTORY["results"][0], "etat_administratif": "C", "date_fermeture": "2024-03-31"}
    server.answers["/directory/search"] = {"results": [closed]}
    find_firm(user=hugo, siren=SIREN)
    page = body(client.get(url))
    assert "31/03/2024" in page
    assert 'name="fresh"' in page
    assert len(server.requests) == 1


def test_each_call_is_in_the_log_with_who_asked(cast: dict[str, User], server: Server) -> None:
    find_firm(user=cast["sales"], siren=SIREN)
    call = Call.objects.get()
    assert (call.provider, call.user, call.outcome) == ("directory", cast["sales"], "ok")

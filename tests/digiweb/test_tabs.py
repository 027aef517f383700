"""A list as a tab of a record's page: held to the record, its links stay within, its rights are its own."""

from typing import Any

import pytest

from people.models import ListPreference, SavedView, User
from tests.base import client_of, make_activity, make_cast, make_client, make_deal, make_role, make_user
from tests.timeline.documents import make_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def tab(cast: dict[str, User]) -> Any:
    """The deals of a client of Hugo, as its page asks for them."""
    client = make_client(cast["sales"], owner=cast["sales"])
    for title in ("Un", "Deux"):
        make_deal(cast["sales"], title=title, company=client.company)
    make_deal(cast["sales"], title="Ailleurs")
    browse = client_of(cast["sales"], HX_Request="true", HX_Target="list")

    def ask(**query: str) -> Any:
        return browse.get("/crm/deals/", {"client": client.pk, "within": "client", **query})

    ask.client = client  # type: ignore[attr-defined]
    return ask


def test_a_tab_has_the_records_own_rows_and_nothing_of_a_page(tab: Any) -> None:
    answer = tab()
    text = answer.content.decode()
    assert [row["label"] for row in answer.context["list"]["rows"]] == ["Deux", "Un"]
    assert "<html" not in text
    assert "dw-crumbs" not in text
    assert 'data-list-count="2"' in text
    for chip in (answer.context["list"]["chips"], answer.context["list"]["saved_views"]):
        assert chip == []
    assert answer.context["list"]["modes"] == []


def test_every_link_of_a_tab_stays_with_the_record(tab: Any) -> None:
    described = tab(sort="-amount", stage="discovery", q="").context["list"]
    held = f"client={tab.client.pk}"
    links = [column["sort_url"] for column in described["columns"] if column["sort_url"]]
    links += [described["clear_url"], described["all_url"], described["here_url"]]
    links += [chip["remove_url"] for chip in described["chips"]]
    links += [export["url"] for export in described["exports"]]
    for link in links:
        assert held in link, link
        assert "within=client" in link, link
    assert [chip["name"] for chip in described["chips"]] == ["stage"]
    assert "stage" not in described["clear_url"]
    assert f"company={tab.client.company_id}" in described["create_url"]


def test_an_empty_tab_proposes_to_create_a_filtered_one_to_clear(tab: Any, cast: dict[str, User]) -> None:
    empty = tab(q="introuvable").context["list"]["empty"]
    assert empty["filtered"]
    assert f"client={tab.client.pk}" in empty["action_url"]
    other = make_client(cast["sales"], owner=cast["sales"])
    answer = client_of(cast["sales"]).get("/crm/deals/", {"client": other.pk, "within": "client"})
    assert not answer.context["list"]["empty"]["filtered"]


def test_the_list_forgets_what_was_seen_in_a_tab(tab: Any, cast: dict[str, User]) -> None:
    SavedView.objects.create(owner=cast["sales"], list_key="crm:deal", name="À moi", query="stage=won")
    tab(sort="amount")
    assert not ListPreference.objects.filter(user=cast["sales"]).exclude(last_query="").exists()


def test_the_export_of_a_tab_is_the_records(tab: Any) -> None:
    lines = b"".join(tab(export="csv").streaming_content).decode("utf-8-sig").strip().splitlines()
    assert len(lines) == 3


def test_a_tab_of_a_record_out_of_sight_says_nothing(tab: Any, cast: dict[str, User]) -> None:
    query = {"client": tab.client.pk, "within": "client"}
    browse = client_of(cast["stranger"], HX_Request="true", HX_Target="list")
    assert browse.get("/crm/deals/", query).status_code == 422
    assert client_of(cast["am"]).get("/crm/deals/", query).status_code == 403


@pytest.mark.parametrize("within", ["", "nothing", "q", "client\x1f", "company"])
def test_an_odd_parameter_is_no_tab(within: str, tab: Any) -> None:
    answer = tab(within=within, company=str(tab.client.company_id))
    assert answer.status_code == 200
    assert answer.context["list"]["within"] == ""


def test_the_bar_offers_the_tabs_whose_lists_one_may_open(cast: dict[str, User]) -> None:
    client = make_client(cast["sales"], owner=cast["sales"])
    role = make_role("half", crm_client=("all", ["view"]), crm_deal=("own", ["view"]))
    page = client_of(make_user("half", role=role)).get(f"{client.get_absolute_url()}?tab=deals")
    tabs = page.context["record"]["tabs"]
    assert [(tab["name"], tab["active"]) for tab in tabs] == [("overview", False), ("deals", True)]
    text = page.content.decode()
    assert f'href="/crm/deals/?client={client.pk}"' in text  # without JavaScript
    assert "within=client" in text
    unknown = client_of(cast["sales"]).get(f"{client.get_absolute_url()}?tab=heaven")
    assert unknown.context["tab"]["name"] == "overview"


def test_documents_of_the_company_are_in_the_clients_tab_within_sight(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    client = make_client(hugo, owner=hugo)
    make_document(hugo, on=client, name="contrat.pdf")
    make_document(hugo, on=client.company, name="kbis.pdf")
    activity = make_activity(hugo, company=client.company)
    make_document(hugo, on=activity, name="ailleurs.pdf")
    query = {"subject": f"crm.client:{client.pk}", "within": "subject"}
    described = client_of(hugo).get("/documents/", query).context["list"]
    assert described["create_url"] == f"/documents/new/?subject=crm.client%3A{client.pk}"
    reader = client_of(cast["am"]).get("/documents/", query)
    assert reader.status_code == 403  # documents are a module of their own
    rows = described["rows"]
    assert {row["label"] for row in rows} == {"contrat.pdf", "kbis.pdf"}
    assert client_of(cast["stranger"]).get("/documents/", query).status_code == 404
    assert f"subject=crm.client%3A{client.pk}" in client_of(hugo).get("/documents/", query).content.decode()

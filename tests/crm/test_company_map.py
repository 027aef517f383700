"""The map: what is counted for whom, its filters, its table, its files, and how companies are located."""

from importlib import import_module
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from django.apps import apps
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from crm.models import Company, CompanyAccess
from crm.services.company import change_company, delete_companies
from crm.services.company_map import count_by
from digiweb.geo.departments import DEPARTMENTS
from people.models import User
from tests.base import client_of, make_cast, make_company, make_contact, make_role, make_user
from tests.crm.customs import make_choice
from timeline.models import BinEntry, Event
from timeline.services.bin import restore_from_bin

pytestmark = pytest.mark.django_db
MAP = "/crm/map/"
API = "/api/v1/companies/map/"
TOWNS = (("69003", "Lyon"), ("69100", "Villeurbanne"), ("75011", "Paris"), ("97400", "Saint-Denis"))


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def at(user: User, postcode: str, city: str, **fields: Any) -> Company:
    fields = {"owner": user, "name": f"Garage de {city}", **fields}
    return make_company(user, postcode=postcode, city=city, **fields)


def figures(client: Any, query: str = "?all=1") -> dict[str, int]:
    """{name: count} of the table."""
    shown = client.get(f"{MAP}{query}&mode=table").context["list"]
    return {line["name"]: line["count"] for line in shown["lines"]}


# --- Where a company is


def test_a_company_is_located_when_it_is_written(cast: dict[str, User]) -> None:
    company = at(cast["sales"], "69003", "Lyon")
    assert (company.place, company.department) == ("69383", "69")
    change_company(user=cast["sales"], company=company, values={"postcode": "2A", "city": "Bastia"})
    company.refresh_from_db()
    assert (company.place, company.department) == ("2B033", "2B")
    access = CompanyAccess.objects.get(company=company)
    assert (access.place, access.department) == ("2B033", "2B")
    change_company(user=cast["sales"], company=company, values={"country": "IT"})
    company.refresh_from_db()
    assert (company.place, company.department) == ("", "")
    assert Event.objects.filter(changes__has_key="place").count() == 0


def test_companies_that_were_there_before_are_located(cast: dict[str, User]) -> None:
    company = at(cast["sales"], "69003", "Lyon")
    nowhere = at(cast["sales"], "", "Nulle part")
    Company.objects.update(place="", department="")
    CompanyAccess.objects.update(place="x", department="x")
    for _ in range(2):
        import_module("crm.migrations.0009_locate_companies").locate_companies(apps, None)
        found = Company.objects.in_bulk()
        assert found[company.pk].place == "69383"
        assert found[nowhere.pk].department == ""
        assert CompanyAccess.objects.get(company=company).department == "69"
        assert CompanyAccess.objects.get(company=nowhere).place == ""


def test_a_company_keeps_its_place_in_the_bin(cast: dict[str, User]) -> None:
    company = at(cast["sales"], "69003", "Lyon")
    delete_companies(user=cast["sales"], pks=[company.pk])
    assert figures(client_of(cast["sales"])) == {}
    batch = BinEntry.objects.get().batch
    restore_from_bin(user=cast["sales"], batch=batch)
    assert figures(client_of(cast["sales"])) == {"Rhône": 1}


# --- What is counted


def test_everybody_counts_the_companies_they_see(cast: dict[str, User]) -> None:
    for number, key in enumerate(("sales", "sales2", "stranger")):
        for postcode, city in TOWNS[number:]:
            at(cast[key], postcode, city)
    at(cast["admin"], "33000", "Bordeaux", owner=None)
    shared = at(cast["sales"], "13001", "Marseille")
    # In the sight of both, so of a manager twice: counted once.
    make_contact(cast["sales"], owner=cast["sales2"], company=shared)
    for key in ("admin", "manager", "sales", "sales2", "stranger"):
        client = client_of(cast[key])
        visible = Company.objects.visible_to(cast[key])
        counted = client.get(f"{MAP}?all=1").context["list"]
        assert counted["total"] == visible.count()
        expected: dict[str, int] = {}
        for code in visible.values_list("department", flat=True):
            name = DEPARTMENTS[code].name
            expected[name] = expected.get(name, 0) + 1
        assert figures(client) == expected
        for line in client.get(f"{MAP}?all=1&mode=table").context["list"]["lines"]:
            assert client.get(line["url"]).context["list"]["count"] == line["count"]
        answer = client.get(API).json()
        assert {one["name"]: one["count"] for one in answer["results"]} == expected
        assert answer["total"] == visible.count()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["sales", "sales2", ""])), max_size=12))
def test_the_figures_add_up(rows: list[tuple[int, str]]) -> None:
    Company.objects.all().delete()
    User.objects.all().delete()
    cast = make_cast()
    for town, owner in rows:
        at(cast["admin"], *TOWNS[town], owner=cast.get(owner))
    for key in ("admin", "manager", "sales"):
        for column in ("department", "place"):
            tallies = count_by(Company.objects.scope_portions(cast[key]), column)
            assert (
                sum(tally.total for tally in tallies.values())
                == Company.objects.visible_to(cast[key]).count()
            )
            for value, tally in tallies.items():
                here = Company.objects.visible_to(cast[key]).filter(**{column: value})
                assert tally.total == here.count()
                assert not tally.only or here.get().pk == tally.only


def test_filters_are_those_of_the_list(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    at(hugo, "69003", "Lyon", status="client", industry="health")
    at(hugo, "69100", "Villeurbanne", industry="health")
    at(hugo, "75011", "Paris", status="client", owner=None)
    client = client_of(hugo)
    assert figures(client) == {"Rhône": 2, "Paris": 1}
    assert figures(client, "?status=client") == {"Rhône": 1, "Paris": 1}
    assert figures(client, "?industry=health&status=client") == {"Rhône": 1}
    assert figures(client, "?owner=nobody") == {"Paris": 1}
    assert figures(client, "?region=84") == {"Rhône": 2}
    towns = figures(client, "?department=69")
    assert towns == {"Lyon 3e – Garage de Lyon": 1, "Villeurbanne – Garage de Villeurbanne": 1}
    assert figures(client, "?department=69&place=69383") == {"Lyon 3e – Garage de Lyon": 1}
    assert client.get(f"{MAP}?department=1234").status_code == 422
    assert client.get(f"{MAP}?place=Lyon").status_code == 422
    assert client.get(f"{MAP}?place={','.join(['69383'] * 1000)}").status_code == 422
    assert client.get(API, {"place": "Lyon"}).status_code == 422
    assert client.get(API, {"nonsense": "1"}).status_code == 422


def test_custom_fields_filter_the_map_as_they_do_the_list(cast: dict[str, User]) -> None:
    make_choice(cast["admin"], "Hébergeur", "ovh", "gandi", subject="crm.company")
    at(cast["sales"], "69003", "Lyon", custom={"hebergeur": "ovh"})
    at(cast["sales"], "75011", "Paris", custom={"hebergeur": "gandi"})
    for key in ("admin", "manager", "sales"):
        client = client_of(cast[key])
        page = client.get("/crm/companies/?all=1")
        name = next(name for name in page.context["list"]["filter_form"].fields if "hebergeur" in name)
        assert figures(client, f"?{name}=ovh") == {"Rhône": 1}


def test_what_is_not_on_the_map_is_told(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    at(hugo, "", "Nulle part")
    at(hugo, "1000", "Bruxelles", country="BE")
    at(hugo, "98800", "Nouméa", country="NC")
    at(hugo, "92974", "Paris La Défense CEDEX")
    client = client_of(hugo)
    shown = client.get(f"{MAP}?all=1").context["list"]
    assert (shown["total"], shown["nowhere"], shown["overseas"]) == (4, 2, 1)
    assert client.get(shown["nowhere_url"]).context["list"]["count"] == 2
    inside = client.get(f"{MAP}?department=92").context["list"]
    assert (inside["total"], inside["nowhere"]) == (1, 1)
    assert client.get(inside["nowhere_url"]).context["list"]["count"] == 1
    answer = client.get(API).json()
    assert (answer["by"], answer["total"], answer["not_located"]) == ("department", 4, 2)


# --- The picture and its links


def links(page: str) -> list[Any]:
    """The links inside the picture."""
    start, end = page.index('<svg class="dw-map"'), page.index("</svg>", page.index('<svg class="dw-map"'))
    return list(ElementTree.fromstring(f"{page[start:end]}</svg>").iter("a"))


def test_every_disc_leads_to_as_many_rows_as_it_says(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    for postcode, city, number in (
        ("69003", "Lyon", 3),
        ("69100", "Villeurbanne", 2),
        ("69400", "Gleizé", 2),
    ):
        for place in range(number):
            at(hugo, postcode, city, name=f"{city} {place}")
    alone = at(hugo, "69170", "Tarare")
    client = client_of(hugo)
    page = client.get(f"{MAP}?department=69&status=prospect")
    found = [link for link in links(page.content.decode()) if link.get("class") == "dw-map-disc"]
    total = 0
    for link in found:
        count = int("".join(text.text for text in link.iter("text")))
        total += count
        if count == 1:
            assert link.get("href") == alone.get_absolute_url()
            assert link.get("aria-label").endswith("Garage de Tarare")
            continue
        assert parse_qs(urlsplit(link.get("href")).query)["status"] == ["prospect"]
        assert client.get(link.get("href")).context["list"]["count"] == count
    assert total == 8


def test_departments_zoom_with_the_filters_in_force(cast: dict[str, User]) -> None:
    at(cast["sales"], "69003", "Lyon", status="client")
    client = client_of(cast["sales"])
    found = links(client.get(f"{MAP}?status=client").content.decode())
    rhone = next(link for link in found if link.get("id") == "map-69")
    assert parse_qs(urlsplit(rhone.get("href")).query) == {"status": ["client"], "department": ["69"]}
    answer = client.get(rhone.get("href"), headers={"HX-Request": "true", "HX-Target": "list"})
    assert b"<html" not in answer.content
    assert [step["name"] for step in answer.context["list"]["path"]][1:] == ["Auvergne-Rhône-Alpes", "Rhône"]


def test_hostile_names_stay_words(cast: dict[str, User]) -> None:
    name = "<script>alert(1)</script>\"'&"
    at(cast["sales"], "69003", "Lyon", name=name)
    client = client_of(cast["sales"])
    for query in ("?department=69", "?department=69&mode=table"):
        page = client.get(f"{MAP}{query}")
        assert "<script>alert" not in page.content.decode()
        assert "&lt;script&gt;" in page.content.decode()
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    shown = client.get(f"{MAP}?all=1&q=%3Csvg%20onload%3D1%3E&export=svg").content
    ElementTree.fromstring(shown.decode())


def test_a_map_without_companies_says_what_to_do(cast: dict[str, User]) -> None:
    client = client_of(cast["sales"])
    assert client.get(f"{MAP}?all=1").context["list"]["total"] == 0
    assert 'class="dw-map"' not in client.get(f"{MAP}?all=1").content.decode()
    assert client.get(f"{MAP}?status=client").context["list"]["empty"]["filtered"]


def test_the_list_has_the_towns_of_a_link_in_words(cast: dict[str, User]) -> None:
    at(cast["sales"], "69003", "Lyon")
    client = client_of(cast["sales"])
    page = client.get("/crm/companies/?place=69383,69266")
    assert [chip["name"] for chip in page.context["list"]["chips"]] == ["place"]
    assert "Lyon 3e" in page.context["list"]["chips"][0]["value"]
    assert 'name="place" value="69383,69266"' in page.content.decode()
    assert client.get("/crm/companies/?region=84&department=69").context["list"]["count"] == 1


# --- Files


def test_the_map_is_taken_home_as_a_picture(cast: dict[str, User]) -> None:
    at(cast["sales"], "69003", "Lyon")
    client = client_of(cast["sales"])
    for query in ("?all=1", "?region=84", "?department=69", "?department=974"):
        png = client.get(f"{MAP}{query}&export=png")
        assert png.headers["Content-Type"] == "image/png"
        assert "attachment" in png.headers["Content-Disposition"]
        colours = Image.open(BytesIO(png.content)).convert("RGB").getcolors(1 << 24)
        assert len(colours or []) > 20
        svg = client.get(f"{MAP}{query}&export=svg")
        assert svg.headers["Content-Type"] == "image/svg+xml"
        tree = ElementTree.fromstring(svg.content.decode())
        words = [node.text or "" for node in tree.iter("{http://www.w3.org/2000/svg}text")]
        assert any("GeoNames" in text for text in words)
    logged = Event.objects.filter(action="exported")
    assert logged.count() == 8
    assert logged.earliest("id").data == {"list": "crm:map", "format": "png"}
    assert client.get(f"{MAP}?all=1&export=pdf").status_code == 400
    assert client.get(f"{MAP}?status=nonsense&export=png").status_code == 422


def test_only_who_may_export_takes_it_home_and_only_their_part(cast: dict[str, User]) -> None:
    role = make_role("reader", crm_company=("all", ["view"]))
    reader = make_user("reader", role=role)
    at(cast["sales"], "69003", "Lyon")
    at(cast["stranger"], "69003", "Lyon")
    assert client_of(reader).get(f"{MAP}?all=1").context["list"]["downloads"] == []
    assert client_of(reader).get(f"{MAP}?all=1&export=png").status_code == 403
    role = make_role("half", crm_company=("all", ["view"]))
    role.grants.create(module="crm.company", action="export", scope="own")
    half = make_user("half", role=role)
    at(half, "69003", "Lyon")
    client = client_of(half)
    assert client.get(f"{MAP}?all=1").context["list"]["total"] == 3
    svg = client.get(f"{MAP}?all=1&export=svg").content.decode()
    words = [node.text or "" for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert any(text.startswith(("1 company", "1 entreprise")) for text in words)
    assert "3" not in words


def test_nothing_is_taken_in_somebody_elses_name(cast: dict[str, User]) -> None:
    client = client_of(cast["admin"])
    client.post(reverse("people:view_as", args=[cast["sales"].pk]))
    assert client.get(f"{MAP}?all=1").status_code == 200
    assert client.get(f"{MAP}?all=1&export=png").status_code == 403


@pytest.mark.sqlite
def test_a_map_on_sqlite_too(cast: dict[str, User]) -> None:
    at(cast["sales"], "69003", "Lyon")
    at(cast["sales2"], "69003", "Lyon", owner=None)
    at(cast["stranger"], "69003", "Lyon")
    assert figures(client_of(cast["sales"])) == {"Rhône": 2}
    assert figures(client_of(cast["manager"])) == {"Rhône": 2}
    assert figures(client_of(cast["admin"])) == {"Rhône": 3}
    listed = client_of(cast["manager"]).get("/crm/companies/?department=69")
    assert listed.context["list"]["count"] == 2

"""Likely duplicates: as one types, and in a list (SPEC C12)."""

from typing import Any

import pytest

from crm.models import DuplicatePair
from crm.services.contact import change_contact
from crm.services.duplicate import close_name, find_pairs, twins_of_company, twins_of_contact
from tests.base import client_of, make_cast, make_company, make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, Any]:
    return make_cast()


def pairs_of(kind: str) -> set[tuple[int, int, str]]:
    rows = DuplicatePair.objects.filter(subject_type=kind, state="open")
    return {(pair.first_id, pair.second_id, pair.reason) for pair in rows}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Boulangeries Martin SARL", "Martin Boulangerie"),
        ("Phillipe Dupont", "DUPONT Philippe"),
        ("Société Lefèvre & Cie", "Lefevre"),
        ("Éléonore Grandin-Petit", "Grandin Petit Eleonore"),
    ],
)
def test_close_names_are_alike(one: str, other: str) -> None:
    assert close_name(one) == close_name(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Martin", "Marty"), ("Le Goff", "Le Gall"), ("SARL", "")])
def test_other_names_are_not(one: str, other: str) -> None:
    assert close_name(one) != close_name(other) or close_name(one) == ""


def test_a_search_of_a_colleague_that_runs_already_is_told(cast: dict[str, Any]) -> None:
    first = client_of(cast["sales"]).post("/crm/duplicates/search/")
    assert "/jobs/" in first["Location"]
    second = client_of(cast["stranger"]).post("/crm/duplicates/search/", follow=True)
    assert second.redirect_chain == [("/crm/duplicates/", 302)]
    assert second.status_code == 200


class TestWhileTyping:
    def test_a_contact_is_found_by_address_or_number_in_any_writing(self, cast: dict[str, Any]) -> None:
        hugo = cast["sales"]
        contact = make_contact(hugo, owner=hugo, email="emilie@durand.example", mobile="+33612345678")
        for values in ({"email": " Emilie@Durand.example"}, {"phone": "06.12.34.56.78"}):
            assert [twin for twin, _reason in twins_of_contact(hugo, values)] == [contact]
        assert twins_of_contact(hugo, {"email": contact.email}, besides=contact.pk) == []
        assert twins_of_contact(hugo, {"phone": "pas un numéro", "email": ""}) == []

    def test_only_within_sight(self, cast: dict[str, Any]) -> None:
        make_contact(cast["sales2"], owner=cast["sales2"], email="emilie@durand.example")
        make_company(cast["sales2"], owner=cast["sales2"], siren="732829320")
        assert twins_of_contact(cast["sales"], {"email": "emilie@durand.example"}) == []
        assert twins_of_company(cast["sales"], {"siren": "732 829 320"}) == []

    def test_a_company_is_found_by_its_numbers(self, cast: dict[str, Any]) -> None:
        company = make_company(cast["sales"], owner=cast["sales"], siren="732829320", siret="73282932000074")
        for values in ({"siret": "732 829 320 00074"}, {"siren": "732829320"}):
            assert [twin for twin, _reason in twins_of_company(cast["sales"], values)] == [company]

    @pytest.mark.django_db(transaction=True)
    def test_a_close_name_in_the_same_town(self, cast: dict[str, Any]) -> None:
        hugo = cast["sales"]
        contact = make_contact(hugo, owner=hugo, first_name="Philippe", last_name="Dupont", city="Lyon")
        company = make_company(hugo, owner=hugo, name="Boulangerie Martin SARL", city="Lyon")
        typed = {"first_name": "Phillipe", "last_name": "Dupont", "city": "Lyon"}
        assert [twin for twin, _reason in twins_of_contact(hugo, typed)] == [contact]
        assert twins_of_contact(hugo, {**typed, "city": "Nice"}) == []
        assert [twin for twin, _r in twins_of_company(hugo, {"name": "Martin Boulangerie"})] == [company]

    def test_the_form_shows_them_with_the_reason(self, cast: dict[str, Any]) -> None:
        hugo = cast["sales"]
        contact = make_contact(hugo, owner=hugo, email="emilie@durand.example")
        client = client_of(hugo)
        assert "/crm/contacts/twins/" in client.get("/crm/contacts/new/").content.decode()
        page = client.get("/crm/contacts/twins/?email=emilie@durand.example&phone=%00x").status_code
        assert page in (200, 400)
        found = client.get("/crm/contacts/twins/?email=emilie@durand.example").content.decode()
        assert contact.get_absolute_url() in found
        assert client.get("/crm/companies/twins/?name=&siren=x").content.decode().strip() == ""


class TestSearch:
    def test_pairs_are_found_with_their_reason(self, cast: dict[str, Any]) -> None:
        hugo = cast["sales"]
        a = make_contact(hugo, owner=hugo, first_name="A", last_name="Un", email="x@y.example")
        b = make_contact(hugo, owner=hugo, first_name="B", last_name="Deux", email="x@y.example")
        c = make_contact(hugo, owner=hugo, first_name="Jean", last_name="Petit", phone="+33140205050")
        d = make_contact(hugo, owner=hugo, first_name="Jean", last_name="Petit", mobile="+33140205050")
        e = make_contact(hugo, owner=hugo, first_name="Phillipe", last_name="Dupont", city="Lyon")
        f = make_contact(hugo, owner=hugo, first_name="Philippe", last_name="Dupont", city="Lyon")
        g = make_company(hugo, name="Martin SARL", city="Lyon")
        h = make_company(hugo, name="MARTIN", city="Lyon")
        assert find_pairs() == 4
        assert pairs_of("crm.contact") == {(a.pk, b.pk, "email"), (c.pk, d.pk, "phone"), (e.pk, f.pk, "name")}
        assert pairs_of("crm.company") == {(g.pk, h.pk, "name")}
        assert find_pairs() == 4

    def test_a_switchboard_and_a_shared_address_make_no_pairs(self, cast: dict[str, Any]) -> None:
        hugo = cast["sales"]
        for number in range(3):
            make_contact(
                hugo, owner=hugo, first_name="Anne", last_name="ABC"[number] * 5, phone="+33140205050"
            )
        for number in range(7):
            make_contact(
                hugo, owner=hugo, last_name=f"Z{'UVWXYZT'[number] * 4}", email="contact@firm.example"
            )
        assert find_pairs() == 0

    def test_what_somebody_put_aside_stays_aside_and_what_was_put_right_goes(
        self, cast: dict[str, Any]
    ) -> None:
        hugo = cast["sales"]
        a = make_contact(hugo, owner=hugo, email="x@y.example")
        make_contact(hugo, owner=hugo, email="x@y.example")
        make_contact(hugo, owner=hugo, first_name="Al", email="z@y.example")
        b = make_contact(hugo, owner=hugo, first_name="Bo", email="z@y.example")
        find_pairs()
        first, second = DuplicatePair.objects.order_by("pk")
        data = {"action": "dismiss", "pk": first.pk, "confirm": "1"}
        assert client_of(hugo).post("/crm/duplicates/bulk/", data).status_code == 302
        change_contact(user=hugo, contact=b, values={"email": "other@y.example"})
        assert find_pairs() == 0
        first.refresh_from_db()
        assert (first.first_id, first.state) == (a.pk, "dismissed")
        assert not DuplicatePair.objects.filter(pk=second.pk).exists()


class TestList:
    def test_a_pair_is_seen_by_who_sees_both(self, cast: dict[str, Any]) -> None:
        hugo, ines = cast["sales"], cast["sales2"]
        make_contact(hugo, owner=hugo, first_name="Zoé", email="x@y.example")
        make_contact(ines, owner=ines, first_name="Zoé", email="x@y.example")
        find_pairs()
        for who, sees in (("admin", True), ("manager", True), ("sales", False), ("stranger", False)):
            page = client_of(cast[who]).get("/crm/duplicates/").content.decode()
            assert ("Zoé" in page) is sees, who

    def test_it_is_narrowed_and_searched_again(self, cast: dict[str, Any]) -> None:
        hugo = cast["sales"]
        for _ in range(2):
            make_contact(hugo, owner=hugo, first_name="Zoé", email="x@y.example")
        find_pairs()
        client = client_of(hugo)
        assert "Zoé" in client.get("/crm/duplicates/?reason=email").content.decode()
        assert "Zoé" not in client.get("/crm/duplicates/?kind=crm.company").content.decode()
        assert "Zoé" not in client.get("/crm/duplicates/?state=merged").content.decode()
        assert client.post("/crm/duplicates/search/").url.startswith("/jobs/")

    def test_it_costs_the_same_for_few_and_for_many(
        self, cast: dict[str, Any], django_assert_max_num_queries: Any
    ) -> None:
        hugo = cast["sales"]
        for number in range(20):
            for _ in range(2):
                make_contact(hugo, owner=hugo, email=f"x{number}@y.example")
        find_pairs()
        client = client_of(hugo)
        client.get("/crm/duplicates/?all=1")
        with django_assert_max_num_queries(11):
            assert client.get("/crm/duplicates/?all=1").status_code == 200

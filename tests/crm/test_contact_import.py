"""Importing contacts: what becomes of each row."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from crm.importing.reading import batches
from crm.models import Company, CompanyAccess, Contact, ContactImport, ContactImportRow, ContactTally, Tag
from crm.services.company import refresh_companies
from crm.services.contact_import import import_batch, make_plan, source_of
from digiweb.changes import derived_fields
from digiweb.jobs import LeaseLost
from people.models import User
from tests.base import make_cast, make_company, make_contact, make_role, make_user
from tests.crm.imports import go_on, imported, outcomes, table, uploaded
from timeline.models import Event, Note

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def me(cast: dict[str, User]) -> User:
    return cast["sales"]


CAMILLE = (
    "Camille,Roy,camille.roy@exemple.fr,06 12 34 56 78,Boulangerie Roy,Gérante,Nantes,France,Prospect,Salon"
)


class TestCreate:
    def test_a_row_becomes_a_contact_with_its_company(self, me: User) -> None:
        run = imported(me, table(CAMILLE))
        contact = Contact.objects.get()
        assert (contact.first_name, contact.last_name, contact.email) == (
            "Camille",
            "Roy",
            "camille.roy@exemple.fr",
        )
        assert (contact.phone, contact.status, contact.source) == ("+33612345678", "prospect", "Salon")
        assert (contact.job_title, contact.city, contact.country) == ("Gérante", "Nantes", "FR")
        assert contact.company is not None
        assert (contact.company.name, contact.company.city) == ("Boulangerie Roy", "Nantes")
        assert contact.owner == me
        assert (run.state, run.created, run.total, run.cursor) == ("done", 1, 1, 1)

    def test_derived_columns_are_those_of_the_model(self, me: User) -> None:
        imported(
            me,
            table(
                CAMILLE,
                "Émilie,Lefèvre,,0240123456,,,,,,",
                ",de La Tour,x@y.fr,,Société Générale de l'Œuvre,Chef,Saint-Étienne,Belgique,Client,",
                ",,,+32 470 12 34 56,,,,,,",
                "أحمد,محمد,a@b.fr,,😀 SARL,,,,,",
                tagged := "Zoé,,z@b.fr,,Boulangerie Roy,,Nantes,,,",
            ),
        )
        assert tagged
        for contact in Contact.objects.select_related("company"):
            stored = {name: getattr(contact, name) for name in derived_fields(Contact)}
            contact.save()
            assert {name: getattr(contact, name) for name in stored} == stored
        for company in Company.objects.all():
            derived = {name: getattr(company, name) for name in derived_fields(Company)}
            company.save()
            assert {name: getattr(company, name) for name in derived} == derived

    def test_counts_and_sight_of_companies_are_those_that_a_refresh_finds(
        self, cast: dict[str, User]
    ) -> None:
        me = cast["manager"]
        make_company(me, name="Alone")
        make_company(me, name="Kept", owner=cast["sales2"])
        make_contact(me, company=make_company(me, name="Has one"), owner=cast["sales"])
        make_contact(me, company=make_company(me, name="Has nobody's"), owner=None)
        rows = [
            f"A{n},B{n},a{n}@x.fr,,{name},,,,,"
            for n, name in enumerate(
                ["Alone", "Kept", "Has one", "Has nobody's", "New", "New", "Alone", "Newer"]
            )
        ]
        people = [cast["sales"].pk, cast["sales2"].pk]
        imported(me, table(*rows), assign="round_robin", people=people)
        imported(me, table("Z,Z,z@x.fr,,Newer,,,,,", "Y,Y,y@x.fr,,Alone,,,,,"), assign="nobody")

        def seen() -> Any:
            access = CompanyAccess.objects.values_list("company__name", "person_id", "sort_name")
            return sorted(access), sorted(Company.objects.values_list("name", "contact_count"))

        before = seen()
        refresh_companies(Company.objects.values_list("pk", flat=True))
        assert seen() == before

    def test_the_tallies_count_the_new_contacts(self, me: User) -> None:
        imported(me, table(CAMILLE, "A,B,a@b.fr,,,,,,Lead,", "C,D,c@d.fr,,,,,,Lead,"))
        assert dict(ContactTally.objects.values_list("status", "count")) == {"prospect": 1, "lead": 2}
        assert set(ContactTally.objects.values_list("owner_id", flat=True)) == {me.pk}

    def test_the_log_says_what_came_in_on_the_contact_and_on_its_company(self, me: User) -> None:
        run = imported(me, table(CAMILLE), tags=["Salon 2026"])
        contact, company = Contact.objects.get(), Company.objects.get()
        event = Event.objects.get(action="imported")
        assert (event.subject_type, event.subject_id, event.subject_label) == (
            "crm.contact",
            contact.pk,
            "Camille Roy",
        )
        assert event.actor_id == me.pk
        assert event.data == {"import": run.pk}
        assert event.changes["city"] == [None, "Nantes"]
        assert event.changes["company"] == [None, {"id": company.pk, "label": "Boulangerie Roy"}]
        assert event.changes["owner"] == [None, {"id": me.pk, "label": "Hugo Lefèvre"}]
        assert event.changes["tags"] == [None, "Salon 2026"]
        assert [(link.subject_type, link.subject_id) for link in event.links.all()] == [
            ("crm.company", company.pk)
        ]
        assert Event.objects.filter(
            action="created", subject_type="crm.company", subject_id=company.pk
        ).exists()

    def test_tags_and_notes_come_along(self, me: User) -> None:
        header = "prenom,nom,email,tags,notes"
        imported(
            me, table('A,B,a@b.fr,"VIP, salon",Appeler lundi', "C,D,c@d.fr,vip,", header=header), tags=["Été"]
        )
        first, second = Contact.objects.order_by("pk")
        assert sorted(tag.name for tag in first.tags.all()) == ["VIP", "salon", "Été"]
        assert sorted(tag.name for tag in second.tags.all()) == ["VIP", "Été"]
        assert Tag.objects.count() == 3
        note = Note.objects.get()
        assert (note.subject_id, note.body, note.author) == (first.pk, "Appeler lundi", me)
        assert Event.objects.get(action="noted").data["note"] == note.pk

    def test_who_may_not_create_tags_uses_only_those_there_are(self, cast: dict[str, User]) -> None:
        role = make_role(
            "plain", crm_contact=("all", ["view", "create"]), crm_contactimport=("own", ["view", "create"])
        )
        person = make_user("plain", role=role)
        Tag.objects.create(name="VIP", key="vip")
        imported(person, table('A,B,a@b.fr,"vip, inconnu"', header="prenom,nom,email,tags"))
        assert [tag.name for tag in Contact.objects.get().tags.all()] == ["VIP"]
        assert Tag.objects.count() == 1

    def test_formulas_emoji_and_right_to_left_text_stay_text(self, me: User) -> None:
        rows = ['=cmd|calc,"<script>alert(1)</script>",a@b.fr,,@SUM(A1),,😀,,,', "שלום,עולם,c@d.fr,,,,,,,"]
        imported(me, table(*rows))
        first, second = Contact.objects.order_by("pk")
        assert (first.first_name, first.last_name, first.city) == (
            "=cmd|calc",
            "<script>alert(1)</script>",
            "😀",
        )
        assert second.first_name == "שלום"


class TestRefuse:
    def test_a_wrong_value_refuses_its_row_and_says_why(self, me: User) -> None:
        rows = [
            "A,B,not-an-address,,,,,,,",
            'C,D,c@d.fr,"3,36E+10",,,,,,',
            ",,,,Only a company,,,,,",
            "E,F,e@f.fr,,,,,,,",
        ]
        run = imported(me, table(*rows))
        assert outcomes(run) == ["refused", "refused", "refused", "created"]
        assert (run.created, run.refused) == (1, 3)
        reasons = list(ContactImportRow.objects.filter(outcome="refused").values_list("reason", flat=True))
        assert "not-an-address" in reasons[0]
        assert "3,36E+10" in reasons[1]
        assert not Company.objects.exists()

    def test_reasons_are_grouped_without_their_values(self, me: User) -> None:
        run = imported(me, table(*(f"A,B,wrong{n},,,,,,," for n in range(5))))
        assert list(run.reasons["refused"].values()) == [5]
        assert "wrong" not in next(iter(run.reasons["refused"]))

    def test_the_cells_of_a_refused_row_are_kept(self, me: User) -> None:
        imported(me, table("A,B,wrong,06 12,,,,,,"))
        assert ContactImportRow.objects.get().values[:4] == ["A", "B", "wrong", "06 12"]


class TestDuplicates:
    def test_a_contact_that_exists_is_skipped(self, me: User) -> None:
        there = make_contact(me, email="camille.roy@exemple.fr", owner=me)
        run = imported(me, table(CAMILLE))
        assert (run.created, run.skipped) == (0, 1)
        assert run.reasons["skipped"] == {"exists": 1}
        assert ContactImportRow.objects.get().contact_id == there.pk
        assert not Company.objects.exists()

    @pytest.mark.parametrize(("match_on", "created"), [("email", 1), ("phone", 0), ("both", 0)])
    def test_the_same_phone_counts_when_it_is_asked_for(self, me: User, match_on: str, created: int) -> None:
        make_contact(me, mobile="+33612345678", owner=me)
        assert imported(me, table(CAMILLE), match_on=match_on).created == created

    def test_a_contact_named_twice_in_the_file_comes_once(self, me: User) -> None:
        run = imported(
            me, table(CAMILLE, "Other,Name,CAMILLE.ROY@exemple.fr,,,,,,,", "X,Y,,0612345678,,,,,,")
        )
        assert outcomes(run) == ["created", "skipped", "skipped"]
        assert run.reasons["skipped"] == {"file": 2}

    def test_every_row_is_created_when_duplicates_do_not_matter(self, me: User) -> None:
        assert imported(me, table(CAMILLE, CAMILLE), on_duplicate="create").created == 2

    def test_an_update_fills_in_what_the_file_says_and_nothing_else(self, me: User) -> None:
        there = make_contact(
            me,
            email="camille.roy@exemple.fr",
            first_name="Camille",
            last_name="Roi",
            city="Lyon",
            country="BE",
            status="client",
            source="Web",
            job_title="Chef",
            owner=me,
        )
        run = imported(
            me,
            table("Camille,Roy,camille.roy@exemple.fr,,,,Nantes,,,"),
            on_duplicate="update",
            status="lead",
            source="Salon",
            assign="nobody",
        )
        there.refresh_from_db()
        assert (run.updated, run.created) == (1, 0)
        assert (there.last_name, there.city, there.version) == ("Roy", "Nantes", 2)
        assert (there.status, there.source, there.country, there.job_title) == ("client", "Web", "BE", "Chef")
        assert there.owner == me
        assert there.sort_name == "roy camille"
        event = Event.objects.get(action="changed")
        assert event.changes == {"last_name": ["Roi", "Roy"], "city": ["Lyon", "Nantes"]}
        assert ContactImportRow.objects.get().values == event.changes

    def test_an_update_that_says_nothing_new_is_a_skipped_duplicate(self, me: User) -> None:
        imported(me, table(CAMILLE))
        run = imported(me, table(CAMILLE), on_duplicate="update")
        assert (run.updated, run.skipped, run.reasons["skipped"]) == (0, 1, {"same": 1})
        assert Contact.objects.get().version == 1

    def test_an_update_moves_the_contact_to_another_company_and_status(self, me: User) -> None:
        old = make_company(me, name="Ancienne")
        there = make_contact(me, email="camille.roy@exemple.fr", company=old, status="lead", owner=me)
        imported(me, table(CAMILLE), on_duplicate="update")
        there.refresh_from_db()
        old.refresh_from_db()
        new = Company.objects.get(name="Boulangerie Roy")
        assert (there.company, old.contact_count, new.contact_count) == (new, 0, 1)
        assert set(new.access.values_list("person_id", flat=True)) == {me.pk}
        counts = {(t.status, t.count) for t in ContactTally.objects.exclude(count=0)}
        assert counts == {("prospect", 1)}

    def test_two_rows_of_one_file_update_the_same_contact_one_after_the_other(self, me: User) -> None:
        there = make_contact(me, email="a@b.fr", city="Lyon", owner=me)
        rows = ["A,B,a@b.fr,,,,Nantes,,,", "A,B,a@b.fr,,,,Brest,,,"]
        run = imported(me, table(*rows), on_duplicate="update")
        there.refresh_from_db()
        assert (run.updated, there.city, there.version) == (2, "Brest", 3)


class TestSight:
    def test_a_colleagues_contact_is_neither_shown_nor_changed(self, cast: dict[str, User]) -> None:
        theirs = make_contact(
            cast["stranger"], email="camille.roy@exemple.fr", city="Lyon", owner=cast["stranger"]
        )
        for mode in ("skip", "update"):
            run = imported(cast["sales"], table(CAMILLE), on_duplicate=mode)
            assert (run.created, run.updated, run.skipped) == (0, 0, 1)
            assert run.reasons["skipped"] == {"colleague": 1}
            assert ContactImportRow.objects.get(run=run).contact_id is None
        theirs.refresh_from_db()
        assert (theirs.city, theirs.version) == ("Lyon", 1)

    def test_a_contact_one_may_see_but_not_change_is_not_updated(self, cast: dict[str, User]) -> None:
        role = make_role(
            "reader", crm_contact=("all", ["view", "create"]), crm_contactimport=("own", ["create"])
        )
        theirs = make_contact(cast["admin"], email="camille.roy@exemple.fr", owner=None)
        person = make_user("reader", role=role)
        with pytest.raises(ValidationError):
            uploaded(person, table(CAMILLE), on_duplicate="update")
        assert imported(person, table(CAMILLE)).reasons["skipped"] == {"exists": 1}
        theirs.refresh_from_db()
        assert theirs.version == 1

    def test_a_company_out_of_sight_is_not_used(self, cast: dict[str, User]) -> None:
        hidden = make_company(cast["stranger"], name="Boulangerie Roy", owner=cast["stranger"])
        imported(cast["sales"], table(CAMILLE))
        contact = Contact.objects.get()
        assert contact.company is not None
        assert contact.company != hidden
        assert Company.objects.filter(name="Boulangerie Roy").count() == 2

    def test_contacts_go_only_to_people_within_reach(self, cast: dict[str, User]) -> None:
        with pytest.raises(ValidationError):
            uploaded(cast["sales"], table(CAMILLE), assign="person", people=[cast["stranger"].pk])
        with pytest.raises(ValidationError):
            uploaded(cast["sales"], table(CAMILLE), assign="rule", rules={"44": cast["stranger"].pk})
        imported(cast["manager"], table(CAMILLE), assign="person", people=[cast["sales2"].pk])
        assert Contact.objects.get().owner == cast["sales2"]


class TestAssign:
    def test_several_people_take_turns_over_what_is_created(self, cast: dict[str, User]) -> None:
        rows = [f"A{n},B,a{n}@x.fr,,,,,,," for n in range(6)]
        rows.insert(1, "bad,bad,not an address,,,,,,,")
        people = [cast["sales"].pk, cast["sales2"].pk]
        run = uploaded(cast["manager"], table(*rows), assign="round_robin", people=people)
        go_on(run, size=2, most=2)
        go_on(run, size=3)
        owners = list(Contact.objects.order_by("pk").values_list("owner_id", flat=True))
        assert owners == people * 3

    def test_the_longest_beginning_of_the_postcode_decides(self, cast: dict[str, User]) -> None:
        header = "nom,email,code postal"
        sales, sales2 = cast["sales"].pk, cast["sales2"].pk
        rows = ["A,a@x.fr,44000", "B,b@x.fr,44300", "C,c@x.fr,75001", "D,d@x.fr,"]
        imported(
            cast["manager"], table(*rows, header=header), assign="rule", rules={"44": sales, "443": sales2}
        )
        assert list(Contact.objects.order_by("pk").values_list("owner_id", flat=True)) == [
            sales,
            sales2,
            None,
            None,
        ]


class TestCompanies:
    def header(self, *rows: str) -> str:
        return table(*rows, header="nom,email,entreprise,siret,ville,code postal")

    def test_the_siret_finds_the_company_whatever_its_name(self, me: User) -> None:
        there = make_company(me, name="SNCF", siret="55208131766522", siren="552081317")
        imported(me, self.header("A,a@x.fr,EDF SA,552 081 317 66522,,", "B,b@x.fr,,55208131766522,Paris,"))
        assert {contact.company for contact in Contact.objects.all()} == {there}

    def test_the_name_finds_it_whatever_accents_and_capitals(self, me: User) -> None:
        there = make_company(me, name="Société Générale")
        imported(me, self.header("A,a@x.fr,SOCIETE GENERALE,,,", "B,b@x.fr,société générale,,Nantes,"))
        assert {contact.company for contact in Contact.objects.all()} == {there}

    def test_the_same_name_in_another_town_is_another_company(self, me: User) -> None:
        make_company(me, name="Mairie", city="Lyon")
        imported(
            me,
            self.header("A,a@x.fr,Mairie,,Brest,", "B,b@x.fr,Mairie,,BREST,", "C,c@x.fr,Mairie,,Lyon,69001"),
        )
        cities = list(Contact.objects.order_by("pk").values_list("company__city", flat=True))
        assert cities == ["Brest", "Brest", "Lyon"]
        assert Company.objects.count() == 2

    def test_the_same_name_with_another_siret_is_another_company(self, me: User) -> None:
        make_company(me, name="EDF", siret="55208131766522", siren="552081317")
        imported(me, self.header("A,a@x.fr,EDF,73282932000074,,"))
        assert Contact.objects.get().company.siret == "73282932000074"  # type: ignore[union-attr]
        assert Company.objects.count() == 2


class TestGoingOn:
    def test_an_import_that_moved_on_is_left_to_who_has_it(self, me: User) -> None:
        run = uploaded(me, table(CAMILLE))
        plan = make_plan(run)
        rows = next(batches(source_of(run), plan.mapping, plan.choices))
        go_on(run)
        plan.run.cursor = 0
        with pytest.raises(LeaseLost):
            import_batch(plan=plan, rows=rows)
        assert Contact.objects.count() == 1

    def test_the_same_file_again_changes_nothing(self, me: User) -> None:
        rows = table(*(f"A{n},B{n},a{n}@x.fr,06 00 00 00 {n:02d},Co {n % 3},,,,," for n in range(20)))
        imported(me, rows)
        before = list(Contact.objects.order_by("pk").values())
        run = imported(me, rows)
        assert (run.created, run.skipped) == (0, 20)
        assert list(Contact.objects.order_by("pk").values()) == before


def test_an_import_is_a_record_with_its_state(me: User) -> None:
    run = uploaded(me, table(CAMILLE))
    assert str(run) == "contacts.csv"
    assert run.is_busy
    assert ContactImport.objects.visible_to(me).get() == run

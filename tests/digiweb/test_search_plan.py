"""Text search and sorted pages of large lists: what MariaDB is told, and that the rows stay the same."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Company, Contact, ContactTag, Deal, Tag
from digiweb import fulltext, hints, paging
from digiweb.filters import FilterSet
from digiweb.fulltext import WordSearch, plan_search, searched
from digiweb.paging import Sort, capped_count, keyset_page
from digiweb.search import find
from people.models import User
from tests.base import client_of, make_cast, make_company, make_contact, make_deal, make_role, make_user

NAME = Sort("name", "", ("sort_name", "id"))
SCORE = Sort("-score", "", ("score", "id"), descending=True)
mariadb_only = pytest.mark.skipif("sqlite" in str(connection.vendor), reason="MariaDB's optimiser")


def names(queryset: Any) -> set[str]:
    return set(queryset.values_list("last_name", flat=True))


@pytest.fixture
def people() -> dict[str, User]:
    return make_cast()


@pytest.mark.django_db(transaction=True)
class TestWords:
    @pytest.fixture(autouse=True)
    def rows(self) -> None:
        Contact.objects.bulk_create(
            [Contact(last_name=f"Nom{n}", city="Paris" if n % 2 else "Lyon") for n in range(60)]
        )
        Contact.objects.create(last_name="Quilliveré", first_name="Anne-Lise", city="Paris")
        Contact.objects.create(last_name="Sous_ligne", city="100%")

    @mariadb_only
    def test_rare_words_take_the_index_and_frequent_ones_are_looked_for_in_rows(self) -> None:
        assert plan_search(Contact, "quilli paris") == WordSearch(("quilli",), ("paris",))
        assert plan_search(Contact, "paris") == WordSearch((), ("paris",))
        assert plan_search(Contact, "paris").broad
        assert plan_search(Contact, "inconnu") == WordSearch(("inconnu",))

    @mariadb_only
    def test_frequent_words_that_never_meet_take_the_index_for_the_rarer_one(self) -> None:
        assert plan_search(Contact, "paris lyon") == WordSearch(("lyon",), ("paris",))

    @pytest.mark.parametrize(
        "text", ["quilli paris", "paris", "lyon nom", "paris lyon", "inconnu", "QUILLIVERÉ", "s_l", "%"]
    )
    def test_every_plan_finds_the_rows_whose_words_begin_so(self, text: str) -> None:
        words = fulltext.words_of(text)
        expected = {
            contact.last_name
            for contact in Contact.objects.all()
            if words
            and all(any(part.startswith(word) for part in contact.search_text.split()) for word in words)
        }
        assert names(searched(Contact.objects.all(), text)) == expected
        assert names(Contact.objects.filter(search_text__words=text)) == expected

    @mariadb_only
    def test_a_broad_search_is_counted_in_the_newest_rows_only_and_says_so(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(paging, "BROAD_LIMIT", 10)
        count, capped = capped_count(searched(Contact.objects.all(), "paris"))
        assert capped
        assert count < 10
        assert capped_count(searched(Contact.objects.all(), "quilli")) == (1, False)

    @mariadb_only
    def test_the_first_page_of_a_search_tells_their_number_too(self) -> None:
        with CaptureQueriesContext(connection) as queries:
            page = keyset_page([searched(Contact.objects.all(), "quilli")], NAME, total=True)
        assert (len(page.ids), page.total) == (1, 1)
        assert len([q for q in queries.captured_queries if "MATCH" in q["sql"]]) == 1
        nothing = keyset_page([searched(Contact.objects.all(), "inconnu")], NAME, total=True)
        assert (nothing.ids, nothing.total) == ([], 0)
        client = client_of(make_cast()["admin"])
        for query, count in (("quilli", 1), ("inconnu", 0)):
            assert client.get(f"/crm/contacts/?q={query}&sort=name").context["list"]["count"] == count

    def test_the_list_and_the_box_find_within_sight(self) -> None:
        people = make_cast()
        Contact.objects.filter(city="Lyon").update(owner=people["stranger"])
        client = client_of(people["sales"])
        page = client.get("/crm/contacts/?q=nom&sort=newest").content.decode()
        assert "Nom1<" in page or 'Nom1"' in page
        assert 'Nom2"' not in page
        titles = [row["title"] for group in find(people["sales"], "nom") for row in group["rows"]]
        assert titles == ["Nom59", "Nom57", "Nom55", "Nom53", "Nom51", "Nom49"]


@pytest.mark.django_db(transaction=True)
class TestRanking:
    def titles(self, user: User, text: str) -> list[str]:
        return [row["title"] for group in find(user, text) for row in group["rows"]]

    def test_the_name_that_was_typed_comes_first_however_old_it_is(self, people: dict[str, User]) -> None:
        admin = people["admin"]
        long_ago = timezone.now() - timedelta(days=3000)
        exact = make_company(admin, name="Roche")
        Company.objects.filter(pk=exact.pk).update(updated_at=long_ago)
        for number in range(60):
            make_company(admin, name=f"Garage {number}", city="La Roche")
        make_company(admin, name="Rochefort")
        make_company(admin, name="Bois et roche")
        titles = self.titles(admin, "roche")
        assert titles[:3] == ["Roche", "Rochefort", "Bois et roche"]
        assert titles[3:] == ["Garage 59", "Garage 58", "Garage 57"]

    def test_a_person_is_found_with_either_name_first(self, people: dict[str, User]) -> None:
        admin = people["admin"]
        wanted = make_contact(admin, first_name="Marie", last_name="Dup")
        for number in range(60):
            make_contact(admin, first_name=f"Marie{number}", last_name=f"Dupond{number}")
        for typed in ("Marie Dup", "dup marie"):
            assert self.titles(admin, typed)[0] == str(wanted)

    def test_among_alike_names_what_changed_last_comes_first(self, people: dict[str, User]) -> None:
        admin = people["admin"]
        first, second = make_company(admin, name="Lune"), make_company(admin, name="Lune")
        Company.objects.filter(pk=second.pk).update(updated_at=timezone.now() - timedelta(days=90))
        urls = [row["url"] for group in find(admin, "lune") for row in group["rows"]]
        assert urls == [first.get_absolute_url(), second.get_absolute_url()]

    def test_names_out_of_sight_stay_there(self, people: dict[str, User]) -> None:
        make_contact(people["admin"], last_name="Roche", first_name="", owner=people["stranger"])
        for number in range(60):
            make_contact(people["admin"], last_name=f"Rochet{number}", first_name="", owner=people["sales"])
        titles = self.titles(people["sales"], "roche")
        assert len(titles) == 6
        assert "Roche" not in titles


@pytest.mark.django_db
class TestSame:
    def test_case_and_on_mariadb_accents_do_not_matter(self) -> None:
        Contact.objects.create(last_name="A", city="Évian")
        assert Contact.objects.filter(city__same="ÉVIAN").exists()
        assert not Contact.objects.filter(city__same="Évi").exists()
        if connection.vendor == "mysql":
            assert Contact.objects.filter(city__same="evian").exists()


@pytest.mark.django_db
class TestPortions:
    def test_their_sum_is_what_is_seen(self, people: dict[str, User]) -> None:
        owners = [None, people["sales"], people["sales2"], people["stranger"]]
        for owner in owners * 2:
            contact = make_contact(people["admin"], owner=owner)
            make_company(people["admin"], name=f"C{contact.pk}", owner=owner)
        for model in (Contact, Company):
            for user in people.values():
                seen = model.objects.visible_to(user).count()
                assert capped_count(model.objects.scope_portions(user)) == (seen, False)
                assert sum(portion.count() for portion in model.objects.scope_portions(user)) == seen
                if seen > 2:
                    assert capped_count(model.objects.scope_portions(user), limit=2) == (2, True)

    @mariadb_only
    def test_portions_that_one_index_holds_are_counted_at_once(self, people: dict[str, User]) -> None:
        hugo = people["sales"]
        for owner in (hugo, hugo, None):
            make_contact(people["admin"], owner=owner)
            make_deal(hugo, owner=hugo)
        lately = Q(created_at__gte=timezone.now() - timedelta(days=1))
        portions = [portion.filter(lately) for portion in Contact.objects.scope_portions(hugo)]
        assert len(portions) == 2
        stages = [Deal.objects.filter(owner=hugo, stage=stage) for stage in Deal.OPEN]
        for asked, index in ((portions, "crm_contact_owner_created"), (stages, "crm_deal_os_")):
            with CaptureQueriesContext(connection) as queries:
                assert capped_count(asked) == (3, False)
            assert capped_count(asked, limit=2) == (2, True)
            sql = queries.captured_queries[-1]["sql"]
            assert sql.count("LIMIT") == 1
            assert f"FORCE INDEX (`{index}" in sql
        # Several columns between two values: no index is the best for sure, and each is counted apart.
        apart = [portion.filter(lately, score__gte=0) for portion in portions]
        with CaptureQueriesContext(connection) as queries:
            assert capped_count(apart) == (3, False)
        assert queries.captured_queries[-1]["sql"].count("LIMIT") == 2

    def test_the_stages_of_deals_are_counted_at_once(self, people: dict[str, User]) -> None:
        hugo = people["sales"]
        for stage in Deal.OPEN:
            make_deal(hugo, owner=hugo, stage=stage)
        client = client_of(hugo)
        with CaptureQueriesContext(connection) as queries:
            shown = client.get("/crm/deals/?mode=list&idle=yes").context["list"]
        counts = [query["sql"] for query in queries if "counted" in query["sql"]]
        assert shown["count"] == len(Deal.OPEN)
        assert len(counts) == 1
        assert counts[0].count("LIMIT") == 1

    def test_nobody_without_a_grant(self) -> None:
        stranger = make_user("nobody", role=make_role("empty"))
        assert capped_count(Contact.objects.scope_portions(stranger)) == (0, False)


@pytest.mark.django_db
class TestCompaniesInOrder:
    def test_a_person_reads_them_by_name_from_the_access_table(self, people: dict[str, User]) -> None:
        for name in ("Zoé", "Alpha", "Mieux", "Bêta", "alpha"):
            make_company(people["admin"], name=name, owner=people["sales"])
        make_company(people["admin"], name="Libre")
        make_company(people["admin"], name="Autre", owner=people["stranger"])
        seen: list[str] = []
        after = ""
        with CaptureQueriesContext(
            connection,
        ) as queries:
            while True:
                page = keyset_page(Company.objects.scope_branches(people["sales"]), NAME, after=after, size=2)
                seen += [Company.objects.get(pk=pk).name for pk in page.ids]
                after = page.after
                if not after:
                    break
        assert seen == ["Alpha", "alpha", "Bêta", "Libre", "Mieux", "Zoé"]
        if connection.vendor == "mysql":
            pages = [q["sql"] for q in queries.captured_queries if "UNION" in q["sql"]]
            assert all("crm_companyaccess`.`sort_name` AS" in sql for sql in pages)


@pytest.mark.django_db
@mariadb_only
class TestHints:
    def sql(self, queryset: Any, sort: Sort) -> str:
        with CaptureQueriesContext(connection) as queries:
            keyset_page([queryset], sort)
        return str(queries.captured_queries[-1]["sql"])

    def test_the_index_made_for_a_filter_and_a_sort_is_named(self, people: dict[str, User]) -> None:
        mine, lead = Q(owner=people["sales"]), Q(status="lead")
        for condition, sort, index in (
            (mine, SCORE, "owner_score"),
            (Q(owner__isnull=True, city__same="Paris"), NAME, "own_city_name"),
            (lead, SCORE, "status_score"),
            (lead & mine, SCORE, "own_status_score"),
            (mine, Sort("newest", "", ("id",), descending=True), "owner_newest"),
        ):
            sql = self.sql(Contact.objects.filter(condition), sort)
            assert f"FORCE INDEX (`crm_contact_{index}`)" in sql
        with CaptureQueriesContext(connection) as queries:
            capped_count(Contact.objects.scope_portions(people["sales"])[0].filter(lead))
        assert "FORCE INDEX (`crm_contact_own_status`)" in queries.captured_queries[-1]["sql"]

    def test_the_order_of_all_is_taken_away_where_an_owner_has_their_own(
        self, people: dict[str, User]
    ) -> None:
        known = Q(score__gte=50, last_name="Petit")  # no index has last names
        sql = self.sql(Contact.objects.filter(known, owner=people["sales"]), SCORE)
        assert "IGNORE INDEX FOR ORDER BY (`crm_contact_score`)" in sql
        sql = self.sql(Contact.objects.filter(known, owner__isnull=True, city__same="Paris"), NAME)
        assert "IGNORE INDEX FOR ORDER BY (`crm_contact_name`)" in sql
        sql = self.sql(Contact.objects.filter(known, status="lead"), SCORE)
        assert "IGNORE INDEX FOR ORDER BY (`crm_contact_score`)" in sql
        sql = self.sql(Contact.objects.filter(known, status="lead", owner=people["sales"]), SCORE)
        assert "(`crm_contact_score`, `crm_contact_status_score`)" in sql

    def test_an_order_that_has_the_other_conditions_is_walked_where_rows_are_many(
        self, people: dict[str, User], monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(hints, "FREQUENT", 3)
        hugo = people["sales"]
        for n in range(4):
            make_contact(hugo, last_name=f"N{n}", owner=hugo)
        lately = Contact.objects.filter(created_at__gte=timezone.now() - timedelta(days=1))
        walked = "FORCE INDEX (`crm_contact_name`)"
        assert walked in self.sql(lately, NAME)
        assert "FORCE INDEX (`crm_contact_owner_name`)" in self.sql(lately.filter(owner=hugo), NAME)
        assert walked not in self.sql(lately.filter(city__same="Paris"), NAME), "it has no town"
        assert walked not in self.sql(lately.filter(last_name="N1"), NAME), "nor a last name"
        for rows, expected in ((3, False), (4, True)):
            with CaptureQueriesContext(connection) as queries:
                keyset_page([lately], NAME, rows=rows)
            assert len(queries) == 1, "what is known is not counted again"
            assert (walked in queries.captured_queries[0]["sql"]) is expected
        Contact.objects.filter(last_name="N3").delete()
        assert walked not in self.sql(lately, NAME)

    def test_the_days_within_each_score_are_read_piece_by_piece(
        self, people: dict[str, User], monkeypatch: Any
    ) -> None:
        hugo = people["sales"]
        for n in range(4):
            make_contact(hugo, last_name=f"N{n}", owner=hugo)
            Contact.objects.filter(last_name=f"N{n}").update(score=30 + 20 * (n % 2))
        lately = Contact.objects.filter(created_at__gte=timezone.now() - timedelta(days=1))
        sort = Sort("-score", "", ("score", "created_at", "id"), descending=True)
        assert keyset_page([lately], sort).ids == list(
            Contact.objects.order_by("-score", "-created_at", "-id").values_list("pk", flat=True)
        )
        for queryset, index in (
            (lately, "score_created"),
            (lately.filter(owner=hugo), "own_score_created"),
            (lately.filter(owner__isnull=True), "own_score_created"),
        ):
            sql = self.sql(queryset, sort)
            assert f"FORCE INDEX (`crm_contact_{index}`)" in sql
            assert "`score` IN (30, 50)" in sql
        with CaptureQueriesContext(connection) as queries:
            keyset_page([lately.filter(owner=hugo), lately.filter(owner__isnull=True)], sort)
        assert len(queries) == 2, "the scores are asked once for all branches"
        assert "score` IN" not in self.sql(lately.filter(status="lead"), sort), "it has no status"
        assert "score` IN" not in self.sql(lately, NAME)
        monkeypatch.setattr(hints, "FEW_VALUES", 1)
        assert "score` IN" not in self.sql(lately, sort), "too many to be named"

    def test_nothing_is_hinted_where_no_index_serves_both(self) -> None:
        for queryset, sort in (
            (Contact.objects.all(), SCORE),
            (Contact.objects.filter(job_title="Gérant"), SCORE),
            (Contact.objects.exclude(status="lead"), NAME),
            (Contact.objects.filter(Q(status="lead") | Q(city="Paris")), NAME),
        ):
            assert " INDEX" not in self.sql(queryset, sort)

    def test_the_list_leads_where_a_tag_is_frequent(self, people: dict[str, User], monkeypatch: Any) -> None:
        monkeypatch.setattr(hints, "FREQUENT", 3)
        tag = Tag.objects.create(name="VIP", key="vip")
        contacts = [make_contact(people["admin"], last_name=f"N{n}") for n in range(6)]
        ContactTag.objects.bulk_create([ContactTag(contact=contact, tag=tag) for contact in contacts[:3]])
        assert "STRAIGHT_JOIN" not in self.sql(Contact.objects.filter(tags=tag, country="FR"), NAME)
        ContactTag.objects.bulk_create([ContactTag(contact=contact, tag=tag) for contact in contacts[3:5]])
        queryset = Contact.objects.filter(tags=tag, country="FR")
        assert "STRAIGHT_JOIN" in self.sql(queryset, NAME)
        assert keyset_page([queryset], NAME).ids == [contact.pk for contact in contacts[:5]]
        assert "STRAIGHT_JOIN" not in str(queryset.query), "the caller's queryset is left alone"


def test_filter_sets_plan_once_for_all_branches(monkeypatch: Any) -> None:
    planned: list[str] = []

    def plan(model: Any, text: str) -> WordSearch:
        planned.append(text)
        return WordSearch((text,))

    monkeypatch.setattr("digiweb.filters.plan_search", plan)

    class Filters(FilterSet):
        class Meta:
            model = Contact
            fields: list[str] = []

    filterset = Filters({"q": "dupont"}, queryset=Contact.objects.all())
    assert filterset.is_valid()
    branches = [Contact.objects.filter(pk=1), Contact.objects.filter(pk=2)]
    assert len(filterset.filter_branches(branches, Contact.objects.all())) == 1, "the index leads: asked once"
    assert planned == ["dupont"]


@pytest.mark.django_db
class TestDaysOfEntry:
    def test_a_list_of_some_days_is_read_by_the_index_of_days(self, people: dict[str, User]) -> None:
        hugo = people["sales"]
        now = timezone.now()
        for number in range(70):
            contact = make_contact(hugo, last_name=f"N{number:02}", owner=hugo if number % 2 else None)
            at = now - timedelta(days=100 - number)
            Contact.objects.filter(pk=contact.pk).update(created_at=at)
        first, last = (timezone.localdate(now - timedelta(days=days)) for days in (95, 35))
        query = f"created_after={first}&created_before={last}"
        client = client_of(hugo)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(f"/crm/contacts/?{query}&sort=newest").context["list"]
        asked = [q["sql"] for q in queries if "UNION" in q["sql"]]
        assert page["count"] == 61
        seen = [row["label"] for row in page["rows"]]
        seen += [row["label"] for row in client.get(page["next_url"]).context["list"]["rows"]]
        assert seen == [f"Émilie N{number:02}" for number in range(65, 4, -1)]
        if connection.vendor == "mysql":
            assert "(SELECT `crm_contact`.`created_at` AS" in asked[0]
        answer = client.get(f"/api/v1/contacts/?{query}&sort=oldest&page_size=100").json()
        assert [row["last_name"] for row in answer["results"]] == [f"N{n:02}" for n in range(5, 66)]

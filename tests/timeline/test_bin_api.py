"""The bin over the API (SPEC T13)."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Contact
from crm.services.contact import delete_contacts
from people.models import User
from tests.base import make_cast, make_company, make_contact, make_role, make_user
from tests.contracts.api import JSON, assert_problem, caller, fields_refused
from timeline.models import BinEntry, Event

pytestmark = pytest.mark.django_db
URL = "/api/v1/bin/"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def deleted(person: User, **fields: Any) -> BinEntry:
    contact = make_contact(person, owner=person, **fields)
    delete_contacts(user=person, pks=[contact.pk])
    return BinEntry.objects.get(subject_id=contact.pk, subject_type="crm.contact")


def labels(client: Any, query: str = "") -> list[str]:
    answer = client.get(f"{URL}?{query}")
    assert answer.status_code == 200, answer.content
    return [row["label"] for row in answer.json()["results"]]


def post(client: Any, path: str, body: Any = None, **extra: Any) -> Any:
    return client.post(f"{URL}{path}", body, content_type=JSON, **extra)


class TestReading:
    def test_each_sees_what_they_deleted_a_manager_the_teams_administrators_all(
        self, cast: dict[str, User]
    ) -> None:
        entry = deleted(cast["sales"], last_name="Quentin")
        sees = {
            "admin": True,
            "manager": True,
            "sales": True,
            "sales2": False,
            "stranger": False,
            "am": False,
        }
        for who, there in sees.items():
            client = caller(cast[who])
            assert ("Émilie Quentin" in labels(client)) is there, who
            read = client.get(f"{URL}{entry.pk}/")
            assert read.status_code == (200 if there else 404), who
        assert_problem(caller(None).get(URL), 401)

    @pytest.mark.parametrize(("scope", "count"), [("own", 1), ("team", 2), ("all", 3), ("none", 0)])
    def test_the_scopes(self, scope: str, count: int, cast: dict[str, User]) -> None:
        grants = (
            {} if scope == "none" else {"timeline_bin": (scope, ["view"]), "crm_contact": ("all", ["view"])}
        )
        boss = make_user("boss", role=make_role("boss", **grants))
        mine, theirs = make_user("below", manager=boss), cast["stranger"]
        for person in (boss, mine, theirs):
            contact = make_contact(cast["admin"], owner=person)
            delete_contacts(user=person, pks=[contact.pk])
        client = caller(boss)
        if scope == "none":
            assert_problem(client.get(URL), 403)
        else:
            assert len(labels(client)) == count
        first = BinEntry.objects.earliest("pk")
        assert_problem(post(client, f"{first.pk}/restore/"), 403)
        assert_problem(client.delete(f"{URL}{first.pk}/"), 403)
        assert BinEntry.objects.waiting().count() == 3

    def test_a_record_is_read_as_it_was(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        company = make_company(hugo, owner=hugo)
        entry = deleted(hugo, last_name="Quentin", company=company, city="Lyon")
        body = caller(hugo, **{"Accept-Language": "en"}).get(f"{URL}{entry.pk}/").json()
        assert body["subject"] == f"crm.contact:{entry.subject_id}"
        assert (body["kind"], body["label"], body["deleted_by"]) == ("crm.contact", "Émilie Quentin", hugo.pk)
        assert body["days_left"] == 30
        facts = {fact["label"]: fact["value"] for fact in body["facts"]}
        assert facts["Company"] == "Boulangerie Martin"
        assert "Lyon" in facts.values()
        assert "search_text" not in str(body)

    def test_filters_are_those_of_the_page_and_old_or_restored_entries_are_gone(
        self, cast: dict[str, User]
    ) -> None:
        admin = caller(cast["admin"])
        deleted(cast["sales"], last_name="Quentin")
        deleted(cast["stranger"], last_name="Roux")
        old = deleted(cast["sales"], last_name="Vieux")
        BinEntry.objects.filter(pk=old.pk).update(deleted_at=timezone.now() - timedelta(days=31))
        assert labels(admin) == ["Émilie Roux", "Émilie Quentin"]
        assert labels(admin, "sort=oldest&page_size=1") == ["Émilie Quentin"]
        assert labels(admin, f"deleted_by={cast['sales'].pk}") == ["Émilie Quentin"]
        assert labels(admin, "kind=crm.contact&q=rou") == ["Émilie Roux"]
        assert labels(admin, "kind=crm.company") == []
        for query in ("kind=nothing", "deleted_by=999999", "colour=blue", "sort=label"):
            assert_problem(admin.get(f"{URL}?{query}"), 422)
        assert_problem(admin.get(f"{URL}{old.pk}/"), 404)

    def test_a_page_costs_the_same_for_one_and_for_many(self, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        deleted(cast["sales"])
        client.get(URL)
        with CaptureQueriesContext(connection) as one:
            client.get(URL)
        for _number in range(8):
            deleted(cast["sales"])
        with CaptureQueriesContext(connection) as many:
            client.get(URL)
        assert len(one) == len(many) == 4
        assert not any("`rows`" in query["sql"] for query in many.captured_queries)


class TestRestoring:
    def test_a_record_comes_back_under_its_number(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        entry = deleted(hugo)
        for who, status in (("sales2", 404), ("stranger", 404), ("marketing", 404), ("am", 404)):
            assert_problem(post(caller(cast[who]), f"{entry.pk}/restore/"), status)
        assert_problem(post(caller(hugo, read_only=True), f"{entry.pk}/restore/"), 403)
        key = {"headers": {"Idempotency-Key": "back"}}
        answer = post(caller(hugo), f"{entry.pk}/restore/", **key)
        assert answer.json() == {"restored": [f"crm.contact:{entry.subject_id}"], "lost": []}
        assert post(caller(hugo), f"{entry.pk}/restore/", **key)["Idempotency-Replayed"] == "true"
        assert Contact.objects.filter(pk=entry.subject_id).exists()
        assert Event.objects.get(action="restored").channel == "api"
        assert labels(caller(hugo)) == []
        assert_problem(post(caller(hugo), f"{entry.pk}/restore/"), 404)

    def test_who_lost_the_right_to_delete_brings_nothing_back(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        entry = deleted(hugo)
        hugo.role.grants.filter(module="crm.contact", action="delete").delete()  # type: ignore[union-attr]
        assert_problem(post(caller(hugo), f"{entry.pk}/restore/"), 403)
        assert_problem(post(caller(hugo), "restore/", {"batch": str(entry.batch)}), 403)
        assert not Contact.objects.exists()

    def test_a_batch_comes_back_whole_to_who_deleted_it(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        contacts = [make_contact(hugo, owner=hugo) for _number in range(3)]
        batch = delete_contacts(user=hugo, pks=[contact.pk for contact in contacts])
        body = {"batch": str(batch)}
        for who in ("manager", "sales2", "stranger", "marketing", "am"):
            assert_problem(post(caller(cast[who]), "restore/", body), 404)
        answer = post(caller(hugo), "restore/", body)
        assert len(answer.json()["restored"]) == 3
        assert Contact.objects.count() == 3
        assert_problem(post(caller(hugo), "restore/", body), 404)
        delete_contacts(user=hugo, pks=[contacts[0].pk], batch=uuid.uuid4())
        last = BinEntry.objects.waiting().get()
        assert post(caller(cast["admin"]), "restore/", {"batch": str(last.batch)}).status_code == 200

    @pytest.mark.parametrize(
        "body", [{}, {"batch": "x"}, {"batch": None}, {"batch": [1]}, {"batch": -1}, {"batch": 10**400}]
    )
    def test_a_batch_that_is_none_is_told(self, body: Any, cast: dict[str, User]) -> None:
        assert fields_refused(post(caller(cast["sales"]), "restore/", body)) == {"batch"}

    def test_more_than_a_batch_is_refused(self, cast: dict[str, User]) -> None:
        body = {"batch": str(uuid.uuid4()), "batches": []}
        assert fields_refused(post(caller(cast["sales"]), "restore/", body)) == {"batches"}
        assert_problem(caller(cast["sales"]).post(f"{URL}restore/", "[]", content_type=JSON), 400)
        assert_problem(caller(cast["sales"]).post(f"{URL}restore/", "a=b", content_type="text/plain"), 415)

    def test_what_another_took_the_place_of_does_not_come_back(self, cast: dict[str, User]) -> None:
        from crm.models import Tag
        from crm.services.tag import create_tag, delete_tag

        admin = cast["admin"]
        tag = create_tag(user=admin, tag=Tag(name="Salon"))
        delete_tag(user=admin, tag=tag)
        entry = BinEntry.objects.get()
        create_tag(user=admin, tag=Tag(name="salon"))
        assert fields_refused(post(caller(admin), f"{entry.pk}/restore/")) == {""}
        assert labels(caller(admin)) == ["Salon"]


class TestForGood:
    def test_only_who_may_ends_a_record_before_its_time(self, cast: dict[str, User]) -> None:
        entry = deleted(cast["sales"])
        assert_problem(caller(cast["sales"]).delete(f"{URL}{entry.pk}/"), 403)
        assert_problem(caller(cast["stranger"]).delete(f"{URL}{entry.pk}/"), 403)
        admin = caller(cast["admin"])
        assert_problem(caller(cast["admin"], read_only=True).delete(f"{URL}{entry.pk}/"), 403)
        assert admin.delete(f"{URL}{entry.pk}/").status_code == 204
        assert not BinEntry.objects.exists()
        assert_problem(admin.delete(f"{URL}{entry.pk}/"), 404)
        assert Event.objects.filter(action="forgotten", channel="api").count() == 1

    def test_nothing_is_made_or_changed_there(self, cast: dict[str, User]) -> None:
        entry = deleted(cast["sales"])
        admin = caller(cast["admin"])
        assert_problem(post(admin, "", {}), 405)
        assert_problem(admin.patch(f"{URL}{entry.pk}/", {}, content_type=JSON), 405)
        assert_problem(admin.put(f"{URL}{entry.pk}/", {}, content_type=JSON), 405)

"""Duplicates, merges and their undoing over the API (SPEC C12)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm.models import Contact, DuplicatePair
from crm.services.contact import change_contact, delete_contacts
from people.models import User
from tests.base import make_cast, make_company, make_contact, make_role, make_user
from tests.contracts.api import JSON, assert_problem, caller, fields_refused
from timeline.models import Event, JobRun, Merge

pytestmark = pytest.mark.django_db
PAIRS, MERGES, CONTACTS = "/api/v1/duplicates/", "/api/v1/merges/", "/api/v1/contacts/"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def two(cast: dict[str, User]) -> tuple[Contact, Contact]:
    hugo = cast["sales"]
    kept = make_contact(hugo, owner=hugo, email="e@durand.example")
    return kept, make_contact(hugo, owner=hugo, phone="+33140205050", city="Lyon", status="client")


def pair_of(one: Any, other: Any, **fields: Any) -> DuplicatePair:
    kind = one._meta.label_lower
    return DuplicatePair.objects.create(
        subject_type=kind, first_id=one.pk, second_id=other.pk, reason=fields.pop("reason", "name"), **fields
    )


def post(client: Any, url: str, body: Any = None, **extra: Any) -> Any:
    return client.post(url, body, content_type=JSON, **extra)


def merge(client: Any, kept: Any, body: Any, path: str = CONTACTS, **extra: Any) -> Any:
    return post(client, f"{path}{kept.pk}/merge/", body, **extra)


class TestPairs:
    def test_a_pair_is_seen_by_who_sees_both(self, cast: dict[str, User], two: Any) -> None:
        pair = pair_of(*two, reason="email")
        mixed = pair_of(two[0], make_contact(cast["stranger"], owner=cast["stranger"]))
        sees = {"admin": {pair.pk, mixed.pk}, "manager": {pair.pk}, "sales": {pair.pk}}
        for who in ("admin", "manager", "sales", "sales2", "stranger"):
            rows = caller(cast[who]).get(PAIRS).json()["results"]
            assert {row["id"] for row in rows} == sees.get(who, set()), who
            status = 200 if pair.pk in sees.get(who, set()) else 404
            assert caller(cast[who]).get(f"{PAIRS}{pair.pk}/").status_code == status, who
        for who in ("marketing", "am"):
            assert_problem(caller(cast[who]).get(PAIRS), 403)
        assert_problem(caller(None).get(PAIRS), 401)
        row = caller(cast["sales"], **{"Accept-Language": "en"}).get(f"{PAIRS}{pair.pk}/").json()
        assert (row["first"], row["first_name"], row["second"]) == (two[0].pk, "Émilie Durand", two[1].pk)
        assert (row["kind"], row["reason"], row["reason_label"]) == ("crm.contact", "email", "Same e-mail")

    def test_filters_are_those_of_the_page(self, cast: dict[str, User], two: Any) -> None:
        hugo, client = cast["sales"], caller(cast["sales"])
        pair_of(*two, reason="email")
        firms = pair_of(make_company(hugo, owner=hugo), make_company(hugo, owner=hugo), reason="siren")
        gone = pair_of(two[0], make_contact(hugo, owner=hugo), state="dismissed")

        def found(query: str) -> set[int]:
            return {row["id"] for row in client.get(f"{PAIRS}?{query}").json()["results"]}

        assert len(found("")) == 2
        assert found("state=dismissed") == {gone.pk}
        assert found("kind=crm.company") == found("reason=siren") == {firms.pk}
        for query in ("kind=crm.deal", "reason=x", "state=x", "first=1"):
            assert_problem(client.get(f"{PAIRS}?{query}"), 422)

    def test_a_pair_is_put_aside(self, cast: dict[str, User], two: Any) -> None:
        pair = pair_of(*two)
        url = f"{PAIRS}{pair.pk}/dismiss/"
        for who, status in {"sales2": 404, "stranger": 404, "marketing": 403, "am": 403}.items():
            assert_problem(post(caller(cast[who]), url), status)
        reader = make_role("r", crm_duplicate=("all", ["view"]), crm_contact=("all", ["view"]))
        assert_problem(post(caller(make_user("reader", role=reader)), url), 403)
        assert_problem(post(caller(cast["sales"], read_only=True), url), 403)
        answer = post(caller(cast["sales"]), url)
        assert (answer.json()["state"], answer.json()["version"]) == ("dismissed", 2)
        assert post(caller(cast["sales"]), url).json()["version"] == 2

    def test_a_search_is_a_job_and_runs_once(self, cast: dict[str, User], two: Any) -> None:
        client = caller(cast["sales"])
        answer = post(client, f"{PAIRS}search/")
        assert (answer.status_code, answer.json()["state"]) == (202, "queued")
        assert post(client, f"{PAIRS}search/").json()["id"] == answer.json()["id"]
        assert JobRun.objects.filter(func="crm.jobs.find_duplicates").count() == 1
        assert client.get(f"/api/v1/jobs/{answer.json()['id']}/").status_code == 200
        assert_problem(post(caller(cast["am"]), f"{PAIRS}search/"), 403)
        assert_problem(post(client, PAIRS, {}), 405)


class TestMerging:
    def test_one_is_kept_with_what_is_taken(self, cast: dict[str, User], two: Any) -> None:
        kept, lost = two
        pair = pair_of(kept, lost)
        versions = {str(kept.pk): kept.version, str(lost.pk): lost.version}
        body = {"other": lost.pk, "take": ["phone", "city"], "versions": versions}
        answer = merge(caller(cast["sales"]), kept, body)
        assert answer.status_code == 200, answer.content
        record = answer.json()["record"]
        assert (record["id"], record["phone"], record["city"]) == (kept.pk, "+33140205050", "Lyon")
        assert (record["status"], record["email"]) == ("lead", "e@durand.example")
        assert answer["ETag"] == f'"{record["version"]}"'
        assert Merge.objects.get().pk == answer.json()["merge"]
        assert not Contact.objects.filter(pk=lost.pk).exists()
        assert Event.objects.get(action="merged").channel == "api"
        pair.refresh_from_db()
        assert pair.state == "merged"

    def test_left_out_it_takes_what_it_lacks(self, cast: dict[str, User], two: Any) -> None:
        record = merge(caller(cast["sales"]), two[0], {"other": two[1].pk}).json()["record"]
        assert (record["city"], record["status"]) == ("Lyon", "lead")

    def test_companies_too(self, cast: dict[str, User]) -> None:
        hugo = cast["sales"]
        kept, lost = (make_company(hugo, owner=hugo, city=city) for city in ("", "Lyon"))
        contact = make_contact(hugo, owner=hugo, company=lost)
        answer = merge(caller(hugo), kept, {"other": lost.pk, "take": ["city"]}, "/api/v1/companies/")
        assert (answer.json()["record"]["city"], answer.json()["record"]["contact_count"]) == ("Lyon", 1)
        contact.refresh_from_db()
        assert contact.company_id == kept.pk

    def test_only_who_may_change_and_delete_both(self, cast: dict[str, User], two: Any) -> None:
        kept, lost = two
        body = {"other": lost.pk}
        for who, status in {"sales2": 404, "stranger": 404, "marketing": 403, "am": 403}.items():
            assert_problem(merge(caller(cast[who]), kept, body), status)
        assert_problem(merge(caller(None), kept, body), 401)
        assert_problem(merge(caller(cast["sales"], read_only=True), kept, body), 403)
        for verbs in (["view"], ["view", "change"], ["view", "delete"]):
            role = make_role("-".join(verbs), crm_contact=("all", verbs))
            assert_problem(merge(caller(make_user("-".join(verbs), role=role)), kept, body), 403)
        theirs = make_contact(cast["stranger"], owner=cast["stranger"])
        assert fields_refused(merge(caller(cast["sales"]), kept, {"other": theirs.pk})) == {"other"}
        assert Contact.objects.count() == 3

    @pytest.mark.parametrize(
        ("body", "fields"),
        [
            ({}, {"other"}),
            ({"other": "x"}, {"other"}),
            ({"other": 10**400}, {"other"}),
            ({"other": 999_999_999}, {"other"}),
            ({"other": 0, "take": "city", "versions": []}, {"other", "take", "versions"}),
            ({"other": 1, "take": ["id"]}, {"take.0"}),
            ({"other": 1, "take": [["city"]]}, {"take.0"}),
            ({"other": 1, "keep": 1}, {"keep"}),
            ({"other": 1, "versions": {"x": "y"}}, {"versions.x"}),
            ({"other": 1, "take": ["city"] * 99}, {"take"}),
        ],
    )
    def test_wrong_values_are_told(
        self, body: Any, fields: set[str], cast: dict[str, User], two: Any
    ) -> None:
        refused = fields_refused(merge(caller(cast["sales"]), two[0], body))
        assert {field for field in refused if not field[-1].isdigit() or field in fields} == fields
        assert Contact.objects.count() == 2

    def test_a_record_with_itself_or_versions_of_others(self, cast: dict[str, User], two: Any) -> None:
        client = caller(cast["sales"])
        assert fields_refused(merge(client, two[0], {"other": two[0].pk})) == {""}
        body = {"other": two[1].pk, "versions": {"999999": 1}}
        assert fields_refused(merge(client, two[0], body)) == {"versions"}

    def test_who_saved_meanwhile_is_told(self, cast: dict[str, User], two: Any) -> None:
        kept, lost = two
        change_contact(user=cast["manager"], contact=lost, values={"city": "Nantes"})
        client = caller(cast["sales"])
        body = {"other": lost.pk, "versions": {str(lost.pk): 1}}
        assert assert_problem(merge(client, kept, body), 409)["current"]["city"] == "Nantes"
        stale = {"headers": {"If-Match": '"77"'}}
        assert_problem(merge(client, kept, {"other": lost.pk}, **stale), 412)
        assert Contact.objects.count() == 2
        fresh = {"headers": {"If-Match": '"1"'}}
        assert merge(client, kept, {"other": lost.pk}, **fresh).status_code == 200

    def test_sent_twice_it_is_done_once(self, cast: dict[str, User], two: Any) -> None:
        key = {"headers": {"Idempotency-Key": "once"}}
        first = merge(caller(cast["sales"]), two[0], {"other": two[1].pk}, **key)
        again = merge(caller(cast["sales"]), two[0], {"other": two[1].pk}, **key)
        assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
        assert_problem(merge(caller(cast["sales"]), two[0], {"other": 1}, **key), 422)


class TestUndoing:
    @pytest.fixture
    def merged(self, cast: dict[str, User], two: Any) -> int:
        answer = merge(caller(cast["sales"]), two[0], {"other": two[1].pk})
        return int(answer.json()["merge"])

    def test_merges_are_seen_and_undone_by_who_merged_and_administrators(
        self, cast: dict[str, User], two: Any, merged: int
    ) -> None:
        for who in ("manager", "sales2", "stranger", "marketing", "am"):
            client = caller(cast[who])
            assert client.get(MERGES).json()["results"] == []
            assert_problem(client.get(f"{MERGES}{merged}/"), 404)
            assert_problem(post(client, f"{MERGES}{merged}/undo/"), 404)
        assert_problem(caller(None).get(MERGES), 401)
        for who in ("admin", "sales"):
            (row,) = caller(cast[who]).get(f"{MERGES}?kind=crm.contact&q=durand").json()["results"]
            assert (row["id"], row["kept"], row["lost"]) == (merged, two[0].pk, two[1].pk)
            assert (row["kept_name"], row["can_be_undone"]) == ("Émilie Durand", True)
        client = caller(cast["sales"])
        assert client.get(f"{MERGES}?kind=crm.company").json()["results"] == []
        assert_problem(client.get(f"{MERGES}?kind=crm.deal"), 422)
        assert_problem(post(caller(cast["sales"], read_only=True), f"{MERGES}{merged}/undo/"), 403)
        answer = post(client, f"{MERGES}{merged}/undo/").json()
        assert (answer["told"], answer["can_be_undone"], bool(answer["undone_at"])) == ([], False, True)
        assert Contact.objects.count() == 2
        assert Contact.objects.get(pk=two[0].pk).city == ""
        assert fields_refused(post(client, f"{MERGES}{merged}/undo/")) == {""}
        assert_problem(post(client, MERGES, {}), 405)

    def test_what_changed_since_stays_and_is_told(self, cast: dict[str, User], two: Any, merged: int) -> None:
        kept = Contact.objects.get(pk=two[0].pk)
        change_contact(user=cast["sales"], contact=kept, values={"city": "Nantes"})
        told = post(caller(cast["sales"]), f"{MERGES}{merged}/undo/").json()["told"]
        assert len(told) == 1
        assert Contact.objects.get(pk=kept.pk).city == "Nantes"

    def test_a_record_given_away_is_named_and_parted_no_more(
        self, cast: dict[str, User], two: Any, merged: int
    ) -> None:
        kept = Contact.objects.get(pk=two[0].pk)
        change_contact(user=cast["admin"], contact=kept, values={"owner": cast["stranger"]})
        client = caller(cast["sales"])
        assert client.get(f"{MERGES}{merged}/").json()["kept_name"] == ""
        assert "Durand" not in client.get(MERGES).content.decode()
        assert_problem(post(client, f"{MERGES}{merged}/undo/"), 403)

    def test_too_late_or_gone(self, cast: dict[str, User], two: Any, merged: int) -> None:
        admin = caller(cast["admin"])
        delete_contacts(user=cast["admin"], pks=[two[0].pk])
        assert_problem(post(admin, f"{MERGES}{merged}/undo/"), 403)
        Merge.objects.update(merged_at=timezone.now() - timedelta(days=31))
        assert admin.get(f"{MERGES}{merged}/").json()["can_be_undone"] is False

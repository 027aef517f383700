"""Notes, time lines and jobs over the API: as far as the record is in sight."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import jobs
from crm.models import Contact
from crm.services.contact import change_contact
from digiweb.jobs import enqueue
from people.models import User
from tests.base import make_activity, make_cast, make_company, make_contact, make_role, make_user
from tests.contracts.api import JSON, assert_problem, caller, fields_refused
from timeline.models import Event, JobRun, Note, Notification
from timeline.services.note import add_note

pytestmark = pytest.mark.django_db
NOTES, EVENTS, JOBS = "/api/v1/notes/", "/api/v1/events/", "/api/v1/jobs/"
# Who sees a contact of Hugo, and the others.
SEES = {
    "admin": 200,
    "manager": 200,
    "sales": 200,
    "sales2": 404,
    "stranger": 404,
    "marketing": 404,
    "am": 404,
}
MALFORMED = ("", "12", "crm.contact", "crm.contact:", ":12", "crm.contact:x", "crm.contact:-1", "crm:12",
             "crm.contact:" + "9" * 19, "x" * 200, "crm.contact:١")  # fmt: skip


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def contact(cast: dict[str, User]) -> Contact:
    return make_contact(cast["sales"], owner=cast["sales"], last_name="Petit")


def name(contact: Contact) -> str:
    return f"crm.contact:{contact.pk}"


def post(client: Any, url: str, body: Any = None) -> Any:
    return client.post(url, body, content_type=JSON)


class TestNotes:
    def test_who_sees_the_record_reads_its_notes(self, cast: dict[str, User], contact: Contact) -> None:
        note = add_note(user=cast["sales"], obj=contact, body="À rappeler")
        other = make_contact(cast["sales"], owner=cast["sales"])
        add_note(user=cast["sales"], obj=other, body="Ailleurs")
        for who, status in SEES.items():
            client = caller(cast[who])
            answer = client.get(f"{NOTES}?subject={name(contact)}")
            assert answer.status_code == status, who
            assert client.get(f"{NOTES}{note.pk}/").status_code == status, who
            if status == 200:
                assert [row["body"] for row in answer.json()["results"]] == ["À rappeler"]
        assert_problem(caller(None).get(NOTES), 401)

    @pytest.mark.parametrize(("scope", "status"), [("own", 404), ("team", 200), ("all", 200), ("none", 404)])
    def test_the_scopes(self, scope: str, status: int, cast: dict[str, User], contact: Contact) -> None:
        grants = {} if scope == "none" else {"crm_contact": (scope, ["view"])}
        reader = make_user("reader", role=make_role("reader", **grants))
        User.objects.filter(pk=cast["sales"].pk).update(manager=reader)
        note = add_note(user=cast["sales"], obj=contact, body="À rappeler")
        client = caller(reader)
        for url in (f"{NOTES}?subject={name(contact)}", f"{EVENTS}?subject={name(contact)}"):
            assert client.get(url).status_code == status
        # Reading is not writing.
        body = {"subject": name(contact), "body": "Moi aussi"}
        assert post(client, NOTES, body).status_code == (403 if status == 200 else 422)
        assert client.delete(f"{NOTES}{note.pk}/").status_code == (403 if status == 200 else 404)
        assert Note.objects.get().body == "À rappeler"

    def test_a_note_is_written_and_whom_it_names_is_told(
        self, cast: dict[str, User], contact: Contact
    ) -> None:
        body = {"subject": name(contact), "body": "@Claire Fontaine et @Inès Garnier : à voir"}
        answer = post(caller(cast["sales"]), NOTES, body)
        assert answer.status_code == 201
        told = answer.json()
        assert answer["Location"].endswith(f"{NOTES}{told['id']}/")
        assert told["mentions"] == [{"id": cast["manager"].pk, "name": "Claire Fontaine"}]
        assert told["not_told"] == ["Inès Garnier"]
        assert (told["author"], told["author_name"]) == (cast["sales"].pk, "Hugo Lefèvre")
        assert Notification.objects.get().user == cast["manager"]
        assert Event.objects.get(action="noted").channel == "api"
        read = caller(cast["manager"]).get(f"{NOTES}{told['id']}/").json()
        assert read == {key: value for key, value in told.items() if key != "not_told"}

    def test_only_its_author_changes_it(self, cast: dict[str, User], contact: Contact) -> None:
        note = add_note(user=cast["sales"], obj=contact, body="Avant")
        url = f"{NOTES}{note.pk}/"
        for who, status in {**SEES, "admin": 403, "manager": 403}.items():
            if who != "sales":
                answer = caller(cast[who]).patch(url, {"body": "Autre"}, content_type=JSON)
                assert answer.status_code == status, who
        client = caller(cast["sales"])
        assert_problem(caller(cast["sales"], read_only=True).patch(url, {}, content_type=JSON), 403)
        read = client.get(url).json()
        assert client.patch(url, {**read, "body": "Après"}, content_type=JSON).json()["body"] == "Après"
        assert client.patch(url, {}, content_type=JSON).json()["body"] == "Après"
        for wrong in ({"body": ""}, {"body": " "}, {"body": None}, {"body": "x" * 10_001}, {"body": "\0"}):
            assert fields_refused(client.patch(url, wrong, content_type=JSON)) == {"body"}
        assert fields_refused(client.patch(url, {"colour": 1}, content_type=JSON)) == {"colour"}
        assert Note.objects.get().body == "Après"

    def test_its_author_and_administrators_delete_it(self, cast: dict[str, User], contact: Contact) -> None:
        for who, status in {**SEES, "manager": 403, "sales": 204, "admin": 204}.items():
            note = add_note(user=cast["sales"], obj=contact, body="Adieu")
            assert caller(cast[who]).delete(f"{NOTES}{note.pk}/").status_code == status, who
            assert Note.objects.filter(pk=note.pk).exists() is (status != 204)

    def test_who_may_no_longer_change_the_record_changes_no_note(
        self, cast: dict[str, User], contact: Contact
    ) -> None:
        hugo = cast["sales"]
        note = add_note(user=hugo, obj=contact, body="Avant")
        hugo.role.grants.filter(module="crm.contact", action="change").delete()  # type: ignore[union-attr]
        client = caller(hugo)
        assert_problem(client.patch(f"{NOTES}{note.pk}/", {"body": "Après"}, content_type=JSON), 403)
        assert_problem(client.delete(f"{NOTES}{note.pk}/"), 403)
        assert_problem(post(client, NOTES, {"subject": name(contact), "body": "x"}), 403)

    @pytest.mark.parametrize("kind", ["crm.nothing", "people.apitoken", "sessions.session", "auth.group",
                                      "people.role", "timeline.note", "nowhere.contact"])  # fmt: skip
    def test_a_kind_that_has_no_notes_is_not_there(self, kind: str, cast: dict[str, User]) -> None:
        client = caller(cast["sales"])
        assert_problem(client.get(f"{NOTES}?subject={kind}:1"), 404)
        assert_problem(client.get(f"{EVENTS}?subject={kind}:1"), 404)
        assert fields_refused(post(client, NOTES, {"subject": f"{kind}:1", "body": "x"})) == {"subject"}

    @pytest.mark.parametrize("text", MALFORMED)
    def test_a_name_that_is_none_is_told(self, text: str, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        for url in (NOTES, EVENTS):
            assert fields_refused(client.get(url, {"subject": text})) == {"subject"}
        assert fields_refused(post(client, NOTES, {"subject": text, "body": "x"})) == {"subject"}

    def test_the_record_has_to_be_named(self, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        for url in (NOTES, EVENTS):
            assert fields_refused(client.get(url)) == {"subject"}
            assert fields_refused(client.get(f"{url}?subject=crm.contact:1&colour=1")) == {"colour"}
        for body in ({}, {"subject": 12, "body": []}, {"subject": None, "body": None}):
            assert fields_refused(post(client, NOTES, body)) == {"subject", "body"}

    def test_pages_cost_the_same_for_one_and_for_many(self, cast: dict[str, User], contact: Contact) -> None:
        client, costs = caller(cast["sales"]), []
        for _round in range(2):
            add_note(user=cast["sales"], obj=contact, body="Encore")
            for url in (NOTES, EVENTS):
                client.get(f"{url}?subject={name(contact)}")
                with CaptureQueriesContext(connection) as queries:
                    client.get(f"{url}?subject={name(contact)}")
                costs.append(len(queries))
            for _number in range(5):
                add_note(user=cast["manager"], obj=contact, body="Encore")
        assert costs[:2] == costs[2:]


class TestEvents:
    def events(self, client: Any, contact: Contact, query: str = "") -> list[dict[str, Any]]:
        answer = client.get(f"{EVENTS}?subject={name(contact)}&{query}")
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]  # type: ignore[no-any-return]

    def test_who_sees_the_record_reads_what_happened(self, cast: dict[str, User], contact: Contact) -> None:
        change_contact(user=cast["manager"], contact=contact, values={"city": "Lyon", "status": "client"})
        add_note(user=cast["sales"], obj=contact, body="À rappeler")
        for who, status in SEES.items():
            answer = caller(cast[who]).get(f"{EVENTS}?subject={name(contact)}")
            assert answer.status_code == status, who
        noted, changed, created = self.events(caller(cast["sales"], **{"Accept-Language": "en"}), contact)
        assert (noted["action"], noted["note"]) == ("noted", "À rappeler")
        assert (changed["actor"], changed["actor_name"]) == (cast["manager"].pk, "Claire Fontaine")
        assert changed["action_label"] == "Changed"
        assert {"field": "city", "label": "Town", "before": "", "after": "Lyon"} in changed["changes"] or {
            (one["field"], one["before"], one["after"]) for one in changed["changes"]
        } == {("city", "", "Lyon"), ("status", "lead", "client")}
        assert created["subject"] == name(contact)
        # What only the audit log tells.
        assert not {"ip", "channel", "request_id", "data"} & changed.keys()

    def test_of_what_concerns_it_only_what_is_in_sight(self, cast: dict[str, User]) -> None:
        company = make_company(cast["admin"], owner=None)
        for who in ("sales", "stranger"):
            make_contact(cast[who], owner=cast[who], last_name=who.title(), company=company)
        subject = f"crm.company:{company.pk}"

        def labels(who: str) -> set[str]:
            rows = caller(cast[who]).get(f"{EVENTS}?subject={subject}").json()["results"]
            return {row["subject_label"] for row in rows}

        assert "Émilie Stranger" in labels("admin")
        assert "Émilie Stranger" not in labels("sales")
        assert "Émilie Sales" in labels("sales")
        assert "Émilie Sales" not in labels("stranger")

    def test_pages_go_by_key_and_kinds_narrow_them(self, cast: dict[str, User], contact: Contact) -> None:
        for number in range(6):
            change_contact(user=cast["sales"], contact=contact, values={"city": f"Lyon {number}"})
            add_note(user=cast["sales"], obj=contact, body=str(number))
        make_activity(cast["sales"], contact=contact)
        client, found = caller(cast["sales"]), []
        url = f"{EVENTS}?subject={name(contact)}&page_size=5"
        while url:
            page = client.get(url).json()
            found += [row["id"] for row in page["results"]]
            url = page["next"]
        assert found == sorted(set(found), reverse=True)
        assert len(found) == 14
        assert {row["action"] for row in self.events(client, contact, "kind=note")} == {"noted"}
        assert len(self.events(client, contact, "kind=change")) == 8
        assert_problem(client.get(f"{EVENTS}?subject={name(contact)}&kind=x"), 422)
        assert_problem(client.get(f"{EVENTS}?subject={name(contact)}&after=W1t"), 400)

    def test_nothing_is_written_there(self, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        assert_problem(post(client, EVENTS, {}), 405)
        assert_problem(client.get(f"{EVENTS}{Event.objects.latest('pk').pk}/"), 404)


class TestJobs:
    def test_one_follows_and_stops_what_one_asked_for(self, cast: dict[str, User]) -> None:
        run = enqueue(jobs.find_duplicates, user=cast["sales"], label="Recherche", key="k")
        theirs = enqueue(jobs.find_duplicates, user=cast["stranger"], label="Autre")
        sees = {**dict.fromkeys(cast, 404), "sales": 200, "admin": 200}
        for who, status in sees.items():
            client = caller(cast[who])
            assert client.get(f"{JOBS}{run.pk}/").status_code == status, who
            if status == 404:
                assert_problem(client.post(f"{JOBS}{run.pk}/cancel/"), 404)
        client = caller(cast["sales"])
        (row,) = client.get(JOBS).json()["results"]
        assert (row["id"], row["state"], row["percent"]) == (run.pk, "queued", 0)
        assert not {"kwargs", "func", "lease", "key", "user"} & row.keys()
        assert_problem(caller(cast["sales"], read_only=True).post(f"{JOBS}{run.pk}/cancel/"), 403)
        assert client.post(f"{JOBS}{run.pk}/cancel/").json()["state"] == "cancelled"
        assert client.post(f"{JOBS}{run.pk}/cancel/").json()["state"] == "cancelled"
        assert JobRun.objects.get(pk=theirs.pk).state == "queued"
        assert caller(cast["admin"]).post(f"{JOBS}{theirs.pk}/cancel/").json()["state"] == "cancelled"
        assert_problem(caller(None).get(JOBS), 401)

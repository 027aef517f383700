"""What every resource of the API owes: rights, scopes, verbs, filters, paging, keys, refusals, costs.

A module says how to make one of its records and what is sent, and inherits the rest:

    class TestContactAPI(APIContract):
        model = Contact
        path = "contacts"
        make = staticmethod(make_contact)
        body = {"first_name": "Émilie", "email": "emilie@example.fr"}
        change = {"city": "Nantes"}
        listed_by = {"status": "client"}
        wrong = {"email": "nobody", "company": 999_999}
        list_queries = 6
"""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from digiweb.checks import view_of
from people.models import User
from people.services.token import make_token
from tests.base import BACKEND, client_of, make_cast, make_role, make_user
from tests.contracts.odd import JSON, ODD_KEYS, UNREADABLE
from timeline.models import BinEntry, Event

PROBLEM = "application/problem+json"


def caller(user: User | None, *, read_only: bool = False, **headers: str) -> Client:
    """A program that bears a token of `user` (nobody's, for None)."""
    if user is None:
        return Client(headers=headers)
    _token, secret = make_token(user=user, name="test", read_only=read_only)
    return Client(headers={"Authorization": f"Bearer {secret}", **headers})


def assert_problem(response: Any, status: int) -> dict[str, Any]:
    """The answer is a problem of RFC 9457 with this status; returns it."""
    assert response.status_code == status, response.content[:500]
    assert response["Content-Type"] == PROBLEM, response.content[:200]
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["title"]
    return body


def fields_refused(response: Any) -> set[str]:
    return {error["field"] for error in assert_problem(response, 422)["errors"]}


@pytest.mark.django_db
class APIContract:
    """Inherited by each resource's tests."""

    model: Any
    path = ""
    make: Callable[..., Any]
    # What is sent for a new record, and a change to an existing one.
    body: dict[str, Any]
    change: dict[str, Any]
    # A filter of the list that `body` does not match, and its value; the record that it finds bears it.
    listed_by: dict[str, Any]
    # Fields with values that the page refuses too.
    wrong: dict[str, Any]
    owned = True
    # Whether what is deleted goes to the bin.
    to_bin = True
    # Queries of a page of the list: for an administrator, whatever the number of rows.
    list_queries = 0

    @pytest.fixture
    def cast(self, db: None) -> dict[str, User]:
        return make_cast()

    @pytest.fixture
    def record(self, cast: dict[str, User]) -> Any:
        return self.make_for(cast["sales"])

    def make_for(self, user: User | None, **fields: Any) -> Any:
        if self.owned:
            fields.setdefault("owner", user)
        return type(self).make(user, **fields)

    def url(self, pk: Any = None) -> str:
        return f"/api/v1/{self.path}/" if pk is None else f"/api/v1/{self.path}/{pk}/"

    def person_with(self, scope: str, *actions: str, **fields: Any) -> User:
        name = f"{scope}-{'-'.join(actions)}"
        role = make_role(f"role-{name}", **{self.model.module: (scope, actions)})
        return make_user(f"p-{name}", role=role, **fields)

    def send(self, client: Client, method: str, pk: Any = None, body: Any = None, **extra: Any) -> Any:
        text = None if body is None else json.dumps(body)
        call: Any = getattr(client, method)
        return call(self.url(pk), data=text, content_type=JSON, **extra)

    def ids(self, client: Client, query: str = "") -> list[int]:
        response = client.get(f"{self.url()}?{query}")
        assert response.status_code == 200, response.content
        return [row["id"] for row in response.json()["results"]]

    # --- Who may do what

    def test_nobody_is_told_to_say_who_they_are(self, record: Any) -> None:
        for method, pk in (
            ("get", None),
            ("post", None),
            ("get", record.pk),
            ("patch", record.pk),
            ("delete", record.pk),
        ):
            client: Any = caller(None)
            response = getattr(client, method)(self.url(pk))
            assert_problem(response, 401)
            assert response["WWW-Authenticate"].startswith("Bearer")

    def test_a_role_without_a_grant_is_refused_every_verb(self, record: Any, cast: dict[str, User]) -> None:
        client = caller(cast["marketing"])
        assert_problem(self.send(client, "get"), 403)
        assert_problem(self.send(client, "post", body=self.body), 403)
        assert_problem(self.send(client, "get", record.pk), 403)
        assert_problem(self.send(client, "patch", record.pk, self.change), 403)
        assert_problem(self.send(client, "delete", record.pk), 403)

    def test_each_verb_needs_its_own_action(self, record: Any) -> None:
        client = caller(self.person_with("all", "view"))
        assert self.send(client, "get", record.pk).status_code == 200
        assert_problem(self.send(client, "post", body=self.body), 403)
        assert_problem(self.send(client, "patch", record.pk, self.change), 403)
        assert_problem(self.send(client, "delete", record.pk), 403)
        assert self.model.objects.get(pk=record.pk).version == record.version

    def test_a_scope_covers_ones_own_the_teams_or_all(self, cast: dict[str, User]) -> None:
        if not self.owned:
            return
        records = {key: self.make_for(cast[key]) for key in ("manager", "sales", "stranger")}
        own = self.person_with("own", "view")
        mine = self.make_for(own)
        team = self.person_with("team", "view")
        User.objects.filter(pk=own.pk).update(manager=team)
        everything = {record.pk for record in [*records.values(), mine]}
        assert set(self.ids(caller(own))) == {mine.pk}
        assert set(self.ids(caller(team))) == {mine.pk}
        assert set(self.ids(caller(cast["manager"]))) == {records["manager"].pk, records["sales"].pk}
        assert set(self.ids(caller(cast["admin"]))) == everything

    def test_a_record_out_of_sight_is_404_to_every_verb(self, record: Any, cast: dict[str, User]) -> None:
        client = caller(cast["stranger"] if self.owned else cast["admin"])
        pk = record.pk if self.owned else 999_999_999
        for method, body in (("get", None), ("patch", self.change), ("delete", None)):
            assert_problem(self.send(client, method, pk, body), 404)
            assert_problem(self.send(client, method, 10**17, body), 404)
        assert self.model.objects.filter(pk=record.pk).exists()

    def test_seeing_more_than_one_may_change_is_403_beyond(self, record: Any, cast: dict[str, User]) -> None:
        if not self.owned:
            return
        role = make_role("sees-all", **{self.model.module: ("all", ["view"])})
        for action in ("change", "delete"):
            role.grants.create(module=self.model.module, action=action, scope="own")
        client = caller(make_user("sees-all", role=role))
        assert self.send(client, "get", record.pk).status_code == 200
        assert_problem(self.send(client, "patch", record.pk, self.change), 403)
        assert_problem(self.send(client, "delete", record.pk), 403)

    def test_a_record_cannot_be_given_away(self, cast: dict[str, User]) -> None:
        if not self.owned:
            return
        client = caller(cast["stranger"])
        theirs = {"owner": cast["sales"].pk}
        assert fields_refused(self.send(client, "post", body={**self.body, **theirs})) == {"owner"}
        mine = self.make_for(cast["stranger"])
        assert fields_refused(self.send(client, "patch", mine.pk, theirs)) == {"owner"}
        assert self.model.objects.get(pk=mine.pk).owner == cast["stranger"]

    def test_a_read_only_token_only_reads(self, record: Any, cast: dict[str, User]) -> None:
        client = caller(cast["admin"], read_only=True)
        assert self.send(client, "get", record.pk).status_code == 200
        assert_problem(self.send(client, "post", body=self.body), 403)
        assert_problem(self.send(client, "delete", record.pk), 403)

    def test_the_session_of_a_page_works_too(self, record: Any, cast: dict[str, User]) -> None:
        assert client_of(cast["admin"]).get(self.url(record.pk)).status_code == 200
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(cast["admin"], backend=BACKEND)
        assert_problem(self.send(strict, "delete", record.pk), 403)

    # --- Verbs

    def test_a_record_is_created_read_changed_and_deleted(self, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        made = self.send(client, "post", body=self.body)
        assert made.status_code == 201, made.content
        pk = made.json()["id"]
        assert made["Location"].endswith(self.url(pk))
        assert {name: made.json()[name] for name in self.body} == self.body
        event = Event.objects.get(subject_id=pk, subject_type=self.model._meta.label_lower, action="created")
        assert (event.channel, event.actor_id) == ("api", cast["admin"].pk)
        read = self.send(client, "get", pk)
        assert read.json() == made.json()
        assert read["ETag"] == f'"{read.json()["version"]}"'
        changed = self.send(client, "patch", pk, {**self.change, "version": read.json()["version"]})
        assert changed.status_code == 200, changed.content
        expected = {**read.json(), **self.change}
        told = {name: changed.json()[name] for name in self.body}
        assert told == {name: expected[name] for name in self.body}
        assert changed.json()["version"] == read.json()["version"] + 1
        assert self.send(client, "delete", pk).status_code == 204
        assert_problem(self.send(client, "get", pk), 404)
        binned = BinEntry.objects.filter(subject_id=pk, subject_type=self.model._meta.label_lower)
        assert binned.exists() is self.to_bin

    def test_what_was_read_can_be_sent_back(self, record: Any, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        read = self.send(client, "get", record.pk).json()
        answer = self.send(client, "patch", record.pk, read)
        assert answer.status_code == 200, answer.content
        assert answer.json()["version"] == read["version"]

    def test_a_stale_change_is_told_the_record_as_it_is(self, record: Any, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        assert self.send(client, "patch", record.pk, self.change).status_code == 200
        late = {**self.change, "version": record.version}
        body = assert_problem(self.send(client, "patch", record.pk, late), 409)
        assert body["current"]["version"] == record.version + 1
        stale = {"headers": {"If-Match": f'"{record.version}"'}}
        assert_problem(self.send(client, "patch", record.pk, self.change, **stale), 412)
        assert_problem(self.send(client, "delete", record.pk, **stale), 412)
        fresh = {"headers": {"If-Match": f'"{record.version + 1}"'}}
        assert self.send(client, "delete", record.pk, **fresh).status_code == 204

    def test_verbs_that_are_not_offered_answer_405(self, record: Any, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        for method, pk in (("put", record.pk), ("options", None), ("delete", None), ("post", record.pk)):
            response = self.send(client, method, pk)
            assert_problem(response, 405)
            assert "GET" in response["Allow"]

    # --- Keys

    def test_the_same_key_does_it_once(self, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        key = {"headers": {"Idempotency-Key": "once-1"}}
        first = self.send(client, "post", body=self.body, **key)
        count = self.model.objects.count()
        again = self.send(client, "post", body=self.body, **key)
        assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])
        assert again["Idempotency-Replayed"] == "true"
        assert self.model.objects.count() == count
        assert_problem(self.send(client, "post", body={**self.body, **self.change}, **key), 422)

    # --- Lists

    def test_filters_are_those_of_the_page(self, record: Any, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        found = self.make_for(cast["sales"], **self.found_by())
        query = "&".join(f"{name}={value}" for name, value in self.listed_by.items())
        assert self.ids(client, query) == [found.pk]
        unknown = assert_problem(client.get(f"{self.url()}?colur=blue"), 422)
        assert unknown["errors"][0]["field"] == "colur"

    def found_by(self) -> dict[str, Any]:
        """Fields of a record that `listed_by` finds."""
        return self.listed_by

    def test_pages_walk_over_every_row_once_in_every_sort(self, cast: dict[str, User]) -> None:
        client = caller(cast["manager"] if self.owned else cast["admin"])
        for number in range(7):
            self.make_for(cast["sales" if number % 2 else "sales2"], **self.numbered(number))
        for sort in self.viewset().sorts:
            self.walk(client, sort.name)

    def walk(self, client: Client, sort: str) -> None:
        everything = self.ids(client, f"sort={sort}&page_size=100")
        pages, url = [], f"{self.url()}?sort={sort}&page_size=3"
        while url:
            body = client.get(url).json()
            assert len(body["results"]) <= 3
            pages.append([row["id"] for row in body["results"]])
            last, url = body, body["next"]
        assert [pk for page in pages for pk in page] == everything
        assert len(set(everything)) == len(everything) >= 7
        back = client.get(last["previous"]).json()
        assert [row["id"] for row in back["results"]] == pages[-2]

    def numbered(self, number: int) -> dict[str, Any]:
        """Fields that set the records of a long list apart."""
        return {}

    def viewset(self) -> Any:
        from django.urls import resolve

        match: Any = resolve(self.url())
        return getattr(match.func, "cls", None) or view_of(match)

    def test_pages_have_at_most_a_hundred_rows_and_our_keys(self, record: Any, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        assert self.ids(client, "page_size=5000") == [record.pk]
        for size in ("0", "-1", "ten", "1.5", "%F0%9F%98%80", "9" * 5000 + "x"):
            assert_problem(client.get(f"{self.url()}?page_size={size}"), 422)
        for key in ("x", "%00", "e30", "W10", "WyJhIl0", "A" * 3000, "W" * 4001):
            assert_problem(client.get(f"{self.url()}?after={key}"), 400)
        assert_problem(client.get(f"{self.url()}?sort=nothing"), 422)

    @pytest.mark.parametrize("value", ODD_KEYS)
    def test_a_key_of_odd_values_is_a_key_or_none(
        self, value: Any, record: Any, cast: dict[str, User]
    ) -> None:
        client = caller(cast["admin"])
        for sort in self.viewset().sorts:
            for values in ([value] * len(sort.fields), [value, 1][-len(sort.fields) :]):
                key = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
                for side in ("after", "before"):
                    answer = client.get(f"{self.url()}?sort={sort.name}&{side}={key}")
                    assert answer.status_code in (200, 400), (sort.name, answer.content)

    def test_a_page_costs_the_same_for_one_row_and_for_many(self, record: Any, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        client.get(self.url())
        with CaptureQueriesContext(
            connection,
        ) as one:
            client.get(self.url())
        for number in range(12):
            self.make_for(cast["sales"], **self.numbered(number))
        with CaptureQueriesContext(connection) as many:
            assert len(self.ids(client)) == 13
        assert len(one) == len(many) == self.list_queries, "\n".join(q["sql"] for q in many.captured_queries)

    # --- Bad input

    def test_wrong_values_are_told_field_by_field(self, record: Any, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        count = self.model.objects.count()
        refused = fields_refused(self.send(client, "post", body={**self.body, **self.wrong}))
        assert refused == set(self.wrong)
        for name, value in self.wrong.items():
            assert fields_refused(self.send(client, "patch", record.pk, {name: value})) == {name}
        assert self.model.objects.count() == count
        assert self.model.objects.get(pk=record.pk).version == record.version

    @pytest.mark.parametrize(
        "value",
        [True, [], {}, [[[]]], 10**400, -1, 1e308, "\0", "\ud800", "x" * 10_000, {"a": [None]}],
    )
    def test_values_of_the_wrong_type_are_refused_and_nothing_breaks(
        self, value: Any, record: Any, cast: dict[str, User]
    ) -> None:
        client = caller(cast["admin"])
        for name in [*self.body, "id", "version", "owner", "tags", "nonsense"]:
            response = self.send(client, "patch", record.pk, {name: value})
            assert response.status_code in (200, 409, 422), (name, response.content)
            assert self.send(client, "post", body={**self.body, name: value}).status_code in (201, 422), name

    @pytest.mark.parametrize(
        ("text", "kind", "status"),
        UNREADABLE,
    )
    def test_a_body_that_cannot_be_read_is_a_problem(
        self, text: Any, kind: str, status: int, record: Any, cast: dict[str, User]
    ) -> None:
        client = caller(cast["admin"])
        assert_problem(client.post(self.url(), data=text, content_type=kind), status)
        assert_problem(client.patch(self.url(record.pk), data=text, content_type=kind), status)
        assert self.model.objects.get(pk=record.pk).version == record.version

    def test_a_body_of_unknown_length_is_not_taken_for_an_empty_one(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        client = caller(cast["admin"], **{"Transfer-Encoding": "chunked"})
        answer = client.generic("PATCH", self.url(record.pk), b"", content_type=JSON)
        assert_problem(answer, 411)

    def test_a_flood_of_unknown_fields_is_not_sent_back(self, record: Any, cast: dict[str, User]) -> None:
        body = {f"nothing{number}": 1 for number in range(5000)}
        answer = self.send(caller(cast["admin"]), "patch", record.pk, body)
        if answer.status_code == 422:
            assert len(answer.json()["errors"]) == 20

    def test_a_form_is_not_taken_for_an_empty_body(self, record: Any, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        assert_problem(client.post(self.url(), data={"name": "x"}), 415)

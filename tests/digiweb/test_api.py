"""The API as a whole: tokens, limits, keys, languages, refusals."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
import redis.exceptions
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Contact
from crm.services import contact as contact_services
from digiweb.api import throttling
from digiweb.checks import every_view_names_its_right, rights_of_viewset
from people.models import APIToken, Role, User
from people.services.token import make_token, revoke_token
from tests.base import BACKEND, client_of, make_cast, make_contact
from tests.contracts.api import JSON, assert_problem, caller

URL = "/api/v1/contacts/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


class TestWhoCalls:
    def test_a_token_ends_when_it_expires_is_revoked_or_its_owner_leaves(self, cast: dict[str, User]) -> None:
        token, secret = make_token(
            user=cast["sales"], name="x", expires_at=timezone.now() + timedelta(days=1)
        )
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        assert client.get(URL).status_code == 200
        APIToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert 'error="invalid_token"' in client.get(URL)["WWW-Authenticate"]
        APIToken.objects.update(expires_at=None)
        User.objects.filter(pk=cast["sales"].pk).update(is_active=False)
        assert_problem(client.get(URL), 401)
        User.objects.filter(pk=cast["sales"].pk).update(is_active=True)
        assert client.get(URL).status_code == 200
        revoke_token(user=cast["sales"], token=token)
        assert_problem(client.get(URL), 401)

    @pytest.mark.parametrize(
        "header",
        [
            "Bearer",
            "Bearer x",
            "Bearer dw_x y",
            "Bearer dw_" + "x" * 40,
            "bearer dw_é",
            "Bearer " + "x" * 5000,
        ],
    )
    def test_a_wrong_token_is_refused_even_beside_a_session(self, header: str, cast: dict[str, User]) -> None:
        assert_problem(client_of(cast["admin"], Authorization=header).get(URL), 401)

    def test_another_scheme_is_nobody(self, cast: dict[str, User]) -> None:
        assert_problem(Client(headers={"Authorization": "Basic YTpi"}).get(URL), 401)

    def test_a_session_changes_only_with_its_csrf_token(self, cast: dict[str, User]) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast["sales"], backend=BACKEND)
        assert client.get(URL).status_code == 200
        body = {"last_name": "Durand"}
        assert_problem(client.post(URL, body, content_type=JSON), 403)
        client.get("/crm/contacts/new/")
        token = client.cookies["csrftoken"].value
        answer = client.post(URL, body, content_type=JSON, headers={"X-CSRFToken": token})
        assert answer.status_code == 201

    def test_viewing_as_somebody_else_reads_but_changes_nothing(self, cast: dict[str, User]) -> None:
        theirs = make_contact(cast["sales"], owner=cast["sales"])
        make_contact(cast["stranger"], owner=cast["stranger"])
        client = client_of(cast["admin"])
        session = client.session
        session["view_as"] = cast["sales"].pk
        session.save()
        assert [row["id"] for row in client.get(URL).json()["results"]] == [theirs.pk]
        assert_problem(client.post(URL, {"last_name": "Durand"}, content_type=JSON), 403)
        assert_problem(client.delete(f"{URL}{theirs.pk}/"), 403)

    def test_a_compulsory_second_factor_bars_token_and_session_without_it(
        self, cast: dict[str, User]
    ) -> None:
        Role.objects.filter(slug="sales").update(mfa_required=True)
        assert_problem(caller(cast["sales"]).get(URL), 403)
        assert_problem(client_of(cast["sales"]).get(URL), 403)


class TestLimits:
    def test_a_role_has_so_many_calls_an_hour_for_each_person(self, cast: dict[str, User]) -> None:
        Role.objects.filter(slug="sales").update(api_calls_per_hour=3)
        one, other = caller(cast["sales"]), caller(cast["sales"])
        left = [client.get(URL)["RateLimit-Remaining"] for client in (one, other, one)]
        assert left == ["2", "1", "0"]
        refused = other.get(URL)
        assert_problem(refused, 429)
        assert 1 <= int(refused["Retry-After"]) <= 3600
        assert (refused["RateLimit-Limit"], refused["RateLimit-Remaining"]) == ("3", "0")
        assert caller(cast["sales2"]).get(URL).status_code == 200

    def test_what_is_forbidden_counts_too(self, cast: dict[str, User]) -> None:
        Role.objects.filter(slug="marketing").update(api_calls_per_hour=1)
        client = caller(cast["marketing"])
        assert_problem(client.get(URL), 403)
        assert_problem(client.get(URL), 429)

    def test_the_next_hour_begins_anew(self, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
        Role.objects.filter(slug="sales").update(api_calls_per_hour=1)
        client, now = caller(cast["sales"]), time.time()
        assert client.get(URL).status_code == 200
        assert_problem(client.get(URL), 429)
        monkeypatch.setattr(throttling.time, "time", lambda: now + 3600)
        assert client.get(URL).status_code == 200

    def test_without_redis_the_api_goes_on(
        self, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*args: Any, **kwargs: Any) -> Any:
            raise redis.exceptions.ConnectionError

        for name in ("incr", "add"):
            monkeypatch.setattr(cache, name, broken)
        client = caller(cast["sales"])
        assert client.get(URL).status_code == 200
        answer = client.post(URL, {"last_name": "D"}, content_type=JSON, headers={"Idempotency-Key": "k"})
        assert_problem(answer, 503)
        assert not Contact.objects.exists()


class TestKeys:
    def post(self, client: Client, key: str, **body: Any) -> Any:
        return client.post(
            URL, body or {"last_name": "Durand"}, content_type=JSON, headers={"Idempotency-Key": key}
        )

    def test_keys_of_two_people_are_two(self, cast: dict[str, User]) -> None:
        assert self.post(caller(cast["sales"]), "k").status_code == 201
        answer = self.post(caller(cast["sales2"]), "k")
        assert answer.status_code == 201
        assert "Idempotency-Replayed" not in answer
        assert Contact.objects.count() == 2

    def test_what_was_refused_may_be_sent_better_under_the_same_key(self, cast: dict[str, User]) -> None:
        client = caller(cast["sales"])
        assert_problem(self.post(client, "k", email="nobody"), 422)
        assert self.post(client, "k", email="somebody@example.fr").status_code == 201

    @pytest.mark.parametrize("key", ["x" * 201, "with blank", "é", " "])
    def test_a_key_is_short_and_plain(self, key: str, cast: dict[str, User]) -> None:
        assert self.post(caller(cast["sales"]), key).status_code in (201, 400)

    def test_a_twin_waits_while_the_first_runs(
        self, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client, answers = caller(cast["sales"]), []
        create = contact_services.create_contact

        def slow(**kwargs: Any) -> Any:
            if not answers:
                answers.append(self.post(caller(cast["sales"]), "k"))
            return create(**kwargs)

        monkeypatch.setattr("crm.api.contact.create_contact", slow)
        assert self.post(client, "k").status_code == 201
        assert_problem(answers[0], 409)
        assert answers[0]["Retry-After"] == "1"
        assert Contact.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_with_one_key_make_one_contact() -> None:
    _token, secret = make_token(user=make_cast()["sales"], name="test")
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"}
    statuses: list[int] = []

    def post() -> None:
        try:
            answer = Client(headers=headers).post(URL, {"last_name": "Durand"}, content_type=JSON)
            statuses.append(answer.status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert Contact.objects.count() == 1
    assert set(statuses) <= {201, 409}
    assert 201 in statuses


class TestLanguages:
    def test_the_call_says_its_language_or_the_person_does(self, cast: dict[str, User]) -> None:
        User.objects.filter(pk=cast["sales"].pk).update(language="en")
        client = caller(cast["sales"])
        body = {"email": "nobody"}

        def message(**headers: str) -> str:
            answer = client.post(URL, body, content_type=JSON, headers=headers)
            assert answer["Content-Language"] == answer_language
            return str(answer.json()["errors"][0]["message"])

        answer_language = "en"
        assert message() == "Enter a valid email address."
        answer_language = "fr"
        assert message(**{"Accept-Language": "fr-FR,fr;q=0.9"}) == "Saisissez une adresse e-mail valide."
        answer_language = "en"
        assert message(**{"Accept-Language": "en"}) == "Enter a valid email address."


class TestRefusals:
    @pytest.mark.parametrize(
        "path",
        [
            "/api/v1/nothing/",
            "/api/v1/contacts",
            "/api/v1/contacts/abc/",
            "/api/v1/contacts/1/x/",
            "/api/v1/é/",
        ],
    )
    @pytest.mark.parametrize("method", ["get", "post", "patch", "delete", "put", "options"])
    def test_an_unknown_address_is_a_problem_whatever_the_method(self, path: str, method: str) -> None:
        call: Any = getattr(Client(), method)
        assert_problem(call(path), 404)

    def test_only_json_is_answered(self, cast: dict[str, User]) -> None:
        client = caller(cast["sales"])
        assert_problem(client.get(URL, headers={"Accept": "text/csv"}), 406)
        assert client.get(URL, headers={"Accept": "text/html,*/*;q=0.8"}).status_code == 200

    def test_answers_are_not_kept_by_caches(self, cast: dict[str, User]) -> None:
        assert caller(cast["sales"]).get(URL)["Cache-Control"] == "private, no-store"

    def test_the_entrance_names_the_resources(self, cast: dict[str, User]) -> None:
        body = caller(cast["marketing"]).get("/api/v1/").json()
        assert body["contacts"].endswith(URL)
        assert_problem(Client().get("/api/v1/"), 401)

    def test_a_service_that_fails_is_a_500_problem(
        self, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(**kwargs: Any) -> Any:
            raise RuntimeError("our own fault")

        monkeypatch.setattr("crm.api.contact.create_contact", broken)
        client = caller(cast["sales"])
        client.raise_request_exception = False
        assert "our own fault" not in str(
            assert_problem(client.post(URL, {"last_name": "D"}, content_type=JSON), 500)
        )


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["first_name", "email", "phone", "company", "owner", "tags", "status", "country", "version", "id", "x"]
)


NAMES = "q status owner company city tags created_after score_min sort after before page_size format x"
PARAMETERS = st.sampled_from(NAMES.split())


class TestAnything:
    @pytest.fixture
    def client(self, cast: dict[str, User]) -> Client:
        Role.objects.update(api_calls_per_hour=1_000_000)
        return caller(cast["admin"])

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(body=st.dictionaries(FIELDS, JSON_VALUES, max_size=4) | JSON_VALUES)
    def test_any_json_is_taken_or_refused_but_never_breaks(self, client: Client, body: Any) -> None:
        import json

        answer = client.post(URL, json.dumps(body), content_type=JSON)
        assert answer.status_code in (201, 400, 422), answer.content

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        query=st.dictionaries(
            PARAMETERS,
            st.text(max_size=30) | st.integers().map(str) | st.dates().map(str),
            max_size=4,
        )
    )  # fmt: skip
    def test_any_query_is_taken_or_refused_but_never_breaks(
        self, client: Client, query: dict[str, str]
    ) -> None:
        answer = client.get(URL, query)
        assert answer.status_code in (200, 400, 404, 422), answer.content


class TestChecks:
    def test_the_house_is_in_order(self) -> None:
        assert every_view_names_its_right(None) == []

    def test_a_viewset_without_a_module_or_a_right_stops_the_start(self) -> None:
        from django.urls import resolve

        from crm.api.contact import ContactViewSet

        pattern: Any = type("Pattern", (), {"callback": staticmethod(resolve(URL).func)})
        assert rights_of_viewset(URL, pattern, ContactViewSet) == []
        without_module = type("Open", (ContactViewSet,), {"module": ""})
        assert [error.id for error in rights_of_viewset(URL, pattern, without_module)] == ["digiweb.E004"]
        without_right = type("Open", (ContactViewSet,), {"rights": {"list": "view"}})
        assert "create" in rights_of_viewset(URL, pattern, without_right)[0].msg
        unasked = type("Open", (ContactViewSet,), {"permission_classes": []})
        assert "matrix" in rights_of_viewset(URL, pattern, unasked)[0].msg

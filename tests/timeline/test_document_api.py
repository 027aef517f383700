"""Documents in the API: the contract, with files instead of JSON for new ones."""

import json
from typing import Any

import pytest
from django.test import Client

from people.models import User
from tests.base import make_contact, make_role, make_user
from tests.contracts.api import JSON, APIContract, assert_problem, caller, fields_refused
from tests.timeline.documents import CSV, PDF, make_document, picture, uploaded
from timeline.models import BinEntry, Document, Event

URL = "/api/v1/documents/"


class TestDocumentAPI(APIContract):
    model = Document
    path = "documents"
    make = staticmethod(make_document)
    body = {"name": "Annexe.pdf"}
    change = {"name": "Avenant.pdf"}
    listed_by = {"type": "table"}
    wrong = {"name": "photo.png"}
    list_queries = 4

    def found_by(self) -> dict[str, Any]:
        return {"name": "prix.csv", "content": CSV}

    def person_with(self, scope: str, *actions: str, **fields: Any) -> User:
        name = f"{scope}-{'-'.join(actions)}"
        role = make_role(f"role-{name}", timeline_document=("all", actions), crm_contact=(scope, actions))
        return make_user(f"p-{name}", role=role, **fields)

    def send(self, client: Client, method: str, pk: Any = None, body: Any = None, **extra: Any) -> Any:
        """A new document is sent as a form with its file, on a contact of nobody."""
        if method != "post" or pk is not None:
            return super().send(client, method, pk, body, **extra)
        contact = make_contact(None, owner=None)  # type: ignore[arg-type]
        form = {"subject": f"crm.contact:{contact.pk}", "file": uploaded()}
        for name, value in (body or {}).items():
            form[name] = value if isinstance(value, str) else json.dumps(value)
        return client.post(self.url(), form, **extra)

    # --- What is different with files

    def test_a_record_is_created_read_changed_and_deleted(self, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        made = self.send(client, "post", body=self.body)
        assert made.status_code == 201, made.content
        pk = made.json()["id"]
        assert made["Location"].endswith(self.url(pk))
        assert (made.json()["name"], made.json()["kind"]) == ("Annexe.pdf", "pdf")
        contact = int(made.json()["subject"].partition(":")[2])
        event = Event.objects.get(subject_type="crm.contact", subject_id=contact, action="document_added")
        assert (event.channel, event.actor_id, event.data["document"]) == ("api", cast["admin"].pk, pk)
        read = self.send(client, "get", pk)
        assert read.json() == made.json()
        assert read["ETag"] == '"1"'
        changed = self.send(client, "patch", pk, {**self.change, "version": 1})
        assert (changed.status_code, changed.json()["name"]) == (200, "Avenant.pdf")
        download = client.get(f"{self.url(pk)}download/")
        assert b"".join(download.streaming_content) == PDF  # type: ignore[attr-defined]
        assert self.send(client, "delete", pk).status_code == 204
        assert_problem(self.send(client, "get", pk), 404)
        assert BinEntry.objects.filter(subject_id=pk, subject_type="timeline.document").exists()

    def test_the_same_key_does_it_once(self, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        contact = make_contact(cast["admin"])
        form = {"subject": f"crm.contact:{contact.pk}"}
        key = {"headers": {"Idempotency-Key": "once-1"}}
        first = client.post(URL, {**form, "file": uploaded()}, **key)
        again = client.post(URL, {**form, "file": uploaded()}, **key)
        assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])
        assert again["Idempotency-Replayed"] == "true"
        assert Document.objects.count() == 1
        assert_problem(client.post(URL, {**form, "file": uploaded("x.csv", CSV)}, **key), 422)

    def test_seeing_more_than_one_may_change_is_403_beyond(self, record: Any, cast: dict[str, User]) -> None:
        actions = ["view", "change", "delete"]
        role = make_role("sees-all", timeline_document=("all", actions), crm_contact=("all", ["view"]))
        role.grants.create(module="crm.contact", action="change", scope="own")
        client = caller(make_user("sees-all", role=role))
        assert self.send(client, "get", record.pk).status_code == 200
        assert_problem(self.send(client, "patch", record.pk, self.change), 403)
        assert_problem(self.send(client, "delete", record.pk), 403)

    def test_a_record_cannot_be_given_away(self, cast: dict[str, User]) -> None:
        """A document is put on no record that one does not see, and on none that one may not change."""
        client = caller(cast["stranger"])
        theirs = make_contact(cast["sales"], owner=cast["sales"])
        for record in (f"crm.contact:{theirs.pk}", "crm.contact:999999999", "people.user:1", "x", "a" * 90):
            form = {"subject": record, "file": uploaded()}
            assert fields_refused(client.post(URL, form)) == {"subject"}
        role = make_role("sees", timeline_document=("all", ["view", "create"]), crm_contact=("all", ["view"]))
        reader = caller(make_user("reader", role=role))
        form = {"subject": f"crm.contact:{theirs.pk}", "file": uploaded()}
        assert_problem(reader.post(URL, form), 403)
        assert not Document.objects.exists()

    def test_wrong_values_are_told_field_by_field(self, record: Any, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        assert fields_refused(client.post(URL, {})) == {"subject", "file"}
        contact = make_contact(cast["admin"])
        for name, content in (
            ("photo.png", PDF),
            ("a.pdf", picture()),
            ("vide.txt", b""),
            ("a.html", b"<p>"),
        ):
            form = {"subject": f"crm.contact:{contact.pk}", "file": uploaded(name, content)}
            assert fields_refused(client.post(URL, form)) == {"file"}, name
        assert fields_refused(self.send(client, "patch", record.pk, self.wrong)) == {"name"}
        assert Document.objects.count() == 1

    @pytest.mark.parametrize("value", [True, [], {}, [[[]]], 10**400, -1, "\0", "\ud800", "x" * 10_000])
    def test_values_of_the_wrong_type_are_refused_and_nothing_breaks(
        self, value: Any, record: Any, cast: dict[str, User]
    ) -> None:
        client = caller(cast["admin"])
        for name in ("name", "id", "version", "owner_id", "file", "sha256", "nonsense"):
            response = self.send(client, "patch", record.pk, {name: value})
            assert response.status_code in (200, 409, 422), (name, response.content)

    @pytest.mark.parametrize(
        ("text", "kind", "status"),
        [("{}", JSON, 415), ("a=b", "application/x-www-form-urlencoded", 415), ("x", "text/plain", 415)],
    )
    def test_a_body_that_cannot_be_read_is_a_problem(
        self, text: Any, kind: str, status: int, record: Any, cast: dict[str, User]
    ) -> None:
        assert_problem(caller(cast["admin"]).post(self.url(), data=text, content_type=kind), status)

    def test_a_form_is_not_taken_for_an_empty_body(self, record: Any, cast: dict[str, User]) -> None:
        assert_problem(caller(cast["admin"]).patch(self.url(record.pk), data={"name": "x"}), 415)


@pytest.mark.django_db
class TestMore:
    @pytest.fixture
    def cast(self) -> dict[str, User]:
        from tests.base import make_cast

        return make_cast()

    def test_a_file_beyond_the_limit_is_413(self, cast: dict[str, User], settings: Any) -> None:
        settings.DOCUMENT_MAX_BYTES = 1000
        contact = make_contact(cast["admin"])
        form = {"subject": f"crm.contact:{contact.pk}", "file": uploaded("g.pdf", PDF + b"x" * 2000)}
        assert_problem(caller(cast["admin"]).post(URL, form), 413)

    def test_a_misspelt_part_is_refused(self, cast: dict[str, User]) -> None:
        contact = make_contact(cast["admin"])
        form = {"subject": f"crm.contact:{contact.pk}", "file": uploaded(), "nom": "Annexe.pdf"}
        answer = caller(cast["admin"]).post(URL, form)
        assert fields_refused(answer) == {"nom"}
        assert not Document.objects.exists()

    def test_the_name_of_the_file_serves_where_none_is_given(self, cast: dict[str, User]) -> None:
        contact = make_contact(cast["admin"])
        form = {"subject": f"crm.contact:{contact.pk}", "file": uploaded("..\\..\\Plan\u202efdp.pdf")}
        body = caller(cast["admin"]).post(URL, form).json()
        assert body["name"] == "Planfdp.pdf"
        assert "file" not in body

    def test_the_document_describes_the_upload_as_a_form(self, cast: dict[str, User]) -> None:
        schema = caller(cast["admin"]).get("/api/v1/schema/?format=json").json()
        sent = schema["paths"]["/api/v1/documents/"]["post"]["requestBody"]["content"]
        assert list(sent) == ["multipart/form-data"]
        assert "/api/v1/documents/{id}/download/" in schema["paths"]

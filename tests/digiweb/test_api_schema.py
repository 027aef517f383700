"""What the API answers is what its OpenAPI document says: every operation's answer is held against it."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from crm import jobs
from crm.models import DuplicatePair
from crm.services.contact import change_contact, delete_contacts
from crm.services.merge import merge_records
from digiweb.api.document import schema_in
from digiweb.jobs import enqueue
from tests.base import make_activity, make_cast, make_company, make_contact
from tests.contracts.api import JSON, caller
from tests.fixtures.provider import Server
from tests.sync.aircall import delivered, make_caller
from tests.sync.answers import DIRECTORY, SIREN
from tests.timeline.documents import make_document
from tests.url_matrix_debits import mandate, plan
from tests.url_world import World
from timeline.models import BinEntry
from timeline.services.note import add_note
from timeline.services.notification import notify

pytestmark = pytest.mark.django_db
# Lists of administrators, and what has no rows: sums.
ADMINS = (
    "users/", "webhook-deliveries/", "score-rules/", "custom-fields/", "sync/runs/", "received-invoices/",
    "accounts/", "reminder-stages/", "penalty-rates/", "commission-rates/",
)  # fmt: skip
WITHOUT_ROWS = ("deals/board/", "notifications/unread/", "pipeline/", "tracking/")


class TestAnswers:
    @pytest.fixture
    def client(self, provider_server: Server) -> Any:
        provider_server.answers["/directory/search"] = DIRECTORY
        cast = make_cast()
        self.hugo = hugo = cast["sales"]
        self.world = world = World(cast)
        contact, self.twin = world.contact, make_contact(hugo, owner=hugo, city="Lyon")
        change_contact(user=cast["manager"], contact=contact, values={"company": None, "city": "Nantes"})
        self.note = add_note(user=hugo, obj=contact, body="@Claire Fontaine et @Inès Garnier")
        notify(people=[hugo], kind="mention", text="Un", obj=contact, actor=cast["manager"])
        notify(people=[hugo], kind="unknown", text="Deux")
        for _number in range(2):
            gone = make_contact(hugo, owner=hugo)
            delete_contacts(user=hugo, pks=[gone.pk])
        lost = make_contact(hugo, owner=hugo)
        self.merge = merge_records(user=hugo, kept=contact, lost=lost, take=set())
        self.pair = DuplicatePair.objects.create(
            subject_type="crm.contact", first_id=contact.pk, second_id=self.twin.pk, reason="name"
        )
        make_document(hugo, on=contact)
        make_company(hugo, owner=hugo, postcode="69002", city="Lyon")
        make_caller(hugo)
        delivered()
        # What these make of an invoice, a client and an agency; the oldest invoice comes first.
        made = (world.reminder, world.money, world.plan, world.book_account, plan(world), mandate(world))
        assert all(made)
        self.run = enqueue(jobs.find_duplicates, user=hugo, label="Recherche")
        return caller(hugo)

    def check(self, answer: Any, path: str, method: str = "get") -> Any:
        """Hold an answer against the document; returns it."""
        document = schema_in("en")
        assert answer.status_code < 300, f"{path}: {answer.content}"
        told = document["paths"][f"/api/v1/{path}"][method]["responses"][str(answer.status_code)]
        schema = told["content"]["application/json"]["schema"]
        validator = Draft202012Validator({**strict(schema), "components": strict(document["components"])})
        errors = [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(answer.json())]
        assert not errors, f"{method} {path}: {errors}"
        return answer.json()

    def test_of_reading(self, client: Any) -> None:
        of_contact = f"?subject=crm.contact:{self.world.contact.pk}"
        queries = {"notes/": of_contact, "events/": of_contact, "company-data/": f"?q={SIREN}"}
        admin, document = caller(self.world.cast["admin"]), schema_in("en")
        for path in [path for path, methods in document["paths"].items() if "get" in methods]:
            name = path.removeprefix("/api/v1/")
            if "{id}" in name or name.startswith("users/me"):
                continue
            who = admin if name in ADMINS else client
            found = self.check(who.get(path + queries.get(name, "")), name)
            for row in found.get("results", [])[:3]:
                detail = f"{path}{{id}}/"
                if detail in document["paths"]:
                    self.check(who.get(f"{path}{row['id']}/"), f"{name}{{id}}/")
            assert found.get("results") or name in WITHOUT_ROWS, f"nothing to hold {name} against"

    def test_of_single_things(self, client: Any) -> None:
        self.check(client.get("/api/v1/users/me/"), "users/me/")
        score = f"/api/v1/contacts/{self.world.contact.pk}/score/"
        self.check(client.get(score), "contacts/{id}/score/")

    def test_of_verbs(self, client: Any) -> None:
        world, subject = self.world, f"crm.contact:{self.world.contact.pk}"
        first, last = BinEntry.objects.earliest("pk"), BinEntry.objects.latest("pk")
        weekly: Any = make_activity(self.hugo, recurrence="weekly")
        for name, pk, body in (
            ("notes/", None, {"subject": subject, "body": "@Inès Garnier"}),
            ("notifications/{id}/read/", self.hugo.notifications.latest("pk").pk, None),
            ("notifications/read/", None, None),
            ("bin/{id}/restore/", first.pk, None),
            ("bin/restore/", None, {"batch": str(last.batch)}),
            ("merges/{id}/undo/", self.merge.pk, None),
            ("duplicates/{id}/dismiss/", self.pair.pk, None),
            ("duplicates/search/", None, None),
            ("contacts/{id}/merge/", world.contact.pk, {"other": self.twin.pk}),
            ("activities/{id}/done/", weekly.pk, {}),
            ("jobs/{id}/cancel/", self.run.pk, None),
        ):
            answer = client.post(f"/api/v1/{name}".replace("{id}", str(pk)), body, content_type=JSON)
            self.check(answer, name, "post")
        url = f"/api/v1/notes/{self.note.pk}/"
        self.check(client.patch(url, {"body": "Après"}, content_type=JSON), "notes/{id}/", "patch")


def strict(schema: Any) -> Any:
    """The schema, in which objects have no fields that it does not name."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: strict(value) for key, value in schema.items()}
    if isinstance(told.get("properties"), dict) and told.get("type") == "object":
        told.setdefault("additionalProperties", False)
    return told

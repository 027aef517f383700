"""Received invoices in the API: the contract, with files instead of JSON for new ones."""

import json
from typing import Any

import pytest
from django.test import Client

from people.models import User
from sales.models import ReceivedFile, ReceivedInvoice
from tests.contracts.api import JSON, APIContract, assert_problem, caller, fields_refused
from tests.sales.received import make_received, pdf_of, upload, xml_of
from timeline.models import BinEntry, Event

URL = "/api/v1/received-invoices/"


class TestReceivedInvoiceAPI(APIContract):
    model = ReceivedInvoice
    path = "received-invoices"
    make = staticmethod(make_received)
    body = {"note": "À refacturer."}
    change = {"note": "Refacturé."}
    listed_by = {"status": "paid"}
    wrong = {"company": 999_999}
    owned = False
    list_queries = 5

    def send(self, client: Client, method: str, pk: Any = None, body: Any = None, **extra: Any) -> Any:
        """A new invoice is sent as a form with its file."""
        if method != "post" or pk is not None:
            return super().send(client, method, pk, body, **extra)
        form: dict[str, Any] = {"file": upload()}
        for name, value in (body or {}).items():
            form[name] = value if isinstance(value, str) else json.dumps(value)
        return client.post(self.url(), form, **extra)

    def test_a_record_is_created_read_changed_and_deleted(self, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        content = pdf_of(number="API-1")
        made = client.post(URL, {"file": upload(content, "f.pdf")})
        assert made.status_code == 201, made.content
        pk = made.json()["id"]
        assert made["Location"].endswith(self.url(pk))
        assert (made.json()["number"], made.json()["status"], made.json()["rules"]) == (
            "API-1",
            "checked",
            "kept",
        )
        assert made.json()["rates"] == [
            {"category": "S", "rate": "20.00", "base": "1000.00", "amount": "200.00"}
        ]
        event = Event.objects.get(subject_id=pk, subject_type="sales.receivedinvoice", action="created")
        assert (event.channel, event.actor_id) == ("api", cast["admin"].pk)
        read = self.send(client, "get", pk)
        assert read.json() == made.json()
        changed = self.send(client, "patch", pk, {**self.change, "version": 1})
        assert (changed.status_code, changed.json()["note"]) == (200, "Refacturé.")
        download = client.get(f"{self.url(pk)}download/")
        assert b"".join(download.streaming_content) == content  # type: ignore[attr-defined]
        assert self.send(client, "delete", pk).status_code == 204
        assert BinEntry.objects.filter(subject_id=pk, subject_type="sales.receivedinvoice").exists()

    def test_the_same_key_does_it_once(self, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        key = {"headers": {"Idempotency-Key": "once-1"}}
        content = xml_of()
        first = client.post(URL, {"file": upload(content)}, **key)
        again = client.post(URL, {"file": upload(content)}, **key)
        assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])
        assert again["Idempotency-Replayed"] == "true"
        assert ReceivedInvoice.objects.count() == 1
        assert_problem(client.post(URL, {"file": upload()}, **key), 422)

    def test_what_is_here_already_or_unreadable_is_refused(self, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        content = xml_of()
        assert client.post(URL, {"file": upload(content)}).status_code == 201
        for bad in (content, b"<html/>", b"", b"GIF89a"):
            assert fields_refused(client.post(URL, {"file": upload(bad)})) == {"file"}
        assert fields_refused(client.post(URL, {})) == {"file"}
        assert ReceivedInvoice.objects.count() == 1
        assert ReceivedFile.objects.filter(state="waiting").count() == 0

    def test_decisions(self, record: Any, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])

        def decide(name: str, **body: Any) -> Any:
            return client.post(f"{self.url(record.pk)}{name}/", json.dumps(body), content_type=JSON)

        assert fields_refused(decide("pay"))
        assert_problem(decide("pay", paid_on="2026-11-03"), 422)
        assert decide("approve").json()["status"] == "approved"
        assert_problem(decide("approve"), 422)
        assert_problem(decide("pay", paid_on="2999-01-01"), 422)
        assert decide("pay", paid_on="2026-11-03").json()["paid_on"] == "2026-11-03"
        assert_problem(decide("refuse", reason="Trop tard"), 422)
        assert decide("reopen").json()["status"] == "approved"
        assert decide("refuse", reason="Prix faux").json()["refusal"] == "Prix faux"

    def test_wrong_values_are_told_field_by_field(self, record: Any, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        assert fields_refused(self.send(client, "patch", record.pk, self.wrong)) == {"company"}

    @pytest.mark.parametrize("value", [True, [], {}, 10**400, -1, "\0", "x" * 10_000])
    def test_values_of_the_wrong_type_are_refused_and_nothing_breaks(
        self, value: Any, record: Any, cast: dict[str, User]
    ) -> None:
        client = caller(cast["admin"])
        for name in ("note", "company", "id", "version", "number", "nonsense"):
            response = self.send(client, "patch", record.pk, {name: value})
            assert response.status_code in (200, 409, 422), (name, response.content)

    @pytest.mark.parametrize("text", [b"{", b"\xff"])
    def test_a_body_that_cannot_be_read_is_a_problem(
        self, record: Any, cast: dict[str, User], text: Any
    ) -> None:
        client = caller(cast["admin"])
        assert_problem(client.post(URL, data=text, content_type=JSON), 415)
        assert_problem(client.patch(self.url(record.pk), data=text, content_type=JSON), 400)

    def test_a_form_is_not_taken_for_an_empty_body(self, record: Any, cast: dict[str, User]) -> None:
        client = caller(cast["admin"])
        assert_problem(client.post(URL, data="{}", content_type=JSON), 415)

"""Imports over the API."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crm.models import ContactImport, ContactImportRow
from people.models import User
from tests.base import make_cast
from tests.contracts.api import JSON, assert_problem, caller, fields_refused
from timeline.models import Event

pytestmark = pytest.mark.django_db
URL = "/api/v1/contact-imports/"
FILE = "prenom,nom,email,telephone\nÉmilie,Durand,emilie@example.fr,0612345678\nLuc,Petit,luc@example.fr,\n"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def client(cast: dict[str, User]) -> Client:
    return caller(cast["sales"])


def upload(client: Client, text: str = FILE, *, key: str = "", **fields: Any) -> Any:
    file = SimpleUploadedFile("contacts.csv", text.encode())
    headers = {"Idempotency-Key": key} if key else {}
    packed = {name: json.dumps(value) for name, value in fields.items()}
    return client.post(URL, {"file": file, **packed}, headers=headers)


def patch(client: Client, pk: int, **body: Any) -> Any:
    return client.patch(f"{URL}{pk}/", body, content_type=JSON)


def test_an_upload_is_read_and_its_columns_found(client: Client) -> None:
    answer = upload(client)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["state"], body["name"], body["header"][2]) == ("uploaded", "contacts.csv", "email")
    assert body["mapping"]["2"] == "email"
    assert client.get(answer["Location"]).json() == body
    assert [row["id"] for row in client.get(URL).json()["results"]] == [body["id"]]


def test_mapping_and_settings_come_with_the_file_or_later(client: Client, cast: dict[str, User]) -> None:
    body = upload(client, mapping={"1": "last_name"}, settings={"tags": ["Salon"]}).json()
    assert (body["mapping"], body["settings"]["tags"]) == ({"1": "last_name"}, ["Salon"])
    changed = patch(client, body["id"], settings={"assign": "person", "people": [cast["sales"].pk]})
    assert changed.status_code == 200, changed.content
    assert (changed.json()["mapping"], changed.json()["settings"]["assign"]) == ({"1": "last_name"}, "person")
    assert_problem(patch(client, body["id"], mapping={"2": "email"}, version=body["version"]), 409)
    read = changed.json()
    assert patch(client, body["id"], **read).json()["settings"] == read["settings"], "as it was read"


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"mapping": {"9": "email"}}, {"mapping"}),
        ({"mapping": {"0": "colour"}}, {"mapping.0"}),
        ({"mapping": {"0": "email", "1": "email"}}, {"mapping"}),
        ({"mapping": {"0": "city"}}, {"mapping"}),
        ({"mapping": []}, {"mapping"}),
        ({"maping": {"2": "email"}}, {"maping"}),
        ({"settings": {"on_duplicates": "skip"}}, {"settings.on_duplicates"}),
        ({"settings": {"assign": "person"}}, {"settings.people"}),
        ({"settings": {"assign": "rule", "rules": {"Paris!": 1}}}, {"settings.rules"}),
        ({"settings": {"on_duplicate": "burn"}}, {"settings.on_duplicate"}),
        ({"settings": {"people": ["x"]}}, {"settings.people.0"}),
        ({"settings": {"assign": "person", "people": [999_999]}}, {""}),
        ({"settings": 3}, {"settings"}),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_nothing_kept(
    client: Client, fields: dict[str, Any], refused: set[str]
) -> None:
    assert fields_refused(upload(client, **fields)) == refused
    assert not ContactImport.objects.exists()
    pk = upload(client).json()["id"]
    assert fields_refused(patch(client, pk, **fields)) == refused


@pytest.mark.parametrize("text", ["", "\0\0\0", "a" * 100_000, '"never closed\n' * 10])
def test_a_file_that_cannot_be_read_is_refused(client: Client, text: str) -> None:
    assert upload(client, text).status_code in (201, 422)
    assert_problem(client.post(URL, {"mapping": "{"}), 422)
    assert_problem(client.post(URL, FILE, content_type="text/csv"), 415)
    assert_problem(client.post(URL, {"a": 1}, content_type=JSON), 415)


def test_a_file_beyond_the_limit_is_413(client: Client, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 1000
    assert_problem(upload(client, FILE * 50), 413)
    assert not ContactImport.objects.exists()


def test_the_same_key_uploads_once(client: Client) -> None:
    first, again = upload(client, key="k"), upload(client, key="k")
    assert again.json() == first.json()
    assert ContactImport.objects.count() == 1
    assert_problem(upload(client, FILE + "x,y,z@example.fr,\n", key="k"), 422)


def test_it_is_started_once_and_followed(client: Client) -> None:
    pk = upload(client).json()["id"]
    started = client.post(f"{URL}{pk}/start/")
    assert (started.status_code, started.json()["state"]) == (202, "running")
    assert_problem(client.post(f"{URL}{pk}/start/"), 422)
    assert_problem(client.delete(f"{URL}{pk}/"), 422)
    assert client.post(f"{URL}{pk}/cancel/").status_code == 202
    assert client.get(f"{URL}{pk}/").json()["state"] == "cancelled"


def test_what_was_never_started_is_discarded(client: Client) -> None:
    pk = upload(client).json()["id"]
    assert client.delete(f"{URL}{pk}/").status_code == 204
    assert not ContactImport.objects.exists()


def test_a_finished_import_is_undone(client: Client) -> None:
    pk = upload(client).json()["id"]
    assert_problem(client.post(f"{URL}{pk}/undo/"), 422)
    ContactImport.objects.update(state="done", created=2)
    undone = client.post(f"{URL}{pk}/undo/")
    assert (undone.status_code, undone.json()["state"]) == (202, "undoing")


def test_refused_rows_come_back_with_the_reason_and_without_formulas(client: Client) -> None:
    pk = upload(client).json()["id"]
    values = ["=HYPERLINK(1)", "Durand"]
    ContactImportRow.objects.create(
        run_id=pk, number=4, outcome="refused", values=values, reason="No address."
    )
    ContactImportRow.objects.create(run_id=pk, number=5, outcome="created", contact_id=1)
    answer = client.get(f"{URL}{pk}/refused/", headers={"Accept": "text/csv"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert answer["Content-Type"].startswith("text/csv")
    assert lines[0].startswith("prenom,nom,email,telephone,")
    assert lines[1:] == ["'=HYPERLINK(1),Durand,,,No address."]
    assert Event.objects.filter(action="exported", subject_id=pk).exists()


def test_somebody_elses_import_is_unknown(client: Client, cast: dict[str, User]) -> None:
    pk = upload(client).json()["id"]
    other = caller(cast["stranger"])
    for path in ("", "refused/"):
        assert_problem(other.get(f"{URL}{pk}/{path}"), 404)
    for path in ("start/", "cancel/", "undo/"):
        assert_problem(other.post(f"{URL}{pk}/{path}"), 404)
    assert_problem(patch(other, pk, mapping={}), 404)
    admin = caller(cast["admin"])
    assert admin.get(f"{URL}{pk}/").status_code == 200
    assert_problem(admin.post(f"{URL}{pk}/start/"), 403)
    assert_problem(patch(admin, pk, settings={"assign": "nobody"}), 403)
    assert_problem(caller(cast["marketing"]).get(URL), 403)
    assert_problem(upload(caller(cast["marketing"])), 403)
    assert_problem(caller(None).get(URL), 401)

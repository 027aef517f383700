"""Custom fields over the API: their definitions, and their values on records."""

from typing import Any

import pytest
from django.test import Client

from crm.models import Contact, CustomField
from crm.services.custom_field import set_archived
from people.models import User
from tests.base import make_cast, make_contact
from tests.contracts.api import APIContract, assert_problem, caller, fields_refused
from tests.crm.customs import assert_found_by_what_they_hold, make_choice, make_field

CONTACTS = "/api/v1/contacts/"
FIELDS = "/api/v1/custom-fields/"
JSON = "application/json"


class TestCustomFieldAPI(APIContract):
    model = CustomField
    path = "custom-fields"
    make = staticmethod(make_field)
    body = {"subject": "crm.deal", "label": "Budget annoncé", "kind": "number"}
    change = {"label": "Budget"}
    listed_by = {"q": "hébergeur"}
    wrong = {"label": " ", "kind": "colour", "subject": "people.user"}
    owned = False
    to_bin = False
    list_queries = 4

    def found_by(self) -> dict[str, Any]:
        return {"label": "Hébergeur du site"}


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def client(cast: dict[str, User]) -> Client:
    return caller(cast["sales"])


def test_a_renamed_choice_stays_on_the_records_that_have_it(cast: dict[str, User]) -> None:
    admin = caller(cast["admin"])
    sent = {"subject": "crm.contact", "label": "Canal", "kind": "choice", "choices": [{"label": "Télex"}]}
    field = admin.post(FIELDS, sent, content_type=JSON).json()
    assert field["key"] == "canal"
    assert field["choices"] == [{"key": "telex", "label": "Télex"}]
    contact = make_contact(cast["sales"], owner=cast["sales"], custom={"canal": "telex"})
    renamed = {"choices": [{"key": "telex", "label": "Fax"}, {"label": "Télex"}]}
    choices = admin.patch(f"{FIELDS}{field['id']}/", renamed, content_type=JSON).json()["choices"]
    assert choices == [{"key": "telex", "label": "Fax"}, {"key": "telex-2", "label": "Télex"}]
    assert admin.get(f"{CONTACTS}{contact.pk}/").json()["custom"] == {"canal": "telex"}


def test_what_a_field_is_for_and_what_it_holds_stay(cast: dict[str, User]) -> None:
    field = make_field(cast["admin"])
    sent = {"kind": "number", "subject": "crm.deal"}
    answer = caller(cast["admin"]).patch(f"{FIELDS}{field.pk}/", sent, content_type=JSON)
    assert fields_refused(answer) == {"kind", "subject"}


@pytest.mark.parametrize(
    "choices", [[], [{"label": " "}], "x", [1], [{"label": 3}], [["a"]], [{"label": "x" * 81}],
                [{"label": f"c{n}"} for n in range(10_000)], [{"label": "Été"}, {"label": "ETE"}]],
    ids=str,
)  # fmt: skip
def test_bad_choices_are_refused(cast: dict[str, User], choices: Any) -> None:
    sent = {"subject": "crm.contact", "label": "Canal", "kind": "choice", "choices": choices}
    assert fields_refused(caller(cast["admin"]).post(FIELDS, sent, content_type=JSON)) == {"choices"}


class TestValues:
    @pytest.fixture(autouse=True)
    def fields(self, cast: dict[str, User]) -> None:
        admin = cast["admin"]
        make_field(admin, label="Surnom")
        make_field(admin, label="Taille", kind="number")
        make_field(admin, label="Anniversaire", kind="date")
        make_field(admin, label="Abonné", kind="yes_no")
        make_choice(admin, "Canal", "Téléphone", "E-mail")

    VALUES = {
        "surnom": "Mimi", "taille": "1.5", "anniversaire": "1990-02-28", "abonne": False, "canal": "e-mail",
    }  # fmt: skip

    def create(self, client: Client, **custom: Any) -> Any:
        sent = {"last_name": "Durand", "custom": custom}
        return client.post(CONTACTS, sent, content_type=JSON)

    def test_values_are_written_and_read(self, client: Client) -> None:
        answer = self.create(client, **self.VALUES)
        assert answer.status_code == 201, answer.content
        assert answer.json()["custom"] == self.VALUES
        assert_found_by_what_they_hold()

    def test_only_the_keys_that_are_sent_change_and_null_empties_one(self, client: Client) -> None:
        pk = self.create(client, **self.VALUES).json()["id"]
        sent = {"custom": {"surnom": None, "taille": 2}}
        changed = client.patch(f"{CONTACTS}{pk}/", sent, content_type=JSON).json()["custom"]
        assert changed == {"abonne": False, "anniversaire": "1990-02-28", "canal": "e-mail", "taille": "2"}
        assert_found_by_what_they_hold()

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("surnom", 5), ("surnom", ["x"]), ("surnom", "x" * 256), ("surnom", {}), ("surnom", []),
            ("surnom", "a\0b"),
            ("taille", "abc"), ("taille", True), ("taille", 10**16), ("taille", "1.23456"), ("taille", "NaN"),
            ("taille", "1e5"), ("taille", "9" * 500), ("taille", []),
            ("anniversaire", "31/02/2020"), ("anniversaire", 5), ("anniversaire", "9999-01-01"),
            ("abonne", "peut-être"), ("abonne", 2), ("abonne", {"a": 1}),
            ("canal", "fax"), ("canal", 1), ("canal", "x" * 10_000),
            ("inconnu", "x"), ("", "x"), ("version", 3), ("é" * 500, 1),
        ],
    )  # fmt: skip
    def test_a_bad_value_is_refused_under_its_key(self, client: Client, key: str, value: Any) -> None:
        assert fields_refused(self.create(client, **{key: value})) == {f"custom.{key[:60]}"}
        assert not Contact.objects.exists()

    @pytest.mark.parametrize("custom", ["x", 3, ["a"], True])
    def test_values_come_as_an_object(self, client: Client, custom: Any) -> None:
        sent = {"last_name": "Durand", "custom": custom}
        assert fields_refused(client.post(CONTACTS, sent, content_type=JSON)) == {"custom"}

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("custom.surnom=im", True), ("custom.surnom==mimi", True), ("custom.surnom==mim", False),
            ("custom.surnom=-", False),
            ("custom.taille_min=1,5&custom.taille_max=2", True), ("custom.taille_min=1.6", False),
            ("custom.anniversaire_after=28/02/1990", True), ("custom.anniversaire_before=1990-02-27", False),
            ("custom.abonne=no", True), ("custom.abonne=yes", False), ("custom.abonne=-", False),
            ("custom.canal=e-mail", True), ("custom.canal=telephone&custom.canal=e-mail", True),
            ("custom.canal=telephone", False), ("custom.canal=-&custom.canal=e-mail", True),
            ("custom.canal=-", False), ("custom.canal=-&custom.canal=telephone", False),
            ("custom.canal=e-mail&custom.abonne=no&custom.surnom=mi", True),
        ],
    )  # fmt: skip
    def test_records_are_found_by_their_values(self, client: Client, query: str, found: bool) -> None:
        pk = self.create(client, **self.VALUES).json()["id"]
        for sort in ("newest", "name"):
            answer = client.get(f"{CONTACTS}?{query}&sort={sort}")
            assert answer.status_code == 200, answer.content
            assert [row["id"] for row in answer.json()["results"]] == ([pk] if found else [])

    @pytest.mark.parametrize(
        "query",
        ["custom.rien=x", "custom.rien_min=3", "custom.taille_min=abc", "custom.canal=fax", "custom.abonne=x",
         "custom.anniversaire_after=hier", "custom_surnom=Mimi", "custom.=x", "custom.<key>=x"],
    )  # fmt: skip
    def test_a_filter_that_says_nothing_is_refused(self, client: Client, query: str) -> None:
        assert_problem(client.get(f"{CONTACTS}?{query}"), 422)

    def test_values_of_archived_fields_can_be_sent_back_but_not_changed(
        self, cast: dict[str, User], client: Client
    ) -> None:
        record = self.create(client, **self.VALUES).json()
        field = CustomField.objects.get(key="surnom")
        set_archived(user=cast["admin"], field=field, archived=True)
        assert client.patch(f"{CONTACTS}{record['id']}/", record, content_type=JSON).status_code == 200
        assert client.get(f"{CONTACTS}?custom.surnom=Mimi").json()["results"]
        sent = {"custom": {"surnom": "Lulu"}}
        refused = client.patch(f"{CONTACTS}{record['id']}/", sent, content_type=JSON)
        assert fields_refused(refused) == {"custom.surnom"}

    def test_what_is_compulsory_is_asked_for(self, cast: dict[str, User], client: Client) -> None:
        make_field(cast["admin"], label="Civilité", required=True)
        assert fields_refused(self.create(client)) == {"custom.civilite"}
        pk = self.create(client, civilite="Mme").json()["id"]
        kept = client.patch(f"{CONTACTS}{pk}/", {"city": "Lyon"}, content_type=JSON)
        assert kept.status_code == 200
        emptied = client.patch(f"{CONTACTS}{pk}/", {"custom": {"civilite": ""}}, content_type=JSON)
        assert fields_refused(emptied) == {"custom.civilite"}

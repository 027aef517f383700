"""Imports that fill custom fields: columns found by label and key, rows judged, everything taken back."""

from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.models import Contact, ContactImportRow, CustomField
from crm.services.contact import change_contact
from crm.services.contact_import import upload_import
from crm.services.custom_field import delete_field, set_archived
from people.models import User
from tests.base import client_of, make_cast, make_contact
from tests.contracts.api import caller, fields_refused
from tests.crm.customs import assert_found_by_what_they_hold, make_choice, make_field
from tests.crm.imports import form_data, go_on, imported, setup_page, undone, uploaded
from tests.crm.test_contact_import_api import upload
from timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
HEADER = "nom,email,Canal préféré,taille,NE LE,Abonné"
FULL = 'Durand,a@x.fr,E-Mail,"12 345,6",28/02/1990,non'


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def me(cast: dict[str, User]) -> User:
    return cast["sales"]


@pytest.fixture(autouse=True)
def fields(cast: dict[str, User]) -> None:
    make_choice(cast["admin"], "Canal préféré", "Téléphone", "E-mail")
    make_field(cast["admin"], label="Taille", kind="number")
    make_field(cast["admin"], label="Né le", kind="date")
    make_field(cast["admin"], label="Abonné", kind="yes_no")


def table(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


def test_columns_are_found_by_their_label_and_rows_fill_the_fields(me: User) -> None:
    run = imported(me, table(FULL, "Petit,b@x.fr,,,,"))
    assert run.created == 2
    contact = Contact.objects.get(email="a@x.fr")
    assert contact.custom == {
        "abonne": False, "canal-prefere": "e-mail", "ne-le": "1990-02-28", "taille": "12345.6"
    }  # fmt: skip
    assert Contact.objects.get(email="b@x.fr").custom is None
    assert_found_by_what_they_hold()
    event = Event.objects.get(action="imported", subject_id=contact.pk)
    assert event.changes["custom_canal-prefere"][1]["label"] == "E-mail"


def test_keys_are_found_too_and_a_sure_column_stays_what_it_is(cast: dict[str, User], me: User) -> None:
    make_field(cast["admin"], label="Source")
    run = imported(me, table("Durand,oui,Salon", header="nom,abonne,source"))
    assert set(run.mapping.values()) == {"full_name", "custom_abonne", "source"}
    assert Contact.objects.get().custom == {"abonne": True}


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ("fax,,,", "Canal préféré"),
        (",grand,,", "Taille"),
        (",,31/02/2020,", "Né le"),
        (",,,peut-être", "Abonné"),
    ],
)
def test_a_row_with_a_bad_value_is_refused_and_says_why(me: User, cells: str, told: str) -> None:
    run = imported(me, table(f"Durand,a@x.fr,{cells}", FULL.replace("a@", "b@")))
    assert (run.created, run.refused) == (1, 1)
    assert told in ContactImportRow.objects.get(run=run, outcome="refused").reason


def test_an_update_fills_what_the_row_says_and_the_undo_takes_it_back(me: User) -> None:
    before = {"abonne": True, "taille": "1"}
    contact = make_contact(me, owner=me, email="a@x.fr", custom=dict(before))
    other = make_contact(me, owner=me, email="b@x.fr", custom=dict(before))
    rows = (FULL.replace("28/02/1990", ""), "Petit,b@x.fr,,2,,", "Neuf,c@x.fr,,3,,")
    run = imported(me, table(*rows), on_duplicate="update")
    assert (run.updated, run.created) == (2, 1)
    contact.refresh_from_db()
    assert contact.custom == {"abonne": False, "canal-prefere": "e-mail", "taille": "12345.6"}
    assert_found_by_what_they_hold()
    other.refresh_from_db()
    change_contact(user=me, contact=other, values={"custom_taille": "9"})
    run = undone(me, run)
    contact.refresh_from_db()
    other.refresh_from_db()
    assert contact.custom == before
    assert other.custom == {"abonne": True, "taille": "9"}, "changed since: left"
    assert not Contact.objects.filter(email="c@x.fr").exists()
    assert_found_by_what_they_hold()


def test_rows_that_say_nothing_new_are_skipped(me: User) -> None:
    imported(me, table(FULL))
    run = imported(me, table(FULL), on_duplicate="update")
    assert (run.updated, run.skipped) == (0, 1)


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_batches_come_to_the_same_end_and_a_person_named_twice_is_one(me: User, size: int) -> None:
    run = uploaded(
        me, table(FULL, "Durand,a@x.fr,Téléphone,,,", "Durand,a@x.fr,,7,,oui"), on_duplicate="update"
    )
    go_on(run, size=size)
    assert Contact.objects.get().custom == {
        "abonne": True, "canal-prefere": "telephone", "ne-le": "1990-02-28", "taille": "7"
    }  # fmt: skip
    assert_found_by_what_they_hold()


def test_a_field_archived_or_deleted_meanwhile_is_left_out(cast: dict[str, User], me: User) -> None:
    run = uploaded(me, table(FULL))
    set_archived(user=cast["admin"], field=CustomField.objects.get(key="taille"), archived=True)
    delete_field(user=cast["admin"], field=CustomField.objects.get(key="abonne"))
    go_on(run)
    assert set(Contact.objects.get().custom or {}) == {"canal-prefere", "ne-le"}
    assert_found_by_what_they_hold()


def test_a_file_without_them_asks_no_more_of_the_database(me: User) -> None:
    run = uploaded(me, table("Durand,a@x.fr", header="nom,email"))
    with CaptureQueriesContext(connection) as queries:
        go_on(run)
    asked = [query["sql"] for query in queries if "crm_contactvalue" in query["sql"]]
    assert not asked
    assert not [sql for sql in (query["sql"] for query in queries) if "`custom`" in sql and "INSERT" in sql]


def test_the_page_offers_them_and_shows_what_they_become(cast: dict[str, User], me: User) -> None:
    client: Client = client_of(me)
    page = setup_page(client, table(FULL, "Petit,b@x.fr,fax,,,"))
    text = page.content.decode()
    assert all(shown in text for shown in ("Canal préféré", "28/02/1990", "E-mail"))
    assert form_data(page)["column_2"] == "custom_canal-prefere"


def test_over_the_api(cast: dict[str, User]) -> None:
    client = caller(cast["sales"])
    mapping = {"0": "last_name", "2": "custom_canal-prefere"}
    answer = upload(client, table(FULL), mapping=mapping)
    assert answer.status_code == 201, answer.content
    assert answer.json()["mapping"] == mapping
    assert fields_refused(upload(client, table(FULL), mapping={"0": "last_name", "1": "custom_rien"})) == {
        "mapping"
    }


def test_the_upload_names_them(me: User) -> None:
    run = upload_import(user=me, file=BytesIO(table(FULL).encode()), name="x.csv")
    assert run.mapping["5"] == "custom_abonne"

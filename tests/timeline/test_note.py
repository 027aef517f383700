"""Notes: written, put right by their author, and whom they name is told (SPEC C7)."""

import json
from typing import Any

import pytest
from django.test import Client

from crm.models import Contact
from people.models import User
from tests.base import client_of, make_cast, make_contact, make_user
from timeline.models import Event, Note, Notification
from timeline.services.note import add_note, change_note, mentionable, not_told, people_named

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def contact(cast: dict[str, User]) -> Contact:
    return make_contact(cast["sales"], owner=cast["sales"], last_name="Petit")


def test_whom_a_note_names_is_told_once_if_they_see_the_record(
    cast: dict[str, User], contact: Contact
) -> None:
    body = "@Claire Fontaine et @claire fontaine, @Inès Garnier : à voir. hugo@Lefèvre.fr @Personne"
    note = add_note(user=cast["sales"], obj=contact, body=body)
    (told,) = Notification.objects.all()
    assert (told.user, told.kind, told.url) == (cast["manager"], "mention", contact.get_absolute_url())
    assert "à voir" in told.text
    assert not_told(note) == [cast["sales2"]]
    change_note(user=cast["sales"], note=note, obj=contact, body=body + " Merci")
    assert Notification.objects.count() == 1
    event = Event.objects.get(action="note_changed")
    assert event.changes["note"] == [body, body + " Merci"]


def test_names_are_whole(cast: dict[str, User]) -> None:
    assert people_named("@Claire Fontaines, Claire Fontaine, @ Claire Fontaine, @Claire") == []
    assert people_named("(@INES GARNIER)") == [cast["sales2"]]


def test_only_who_sees_the_record_is_proposed(cast: dict[str, User], contact: Contact) -> None:
    assert mentionable(cast["sales"], contact, "font") == [cast["manager"]]
    assert mentionable(cast["sales"], contact, "ines") == []
    answer = client_of(cast["sales"]).get(f"/timeline/crm.contact/{contact.pk}/mentions/?q=cl")
    assert answer.json() == {"people": ["Claire Fontaine"]}
    address = f"/timeline/crm.contact/{contact.pk}/mentions/?q=cl"
    assert client_of(cast["sales2"]).get(address).status_code == 404


def test_many_who_do_not_see_the_record_hide_nobody_who_does(cast: dict[str, User], contact: Contact) -> None:
    for number in range(9):
        make_user(f"f{number}", "Flore", f"Aubry {number}", cast["stranger"].role)
    last = make_user("last", "Flora", "Zola", cast["admin"].role)
    assert mentionable(cast["sales"], contact, "flor") == [last]


def test_all_who_are_not_told_are_named_in_a_sentence_that_fits(
    cast: dict[str, User], contact: Contact
) -> None:
    User.objects.filter(pk=cast["sales"].pk).update(language="en")
    client = client_of(cast["sales"])

    def toast_after(body: str) -> str:
        address = f"/timeline/crm.contact/{contact.pk}/notes/"
        answer = client.post(address, {"body": body}, headers={"HX-Request": "true"})
        (toast,) = json.loads(answer["HX-Trigger"])["dw:toast"]
        return str(toast["text"])

    one = "Inès Garnier cannot see this record and was not told."
    assert toast_after("@Inès Garnier") == one
    two = "Samir Benali, Inès Garnier cannot see this record and were not told."
    assert toast_after("@Inès Garnier @Samir Benali") == two


class TestPage:
    def write(self, client: Client, contact: Contact, body: str) -> Any:
        return client.post(
            f"/timeline/crm.contact/{contact.pk}/notes/", {"body": body}, HTTP_HX_REQUEST="true"
        )

    def test_a_name_stands_out_and_html_stays_text(self, cast: dict[str, User], contact: Contact) -> None:
        answer = self.write(
            client_of(cast["sales"]), contact, "@Claire Fontaine <script>x</script> https://a.fr"
        )
        page = answer.content.decode()
        assert '<span class="dw-mention">@Claire Fontaine</span>' in page
        assert "<script>x" not in page
        assert 'href="https://a.fr"' in page

    def test_who_could_not_be_told_is_said(self, cast: dict[str, User], contact: Contact) -> None:
        answer = self.write(client_of(cast["sales"]), contact, "@Inès Garnier ?")
        assert "In\\u00e8s Garnier" in answer["HX-Trigger"]

    def test_only_its_author_edits_a_note(self, cast: dict[str, User], contact: Contact) -> None:
        note = add_note(user=cast["sales"], obj=contact, body="Avant")
        address = f"/timeline/notes/{note.pk}/edit/"
        assert client_of(cast["manager"]).post(address, {"body": "Autre"}).status_code == 403
        assert client_of(cast["sales2"]).get(address).status_code == 404
        client = client_of(cast["sales"])
        assert "Avant" in client.get(address).content.decode()
        assert client.post(address, {"body": ""}).status_code == 422
        assert client.post(address, {"body": "Après"}).status_code == 302
        assert Note.objects.get().body == "Après"

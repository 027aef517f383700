"""Pages of contacts."""

from typing import Any

import pytest
from django.urls import reverse

from crm.models import Contact, ContactTally
from crm.services.tag import tags_named
from people.models import User
from tests.base import client_of, make_company, make_contact
from tests.contracts.pages import PageContract
from tests.crm.customs import make_field

pytestmark = pytest.mark.django_db


class TestContactPages(PageContract):
    """The contract of every module, on contacts."""

    model = Contact
    urls = "crm:contact"
    make = staticmethod(make_contact)
    form = {"first_name": "Zoé", "last_name": "Petit", "status": "lead", "country": "FR"}
    change = {"city": "Nantes"}
    shown = "last_name"
    bulk = ("assign", "tag", "status", "rate", "delete")
    list_queries = 12

    def test_a_contact_of_nobody_is_seen_by_every_salesperson(self, cast: dict[str, User]) -> None:
        free = make_contact(cast["admin"], owner=None)
        for key in ("sales", "sales2", "stranger", "manager", "admin"):
            assert client_of(cast[key]).get(free.get_absolute_url()).status_code == 200, key
        assert client_of(cast["marketing"]).get(free.get_absolute_url()).status_code == 403

    def test_a_salesperson_cannot_give_a_contact_to_somebody_outside_their_team(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        response = self.submit(client_of(cast["sales"]), record, owner=cast["stranger"].pk)
        assert response.status_code == 422
        assert "owner" in response.context["form"].errors
        record.refresh_from_db()
        assert record.owner == cast["sales"]

    def test_a_manager_gives_a_contact_to_somebody_of_the_team(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        response = self.submit(client_of(cast["manager"]), record, owner=cast["sales2"].pk)
        assert response.status_code == 302
        assert client_of(cast["sales"]).get(record.get_absolute_url()).status_code == 404
        assert client_of(cast["sales2"]).get(record.get_absolute_url()).status_code == 200

    def test_a_contact_needs_a_name_or_a_way_to_reach_them(self, cast: dict[str, User]) -> None:
        response = client_of(cast["sales"]).post(self.url("new"), {"status": "lead", "country": "FR"})
        assert response.status_code == 422
        assert response.context["form"].non_field_errors()

    def test_a_company_out_of_sight_cannot_be_chosen(self, cast: dict[str, User]) -> None:
        hidden = make_company(cast["stranger"], owner=cast["stranger"])
        client = client_of(cast["sales"])
        assert client.post(self.url("new"), {**self.form, "company": hidden.pk}).status_code == 422
        assert str(hidden) not in client.get("/crm/companies/lookup/?q=boulangerie").content.decode()

    def test_one_field_is_edited_in_place(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"], HX_Request="true")
        address = self.url("edit", record.pk) + "?field=phone"
        assert b'name="phone"' in client.get(address).content
        bad = client.post(address, {"phone": "12", "version": record.version})
        assert bad.status_code == 422
        good = client.post(address, {"phone": "06.12.34.56.78", "version": record.version})
        assert good.status_code == 200
        assert "06 12 34 56 78" in good.content.decode()
        record.refresh_from_db()
        assert record.phone == "+33612345678"
        assert client.post(address, {"phone": "0612345679", "version": 1}).status_code == 409

    def test_the_board_moves_a_card_and_refuses_a_stale_one(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"])
        board = client.get(self.url("list") + "?mode=kanban").context["list"]["kanban"]
        assert [column["count"] for column in board] == [1, 0, 0]
        move = reverse("crm:contact_move")
        answer = client.post(move, {"pk": record.pk, "to": "client", "version": record.version})
        assert answer.json()["version"] == 2
        assert client.post(move, {"pk": record.pk, "to": "lead", "version": 1}).status_code == 409
        assert client.post(move, {"pk": record.pk, "to": "king"}).status_code == 422
        assert client_of(cast["stranger"]).post(move, {"pk": record.pk, "to": "lead"}).status_code == 404

    def test_tallies_follow_every_change(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["manager"])
        make_contact(cast["sales2"], owner=cast["sales2"])
        client.post(
            self.url("bulk"), {"action": "status", "pk": [record.pk], "status": "client", "confirm": "1"}
        )
        client.post(
            self.url("bulk"),
            {"action": "assign", "pk": [record.pk], "owner": cast["sales2"].pk, "confirm": "1"},
        )
        counted = {(row.owner_id, row.status): row.count for row in ContactTally.objects.all() if row.count}
        assert counted == {(cast["sales2"].pk, "client"): 1, (cast["sales2"].pk, "lead"): 1}

    def test_a_note_shows_on_the_time_line(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"])
        address = reverse("note_new", args=["crm.contact", record.pk])
        client.post(address, {"body": "Rappeler <b>mardi</b>"})
        page = client.get(record.get_absolute_url()).content.decode()
        assert "Rappeler &lt;b&gt;mardi&lt;/b&gt;" in page
        assert client_of(cast["stranger"]).post(address, {"body": "x"}).status_code == 404

    def test_formulas_are_defused_in_exports(self, cast: dict[str, User]) -> None:
        make_contact(
            cast["sales"], owner=cast["sales"], first_name="=1+1", last_name="Excel", phone="+442079460018"
        )
        response = client_of(cast["sales"]).get(self.url("list") + "?export=csv")
        text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
        assert "'=1+1" in text
        assert "'+44" not in text

    def test_the_label_of_a_custom_field_is_no_formula_either(self, cast: dict[str, User]) -> None:
        make_field(cast["admin"], label="=1+1", in_list=True)
        make_contact(cast["sales"], owner=cast["sales"])
        response = client_of(cast["sales"]).get(self.url("list") + "?export=csv")
        heading = b"".join(response.streaming_content).decode().partition("\n")[0]  # type: ignore[attr-defined]
        assert "'=1+1" in heading

    def test_an_owner_who_left_stays_the_owner_until_somebody_else_is_chosen(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        cast["sales"].is_active = False
        cast["sales"].save(update_fields=["is_active"])
        response = self.submit(client_of(cast["manager"]), record, city="Metz")
        assert response.status_code == 302
        record.refresh_from_db()
        assert (record.owner, record.city) == (cast["sales"], "Metz")

    def test_two_people_who_change_only_the_tags_meet(self, record: Any, cast: dict[str, User]) -> None:
        vip, cold = tags_named(["VIP", "Froid"], user=cast["admin"])
        assert self.submit(client_of(cast["sales"]), record, tags=[vip.pk]).status_code == 302
        stale = {
            "first_name": "Émilie",
            "last_name": "Durand",
            "status": "lead",
            "country": "FR",
            "version": "1",
        }
        address = self.url("edit", record.pk)
        client = client_of(cast["manager"])
        response = client.post(address, {**stale, "owner": cast["sales"].pk, "tags": [cold.pk]})
        assert response.status_code == 409
        row = response.context["conflict"]["rows"][0]
        assert (row["name"], row["theirs"], row["mine"]) == ("tags", "VIP", "Froid")
        chosen = {
            **stale,
            "owner": cast["sales"].pk,
            "version": "2",
            "tags": [cold.pk],
            "keep_tags": "theirs",
        }
        assert client.post(address, chosen).status_code == 302
        assert [tag.name for tag in record.tags.all()] == ["VIP"]

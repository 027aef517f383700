"""Pages and verbs of deals."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from crm.models import Deal, DealTotal
from crm.services.deal import change_deal, change_deals, create_deal, delete_deals, move_deal
from people.models import User
from tests.base import client_of, make_company, make_contact, make_deal
from tests.contracts.pages import PageContract
from timeline.models import Event, EventLink

pytestmark = pytest.mark.django_db
MOVE = "/crm/deals/move/"


def triggers(response: Any) -> dict[str, Any]:
    return dict(json.loads(response["HX-Trigger"]))


class TestDealPages(PageContract):
    """The contract of every module, on deals."""

    model = Deal
    urls = "crm:deal"
    make = staticmethod(make_deal)
    form = {"title": "Boutique en ligne", "stage": "discovery", "amount": "1 200,50"}
    change = {"title": "Refonte et référencement"}
    shown = "title"
    bulk = ("stage", "tag", "delete")
    list_queries = 12

    # --- Owners

    def test_a_salesperson_sees_only_their_own_and_a_manager_the_teams(self, cast: dict[str, User]) -> None:
        deal = make_deal(cast["sales"])
        codes = {key: client_of(cast[key]).get(deal.get_absolute_url()).status_code for key in cast}
        assert {key for key, code in codes.items() if code == 200} == {"sales", "manager", "admin"}
        assert {codes["sales2"], codes["stranger"]} == {404}

    def test_only_an_administrator_changes_the_owner(self, record: Any, cast: dict[str, User]) -> None:
        for key in ("sales", "manager"):
            with pytest.raises(PermissionDenied):
                change_deal(user=cast[key], deal=record, values={"owner": cast["sales2"]})
            with pytest.raises(PermissionDenied):
                change_deals(user=cast[key], pks=[record.pk], values={"owner": cast["sales2"]})
            page = client_of(cast[key]).post(
                self.url("bulk"), {"action": "assign", "pk": [record.pk], "owner": cast["sales2"].pk}
            )
            assert page.status_code == 403
            self.submit(client_of(cast[key]), record, owner=cast["sales2"].pk)
            record.refresh_from_db()
            assert record.owner == cast["sales"]
        assert self.submit(client_of(cast["admin"]), record, owner=cast["sales2"].pk).status_code == 302
        record.refresh_from_db()
        assert record.owner == cast["sales2"]

    def test_a_manager_creates_for_the_team_a_salesperson_for_themselves(self, cast: dict[str, User]) -> None:
        create_deal(user=cast["manager"], deal=Deal(title="A", owner=cast["sales"]))
        for key, owner in (("sales", "sales2"), ("manager", "stranger"), ("marketing", "sales")):
            with pytest.raises(PermissionDenied):
                create_deal(user=cast[key], deal=Deal(title="B", owner=cast[owner]))
        assert create_deal(user=cast["sales"], deal=Deal(title="C")).owner == cast["sales"]

    # --- Stages

    def test_losing_a_deal_takes_a_reason_everywhere(self, record: Any, cast: dict[str, User]) -> None:
        with pytest.raises(ValidationError):
            move_deal(user=cast["sales"], deal=record, to="lost")
        client = client_of(cast["sales"])
        moved = client.post(MOVE, {"pk": record.pk, "to": "lost", "version": 1})
        assert moved.status_code == 422
        assert self.submit(client, record, stage="lost").status_code == 422
        bulk = {"action": "stage", "pk": [record.pk], "stage": "lost", "confirm": "1"}
        assert client.post(self.url("bulk"), bulk).status_code == 422
        lose = self.url("lose", record.pk)
        assert client.get(lose).status_code == 200
        assert client.post(lose, {"version": 1}).status_code == 422
        record.refresh_from_db()
        assert (record.stage, record.version) == ("discovery", 1)
        answer = client.post(
            lose, {"version": 1, "lost_reason": "price", "lost_comment": "Trop cher de 500 €"}
        )
        assert answer.status_code == 302
        record.refresh_from_db()
        assert (record.stage, record.lost_reason, record.closed_on) == ("lost", "price", timezone.localdate())
        assert (record.probability, Event.objects.latest("id").action) == (0, "lost")

    def test_moving_back_out_of_won_or_lost_opens_the_deal_again(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        move_deal(user=cast["sales"], deal=record, to="lost", reason="price", comment="x")
        move_deal(user=cast["sales"], deal=record, to="won")
        assert (record.lost_reason, record.closed_on) == ("", timezone.localdate())
        move_deal(user=cast["sales"], deal=record, to="proposal")
        assert (record.closed_on, record.lost_comment, record.is_open) == (None, "", True)
        actions = list(Event.objects.order_by("id").values_list("action", flat=True))
        assert actions[-3:] == ["lost", "won", "reopened"]

    def test_the_stages_probability_counts_unless_one_is_set_by_hand(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        assert (record.probability, record.weighted) == (10, Decimal(100))
        change_deal(user=cast["sales"], deal=record, values={"own_probability": 35})
        move_deal(user=cast["sales"], deal=record, to="negotiation")
        assert (record.probability, record.weighted) == (35, Decimal(350))
        page = client_of(cast["sales"]).get(record.get_absolute_url()).content.decode()
        assert "75" in page
        move_deal(user=cast["sales"], deal=record, to="won")
        assert record.probability == 100

    def test_each_push_back_of_the_closing_date_is_counted(self, record: Any, cast: dict[str, User]) -> None:
        today = timezone.localdate()
        for days, count in ((10, 0), (20, 1), (15, 1), (30, 2), (30, 2)):
            change_deal(user=cast["sales"], deal=record, values={"expected_on": today + timedelta(days=days)})
            assert record.postponed_count == count, days
        event = Event.objects.filter(action="postponed").latest("id")
        assert event.changes["expected_on"] == [
            (today + timedelta(days=15)).isoformat(),
            (today + timedelta(days=30)).isoformat(),
        ]
        assert event.changes["postponed_count"] == [1, 2]

    def test_events_show_on_the_company_and_the_contact_too(self, cast: dict[str, User]) -> None:
        company = make_company(cast["sales"], owner=cast["sales"])
        contact = make_contact(cast["sales"], owner=cast["sales"], company=company)
        deal = make_deal(cast["sales"], company=company, contact=contact)
        move_deal(user=cast["sales"], deal=deal, to="won")
        event = Event.objects.get(action="won")
        links = set(EventLink.objects.filter(event=event).values_list("subject_type", "subject_id"))
        assert links == {("crm.company", company.pk), ("crm.contact", contact.pk)}
        page = client_of(cast["sales"]).get(contact.get_absolute_url()).content.decode()
        assert "Refonte du site" in page

    def test_a_closing_day_may_be_put_right_but_not_in_the_future(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        move_deal(user=cast["sales"], deal=record, to="won")
        client = client_of(cast["sales"], HX_Request="true")
        address = self.url("edit", record.pk) + "?field=closed_on"
        yesterday = timezone.localdate() - timedelta(days=1)
        good = {"closed_on": yesterday.isoformat(), "version": record.version}
        assert client.post(address, good).status_code == 200
        record.refresh_from_db()
        assert record.closed_on == yesterday
        late = {"closed_on": "2999-01-01", "version": record.version}
        assert client.post(address, late).status_code == 422

    def test_amounts_that_are_none_are_refused(self, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"])
        for amount in ("-1", "abc", "1e9", "99999999999999", "NaN", "Infinity", "1,234"):
            answer = client.post(self.url("new"), {**self.form, "amount": amount})
            assert answer.status_code == 422, amount
            assert "amount" in answer.context["form"].errors
        assert client.post(self.url("new"), {**self.form, "own_probability": "101"}).status_code == 422
        assert not Deal.objects.exists()

    # --- The board

    def board(self, client: Any, query: str = "") -> dict[str, dict[str, Any]]:
        page = client.get(self.url("list") + f"?mode=kanban{query}")
        return {column["value"]: column for column in page.context["list"]["kanban"]}

    def test_columns_tell_count_total_and_weighted_total(self, cast: dict[str, User]) -> None:
        client = client_of(cast["manager"])
        make_deal(cast["sales"], stage="proposal", amount=Decimal("1000.50"))
        make_deal(cast["sales2"], stage="proposal", amount=Decimal(3000), own_probability=10)
        make_deal(cast["stranger"], stage="proposal", amount=Decimal(7000))
        for query in ("", "&amount_min=1", f"&owner={cast['sales'].pk}", "&q=refonte"):
            column = self.board(client, query)["proposal"]
            wanted = (1, "1\u202f000\u00a0€") if "owner" in query else (2, "4\u202f000\u00a0€")
            if query != "&q=refonte":  # InnoDB's words see committed rows only
                assert (column["count"], column["total_text"]) == wanted, query
        assert self.board(client)["proposal"]["weighted_text"].startswith("800\u00a0€")
        assert self.board(client)["won"]["weighted_text"] == ""
        assert self.board(client)["won"]["count"] == 0

    def test_a_board_of_open_deals_has_four_columns(self, cast: dict[str, User]) -> None:
        make_deal(cast["sales"])
        assert list(self.board(client_of(cast["sales"]), "&state=open")) == list(Deal.OPEN)

    def test_filters_that_contradict_each_other_leave_no_column(self, cast: dict[str, User]) -> None:
        make_deal(cast["sales"])
        client = client_of(cast["sales"])
        page = client.get(self.url("list") + "?mode=kanban&state=closed&idle=yes")
        assert page.context["list"]["kanban"] == []
        assert "dw-empty" in page.text

    def test_a_move_is_saved_told_with_the_sums_and_undone(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"], HX_Request="true")
        since = record.stage_since
        answer = client.post(MOVE, {"pk": record.pk, "to": "won", "version": 1, "query": "?mode=kanban"})
        assert answer.json()["version"] == 2
        told = triggers(answer)
        assert told["dw:sums"]["won"]["count"] == 1
        assert told["dw:sums"]["discovery"]["count"] == 0
        assert "dw:cheer" in told
        undo = told["dw:toast"][0]["undo_url"]
        assert client_of(cast["manager"]).post(undo).status_code == 404, "somebody else's undo"
        other = make_deal(cast["sales"])
        Deal.objects.filter(pk=other.pk).update(version=2)
        wrong = undo.replace(f"/{record.pk}/", f"/{other.pk}/")
        assert client.post(wrong).status_code == 404, "another deal's undo"
        delete_deals(user=cast["sales"], pks=[other.pk])
        assert client.post(undo + "x").status_code in (302, 404)
        assert client.post(undo).status_code == 302
        record.refresh_from_db()
        assert (record.stage, record.closed_on, record.stage_since) == ("discovery", None, since)
        client.post(undo)
        record.refresh_from_db()
        assert record.version == 3, "the second time it has changed since"
        assert {t.stage: t.count for t in DealTotal.objects.all()} == {"discovery": 1, "won": 0}

    def test_sums_after_a_move_are_those_of_the_filters_on_show(self, cast: dict[str, User]) -> None:
        small = make_deal(cast["sales"], amount=Decimal(10))
        make_deal(cast["sales"], amount=Decimal(5000))
        client = client_of(cast["sales"], HX_Request="true")
        query = "?mode=kanban&amount_max=100"
        answer = client.post(MOVE, {"pk": small.pk, "to": "proposal", "version": 1, "query": query})
        sums = triggers(answer)["dw:sums"]
        assert (sums["discovery"]["count"], sums["proposal"]["count"]) == (0, 1)
        bad = {"pk": small.pk, "to": "won", "version": 2, "query": "?amount_min=x&owner=99999&" + "a" * 9000}
        assert client.post(MOVE, bad).status_code == 200

    def test_the_second_of_two_who_drag_a_card_is_told(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["manager"])
        assert client.post(MOVE, {"pk": record.pk, "to": "proposal", "version": 1}).status_code == 200
        late = client.post(MOVE, {"pk": record.pk, "to": "won", "version": 1})
        assert (late.status_code, "error" in late.json()) == (409, True)
        lose = {"version": 1, "lost_reason": "price"}
        htmx = client_of(cast["manager"], HX_Request="true", HX_Target="drawer-body")
        answer = htmx.post(self.url("lose", record.pk), lose)
        assert (answer.status_code, "dw:saved" in triggers(answer)) == (409, True)
        record.refresh_from_db()
        assert record.stage == "proposal"

    def test_who_lost_the_right_meanwhile_is_told_so(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"])
        cast["sales"].role.grants.filter(module="crm.deal", action="change").delete()  # type: ignore[union-attr]
        answer = client.post(MOVE, {"pk": record.pk, "to": "won", "version": 1})
        assert (answer.status_code, "error" in answer.json()) == (403, True)
        change_deal(user=cast["admin"], deal=record, values={"owner": cast["stranger"]})
        other = client_of(cast["manager"]).post(MOVE, {"pk": record.pk, "to": "won", "version": 2})
        assert other.status_code in (403, 404)
        record.refresh_from_db()
        assert record.stage == "discovery"

    def test_columns_go_on_where_one_scrolls(self, cast: dict[str, User]) -> None:
        for number in range(20):
            make_deal(cast["sales"], title=f"N {number:02}")
        client = client_of(cast["sales"])
        column = self.board(client)["discovery"]
        more = client.get(column["more_url"]).context["column"]
        assert (len(column["cards"]), len(more["cards"]), more["more_url"]) == (12, 8, "")
        assert client.get(self.url("list") + "?mode=kanban&column=nope").status_code == 404

    def test_a_card_is_added_in_a_column(self, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"], HX_Request="true")
        answer = client.post("/crm/deals/quick/", {"title": "Vite", "amount": "1 500", "stage": "proposal"})
        deal = Deal.objects.get()
        assert (deal.amount, deal.stage, deal.owner) == (Decimal(1500), "proposal", cast["sales"])
        assert f'data-card="{deal.pk}"' in answer.content.decode()
        assert triggers(answer)["dw:sums"]["proposal"]["count"] == 1
        for bad in (
            {"title": "", "stage": "proposal"},
            {"title": "x", "stage": "lost"},
            {"title": "x", "stage": "proposal", "amount": "z"},
        ):
            assert client.post("/crm/deals/quick/", bad).status_code == 422
        assert Deal.objects.count() == 1

    def test_a_click_on_a_stage_of_the_page_moves_it(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"])
        address = self.url("stage", record.pk)
        assert client.post(address, {"to": "proposal", "version": 1}).status_code == 302
        assert client.post(address, {"to": "won", "version": 1}).status_code == 302
        record.refresh_from_db()
        assert record.stage == "proposal", "the second came from a stale page"
        assert client.post(address, {"to": "heaven"}).status_code == 404
        htmx = client_of(cast["sales"], HX_Request="true")
        assert "dw:cheer" in triggers(htmx.post(address, {"to": "won", "version": 2}))

    # --- Filters, panels, links

    def test_filters_find_what_their_names_say(self, cast: dict[str, User]) -> None:
        today = timezone.localdate()
        company = make_company(cast["sales"], owner=cast["sales"])
        contact = make_contact(cast["sales"], owner=cast["sales"])
        late = make_deal(cast["sales"], expected_on=today - timedelta(days=1), company=company)
        soon = make_deal(cast["sales"], expected_on=today + timedelta(days=5), contact=contact, amount=9)
        won = make_deal(cast["sales"], stage="won", expected_on=today - timedelta(days=9))
        lost = make_deal(cast["sales"], stage="lost", lost_reason="price")
        Deal.objects.filter(pk=soon.pk).update(next_activity_at=timezone.now(), postponed_count=2)
        client = client_of(cast["sales"])
        wanted = {
            "late=yes": {late},
            "state=open": {late, soon},
            "state=closed": {won, lost},
            "stage=won&stage=lost": {won, lost},
            "stage=discovery": {late, soon},
            "state=open&stage=won": set(),
            "idle=yes": {late},
            "idle=no": {soon},
            "postponed=1": {soon},
            "postponed=3": set(),
            f"company={company.pk}": {late},
            f"contact={contact.pk}": {soon},
            "amount_max=10": {soon},
            f"expected_after={today}": {soon},
            f"expected_before={today}": {late, won},
            "lost_reason=price": {lost},
            "closed_after=2020-01-01": {won, lost},
            "owner=me": {late, soon, won, lost},
        }
        for query, deals in wanted.items():
            for sort in ("newest", "expected", "-amount"):
                rows = client.get(self.url("list") + f"?{query}&sort={sort}").context["list"]["rows"]
                assert {row["pk"] for row in rows} == {deal.pk for deal in deals}, query
        for bad in ("stage=x", "postponed=-1", "company=99999", "owner=nobody", "expected_after=x"):
            assert client.get(self.url("list") + f"?{bad}").status_code == 422, bad

    def test_contacts_and_companies_show_their_deals_within_sight(self, cast: dict[str, User]) -> None:
        company = make_company(cast["sales"], owner=cast["sales"])
        contact = make_contact(cast["sales"], owner=cast["sales"], company=company)
        make_deal(cast["sales"], company=company, contact=contact, title="À moi")
        make_deal(cast["stranger"], company=company, contact=contact, title="À un autre")
        make_deal(
            cast["sales"], company=company, contact=contact, title="Perdu", stage="lost", lost_reason="price"
        )
        client = client_of(cast["sales"], HX_Request="true")
        for record in (company, contact):
            page = client.get(reverse("panels", args=[record._meta.label_lower, record.pk])).content.decode()
            assert "À moi" in page
            assert "À un autre" not in page
            assert "Perdu" not in page
            assert f"/crm/deals/new/?{record._meta.model_name}={record.pk}" in page

    def test_a_deal_made_from_a_contacts_page_is_their_companys_too(self, cast: dict[str, User]) -> None:
        company = make_company(cast["sales"], owner=cast["sales"])
        contact = make_contact(cast["sales"], owner=cast["sales"], company=company)
        client = client_of(cast["sales"])
        page = client.get(self.url("new") + f"?contact={contact.pk}")
        assert page.context["form"]["company"].value() == company.pk
        client.post(self.url("new"), {**self.form, "contact": contact.pk})
        assert Deal.objects.get().company == company
        hidden = make_contact(cast["stranger"], owner=cast["stranger"])
        assert client.post(self.url("new"), {**self.form, "contact": hidden.pk}).status_code == 422

    def test_many_deals_are_won_at_once_with_their_events(self, cast: dict[str, User]) -> None:
        deals = [make_deal(cast["sales"], stage=stage) for stage in ("discovery", "proposal", "won")]
        client = client_of(cast["sales"])
        data = {"action": "stage", "pk": [deal.pk for deal in deals], "stage": "won", "confirm": "1"}
        assert client.post(self.url("bulk"), data).status_code == 302
        assert set(Deal.objects.values_list("stage", "closed_on")) == {("won", timezone.localdate())}
        assert Event.objects.filter(action="won").count() == 2

    def test_a_new_name_of_the_company_finds_its_deals(self, cast: dict[str, User]) -> None:
        company = make_company(cast["sales"], owner=cast["sales"], name="Ancien Nom")
        contact = make_contact(cast["sales"], owner=cast["sales"])
        deal = make_deal(cast["sales"], company=company, contact=contact)
        client = client_of(cast["sales"])
        address = reverse("crm:company_edit", args=[company.pk]) + "?field=name"
        client.post(address, {"name": "Tout Neuf", "version": 1})
        address = reverse("crm:contact_edit", args=[contact.pk])
        client.post(
            address,
            {
                "first_name": "Zoé",
                "last_name": "Quint",
                "status": "lead",
                "country": "FR",
                "version": 1,
                "owner": cast["sales"].pk,
            },
        )
        deal.refresh_from_db()
        assert {"tout", "neuf", "quint"} <= set(deal.search_text.split())
        assert "ancien" not in deal.search_text

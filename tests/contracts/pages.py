"""What every module's pages owe: rights, scopes, list, form, bulk, export, events, query counts.

A module says how to make one of its records and what its form takes, and inherits the rest:

    class TestContactPages(PageContract):
        model = Contact
        urls = "crm:contact"
        make = staticmethod(make_contact)
        form = {"first_name": "Émilie", "status": "lead", "country": "FR"}
        change = {"city": "Nantes"}
        shown = "first_name"
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models.fields.files import FieldFile
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people.models import User
from tests.base import client_of, make_cast, make_role, make_user
from timeline.models import BinEntry, Event

pytestmark = pytest.mark.django_db


def sent(form: Any) -> dict[str, Any]:
    """What a browser sends of a form as it stands: a file that is there already is not sent again."""
    values = {field.html_name: field.value() for field in form}
    return {
        name: value
        for name, value in values.items()
        if value is not None and value is not False and not isinstance(value, FieldFile)
    }


class PageContract:
    """Inherited by each module's page tests."""

    model: Any
    urls = ""
    make: Callable[..., Any]
    # What the form takes for a new record, and a change to an existing one.
    form: dict[str, Any]
    change: dict[str, Any]
    # The field whose text the pages show.
    shown = "name"
    owned = True
    bulk: tuple[str, ...] = ()
    # Queries of the list page for one row and for many alike.
    list_queries = 0

    @pytest.fixture
    def cast(self, db: None) -> dict[str, User]:
        return make_cast()

    @pytest.fixture
    def record(self, cast: dict[str, User]) -> Any:
        return self.make_for(cast["sales"])

    def make_for(self, user: User | None, **fields: Any) -> Any:
        """A record of `user`, made by the administrator's hand where it has no owner."""
        if self.owned:
            fields.setdefault("owner", user)
        return type(self).make(user, **fields)

    @property
    def module(self) -> str:
        return str(self.model.module)

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"{self.urls}_{name}", args=args)

    def addresses(self, record: Any) -> list[str]:
        return [
            self.url("list") + "?all=1",
            self.url("new"),
            record.get_absolute_url(),
            self.url("edit", record.pk),
            self.url("delete", record.pk),
        ]

    def role_with(self, scope: str, *actions: str) -> Any:
        return make_role(f"role-{scope}-{'-'.join(actions)}", **{self.module: (scope, actions)})

    def person_with(self, scope: str, *actions: str, **fields: Any) -> User:
        return make_user(f"p-{scope}-{'-'.join(actions)}", role=self.role_with(scope, *actions), **fields)

    def submit(self, client: Client, record: Any, **values: Any) -> Any:
        """The edit form as a browser sends it: every field with its present value, and the changes."""
        page = client.get(self.url("edit", record.pk))
        return client.post(self.url("edit", record.pk), {**sent(page.context["form"]), **values})

    # --- Who may open what

    def test_nobody_signed_in_is_sent_to_sign_in(self, record: Any) -> None:
        for address in self.addresses(record):
            response = client_of(None).get(address)
            assert response.status_code == 302, address
            assert response["Location"].startswith("/accounts/login/")

    def test_a_role_without_a_grant_is_refused_everywhere(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["marketing"])
        for address in [self.url("list") + "?all=1", self.url("new"), self.url("list") + "?export=csv"]:
            assert client.get(address).status_code == 403, address
        for address in self.addresses(record)[2:]:
            assert client.get(address).status_code in (403, 404), address

    def test_the_owner_opens_every_page(self, record: Any, cast: dict[str, User]) -> None:
        user = cast["sales"] if self.owned else cast["admin"]
        for address in self.addresses(record):
            assert client_of(user).get(address).status_code == 200, address

    def test_a_record_out_of_sight_answers_404_by_every_door(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        if not self.owned:
            return
        client = client_of(cast["stranger"])
        for address in self.addresses(record)[2:]:
            assert client.get(address).status_code == 404, address
        assert client.post(self.url("delete", record.pk)).status_code == 404
        assert self.model.objects.filter(pk=record.pk).exists()

    def test_an_unknown_number_answers_404(self, cast: dict[str, User]) -> None:
        for number in (0, 999_999_999):
            assert client_of(cast["admin"]).get(self.url("edit", number)).status_code == 404

    @pytest.mark.parametrize("action", ["create", "change", "delete", "export"])
    def test_seeing_does_not_allow_the_other_actions(self, record: Any, action: str) -> None:
        client = client_of(self.person_with("all", "view"))
        assert client.get(record.get_absolute_url()).status_code in (200, 403)
        if action == "create":
            assert client.post(self.url("new"), self.form).status_code == 403
        elif action == "change":
            assert client.post(self.url("edit", record.pk), self.change).status_code == 403
        elif action == "delete":
            assert client.post(self.url("delete", record.pk)).status_code == 403
        else:
            assert client.get(self.url("list") + "?export=csv").status_code == 403
        assert self.model.objects.filter(pk=record.pk, version=record.version).exists()

    def test_scope_own_shows_ones_own_team_the_teams_all_everything(self, cast: dict[str, User]) -> None:
        if not self.owned:
            return
        boss = self.person_with("team", "view")
        member = self.person_with("own", "view", manager=boss)
        everyone = self.person_with("all", "view")
        mine, theirs = self.make_for(member), self.make_for(cast["stranger"])
        for person, seen in ((member, {mine}), (boss, {mine}), (everyone, {mine, theirs})):
            visible = set(self.model.objects.visible_to(person).filter(pk__in=[mine.pk, theirs.pk]))
            assert visible == seen, person
            rows = client_of(person).get(self.url("list") + "?all=1").context["list"]["rows"]
            assert {row["pk"] for row in rows} & {mine.pk, theirs.pk} == {record.pk for record in seen}

    # --- List

    def test_the_list_pages_through_every_row_once(self, cast: dict[str, User]) -> None:
        for _number in range(60):
            self.make_for(cast["sales"])
        client = client_of(cast["admin"])
        for sort in client.get(self.url("list") + "?all=1").context["view_sorts"]:
            seen: list[int] = []
            address = self.url("list") + f"?sort={sort}"
            while address:
                page = client.get(address).context["list"]
                seen += [row["pk"] for row in page["rows"]]
                address = page["next_url"]
            assert len(seen) == len(set(seen)) == self.model.objects.count(), sort

    def test_a_bad_key_or_sort_or_filter_is_not_an_error_of_the_server(self, cast: dict[str, User]) -> None:
        client = client_of(cast["admin"])
        for query in (
            "after=zz",
            "before=W10",
            "after=WyJhIiwiYiJd",
            "sort=nope&all=1",
            "q=%00",
            "q=" + "x" * 500,
        ):
            assert client.get(self.url("list") + f"?{query}").status_code in (200, 400, 422), query

    def test_the_list_costs_the_same_queries_for_one_row_and_for_many(self, cast: dict[str, User]) -> None:
        self.make_for(cast["sales"])
        user = cast["sales"] if self.owned else cast["admin"]
        client = client_of(user)
        one = self.count_queries(client, self.url("list") + "?all=1")
        for _number in range(20):
            self.make_for(cast["sales"])
        many = self.count_queries(client, self.url("list") + "?all=1")
        assert one == many
        assert many <= self.list_queries, f"{many} queries, {self.list_queries} pinned"

    def count_queries(self, client: Client, address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    def test_the_export_holds_what_the_list_shows_and_is_logged(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        if self.owned:
            self.make_for(cast["stranger"])
        client = client_of(cast["sales"] if self.owned else cast["admin"])
        response = client.get(self.url("list") + "?export=csv")
        lines = b"".join(response.streaming_content).decode("utf-8-sig").strip().splitlines()  # type: ignore[attr-defined]
        visible = self.model.objects.visible_to(
            cast["sales"] if self.owned else cast["admin"], "export"
        ).count()
        assert len(lines) == 1 + visible
        assert Event.objects.filter(action="exported").exists()
        spreadsheet = client.get(self.url("list") + "?export=xlsx")
        assert b"".join(spreadsheet.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
        assert client.get(self.url("list") + "?export=exe").status_code == 400

    # --- Create, change, delete

    def test_a_record_is_created_with_its_event(self, cast: dict[str, User]) -> None:
        user = cast["sales"] if self.owned else cast["admin"]
        before = self.model.objects.count()
        response = client_of(user).post(self.url("new"), self.form)
        assert response.status_code == 302, response.context and response.context["form"].errors
        assert self.model.objects.count() == before + 1
        event = Event.objects.filter(action="created").latest("id")
        assert event.subject_type == self.model._meta.label_lower
        assert event.actor_id == user.pk

    def test_an_empty_form_comes_back_with_its_errors(self, cast: dict[str, User]) -> None:
        user = cast["sales"] if self.owned else cast["admin"]
        before = self.model.objects.count()
        response = client_of(user).post(self.url("new"), {})
        assert response.status_code == 422
        assert response.context["form"].errors
        assert self.model.objects.count() == before

    def test_a_change_is_saved_with_before_and_after(self, record: Any, cast: dict[str, User]) -> None:
        user = cast["sales"] if self.owned else cast["admin"]
        response = self.submit(client_of(user), record, **self.change)
        assert response.status_code == 302, response.context and response.context["form"].errors
        name, value = next(iter(self.change.items()))
        record.refresh_from_db()
        assert str(getattr(record, name)) == str(value)
        assert record.version == 2
        event = Event.objects.filter(action="changed").latest("id")
        assert event.changes[name][1] == value

    def test_the_second_of_two_editors_is_shown_what_changed(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        user = cast["sales"] if self.owned else cast["admin"]
        name, value = next(iter(self.change.items()))
        first, second = client_of(user), client_of(cast["admin"])
        page = second.get(self.url("edit", record.pk))
        stale = sent(page.context["form"])
        assert self.submit(first, record, **self.change).status_code == 302
        response = second.post(self.url("edit", record.pk), {**stale, name: self.other_value(name, value)})
        assert response.status_code == 409
        assert [row["name"] for row in response.context["conflict"]["rows"]] == [name]
        record.refresh_from_db()
        assert str(getattr(record, name)) == str(value)

    def other_value(self, name: str, value: Any) -> Any:
        return f"{value} bis"

    def test_deleting_asks_first_then_moves_to_the_bin_and_comes_back(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        client = client_of(cast["admin"])
        assert client.get(self.url("delete", record.pk)).status_code == 200
        assert self.model.objects.filter(pk=record.pk).exists()
        assert client.post(self.url("delete", record.pk)).status_code == 302
        assert not self.model.objects.filter(pk=record.pk).exists()
        batch = BinEntry.objects.latest("id").batch
        assert client.post(reverse("bin_restore", args=[batch])).status_code == 302
        assert self.model.objects.filter(pk=record.pk).exists()

    # --- Many at once

    def test_bulk_actions_ask_first_and_touch_only_what_one_sees(self, cast: dict[str, User]) -> None:
        if not self.bulk:
            return
        mine, theirs = self.make_for(cast["sales"]), self.make_for(cast["stranger"])
        client = client_of(cast["sales"])
        for action in self.bulk:
            response = client.post(self.url("bulk"), {"action": action, "pk": [mine.pk, theirs.pk]})
            assert response.status_code == 200, action
            assert response.context["bulk"]["count"] == 1
        assert client.post(self.url("bulk"), {"action": "nope", "pk": [mine.pk]}).status_code == 403
        assert client.post(self.url("bulk"), {"action": "delete", "pk": ["x"]}).status_code == 400
        confirmed = client.post(
            self.url("bulk"), {"action": "delete", "pk": [mine.pk, theirs.pk], "confirm": "1"}
        )
        assert confirmed.status_code == 302
        assert not self.model.objects.filter(pk=mine.pk).exists()
        assert self.model.objects.filter(pk=theirs.pk).exists()

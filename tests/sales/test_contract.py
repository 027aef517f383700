"""Pages and verbs of contracts."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from people.models import User
from sales.models import Contract, ContractLine
from sales.services.contract import (
    change_contract,
    change_contracts,
    create_contract,
    import_contracts,
    next_reference,
    proposed_renewal,
    sign_contract,
    terminate_contract,
    validate_contract,
)
from tests.base import client_of, make_cast, make_user
from tests.contracts.pages import PageContract, sent
from tests.sales.records import make_client, make_contract, make_offer
from timeline.models import Event, EventLink

pytestmark = pytest.mark.django_db
LINES = [
    {"label": "Site vitrine", "quantity": "1", "unit_amount": "3 200,00", "vat_rate": "20", "period": "once"},
    {"label": "Maintenance", "quantity": "2", "unit_amount": "24.5", "vat_rate": "5,5", "period": "month"},
]
CLEAN = [
    {
        "label": "Site vitrine",
        "quantity": Decimal(1),
        "unit_amount": Decimal(3200),
        "vat_rate": Decimal(20),
        "period": "once",
    },
    {
        "label": "Maintenance",
        "quantity": Decimal(2),
        "unit_amount": Decimal("24.50"),
        "vat_rate": Decimal("5.5"),
        "period": "month",
    },
]


def typed(lines: list[dict[str, str]]) -> dict[str, list[str]]:
    """Lines as a browser sends them."""
    return {f"lines_{name}": [line[name] for line in lines] for name in lines[0]}


class TestContractPages(PageContract):
    """The contract of every module, on contracts."""

    model = Contract
    urls = "sales:contract"
    make = staticmethod(make_contract)
    form = {"reference": "DFA-2026-9001", "status": "pending", "amount": "1 200,50"}
    change = {"supplier": "OVHcloud"}
    shown = "reference"
    bulk = ("assign", "delete")
    list_queries = 11

    @pytest.fixture(autouse=True)
    def _with_client(self, cast: dict[str, User]) -> None:
        self.form = {**type(self).form, "client": make_client(cast["sales"]).pk}

    def test_a_salesperson_sees_only_their_own_and_a_manager_the_teams(self, cast: dict[str, User]) -> None:
        contract = make_contract(cast["sales"])
        codes = {key: client_of(cast[key]).get(contract.get_absolute_url()).status_code for key in cast}
        assert {key for key, code in codes.items() if code == 200} == {"sales", "manager", "admin", "am"}
        assert {codes["sales2"], codes["stranger"]} == {404}
        assert codes["marketing"] == 403

    # --- Lines and their sums

    def test_the_form_takes_lines_in_their_order_and_adds_them_up(self, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"])
        data = {
            **self.form,
            **typed(LINES),
            "amount": "1",
            "starts_on": "2026-01-01",
            "ends_on": "2026-12-31",
        }
        assert client.post(self.url("new"), data).status_code == 302
        contract = Contract.objects.get(reference="DFA-2026-9001")
        assert contract.amount == Decimal("3788.00")
        assert [line.label for line in contract.lines.all()] == ["Site vitrine", "Maintenance"]
        page = client.get(contract.get_absolute_url()).content.decode()
        assert "Site vitrine" in page
        turned = typed(LINES[::-1])
        assert self.submit(client, contract, **turned).status_code == 302
        assert [line.label for line in contract.lines.all()] == ["Maintenance", "Site vitrine"]
        event = Event.objects.filter(subject_type="sales.contract", subject_id=contract.pk).latest("id")
        assert event.changes["lines"][0].startswith("Site vitrine")

    def test_rows_left_empty_are_no_lines_and_wrong_ones_are_told_with_their_number(
        self, cast: dict[str, User]
    ) -> None:
        client = client_of(cast["sales"])
        empty = {"label": "", "quantity": "1", "unit_amount": "", "vat_rate": "20", "period": "once"}
        wrong = {**LINES[1], "unit_amount": "beaucoup", "period": "decade"}
        answer = client.post(self.url("new"), {**self.form, **typed([LINES[0], empty, wrong])})
        assert answer.status_code == 422
        errors = " ".join(answer.context["form"].errors["lines"])
        assert "2" in errors
        assert not Contract.objects.filter(reference="DFA-2026-9001").exists()
        assert "beaucoup" in answer.content.decode()

    def test_the_sums_are_told_while_one_types(self, cast: dict[str, User]) -> None:
        url = reverse("sales:contract_totals")
        answer = client_of(cast["sales"]).post(url, typed(LINES))
        assert answer.context["totals"].net == Decimal("3788.00")
        bad = client_of(cast["sales"]).post(url, typed([{**LINES[0], "quantity": "-1"}]))
        assert bad.context["problems"]
        assert client_of(cast["sales"]).post(url, {"starts_on": "2026-13-99"}).status_code == 200
        assert client_of(cast["marketing"]).post(url, typed(LINES)).status_code == 403

    # --- Verbs

    def test_a_contract_is_signed_validated_and_terminated(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"])
        today = timezone.localdate()
        for verb, status in (("sign", "signed"), ("validate", "validated")):
            assert client.post(self.url(verb, record.pk)).status_code == 302
            record.refresh_from_db()
            assert record.status == status
            assert Event.objects.latest("id").action == status
        assert (record.signed_on, record.validated_on) == (today, today)
        url = self.url("terminate", record.pk)
        assert client.get(url).status_code == 200
        no_reason = {"version": record.version, "ends_on": today.isoformat(), "termination_reason": " "}
        assert client.post(url, no_reason).status_code == 422
        assert client.post(url, {**no_reason, "termination_reason": "Cesse son activité"}).status_code == 302
        record.refresh_from_db()
        assert (record.status, record.ends_on) == ("terminated", today)
        assert record.termination_reason == "Cesse son activité"
        with pytest.raises(ValidationError):
            sign_contract(user=cast["sales"], contract=record)
        client.post(self.url("sign", record.pk))
        record.refresh_from_db()
        assert record.status == "terminated"

    def test_verbs_of_anothers_contract_answer_404_and_of_one_only_seen_403(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        for verb in ("sign", "validate", "terminate"):
            assert client_of(cast["stranger"]).post(self.url(verb, record.pk)).status_code == 404
            assert client_of(cast["am"]).post(self.url(verb, record.pk)).status_code == 403

    def test_an_end_before_the_start_is_refused_by_every_way(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        days = {"starts_on": date(2026, 5, 1), "ends_on": date(2026, 4, 1)}
        answer = self.submit(
            client_of(cast["sales"]), record, **{name: day.isoformat() for name, day in days.items()}
        )
        assert answer.status_code == 422
        with pytest.raises(ValidationError):
            change_contract(user=None, contract=record, values=days)
        with pytest.raises(ValidationError):
            make_contract(cast["sales"], **days)

    def test_a_status_chosen_in_the_form_brings_its_day_and_a_reason_where_it_needs_one(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        client = client_of(cast["sales"])
        assert self.submit(client, record, status="terminated").status_code == 422
        assert self.submit(client, record, status="unknown").status_code == 422
        assert self.submit(client, record, status="signed").status_code == 302
        record.refresh_from_db()
        assert record.signed_on == timezone.localdate()
        tomorrow = timezone.localdate() + timedelta(1)
        assert self.submit(client, record, signed_on=tomorrow.isoformat()).status_code == 422

    # --- Owners and references

    def test_left_empty_the_salesperson_is_the_clients_and_the_reference_the_next(
        self, cast: dict[str, User]
    ) -> None:
        client = make_client(cast["sales"])
        year = timezone.localdate().year
        form = {"status": "pending", "client": client.pk, "amount": "10"}
        assert client_of(cast["manager"]).post(self.url("new"), form).status_code == 302
        contract = Contract.objects.latest("id")
        assert (contract.owner, contract.reference) == (cast["sales"], f"CT-{year}-0001")
        assert next_reference() == f"CT-{year}-0002"
        again = client_of(cast["manager"]).post(self.url("new"), {**form, "reference": f"ct-{year}-0001"})
        assert again.status_code == 422

    def test_nobody_makes_contracts_for_people_out_of_their_reach(self, cast: dict[str, User]) -> None:
        client = make_client(cast["sales"])
        for key, owner in (("sales", "sales2"), ("manager", "stranger"), ("am", "sales")):
            with pytest.raises(PermissionDenied):
                create_contract(
                    user=cast[key], contract=Contract(reference="X", client=client, owner=cast[owner])
                )

    def test_a_manager_hands_contracts_to_the_team_and_to_nobody_else(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        bulk = {"action": "assign", "pk": [record.pk], "confirm": "1"}
        client = client_of(cast["manager"])
        assert client.post(self.url("bulk"), {**bulk, "owner": cast["stranger"].pk}).status_code == 422
        assert client.post(self.url("bulk"), {**bulk, "owner": cast["sales2"].pk}).status_code in (204, 302)
        record.refresh_from_db()
        assert record.owner == cast["sales2"]

    # --- What stands around

    def test_it_shows_on_the_time_lines_of_its_client_and_company(self, cast: dict[str, User]) -> None:
        contract = make_contract(cast["sales"])
        event = Event.objects.get(subject_type="sales.contract", action="created")
        linked = set(EventLink.objects.filter(event=event).values_list("subject_type", "subject_id"))
        assert ("crm.client", contract.client_id) in linked
        assert ("crm.company", contract.client.company_id) in linked

    def test_what_the_source_says_and_that_it_lost_it_is_plainly_shown(self, cast: dict[str, User]) -> None:
        contract = make_contract(cast["sales"], status="unknown", status_text="En litige <b>")
        # After midnight here, before it in UTC.
        late = datetime(2026, 7, 3, 22, 30, tzinfo=UTC)
        Contract.objects.filter(pk=contract.pk).update(absent_since=late)
        client = client_of(cast["sales"])
        for url in (contract.get_absolute_url(), self.url("list") + "?all=1"):
            page = client.get(url).content.decode()
            assert "En litige &lt;b&gt;" in page
            assert "04/07/2026" in page
        shown = client.get(self.url("list") + "?absent=yes").context["list"]["rows"]
        assert [row["pk"] for row in shown] == [contract.pk]
        sign_contract(user=cast["sales"], contract=contract)
        contract.refresh_from_db()
        assert contract.status_text == ""

    def test_filters_find_what_they_say(self, cast: dict[str, User]) -> None:
        offer = make_offer()
        autumn = make_contract(
            cast["sales"],
            status="signed",
            signed_on=date(2026, 9, 30),
            offer=offer,
            ends_on=date(2027, 9, 29),
        )
        winter = make_contract(cast["sales2"], status="validated", signed_on=date(2026, 1, 2))
        pending = make_contract(cast["sales"])
        client = client_of(cast["manager"])

        def found(query: str) -> set[int]:
            return {row["pk"] for row in client.get(f"{self.url('list')}?{query}").context["list"]["rows"]}

        assert found("month=2026-09") == {autumn.pk}
        assert found("month=2026-12") == set()
        assert found("signed_after=2026-01-02&signed_before=2026-01-02") == {winter.pk}
        assert found("signed_after=1900-01-01") == {autumn.pk, winter.pk}
        assert found("ends_before=2027-12-31") == {autumn.pk}
        assert found("status=signed&status=pending&sort=name") == {autumn.pk, pending.pk}
        assert found(f"client={winter.client_id}") == {winter.pk}
        assert found(f"company={winter.client.company_id}") == {winter.pk}
        assert found(f"offer={offer.pk}") == {autumn.pk}
        assert found("without_offer=yes") == {winter.pk, pending.pk}
        assert found(f"owner={cast['sales2'].pk}") == {winter.pk}
        for wrong in ("month=2026-13", "month=x", "owner=x", "client=999999", "status=heaven"):
            assert client.get(f"{self.url('list')}?{wrong}").status_code == 422, wrong
        stranger = client.get(f"{self.url('list')}?owner={cast['stranger'].pk}")
        assert stranger.status_code == 422

    def test_contracts_of_somebody_inactive_are_found_by_their_name_too(self, cast: dict[str, User]) -> None:
        gone = make_user("gone", "Marc", "Petit", cast["sales"].role, is_active=False, joined_at=None)
        contract = make_contract(gone)
        answer = client_of(cast["admin"]).get(f"{self.url('list')}?owner={gone.pk}")
        assert [row["pk"] for row in answer.context["list"]["rows"]] == [contract.pk]

    def test_from_a_clients_tab_the_new_contract_is_theirs(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["sales"])
        listed = client.get(f"{self.url('list')}?client={record.client_id}&within=client").context["list"]
        assert listed["create_url"].endswith(f"?client={record.client_id}")
        assert str(record.client) in client.get(listed["create_url"]).content.decode()

    def test_deleted_and_restored_it_has_its_lines_again(self, cast: dict[str, User]) -> None:
        contract = make_contract(cast["sales"], lines=CLEAN)
        client = client_of(cast["sales"])
        client.post(self.url("delete", contract.pk))
        assert not ContractLine.objects.exists()
        batch = Event.objects.filter(action="deleted").latest("id")
        assert batch.subject_id == contract.pk
        from timeline.models import BinEntry

        entry = (
            BinEntry.objects.get(subject_type="sales.contract") if hasattr(BinEntry, "subject_type") else None
        )
        url = reverse("bin_restore", args=[(entry or BinEntry.objects.latest("id")).batch])
        assert client.post(url).status_code == 302
        assert [line.label for line in Contract.objects.get(pk=contract.pk).lines.all()] == [
            "Site vitrine",
            "Maintenance",
        ]


def test_who_keeps_the_lines_of_another_editor_has_these_lines() -> None:
    cast = make_cast()
    line = {"label": "Site vitrine", "quantity": 1, "unit_amount": "900.00", "vat_rate": "20.00"}
    contract = make_contract(cast["sales"], lines=[line])
    url = reverse("sales:contract_edit", args=[contract.pk])
    data = sent(client_of(cast["sales"]).get(url).context["form"])
    theirs = json.dumps([{**line, "label": "Refonte", "period": "once"}])
    assert client_of(cast["sales"]).post(url, {**data, "lines": theirs}).status_code == 302
    mine = {**data, "lines": json.dumps([{**line, "label": "Blog"}]), "description": "Deux pages"}
    page = client_of(cast["manager"]).post(url, mine)
    assert page.status_code == 409
    kept = {**mine, "keep_lines": "theirs", "version": page.context["conflict"]["version"]}
    assert client_of(cast["manager"]).post(url, kept).status_code == 302
    contract.refresh_from_db()
    assert [each.label for each in contract.lines.all()] == ["Refonte"]
    assert contract.description == "Deux pages"


def test_the_earliest_end_to_come_of_a_contract_in_force_is_proposed_as_renewal(db: None) -> None:
    from tests.base import make_cast

    cast = make_cast()
    client = make_client(cast["sales"])
    today = timezone.localdate()
    for days, status in ((-10, "signed"), (5, "terminated"), (90, "validated"), (40, "signed")):
        make_contract(cast["sales"], client=client, status=status, ends_on=today + timedelta(days))
    assert proposed_renewal(cast["sales"], client) == today + timedelta(40)
    assert proposed_renewal(cast["sales"], make_client(cast["sales"])) is None
    contract = make_contract(cast["sales"], client=client, status="signed", ends_on=today + timedelta(60))
    url = f"/sales/contracts/{contract.pk}/renewal/"
    assert url in client_of(cast["sales"]).get(contract.get_absolute_url()).content.decode()
    assert client_of(cast["stranger"]).post(url).status_code == 404
    assert client_of(cast["am"]).post(url).status_code == 403
    assert client_of(cast["sales"]).post(url).status_code == 302
    client.refresh_from_db()
    assert client.renewal_on == today + timedelta(40)
    assert url not in client_of(cast["sales"]).get(contract.get_absolute_url()).content.decode()


def test_an_import_writes_new_ones_and_changes_known_ones_in_few_queries(
    db: None, django_assert_max_num_queries: Any
) -> None:
    from tests.base import make_cast

    cast = make_cast()
    client = make_client(cast["sales"])
    known = [make_contract(cast["sales"], client=client) for _ in range(3)]
    fresh = [
        Contract(reference=f"SRC-{n}", client=client, owner=cast["sales2"], status="signed", amount=n)
        for n in range(30)
    ]
    wanted = [
        (known[0].pk, {"status": "validated", "amount": Decimal(1200)}),
        (known[1].pk, {"owner": cast["sales2"]}),
        (known[2].pk, {"amount": Decimal(1200)}),
    ]
    with django_assert_max_num_queries(30):
        found = import_contracts(user=None, new=fresh, changed=wanted, data={"source": "API"})
    assert set(found) == {known[0].pk, known[1].pk}
    assert all(contract.pk for contract in fresh)
    assert Contract.objects.get(reference="SRC-7").sort_name == "src-7"
    told = Event.objects.filter(subject_type="sales.contract", subject_id=known[0].pk).latest("id")
    assert (told.action, told.actor_id) == ("validated", None)
    assert Contract.objects.get(pk=known[0].pk).version == 2
    assert Contract.objects.get(pk=known[2].pk).version == 1
    assert change_contracts(user=None, pks=[known[0].pk], values={"owner": cast["sales2"]}) == 1
    validate_contract(user=None, contract=fresh[0])
    terminate_contract(user=None, contract=fresh[1], reason="Doublon")

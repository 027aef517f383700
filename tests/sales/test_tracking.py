"""Tracking of sales: figures, comparisons and tables, each of which opens its rows (SPEC S10, N9)."""

import io
import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from crm.models import Activity, Deal
from crm.services.activity_totals import recount_activities
from crm.services.deal_totals import recount_deals
from people.models import User
from people.services.target import set_targets
from sales.models import Contract, Invoice
from sales.services.contract_totals import recount_contracts
from sales.services.invoice_credit import cancel_invoice
from sales.services.money_totals import recount_money
from sales.tracking_measures import trend
from tests.base import client_of, make_activity, make_cast, make_deal, make_role, make_user
from tests.sales.invoices import issued
from tests.sales.payments import pay
from tests.sales.records import make_client, make_contract, make_offer
from timeline.models import Event

pytestmark = pytest.mark.django_db
URL = "/sales/tracking/"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def year(cast: dict[str, User]) -> None:
    """A year and a half of deals, contracts and activities of three people and of nobody."""
    draw, today = random.Random(11), timezone.localdate()
    owners = [cast["sales"], cast["sales2"], cast["stranger"]]
    offers = [make_offer(name=f"Offre {place}") for place in range(2)]
    client = make_client(cast["sales"])
    for place in range(42):
        owner, amount = owners[place % 3], Decimal(draw.randrange(1, 90) * 100)
        ago = timedelta(days=draw.choice([0, 10, 25, 40, 80, 130, 200, 380, 410, 500]))
        stage = draw.choice(["won", "won", "lost", "proposal"])
        reason = "price" if stage == "lost" else ""
        deal = make_deal(owner, stage=stage, lost_reason=reason, amount=amount)
        at = timezone.now() - ago
        closed = timezone.localdate(at) if deal.closed_on else None
        Deal.objects.filter(pk=deal.pk).update(created_at=at - timedelta(days=12), closed_on=closed)
        contract = make_contract(
            owner,
            client=client,
            owner=None if place % 7 == 0 else owner,
            offer=draw.choice([None, *offers]),
            amount=amount,
            signed_on=today - ago,
            status="signed",
        )
        assert contract.pk
        kind = draw.choice(Activity.Kind.values)
        one = make_activity(owner, kind=kind, status="done", starts_at=timezone.now())
        Activity.objects.filter(pk=one.pk).update(done_at=at)
    bill = issued(cast["sales"])
    cancel_invoice(user=None, invoice=bill, reason="Erreur")
    issued(cast["sales2"])
    for owner, ago in ((cast["sales"], 3), (cast["sales2"], 40), (None, 400)):
        over = pay(150, owner=owner, received_on=today - timedelta(days=ago))
        pay(30, owner=owner, kind="refund", refunds=over)
    assert recount_money() == 0
    for recount in (recount_deals, recount_contracts, recount_activities):
        recount()


def told(figures: Any) -> Iterator[tuple[str, str, Any]]:
    """(what, address, value) of all that the page shows."""
    for one in figures["measures"]:
        yield one["name"], one["url"], one["value"]
        for other in one["others"]:
            yield one["name"], other["url"], other["value"]
    for _label, cells in figures["months"].rows:
        for cell in cells:
            yield "amount", cell.url, cell.value
    for _label, cells in figures["people"].rows:
        names = (*["amount"] * 4, "count", "rate", "cycle", "count", "", "")
        for name, cell in zip(names, cells, strict=True):
            yield name, cell.url, cell.value
    for offer in figures["offers"]:
        for _label, cells in offer["sheet"].rows:
            yield "count", cells[0].url, cells[0].value
            yield "amount", cells[1].url, cells[1].value
    for _label, cells in figures["done"].rows:
        for cell in cells:
            yield "count", cell.url, cell.value


def days_of(deal: Any) -> int:
    return int((deal.closed_on - timezone.localtime(deal.created_at).date()).days)


def amount_of(row: Any) -> Decimal:
    """What a row counts: credit notes and what was paid back take away."""
    amount = row.net if isinstance(row, Invoice) else row.amount
    return Decimal(amount * getattr(row, "sign", 1))


def reckoned(what: str, rows: list[Any]) -> Any:
    """The figure, by the plain rule, of the rows that its address lists."""
    if what in ("won", "signed", "invoiced", "paid", "amount"):
        return sum(map(amount_of, rows), Decimal(0))
    if what in ("count", "added", "done"):
        return len(rows)
    if what == "rate":
        return round(sum(row.stage == "won" for row in rows) * 100 / len(rows)) if rows else None
    if what == "average":
        return sum(row.amount for row in rows) / len(rows) if rows else None
    if what == "cycle":
        return round(sum(map(days_of, rows)) / len(rows)) if rows else None
    raise AssertionError(what)


def opened(client: Client, url: str) -> list[Any]:
    page = client.get(url)
    assert page.status_code == 200, url
    assert not page.context["list"]["next_url"]
    return [row["record"] for row in page.context["list"]["rows"]]


@pytest.mark.parametrize("who", ["admin", "manager", "sales"])
@pytest.mark.parametrize("query", ["", "period=12m", "period=last-year&who=team-{manager}", "who={sales}"])
def test_every_figure_opens_the_rows_that_it_counts(
    cast: dict[str, User], year: None, who: str, query: str
) -> None:
    client = client_of(cast[who])
    page = client.get(f"{URL}?{query.format(**{name: person.pk for name, person in cast.items()})}")
    assert page.status_code == 200
    seen: dict[str, list[Any]] = {}
    for what, url, value in told(page.context):
        if url:
            rows = seen.setdefault(url, []) or opened(client, url)
            seen[url] = rows
            assert reckoned(what, rows) == value, (what, url)


def test_targets_stand_beside_what_was_won(cast: dict[str, User]) -> None:
    today = timezone.localdate()
    values = {today.month: {"revenue": Decimal(4000)}}
    set_targets(user=cast["admin"], person=cast["sales"], year=today.year, values=values)
    make_deal(cast["sales"], stage="won", amount=Decimal(1000))
    sheet = client_of(cast["sales"]).get(f"{URL}?period=month").context["people"]
    (row,) = sheet.rows
    assert row[0] == str(cast["sales"])
    assert [cell.value for cell in row[1][-2:]] == [Decimal(4000), 25]


def test_how_a_figure_compares_is_told() -> None:
    assert trend(112, 100)["change"].startswith("+12")
    assert trend(90, 100) == {"change": "\u221210\u00a0%", "way": "down", "tone": "down"}
    assert trend(10, 20, less=True)["tone"] == "up"
    assert trend(100, 100)["way"] == "flat"
    assert trend(5, 0)["change"] == ""
    assert trend(None, 3)["change"] == ""
    assert trend(40, 30, points=True)["change"].startswith("+10")


def test_exports_hold_the_tables_and_are_written_down(cast: dict[str, User], year: None) -> None:
    client = client_of(cast["manager"])
    page = client.get(f"{URL}?period=12m")
    text = client.get(f"{URL}?period=12m&export=csv").content.decode("utf-8-sig")
    for label, _cells in page.context["people"].rows:
        assert label in text
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{URL}?export=xlsx&period=12m").getvalue()))
    assert len(book.sheetnames) == 4
    cells = [row[0].value for row in book.worksheets[1].iter_rows(min_row=3)]
    assert cells == [label for label, _cells in page.context["people"].rows]
    assert Event.objects.filter(action="exported").count() == 2
    assert client.get(f"{URL}?export=exe").status_code == 400


def test_who_may_not_export_is_refused(cast: dict[str, User]) -> None:
    reader = make_user("lecteur", role=make_role("lecteur", sales_tracking=("all", ["view"])))
    client = client_of(reader)
    page = client.get(URL)
    assert page.status_code == 200
    assert not page.context["exports"]
    assert not page.context["measures"]  # nothing of deals, contracts or activities is in sight
    assert client.get(f"{URL}?export=csv").status_code == 403
    assert client_of(cast["marketing"]).get(URL).status_code == 403


def test_the_page_costs_the_same_for_many_rows(
    cast: dict[str, User], year: None, django_assert_max_num_queries: Any
) -> None:
    client = client_of(cast["admin"])
    client.get(URL)
    with django_assert_max_num_queries(14):
        client.get(URL)
    assert Contract.objects.count() == 42

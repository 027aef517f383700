"""« Contrats par commercial »: every figure opens exactly the rows that it counts, within sight."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from people.models import User
from sales.contract_figures import period_named
from sales.models import Contract
from tests.base import client_of, make_cast, make_user
from tests.sales.records import make_client, make_contract, make_offer

pytestmark = pytest.mark.django_db
URL = "/sales/contracts/figures/"
PART = {"HX-Request": "true", "HX-Target": "contract-figures"}


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def contracts(cast: dict[str, User]) -> list[Contract]:
    today = timezone.localdate()
    site, seo = make_offer(name="Site vitrine"), make_offer(name="SEO")
    client = make_client(cast["sales"])
    gone = make_user("gone", "Marc", "Petit", cast["sales"].role, is_active=False, joined_at=None)
    rows = [
        (cast["sales"], site, "signed", 3, 1000),
        (cast["sales"], site, "validated", 40, 2000),
        (cast["sales"], seo, "terminated", 70, 300),
        (cast["sales2"], seo, "validated", 5, 700),
        (cast["stranger"], None, "validated", 8, 900),
        (cast["sales"], None, "validated", 900, 5000),
        (gone, site, "signed", 1, 10),
    ]
    made = [
        make_contract(
            owner,
            client=client,
            offer=offer,
            status=status,
            signed_on=today - timedelta(days),
            amount=Decimal(euros),
        )
        for owner, offer, status, days, euros in rows
    ]
    nobodys = make_contract(None, client=client, owner=None, status="signed", signed_on=today)
    return [*made, make_contract(cast["sales"], client=client), nobodys]


def opened(client: Any, url: str) -> tuple[int, Decimal]:
    """How many rows an address lists, and what they are worth."""
    page = client.get(url)
    assert page.status_code == 200, url
    rows = page.context["list"]["rows"]
    return len(rows), sum((row["record"].amount for row in rows), Decimal(0))


@pytest.mark.parametrize("who", ["sales", "manager", "admin", "am", "stranger"])
@pytest.mark.parametrize("query", ["", "?period=month", "?period=year", "?period=quarter", "?who=me"])
def test_every_figure_opens_its_rows(
    cast: dict[str, User], contracts: list[Contract], who: str, query: str
) -> None:
    client = client_of(cast[who])
    figures = client.get(f"{URL}{query}", headers=PART).context
    assert opened(client, figures["total_url"]) == (figures["total"], figures["amount"])
    assert opened(client, figures["unsigned_url"])[0] == figures["unsigned"]
    for row in figures["sellers"]:
        assert opened(client, row["url"]) == (row["count"], row["amount"])
    for bar in [*figures["seller_bars"], *figures["months"], *figures["offers"]]:
        assert opened(client, bar.url)[0] == int(bar.value)
    for bar in figures["clients"]:
        assert opened(client, bar.url)[1] == bar.value


def test_each_sees_their_own_the_teams_or_all(cast: dict[str, User], contracts: list[Contract]) -> None:
    def sellers(who: str, query: str = "") -> set[str]:
        return {str(row["label"]) for row in client_of(cast[who]).get(f"{URL}{query}").context["sellers"]}

    assert sellers("sales") == {"Hugo Lefèvre"}
    assert sellers("manager") == {"Hugo Lefèvre", "Inès Garnier"}
    assert sellers("manager", "?who=me") == set()
    everybody = sellers("admin")
    assert {"Hugo Lefèvre", "Inès Garnier", "Samir Benali", "Marc Petit"} <= everybody
    assert len(everybody) == 5
    assert client_of(cast["marketing"]).get(URL).status_code == 403
    assert client_of(None).get(URL).status_code == 302


def test_the_home_page_has_them_and_costs_little(cast: dict[str, User], contracts: list[Contract]) -> None:
    page = client_of(cast["sales"]).get("/")
    templates = [widget["template"] for widget in page.context["widgets"]]
    assert "home/contracts_by_seller.html" in templates
    part = client_of(cast["sales"]).get(URL, headers=PART).content.decode()
    assert "Hugo Lefèvre" in part
    assert "<html" not in part
    home = client_of(cast["marketing"]).get("/")
    assert all(widget["template"] != "home/contracts_by_seller.html" for widget in home.context["widgets"])


def test_without_contracts_it_says_so(cast: dict[str, User]) -> None:
    figures = client_of(cast["sales"]).get(URL).context
    assert (figures["total"], figures["sellers"], figures["clients"], figures["recent"]) == (0, [], [], [])


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("month", date(2026, 11, 1), date(2026, 11, 30)),
        ("quarter", date(2026, 10, 1), date(2026, 12, 31)),
        ("year", date(2026, 1, 1), date(2026, 12, 31)),
        ("last-year", date(2025, 1, 1), date(2025, 12, 31)),
        ("12m", date(2025, 12, 1), date(2026, 11, 30)),
        ("anything", date(2025, 12, 1), date(2026, 11, 30)),
    ],
)
def test_periods_are_whole_months(name: str, start: date, end: date) -> None:
    period = period_named(name, date(2026, 11, 21))
    assert (period.start, period.end) == (start, end)
    assert period.months[0] == start
    assert period.months[-1] == end.replace(day=1)

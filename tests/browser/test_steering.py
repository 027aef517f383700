"""Figures under filters, and a year of targets, in Chromium."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from people.models import Target, User
from tests.base import make_cast, make_deal
from tests.browser.pages import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


def test_a_filter_chosen_changes_the_figures_and_the_address(
    page: Page, cast: dict[str, User], live_server: Any
) -> None:
    for name, amount in (("sales", 1000), ("sales2", 3000)):
        make_deal(cast[name], amount=Decimal(amount))
    sign_in(page, cast["manager"], live_server)
    page.goto(f"{live_server.url}/sales/pipeline/")
    value = page.locator(".dw-kpis .dw-figure-value").first
    expect(value).to_contain_text("4")
    page.select_option("#steer-who", str(cast["sales"].pk))
    expect(value).to_contain_text("1")
    expect(page.locator("#steer-who")).to_have_value(str(cast["sales"].pk))
    page.reload()
    expect(value).to_contain_text("1")
    value.click()
    expect(page.locator("[data-row], .dw-table tbody tr")).to_have_count(1)


def test_a_month_is_copied_down_and_enter_saves(page: Page, cast: dict[str, User], live_server: Any) -> None:
    sign_in(page, cast["admin"], live_server)
    page.goto(f"{live_server.url}/settings/team/{cast['sales'].pk}/targets/?year=2027")
    page.fill("[name=revenue_2]", "12 500")
    page.click("button[name=copy][value='2']")
    expect(page.locator("[name=revenue_12]")).to_have_value("12 500")
    assert not Target.objects.exists()
    page.fill("[name=revenue_1]", "9000")
    page.locator("[name=revenue_1]").press("Enter")
    page.wait_for_url("**tab=targets**")
    saved = dict(Target.objects.values_list("month__month", "revenue"))
    assert saved[1] == 9000
    assert {saved[month] for month in range(2, 13)} == {Decimal(12500)}

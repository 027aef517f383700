"""Contracts in Chromium: lines in the drawer, added up by the server; figures of the home page; verbs."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from people.models import User
from sales.models import Contract
from tests.base import make_cast
from tests.browser.pages import settled, sign_in
from tests.sales.records import make_client, make_contract

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def hugo(page: Page, cast: dict[str, User], live_server: Any) -> User:
    sign_in(page, cast["sales"], live_server)
    return cast["sales"]


def test_a_contract_is_written_line_by_line_in_the_drawer_of_its_client(page: Page, hugo: User) -> None:
    client = make_client(hugo)
    page.goto(f"{client.get_absolute_url()}?tab=contracts")
    settled(page)
    page.locator('a[href^="/sales/contracts/new/"][data-shortcut]').click()
    drawer = page.locator("#drawer")
    rows = drawer.locator("[data-lines] li")
    expect(rows).to_have_count(2)
    rows.nth(0).locator("input[name=lines_label]").fill("Site vitrine")
    rows.nth(0).locator("input[name=lines_unit_amount]").fill("1 000,50")
    rows.nth(1).locator("input[name=lines_label]").fill("Maintenance")
    rows.nth(1).locator("input[name=lines_unit_amount]").fill("10")
    rows.nth(1).locator("select").select_option("month")
    totals = drawer.locator(".dw-lines-totals")
    expect(totals).to_contain_text("1 120,50")
    page.keyboard.press("Tab")
    drawer.locator("[data-line-add]").click()
    expect(rows).to_have_count(3)
    expect(rows.nth(2).locator("input[name=lines_vat_rate]")).to_have_value("20")
    rows.nth(2).locator("input[name=lines_label]").fill("Logo")
    rows.nth(2).locator("input[name=lines_unit_amount]").fill("beaucoup")
    expect(totals.locator(".dw-totals-problems")).to_be_visible()
    rows.nth(2).locator("[data-line-drop]").click()
    expect(rows).to_have_count(2)
    expect(totals).to_contain_text("1 120,50")
    rows.nth(1).locator('[data-line-step="-1"]').click()
    expect(rows.nth(0).locator("input[name=lines_label]")).to_have_value("Maintenance")
    drawer.locator("form button[type=submit]").click()
    expect(page.locator("#list tbody tr")).to_have_count(1)
    contract = Contract.objects.get()
    assert contract.client == client
    assert [line.label for line in contract.lines.all()] == ["Maintenance", "Site vitrine"]


def test_a_bar_of_the_home_page_opens_its_contracts(page: Page, hugo: User) -> None:
    make_contract(hugo, status="signed", signed_on=timezone.localdate())
    make_contract(hugo)
    page.goto("/")
    bar = page.locator("#contract-figures .dw-bars a").first
    expect(bar).to_contain_text("Hugo Lefèvre")
    page.locator("#period-2").click()
    settled(page)
    expect(page.locator("#period-2")).to_have_attribute("aria-current", "true")
    bar.click()
    page.wait_for_url("**/sales/contracts/?owner=*")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_contract_is_signed_and_terminated_from_its_page(page: Page, hugo: User) -> None:
    contract = make_contract(hugo)
    page.goto(contract.get_absolute_url())
    page.locator(f'form[action$="/{contract.pk}/sign/"] button').click()
    expect(page.locator(f'form[action$="/{contract.pk}/validate/"]')).to_be_visible()
    page.locator("[data-menu] summary[aria-label]").last.click()
    page.locator(f'a[href$="/{contract.pk}/terminate/"]').click()
    drawer = page.locator("#drawer")
    drawer.locator("input[name=termination_reason]").fill("Cessation d’activité")
    drawer.locator("form button[type=submit]").click()
    settled(page)
    expect(page.locator(".dw-record-name .dw-badge")).to_be_visible()
    contract.refresh_from_db()
    assert (contract.status, contract.termination_reason) == ("terminated", "Cessation d’activité")

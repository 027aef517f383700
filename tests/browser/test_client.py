"""The page of a client in the browser: tabs by mouse, keys and history; what is saved shows at once."""

from typing import Any

import pytest

from people.models import User
from tests.base import make_activity, make_cast, make_client, make_company, make_deal
from tests.browser.pages import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def opened(cast: dict[str, User], page: Any, live_server: Any) -> Any:
    """Hugo on the page of his client, which has three deals and an activity."""
    hugo = cast["sales"]
    company = make_company(hugo, owner=hugo, name="Fonderie Roux")
    client = make_client(hugo, owner=hugo, company=company)
    for number, title in enumerate(("Un", "Deux", "Trois"), start=1):
        make_deal(hugo, title=title, company=company, amount=100 * number)
    make_activity(hugo, company=company)
    sign_in(page, hugo, live_server)
    page.goto(client.get_absolute_url())
    page.wait_for_selector(".dw-entries")
    return page


def selected(page: Any) -> str:
    return str(page.locator("[role=tab][aria-selected=true] span").first.inner_text())


def test_tabs_load_as_they_open_and_the_address_remembers(opened: Any) -> None:
    page = opened
    assert selected(page) == "Vue d’ensemble"
    page.click("#tab-deals")
    page.wait_for_selector(".dw-table tbody tr >> nth=2")
    assert page.url.endswith("?tab=deals")
    assert page.locator("#tab-deals [data-tab-count]").inner_text() == "3"
    assert page.locator("nav ol.dw-crumbs").count() == 1
    page.click("#sort-amount")
    page.wait_for_selector("th[aria-sort=descending]")
    page.fill("#list-q", "introuvable")
    page.wait_for_selector(".dw-empty a")
    page.click(".dw-empty a")
    page.wait_for_selector(".dw-table tbody tr >> nth=2")
    assert page.url.endswith("?tab=deals")
    page.reload()
    page.wait_for_selector(".dw-table tbody tr >> nth=2")
    assert selected(page) == "Deals"
    page.click("#tab-overview")
    page.wait_for_selector(".dw-entries")
    page.go_back()
    page.wait_for_selector(".dw-table tbody tr >> nth=2")
    assert selected(page) == "Deals"


def test_tabs_are_walked_by_arrows(opened: Any) -> None:
    page = opened
    names = page.locator("[role=tab]").evaluate_all("tabs => tabs.map((tab) => tab.id)")
    page.focus("#tab-overview")
    for key, to in (("ArrowRight", 1), ("End", -1), ("ArrowRight", 0), ("ArrowLeft", -1), ("Home", 0)):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.id") == names[to]
    for _step in range(names.index("tab-deals")):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector(".dw-table tbody tr >> nth=2")
    assert selected(page) == "Deals"
    assert page.locator("[role=tab][tabindex='0']").count() == 1
    assert page.get_attribute("#list", "aria-labelledby") == "tab-deals"


def test_what_is_created_in_a_tab_shows_there(opened: Any) -> None:
    page = opened
    page.click("#tab-deals")
    page.click(".dw-toolbar > .btn-primary")
    page.wait_for_selector("#drawer-body [name=title]")
    assert page.input_value("#drawer-body [name=company_text]") == "Fonderie Roux"
    page.fill("#drawer-body [name=title]", "Quatre")
    page.click("#drawer-body button[type=submit]")
    page.wait_for_selector(".dw-table tbody tr >> nth=3")
    assert page.locator("#tab-deals [data-tab-count]").inner_text() == "4"
    assert page.url.endswith("?tab=deals")


def test_a_bulk_action_in_a_tab_comes_back_to_it(opened: Any) -> None:
    page = opened
    page.click("#tab-deals")
    page.wait_for_selector(".dw-table tbody tr >> nth=2")
    page.check("input[name=pk] >> nth=0")
    page.click("button[name=action][value=delete]")
    page.click("#drawer-body button[type=submit]")
    page.wait_for_selector(".dw-table tbody tr >> nth=2", state="detached")
    page.wait_for_selector(".dw-table tbody tr >> nth=1")
    assert "/crm/clients/" in page.url
    assert selected(page) == "Deals"


def test_an_activity_planned_from_the_head_shows_in_it(opened: Any) -> None:
    page = opened
    page.click(".dw-record-actions a.btn-primary")
    page.wait_for_selector("#drawer-body [name=subject]")
    page.fill("#drawer-body [name=subject]", "Bilan annuel")
    page.click("#drawer-body button[type=submit]")
    page.wait_for_selector("dialog[open]", state="detached")
    page.wait_for_selector("text=Bilan annuel")


def test_a_fact_is_changed_in_place_and_the_health_follows(opened: Any) -> None:
    page = opened
    before = page.locator(".dw-strip-health b").inner_text()
    page.locator("#fact-status dd").click()
    page.select_option("#fact-status select", "churned")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "text => document.querySelector('.dw-strip-health b').innerText !== text", arg=before
    )
    page.wait_for_selector(".dw-record-name .dw-badge-red")

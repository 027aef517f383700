"""The map, in Chromium: zoom without loading, keyboard, a disc and its list, no JavaScript, downloads."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from people.models import User
from tests.base import make_cast, make_company
from tests.browser.pages import settled, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def hugo(page: Page, cast: dict[str, User], live_server: Any) -> User:
    sign_in(page, cast["sales"], live_server)
    hugo = cast["sales"]
    for number in range(3):
        make_company(hugo, owner=hugo, name=f"Lyon {number}", postcode="69003", city="Lyon", status="client")
    make_company(hugo, owner=hugo, name="Garage du Beaujolais", postcode="69400", city="Gleizé")
    make_company(hugo, owner=hugo, name="Boulangerie Martin", postcode="75011", city="Paris")
    return hugo


def test_a_department_opens_without_loading_and_a_disc_leads_to_its_rows(page: Page, hugo: User) -> None:
    page.goto("/crm/map/")
    page.evaluate("() => { window.sameDocument = true }")
    expect(page.locator("#list-count")).to_have_text("5")
    page.locator("#map-69").click()
    settled(page)
    expect(page).to_have_url(re.compile("department=69"))
    assert page.evaluate("() => window.sameDocument")
    expect(page.locator("#list-count")).to_have_text("4")
    expect(page.locator(".dw-map-path [aria-current]")).to_have_text("Rhône")
    disc = page.locator(".dw-map-disc").filter(has=page.locator("text", has_text="3"))
    disc.click()
    expect(page).to_have_url(re.compile("/crm/companies/"))
    expect(page.locator("#list-count")).to_have_text("3")
    page.go_back()
    page.locator(".dw-map-disc").filter(has=page.locator("text", has_text="1")).click()
    expect(page.locator("h1")).to_contain_text("Garage du Beaujolais")


def test_the_map_is_walked_without_a_mouse(page: Page, hugo: User) -> None:
    page.goto("/crm/map/?all=1")
    page.locator("#map-75").focus()
    page.keyboard.press("Enter")
    settled(page)
    expect(page.locator("#list-count")).to_have_text("1")
    page.locator(".dw-map-disc").focus()
    page.keyboard.press("Escape")
    settled(page)
    expect(page.locator(".dw-map-path [aria-current]")).to_have_text("Île-de-France")
    page.locator("#map-out-1").click()
    settled(page)
    expect(page.locator("#list-count")).to_have_text("5")
    page.locator("#who-2").click()
    settled(page)
    expect(page.locator("#list-count")).to_have_text("3")
    page.locator("#mode-table").click()
    settled(page)
    expect(page.locator(".dw-map-table tbody tr")).to_have_count(1)


def test_the_map_is_read_without_javascript(
    new_page: Any, cast: dict[str, User], hugo: User, live_server: Any
) -> None:
    page = new_page(javascript=False)
    sign_in(page, cast["sales"], live_server)
    page.goto("/crm/map/?all=1")
    page.locator("#map-69").click()
    expect(page.locator("#list-count")).to_have_text("4")
    page.locator("#map-table").click()
    expect(page.locator(".dw-map-table tbody tr")).to_have_count(2)


def test_a_postcode_offers_its_towns(page: Page, hugo: User) -> None:
    page.goto("/crm/companies/new/")
    city = page.locator('[name="city"]')
    page.locator('[name="postcode"]').fill("59650")
    expect(city).to_have_value("Villeneuve-d'Ascq")
    page.locator('[name="postcode"]').fill("01200")
    expect(page.locator("datalist option[value='Valserhône']")).to_have_count(1)
    city.fill("Ailleurs")
    with page.expect_response(re.compile("/crm/towns/")):
        page.locator('[name="postcode"]').fill("69003")
    expect(page.locator("datalist option[value='Lyon']")).to_have_count(1)
    expect(city).to_have_value("Ailleurs")


def test_the_picture_is_downloaded(page: Page, hugo: User) -> None:
    page.goto("/crm/map/?all=1")
    for name in ("SVG", "PNG"):
        page.locator(".dw-toolbar details", has=page.locator("a[download]")).locator("summary").click()
        with page.expect_download() as got:
            page.locator("a[download]", has_text=name).click()
        assert got.value.suggested_filename.endswith(f".{name.lower()}")

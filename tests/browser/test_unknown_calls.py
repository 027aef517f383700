"""Unknown calls in Chromium: a contact out of a number, attaching, ignoring and taking it back."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.models import Activity, Contact
from people.models import User
from tests.base import make_cast, make_contact
from tests.browser.pages import settled, sign_in
from tests.sync.aircall import make_caller

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/sync/unknown-calls/"


@pytest.fixture
def hugo(page: Page, transactional_db: None, live_server: Any) -> User:
    cast = make_cast()
    sign_in(page, cast["sales"], live_server)
    make_caller(cast["sales"], calls=3)
    return cast["sales"]


def row(page: Page) -> Any:
    return page.locator("#list tbody tr")


def test_one_click_opens_the_form_with_the_number_and_its_calls_follow(page: Page, hugo: User) -> None:
    page.goto(LIST)
    row(page).locator("a[href$='/contact/']").click()
    drawer = page.locator("#drawer")
    expect(drawer.locator("[name=mobile]")).to_have_value("06 12 34 56 78")
    drawer.locator("[name=first_name]").fill("Zoé")
    drawer.locator("[name=last_name]").fill("Petit")
    drawer.locator("button[type=submit]").click()
    expect(page.locator("#toasts")).to_contain_text("Zoé Petit")
    expect(row(page)).to_have_count(0)
    contact = Contact.objects.get()
    assert contact.owner == hugo
    assert Activity.objects.filter(contact=contact, kind="call", status="done").count() == 3


def test_a_number_is_attached_to_a_contact_found_while_typing(page: Page, hugo: User) -> None:
    contact = make_contact(hugo, owner=hugo, first_name="Aline", last_name="Vasseur")
    page.goto(LIST)
    row(page).locator("a[href$='/attach/']").click()
    drawer = page.locator("#drawer")
    drawer.locator("[name=contact_text]").press_sequentially("vass")
    drawer.get_by_role("option").first.click()
    drawer.locator("button[type=submit]").click()
    expect(row(page)).to_have_count(0)
    contact.refresh_from_db()
    assert contact.mobile == "+33612345678"
    assert contact.activities.count() == 3


def test_an_ignored_number_comes_back_by_the_toast(page: Page, hugo: User) -> None:
    page.goto(LIST)
    row(page).locator("[hx-post]").click()
    expect(row(page)).to_have_count(0)
    page.locator("#toasts form button").first.click()
    settled(page)
    page.goto(LIST)
    expect(row(page)).to_have_count(1)


def test_on_a_phone_the_line_leads_to_the_same_buttons(
    new_page: Any, transactional_db: None, live_server: Any
) -> None:
    cast = make_cast()
    make_caller(cast["sales"])
    page = new_page(width=390)
    sign_in(page, cast["sales"], live_server)
    page.goto(LIST)
    row(page).locator("a.dw-name").click()
    expect(page.locator(".dw-actions a[href$='/contact/']")).to_be_visible()

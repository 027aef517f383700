"""The page of a record tells the truth after each change, and loses nothing that is being typed."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.models import Activity
from crm.services.deal import change_deal
from people.models import User
from tests.base import make_cast, make_contact, make_deal
from tests.browser.pages import settled, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def hugo(page: Page, cast: dict[str, User], live_server: Any) -> User:
    sign_in(page, cast["sales"], live_server)
    return cast["sales"]


def test_what_follows_from_a_fact_follows_on_the_page(page: Page, hugo: User) -> None:
    deal = make_deal(hugo, amount=1000, stage="proposal")
    page.goto(deal.get_absolute_url())
    expect(page.locator("#fact-weighted .dw-fact-value")).to_have_text("500\u00a0€")
    page.locator("#fact-amount .dw-fact-edit").click()
    page.locator("#fact-amount input[name=amount]").fill("3000")
    page.keyboard.press("Enter")
    expect(page.locator("#fact-weighted .dw-fact-value")).to_have_text("1\u202f500\u00a0€")
    expect(page.locator(".dw-subtitle")).to_contain_text("3\u202f000\u00a0€")
    expect(page.locator("#timeline-entries")).to_contain_text("1\u202f000,00")
    # The bar of stages knows the version that was just saved: nobody else changed the deal.
    page.locator(".dw-stage-negotiation button").click()
    expect(page.locator(".dw-stage-negotiation.dw-stage-here")).to_be_visible()
    expect(page.locator(".dw-toast-error")).to_have_count(0)


def test_a_note_half_written_survives_what_one_does_beside_it(page: Page, hugo: User) -> None:
    contact = make_contact(hugo, owner=hugo)
    page.goto(contact.get_absolute_url())
    note = page.locator(".dw-composer textarea")
    note.fill("Il rappellera lundi")
    page.locator(".dw-kinds a").nth(1).click()
    expect(page.locator(".dw-kinds a").nth(1)).to_have_attribute("aria-current", "true")
    expect(note).to_have_value("Il rappellera lundi")
    page.locator(".dw-additions a").first.click()
    drawer = page.locator("#drawer")
    drawer.locator("input[name=subject]").fill("Rappeler")
    settled(page)
    page.keyboard.press("Control+Enter")
    expect(drawer).to_be_hidden()
    settled(page)
    assert Activity.objects.count() == 1
    expect(note).to_have_value("Il rappellera lundi")
    note.press("Control+Enter")
    expect(page.locator("#timeline-entries")).to_contain_text("Il rappellera lundi")
    expect(note).to_have_value("")


def test_the_heading_of_a_form_names_the_record_as_it_is_saved(
    page: Page, hugo: User, cast: dict[str, User]
) -> None:
    deal = make_deal(hugo, title="Site vitrine")
    page.goto(f"{deal.get_absolute_url()}edit/")
    change_deal(user=cast["manager"], deal=deal, values={"title": "Site marchand"})
    page.locator("main input[name=title]").fill("Autre chose")
    page.locator("main form.dw-form button[type=submit]").click()
    expect(page.locator("h1")).to_contain_text("Site marchand")


def test_what_may_exist_already_is_seen_where_one_types(page: Page, hugo: User) -> None:
    make_contact(hugo, owner=hugo, last_name="Quintard", email="z@quintard.fr")
    page.goto("/crm/contacts/?all=1")
    page.locator('.dw-head a[href="/crm/contacts/new/"]').click()
    page.locator("#drawer input[name=email]").fill("z@quintard.fr")
    page.keyboard.press("Tab")
    expect(page.locator("#drawer .dw-twins a")).to_be_in_viewport()


def test_the_name_of_a_view_is_typed_at_once(page: Page, hugo: User) -> None:
    page.goto("/crm/contacts/?status=lead")
    page.locator(".dw-save-view summary").click()
    page.keyboard.type("Négos")  # « n » alone would open a new contact
    expect(page.locator("#view-name")).to_have_value("Négos")
    expect(page.locator("#drawer")).to_be_hidden()

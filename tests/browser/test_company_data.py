"""Filling a company from legal data, in Chromium: type a name, choose, see it filled, save."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.models import Company
from people.models import User
from tests.base import make_cast, make_company
from tests.browser.pages import sign_in
from tests.fixtures.provider import Server, status
from tests.sync.answers import DIRECTORY, SIREN
from timeline.models import Event

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def hugo(page: Page, transactional_db: None, live_server: Any, provider_server: Server) -> User:
    cast = make_cast()
    provider_server.answers["/directory/search"] = DIRECTORY
    sign_in(page, cast["sales"], live_server)
    return cast["sales"]


def test_a_name_typed_a_firm_chosen_the_form_is_filled_and_saved(page: Page, hugo: User) -> None:
    page.goto("/crm/companies/new/")
    page.locator("#fill-text").press_sequentially("dupont")
    firm = page.locator("[data-fill-firm]")
    expect(firm).to_contain_text("DUPONT BOULANGERIE")
    expect(firm).to_contain_text("69002 Lyon")
    firm.click()
    expect(page.locator("#id_siren")).to_have_value(SIREN)
    expect(page.locator("#id_city")).to_have_value("Lyon")
    expect(page.locator(".dw-fill-source")).to_be_focused()
    assert not Company.objects.exists()
    page.locator("#id_email").fill("contact@dupont.example")
    page.locator("form.dw-form button.btn-primary").click()
    expect(page.locator("h1")).to_contain_text("DUPONT BOULANGERIE")
    company = Company.objects.get()
    assert (company.siren, company.email, company.turnover) == (SIREN, "contact@dupont.example", 1000000)
    assert Event.objects.get(action="created", subject_type="crm.company").data["siren"] == SIREN


def test_in_the_drawer_by_keyboard_alone(page: Page, hugo: User) -> None:
    page.goto("/crm/companies/")
    page.locator("main a[data-drawer][href='/crm/companies/new/']").first.click()
    text = page.locator("#drawer #fill-text")
    expect(text).to_be_focused()
    text.press_sequentially("dupont")
    expect(page.locator("#drawer [data-fill-firm]")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#drawer #id_siren")).to_have_value(SIREN)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#drawer")).not_to_have_attribute("open", "")
    expect(page.locator("main")).to_contain_text("DUPONT BOULANGERIE")


def test_enter_in_the_box_searches_and_saves_nothing(page: Page, hugo: User) -> None:
    page.goto("/crm/companies/new/")
    page.locator("#id_name").fill("Chez Dupont")
    page.locator("#fill-text").fill("552 100 554")
    page.keyboard.press("Enter")
    expect(page.locator("#id_siren")).to_have_value(SIREN)
    # What was typed stays; what the directory says instead is offered.
    expect(page.locator("#id_name")).to_have_value("Chez Dupont")
    expect(page.locator(".dw-fill-table")).to_contain_text("DUPONT BOULANGERIE")
    assert not Company.objects.exists()


def test_a_company_compared_field_by_field(page: Page, hugo: User) -> None:
    company = make_company(hugo, owner=hugo, name="Dupont", city="Metz", siren=SIREN)
    page.goto(company.get_absolute_url())
    page.locator("[data-panel] .dw-panel-act button").first.click()
    expect(page.locator("#take-city")).not_to_be_checked()
    expect(page.locator("#take-siret")).to_be_checked()
    page.locator("#take-city").check()
    page.locator("button[name=apply]").click()
    expect(page.locator("#id_city")).to_have_value("Lyon")
    page.locator("form.dw-form button.btn-primary").click()
    expect(page.locator("h1")).to_contain_text("Dupont")
    company.refresh_from_db()
    assert (company.name, company.city) == ("Dupont", "Lyon")


def test_a_service_that_is_down_says_so_and_the_form_goes_on(
    page: Page, hugo: User, provider_server: Server
) -> None:
    provider_server.answers["/directory/search"] = status(500)
    page.goto("/crm/companies/new/")
    page.locator("#fill-text").press_sequentially("dupont")
    expect(page.locator(".dw-fill-notice")).to_be_visible()
    page.locator("#id_name").fill("Chez Dupont")
    page.locator("form.dw-form button.btn-primary").click()
    expect(page.locator("h1")).to_contain_text("Chez Dupont")


def test_without_javascript_the_same_buttons_do_the_same(new_page: Any, hugo: User, live_server: Any) -> None:
    page = new_page(javascript=False)
    sign_in(page, hugo, live_server)
    page.goto("/crm/companies/new/")
    page.locator("#fill-text").fill("dupont")
    page.keyboard.press("Enter")
    page.locator("[data-fill-firm]").click()
    expect(page.locator("#id_siren")).to_have_value(SIREN)
    page.locator("form.dw-form button.btn-primary").click()
    assert Company.objects.get().siren == SIREN

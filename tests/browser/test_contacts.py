"""A salesperson's day on contacts, in Chromium: find, filter, create, edit, move, delete, undo."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.models import Contact
from people.models import User
from tests.base import make_cast, make_company, make_contact
from tests.browser.pages import settled, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def hugo(page: Page, cast: dict[str, User], live_server: Any) -> User:
    sign_in(page, cast["sales"], live_server)
    return cast["sales"]


def test_a_contact_is_found_by_a_piece_of_a_phone_number(page: Page, hugo: User) -> None:
    make_contact(hugo, owner=hugo, last_name="Trouvé", phone="+33612345678")
    make_contact(hugo, owner=hugo, last_name="Autre", phone="+33699999999")
    page.goto("/crm/contacts/?all=1")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator("input[name=q]").first.fill("3456")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("Trouvé")
    assert "q=3456" in page.url


def test_the_palette_finds_while_typing_and_opens_by_keyboard(page: Page, hugo: User) -> None:
    contact = make_contact(hugo, owner=hugo, first_name="Zélie", last_name="Quintard")
    page.goto("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("quin")
    expect(page.locator("#palette").get_by_text("Zélie Quintard")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{contact.get_absolute_url()}")


def test_a_contact_is_created_in_the_drawer_over_the_list(page: Page, hugo: User) -> None:
    make_company(hugo, owner=hugo, name="Garage Alpin")
    page.goto("/crm/contacts/?all=1")
    page.locator('.dw-head a[href="/crm/contacts/new/"]').click()
    drawer = page.locator("#drawer")
    drawer.locator("input[name=last_name]").fill("Berger")
    drawer.locator("input[name=phone]").fill("06.12.34.56.7")
    drawer.locator("input[name=email]").focus()
    expect(drawer.locator("#field-phone .dw-field-error")).to_be_visible()
    drawer.locator("input[name=phone]").fill("06.12.34.56.78")
    drawer.locator("input[name=company_text]").press_sequentially("garage")
    drawer.get_by_role("option", name=re.compile("Garage Alpin")).click()
    page.keyboard.press("Control+Enter")
    expect(drawer).to_be_hidden()
    expect(page.locator("tbody tr")).to_contain_text("Berger")
    contact = Contact.objects.get(last_name="Berger")
    assert (contact.phone, str(contact.company), contact.owner) == ("+33612345678", "Garage Alpin", hugo)


def test_a_fact_is_edited_in_place(page: Page, hugo: User) -> None:
    contact = make_contact(hugo, owner=hugo, city="Lyon")
    page.goto(contact.get_absolute_url())
    page.locator("#fact-city").hover()
    page.locator("#fact-city .dw-fact-edit").click()
    page.locator("#fact-city input[name=city]").fill("Nantes")
    page.keyboard.press("Enter")
    expect(page.locator("#fact-city .dw-fact-value")).to_have_text("Nantes")
    contact.refresh_from_db()
    assert contact.city == "Nantes"


def test_the_second_editor_chooses_between_two_values(
    new_page: Any, cast: dict[str, User], live_server: Any
) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"], city="Lyon", job_title="Gérante")
    first, second = new_page(), new_page()
    sign_in(first, cast["sales"], live_server)
    sign_in(second, cast["manager"], live_server)
    for page in (first, second):
        page.goto(f"{contact.get_absolute_url()}edit/")
    first.locator("input[name=city]").fill("Nantes")
    first.locator("main form .btn-primary").last.click()
    first.wait_for_url(f"**{contact.get_absolute_url()}")
    second.locator("input[name=city]").fill("Rennes")
    second.locator("input[name=job_title]").fill("Directrice")
    second.locator("main form .btn-primary").last.click()
    expect(second.get_by_text("Hugo Lefèvre").first).to_be_visible()
    second.locator("input[name=keep_city][value=theirs]").check()
    second.locator("main form .btn-primary").last.click()
    second.wait_for_url(f"**{contact.get_absolute_url()}")
    contact.refresh_from_db()
    assert (contact.city, contact.job_title) == ("Nantes", "Directrice")


def test_many_contacts_are_deleted_and_taken_back_from_the_toast(page: Page, hugo: User) -> None:
    for number in range(3):
        make_contact(hugo, owner=hugo, last_name=f"N{number}")
    page.goto("/crm/contacts/?all=1")
    page.locator("[data-select-page]").check()
    page.locator("button[name=action][value=delete]").click()
    page.locator(
        "button[name=confirm], [data-confirm] button[type=submit], dialog button.btn-danger"
    ).last.click()
    expect(page.locator("tbody tr")).to_have_count(0)
    assert Contact.objects.count() == 0
    page.locator("#toasts form button, #toasts [data-undo]").first.click()
    expect(page.locator("tbody tr")).to_have_count(3)
    assert Contact.objects.count() == 3


def test_a_card_moves_by_keyboard(page: Page, hugo: User) -> None:
    contact = make_contact(hugo, owner=hugo)
    page.goto("/crm/contacts/?mode=kanban")
    page.locator(f'[data-card="{contact.pk}"]').focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    settled(page)
    expect(page.locator(f'[data-lane="prospect"] [data-card="{contact.pk}"]')).to_be_visible()
    page.wait_for_timeout(300)
    contact.refresh_from_db()
    assert contact.status == "prospect"


def test_a_card_moves_by_mouse(page: Page, hugo: User) -> None:
    contact = make_contact(hugo, owner=hugo)
    page.goto("/crm/contacts/?mode=kanban")
    card = page.locator(f'[data-card="{contact.pk}"]')
    card.drag_to(page.locator('[data-lane="client"]'))
    expect(page.locator(f'[data-lane="client"] [data-card="{contact.pk}"]')).to_be_visible()
    page.wait_for_timeout(300)
    contact.refresh_from_db()
    assert contact.status == "client"


def test_the_list_works_without_javascript(new_page: Any, cast: dict[str, User], live_server: Any) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"], last_name="Sobre", city="Lyon")
    make_contact(cast["sales"], owner=cast["sales"], last_name="Autre", city="Nice")
    page = new_page(javascript=False)
    sign_in(page, cast["sales"], live_server)
    page.goto("/crm/contacts/?city=Lyon")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name=re.compile("Sobre")).first.click()
    page.wait_for_url(f"**{contact.get_absolute_url()}")
    page.goto(f"{contact.get_absolute_url()}edit/")
    page.locator("input[name=city]").fill("Brest")
    page.locator("main form .btn-primary").last.click()
    contact.refresh_from_db()
    assert contact.city == "Brest"


def test_the_theme_is_remembered(page: Page, hugo: User) -> None:
    page.goto("/")
    page.context.add_cookies([{"name": "dw_theme", "value": "dark", "url": page.url}])
    page.reload()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"

"""A day without the mouse (UX, Keyboard): every key, one layer at a time, the focus back where it was."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.models import Contact
from people.models import User
from tests.base import make_activity, make_cast, make_contact
from tests.browser.pages import settled, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def hugo(page: Page, transactional_db: None, live_server: Any) -> User:
    person = make_cast()["sales"]
    for name in ("Zoé", "Yann", "Xavier"):
        make_contact(person, owner=person, first_name=name, last_name="Petit")
    sign_in(page, person, live_server)
    return person


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize(
    ("key", "address"),
    [
        ("c", "/crm/contacts/"),
        ("e", "/crm/companies/"),
        ("d", "/crm/deals/"),
        ("a", "/crm/activities/"),
    ],
)
def test_g_then_a_letter_goes_there(page: Page, hugo: User, key: str, address: str) -> None:
    page.goto("/")
    settled(page)
    press(page, "g", key)
    page.wait_for_url(re.compile(re.escape(address)))


def test_the_help_opens_and_closes_and_gives_the_focus_back(page: Page, hugo: User) -> None:
    page.goto("/crm/contacts/?all=1")
    settled(page)
    press(page, "j", "?")
    expect(page.locator("#shortcuts")).to_be_visible()
    press(page, "j")  # a letter does nothing below a dialog
    press(page, "Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()
    expect(page.locator("tbody tr").first.locator(".dw-name")).to_be_focused()


def test_rows_are_walked_selected_opened_and_edited(page: Page, hugo: User) -> None:
    page.goto("/crm/contacts/?all=1")
    settled(page)
    rows = page.locator("tbody tr")
    press(page, "j", "j")
    expect(rows.nth(1).locator(".dw-name")).to_be_focused()
    press(page, "k", "x")
    expect(rows.nth(0).locator("input[name=pk]")).to_be_checked()
    press(page, "e")
    drawer = page.locator("#drawer")
    expect(drawer.locator("input[name=first_name]")).to_be_visible()
    press(page, "Escape")
    expect(drawer).to_be_hidden()
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/crm/contacts/\d+/"))


def test_n_creates_and_ctrl_enter_saves(page: Page, hugo: User) -> None:
    page.goto("/crm/contacts/?all=1")
    settled(page)
    press(page, "n")
    drawer = page.locator("#drawer")
    drawer.locator("input[name=last_name]").fill("Nouvelle")
    press(page, "Control+Enter")
    expect(drawer).to_be_hidden()
    expect(page.locator("tbody tr")).to_have_count(4)
    assert Contact.objects.filter(last_name="Nouvelle").exists()


def test_ctrl_enter_saves_where_a_field_is_called_method(
    page: Page, transactional_db: None, live_server: Any
) -> None:
    """A payment has a field « method », which hides the form's own property of this name."""
    sign_in(page, make_cast()["admin"], live_server)
    page.goto("/sales/money/new/")
    settled(page)
    page.locator("[name=amount]").focus()
    press(page, "Control+Enter")
    expect(page.locator("[data-summary]")).to_be_visible()


def test_letters_are_letters_while_one_types(page: Page, hugo: User) -> None:
    page.goto("/crm/contacts/?all=1")
    settled(page)
    press(page, "/")
    box = page.locator("#list-q")
    expect(box).to_be_focused()
    page.keyboard.type("ngx?")
    expect(box).to_have_value("ngx?")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page.locator("#shortcuts")).to_be_hidden()


def test_escape_closes_one_layer_at_a_time_and_asks_before_it_loses_anything(page: Page, hugo: User) -> None:
    page.goto("/crm/contacts/?all=1")
    settled(page)
    press(page, "j", "n")
    drawer = page.locator("#drawer")
    drawer.locator("input[name=last_name]").fill("À moitié")
    press(page, "Escape")
    expect(drawer.locator("[data-leave]")).to_be_visible()
    press(page, "Escape")
    expect(drawer.locator("[data-leave]")).to_be_hidden()
    expect(drawer.locator("input[name=last_name]")).to_have_value("À moitié")
    press(page, "Escape")
    drawer.locator("[data-leave-yes]").click()
    expect(drawer).to_be_hidden()


def test_the_palette_gives_the_focus_back(page: Page, hugo: User) -> None:
    page.goto("/crm/contacts/?all=1")
    settled(page)
    press(page, "j", "Control+k")
    expect(page.locator("#palette")).to_be_visible()
    press(page, "Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator("tbody tr").first.locator(".dw-name")).to_be_focused()


def test_a_toast_in_the_drawer_leaves_the_save_button_free(page: Page, hugo: User) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/crm/contacts/new/")
    page.goto("/crm/contacts/?all=1")
    settled(page)
    page.locator('.dw-head a[href="/crm/contacts/new/"]').click()
    save = page.locator("#drawer .dw-form-foot button[type=submit]")
    expect(save).to_be_visible()
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('dw:toast', {detail: {level: 'success', text: 'Fait'}}))"
    )
    toast = page.locator(".dw-toast", has_text="Fait")
    expect(toast).to_be_visible()
    above: Any = toast.bounding_box()
    below: Any = save.bounding_box()
    assert above["y"] + above["height"] <= below["y"]


def test_a_day_is_ticked_by_keyboard_and_undone(page: Page, hugo: User) -> None:
    activity = make_activity(hugo, subject="Rappeler le notaire")
    activity.starts_at = activity.created_at
    activity.save(update_fields=["starts_at"])
    page.goto("/crm/activities/day/")
    settled(page)
    tick = page.get_by_role("button", name=re.compile("Rappeler le notaire"))
    tick.focus()
    press(page, "Enter")
    expect(page.locator(".dw-day-done", has_text="Rappeler le notaire")).to_be_visible()
    page.locator(".dw-toast form button").first.click()
    expect(page.get_by_role("button", name=re.compile("Rappeler le notaire"))).to_be_visible()

"""A custom field, in Chromium: defined, put in order, filled in on the record's page, filtered by."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.models import Contact, CustomField
from people.models import User
from tests.base import make_cast, make_contact
from tests.browser.pages import settled, sign_in
from tests.crm.customs import make_choice, make_field

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SETTINGS = "/crm/custom-fields/"


@pytest.fixture
def alice(page: Page, transactional_db: None, live_server: Any) -> User:
    cast = make_cast()
    sign_in(page, cast["admin"], live_server)
    return cast["admin"]


def test_a_field_is_defined_filled_in_and_filtered_by(page: Page, alice: User) -> None:
    contact = make_contact(alice, last_name="Mitterrand", owner=alice)
    make_contact(alice, last_name="Pompidou", owner=alice)
    page.goto(SETTINGS)
    page.locator("section", has_text="Contacts").locator("a[data-drawer]").first.click()
    drawer = page.locator("#drawer")
    drawer.locator("#id_label").fill("Canal préféré")
    expect(drawer.locator('[data-field="choices"]')).to_be_hidden()
    drawer.locator("#id_kind").select_option("choice")
    lines = drawer.locator('[name="choices_label"]')
    for place, label in enumerate(("Téléphone", "E-mail", "SMS", "Courrier")):
        lines.nth(place).fill(label)
        lines.nth(place).press("Enter")  # the next line comes by itself
    drawer.locator('[data-choice-step="-1"]').nth(1).click()
    drawer.locator("[data-choice-drop]").nth(2).click()
    drawer.locator('button[type="submit"]').click()
    expect(page.locator(".dw-custom-label", has_text="Canal préféré")).to_be_visible()
    field = CustomField.objects.get()
    assert [one["label"] for one in field.choices] == ["E-mail", "Téléphone", "Courrier"]

    page.goto(f"/crm/contacts/{contact.pk}/")
    fact = page.locator("#fact-custom_canal-prefere")
    fact.hover()
    fact.locator("a.dw-fact-edit").click()
    fact.locator("select").select_option("e-mail")
    fact.locator('button[type="submit"]').click()
    expect(fact.locator(".dw-fact-value")).to_have_text("E-mail")
    contact.refresh_from_db()
    assert contact.custom == {"canal-prefere": "e-mail"}

    page.goto("/crm/contacts/?mode=list")
    page.locator("#list-filter").click()
    page.locator(".dw-filter-names button", has_text="Canal préféré").click()
    page.locator('[data-filter-field="custom_canal-prefere"] input[value="e-mail"]').check()
    page.locator("[data-filter-menu] .dw-panel-foot button").click()
    expect(page.locator("#list")).to_contain_text("Mitterrand")
    expect(page.locator("#list")).not_to_contain_text("Pompidou")
    expect(page.locator(".dw-chip, .dw-chips").first).to_contain_text("E-mail")


def test_the_order_is_changed_by_keyboard_and_told(page: Page, alice: User) -> None:
    for label in ("Un", "Deux"):
        make_field(alice, label=label)
    page.goto(SETTINGS)
    down = page.locator('[data-label="Un"] [data-step="1"]')
    down.focus()
    with page.expect_response("**/order/"):
        page.keyboard.press("Enter")
    expect(down).to_be_focused()
    expect(page.locator("[data-order-told]")).to_contain_text("2")
    assert list(CustomField.objects.order_by("position").values_list("label", flat=True)) == ["Deux", "Un"]


def test_deleting_asks_for_the_label(page: Page, alice: User) -> None:
    make_choice(alice, "Canal", "Fax")
    make_contact(alice, owner=alice, custom={"canal": "fax"})
    page.goto(SETTINGS)
    page.locator('[data-label="Canal"] a[data-drawer="modal"]').click()
    page.locator("#drawer #id_confirm").fill("Fax")
    page.locator("#drawer .btn-danger").click()
    expect(page.locator("#drawer .dw-field-error")).to_be_visible()
    page.locator("#drawer #id_confirm").fill("Canal")
    page.locator("#drawer .btn-danger").click()
    expect(page.locator('[data-label="Canal"]')).to_have_count(0)
    settled(page)
    assert Contact.objects.count() == 1
    assert CustomField.objects.get().state == "deleted"

"""The score in Chromium: stars by mouse and keyboard, lines that follow, a rule seen before it is saved."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.models import Contact, ScoreRule
from people.models import User
from tests.base import make_activity, make_cast, make_contact
from tests.browser.pages import settled, sign_in
from tests.browser.test_accessibility import AXE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


def test_stars_are_given_by_mouse_and_changed_by_keyboard(
    page: Page, cast: dict[str, User], live_server: Any
) -> None:
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo)
    sign_in(page, hugo, live_server)
    page.goto(contact.get_absolute_url())
    page.locator("#star-4").click()
    expect(page.locator("#star-4")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#star-4")).to_be_focused()
    assert Contact.objects.get().rating == 4
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#star-3")).to_have_attribute("aria-pressed", "true")
    settled(page)
    expect(page.locator("#star-3")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator(".dw-stars [aria-pressed=true]")).to_have_count(0)
    assert Contact.objects.get().rating is None
    assert page.url.endswith(contact.get_absolute_url())


def test_the_score_follows_a_fact_that_is_filled_in(
    page: Page, cast: dict[str, User], live_server: Any
) -> None:
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo)
    make_activity(hugo, contact=contact, kind="meeting", subject="Premier rendez-vous", status="done")
    score = Contact.objects.get().score
    sign_in(page, hugo, live_server)
    page.goto(contact.get_absolute_url())
    ring = page.locator(".dw-ring text")
    expect(ring).to_have_text(str(score))
    expect(page.locator(".dw-quality").get_by_role("link", name="Premier rendez-vous")).to_be_visible()
    page.locator("#fact-city").hover()
    page.locator("#fact-city .dw-fact-edit").click()
    page.locator("#fact-city input[name=city]").fill("Nantes")
    page.keyboard.press("Enter")
    expect(ring).to_have_text(str(score + 2))
    settled(page)
    page.locator("#star-2").click()
    expect(page.locator("#star-2")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("width", [360, 1440])
def test_a_rule_is_saved_once_its_effect_was_seen(
    new_page: Any, width: int, cast: dict[str, User], live_server: Any
) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"], last_name="Martin", email="m@x.fr")
    page = new_page(width=width)
    sign_in(page, cast["admin"], live_server)
    page.goto("/crm/score-rules/?all=1")
    page.locator("tbody a").first.click()
    page.locator("input[name=points]").fill("50")
    page.locator("main form .btn-primary").last.click()
    expect(page.locator(".dw-preview-table").last).to_contain_text("Martin")
    assert ScoreRule.objects.get(subject="email").points == 8
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [violation["id"] for violation in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1")
    page.locator("button[name=confirmed]").click()
    page.wait_for_url("**/jobs/*/")
    assert ScoreRule.objects.get(subject="email").points == 50
    assert Contact.objects.get(pk=contact.pk).score == contact.score

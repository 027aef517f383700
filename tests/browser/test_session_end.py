"""The session ends while a page is open: nothing pretends to be saved, nothing that was typed is lost."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from crm.models import Contact, Deal
from people.models import User
from tests.base import make_cast, make_contact, make_deal
from tests.browser.pages import settled, sign_in
from timeline.models import Note

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def hugo(page: Page, cast: dict[str, User], live_server: Any) -> User:
    sign_in(page, cast["sales"], live_server)
    return cast["sales"]


@pytest.fixture(autouse=True)
def refusals_are_expected(page: Page, page_errors: list[str]) -> Iterator[None]:
    yield
    page_errors[:] = [told for told in page_errors if not told.startswith("Response Status Error Code 40")]


def end_session(page: Page) -> None:
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)


def refused(page: Page) -> Any:
    """The message that says so, and where one signs in again."""
    return page.locator(".dw-toast-error", has=page.locator('a[target="_blank"][href^="/accounts/login/"]'))


def test_a_card_goes_back_to_its_column(page: Page, hugo: User) -> None:
    deal = make_deal(hugo)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/crm/deals/?mode=kanban")
    expect(page.locator("[data-kanban][data-ready]")).to_be_visible()
    end_session(page)
    page.locator(f'[data-card="{deal.pk}"]').drag_to(page.locator('[data-lane="proposal"]'))
    expect(refused(page)).to_be_visible()
    expect(page.locator(f'[data-lane="discovery"] [data-card="{deal.pk}"]')).to_be_visible()
    lane = page.locator('[data-lane="discovery"]')
    lane.locator("[data-quick]").click()
    lane.locator("input[name=title]").fill("Site vitrine")
    page.keyboard.press("Enter")
    settled(page)
    expect(lane.locator("input[name=title]")).to_have_value("Site vitrine")
    expect(lane.locator(".dw-kcard")).to_have_count(1)
    assert Deal.objects.get().stage == "discovery"


def test_a_form_keeps_what_was_typed_and_is_saved_after_signing_in_again(
    page: Page, hugo: User, live_server: Any
) -> None:
    page.goto("/crm/contacts/")
    page.locator(
        '.dw-actions a[href="/crm/contacts/new/"], main a[data-drawer][href="/crm/contacts/new/"]'
    ).first.click()
    name = page.locator("#drawer input[name=last_name]")
    name.fill("Long à taper")
    end_session(page)
    page.keyboard.press("Control+Enter")
    expect(refused(page)).to_be_visible()
    expect(name).to_have_value("Long à taper")
    assert not Contact.objects.exists()
    sign_in(page, hugo, live_server)  # in another tab: another session, another token
    page.context.add_cookies([{"name": "csrftoken", "value": "a" * 32, "url": live_server.url}])
    page.keyboard.press("Control+Enter")
    expect(page.locator(".dw-toast-warning")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#drawer")).to_be_hidden()
    assert Contact.objects.get().last_name == "Long à taper"


def test_a_page_of_somebody_else_is_not_renewed(
    page: Page, hugo: User, cast: dict[str, User], live_server: Any
) -> None:
    contact = make_contact(hugo, owner=hugo)
    page.goto(contact.get_absolute_url())
    settled(page)  # what the page asks for by itself is asked by its person
    page.locator(".dw-composer textarea").fill("À moi seul")
    sign_in(page, cast["manager"], live_server)
    page.context.add_cookies([{"name": "csrftoken", "value": "a" * 32, "url": live_server.url}])
    for _time in range(2):
        page.keyboard.press("Control+Enter")
        settled(page)
    expect(page.locator(".dw-toast-error")).to_be_visible()
    expect(page.locator(".dw-composer textarea")).to_have_value("À moi seul")
    assert not Note.objects.exists(), "nobody writes in another's name"


def test_reading_on_leads_to_the_sign_in_page_and_back(page: Page, hugo: User) -> None:
    page.goto("/crm/contacts/?status=lead")
    end_session(page)
    page.locator("#list-q").fill("dupont")
    page.wait_for_url("**/accounts/login/?next=*contacts*")

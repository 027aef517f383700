"""Quotes in Chromium: the editor that saves itself, with and without JavaScript; the page on a phone."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from people.models import User
from sales.models import Quote
from sales.services.quote import change_quote
from sales.services.quote_link import token_of
from tests.base import make_cast
from tests.browser.pages import sign_in
from tests.sales.quotes import LINE, MONTHLY, OPTION, make_quote, make_sent
from tests.sales.records import make_offer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LABELS = "[name=lines_label]"


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def hugo(page: Page, cast: dict[str, User], live_server: Any) -> User:
    sign_in(page, cast["sales"], live_server)
    return cast["sales"]


def saved(page: Page) -> None:
    expect(page.locator("[data-autosave-told]")).to_contain_text("Enregistré à", timeout=15000)


def test_the_editor_adds_moves_and_saves_by_itself(page: Page, hugo: User) -> None:
    quote = make_quote(hugo, lines=[LINE, MONTHLY])
    offer = make_offer(name="Pack SEO", price=Decimal(500))
    page.goto(f"/sales/quotes/{quote.pk}/edit/")
    page.locator("[data-doc-offer]").select_option(str(offer.pk))
    expect(page.locator(LABELS)).to_have_count(3)
    page.locator("[data-doc-step='-1']").nth(1).click()
    expect(page.locator(LABELS).first).to_have_value("Maintenance")
    saved(page)
    labels = list(quote.lines.order_by("position").values_list("label", flat=True))
    assert labels == ["Maintenance", "Site vitrine", "Pack SEO"]
    expect(page.locator(".dw-lines-totals")).to_contain_text("500,00")


def test_by_the_keyboard_alone_an_offer_is_chosen_before_it_is_added(page: Page, hugo: User) -> None:
    """A closed list is « changed » by each arrow: what one only passes is not added."""
    quote = make_quote(hugo, lines=[])
    for name in ("Audit", "Pack SEO", "Refonte"):
        make_offer(name=name, price=Decimal(500))
    page.goto(f"/sales/quotes/{quote.pk}/edit/")
    # Begun, it is written in at once.
    expect(page.locator(LABELS).first).to_be_focused()
    page.locator("[data-doc-offer]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-doc-offer] option:checked")).to_contain_text("Pack SEO")
    expect(page.locator(LABELS)).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(LABELS)).to_have_count(2)
    expect(page.locator(LABELS).nth(1)).to_have_value("Pack SEO")
    expect(page.locator(LABELS).nth(1)).to_be_focused()


def test_somebody_elses_change_stops_it_and_saving_shows_both(
    page: Page, hugo: User, cast: dict[str, User]
) -> None:
    quote = make_quote(hugo, lines=[LINE])
    page.goto(f"/sales/quotes/{quote.pk}/edit/")
    change_quote(user=cast["manager"], quote=quote, values={"subject": "Site de Claire"})
    page.fill("[name=subject]", "Site de Hugo")
    expect(page.locator("[data-autosave-told]")).to_contain_text("Claire Fontaine", timeout=15000)
    page.locator(".dw-quote-foot .btn-primary").click()
    expect(page.locator(".dw-conflict")).to_contain_text("Site de Claire")


def test_without_javascript_rows_are_added_and_saved(
    new_page: Any, cast: dict[str, User], live_server: Any
) -> None:
    quote = make_quote(cast["sales"], lines=[LINE])
    page = new_page(javascript=False)
    sign_in(page, cast["sales"], live_server)
    page.goto(f"/sales/quotes/{quote.pk}/edit/")
    page.locator("[value=add-item]").click()
    page.locator(LABELS).nth(1).fill("Logo")
    page.locator("[name=lines_unit_price]").nth(1).fill("400")
    page.locator(LABELS).nth(1).press("Enter")
    page.wait_for_url(f"**/sales/quotes/{quote.pk}/")
    quote.refresh_from_db()
    assert quote.net == 1400


def test_the_client_ticks_an_option_and_accepts_on_a_phone(
    new_page: Any, cast: dict[str, User], live_server: Any
) -> None:
    quote = make_sent(cast["sales"], lines=[LINE, OPTION])
    quote.refresh_from_db()
    page = new_page(width=390)
    with page.expect_response("**/opened/"):  # once it has been looked at for a moment
        page.goto(f"/q/{token_of(quote)}/")
    with page.expect_response("**/totals/"):
        page.locator("[name=chosen]").check()
    expect(page.locator("#public-sums")).to_contain_text("400,00")
    page.fill("[name=name]", "Émilie Durand")
    page.fill("[name=email]", "emilie@example.org")
    page.check("[name=consent]")
    page.locator(".dw-public-yes").click()
    expect(page.locator(".dw-note")).to_contain_text("Accepté par Émilie Durand")
    quote = Quote.objects.get()
    assert quote.net == 1400
    assert quote.opened_at is not None

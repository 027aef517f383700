"""The board of deals, in Chromium: mouse, keyboard, why lost, undo, quick add, sums, a phone."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.models import Deal
from crm.services.deal import change_deal, move_deal
from people.models import User
from tests.base import make_cast, make_company, make_contact, make_deal
from tests.browser.pages import settled, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BOARD = "/crm/deals/?mode=kanban"


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def hugo(page: Page, cast: dict[str, User], live_server: Any) -> User:
    sign_in(page, cast["sales"], live_server)
    return cast["sales"]


def lane(page: Page, stage: str) -> Any:
    return page.locator(f'[data-lane="{stage}"]')


def card_in(page: Page, stage: str, deal: Deal) -> Any:
    return page.locator(f'[data-lane="{stage}"] [data-card="{deal.pk}"]')


def drag(page: Page, deal: Deal, stage: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})  # all six columns are in sight
    expect(page.locator("[data-kanban][data-ready]")).to_be_visible()
    page.locator(f'[data-card="{deal.pk}"]').drag_to(lane(page, stage))


def by_keyboard(page: Page, deal: Deal, steps: int) -> None:
    page.locator(f'[data-card="{deal.pk}"]').focus()
    page.keyboard.press("Space")
    for _step in range(steps):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")


def test_a_card_dragged_by_mouse_is_saved_summed_and_undone_from_the_toast(page: Page, hugo: User) -> None:
    deal = make_deal(hugo, amount=1500)
    make_deal(hugo, amount=500, stage="qualification")
    page.goto("/crm/deals/")
    drag(page, deal, "qualification")
    expect(card_in(page, "qualification", deal)).to_be_visible()
    expect(lane(page, "qualification").locator("[data-lane-total]")).to_have_text("2\u202f000\u00a0€")
    expect(lane(page, "qualification").locator("[data-lane-count]")).to_have_text("2")
    expect(lane(page, "discovery").locator("[data-lane-total]")).to_have_text("0\u00a0€")
    deal.refresh_from_db()
    assert deal.stage == "qualification"
    page.locator("#toasts form button").first.click()
    expect(card_in(page, "discovery", deal)).to_be_visible()
    deal.refresh_from_db()
    assert deal.stage == "discovery"


def test_a_card_moves_by_keyboard_and_a_sale_is_cheered(page: Page, hugo: User) -> None:
    deal = make_deal(hugo, stage="negotiation")
    page.emulate_media(reduced_motion="no-preference")
    page.goto(BOARD)
    by_keyboard(page, deal, 1)
    expect(page.locator(".dw-cheer")).to_be_attached()
    expect(page.locator(".dw-cheer")).to_have_count(0)
    expect(card_in(page, "won", deal).locator('[title="Clôturé le"], [title="Closed on"]')).to_be_visible()
    deal.refresh_from_db()
    assert (deal.stage, deal.closed_on is not None) == ("won", True)


def test_who_asks_for_less_motion_gets_no_confetti(
    new_page: Any, cast: dict[str, User], live_server: Any
) -> None:
    deal = make_deal(cast["sales"], stage="negotiation")
    page = new_page()
    page.emulate_media(reduced_motion="reduce")
    sign_in(page, cast["sales"], live_server)
    page.goto(BOARD)
    by_keyboard(page, deal, 1)
    expect(page.locator("#toasts li")).to_be_visible()
    expect(page.locator(".dw-cheer")).to_have_count(0)


def test_a_lost_deal_says_why_or_goes_back(page: Page, hugo: User) -> None:
    deal = make_deal(hugo, stage="negotiation")
    page.goto(BOARD)
    drag(page, deal, "lost")
    drawer = page.locator("#drawer")
    expect(drawer.locator("input[name=lost_reason]").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(card_in(page, "negotiation", deal)).to_be_visible()
    by_keyboard(page, deal, 2)
    expect(drawer.locator("input[name=lost_reason]").first).to_be_visible()
    settled(page)
    drawer.locator("form button[type=submit]").click()
    expect(drawer.locator(".dw-field-error").first).to_be_visible()
    settled(page)
    drawer.locator("input[name=lost_reason][value=competitor]").check()
    drawer.locator("textarea[name=lost_comment]").fill("Une agence de Lille")
    drawer.locator("form button[type=submit]").click()
    expect(drawer).to_be_hidden()
    expect(card_in(page, "lost", deal)).to_be_visible()
    deal.refresh_from_db()
    assert (deal.stage, deal.lost_reason, deal.lost_comment) == ("lost", "competitor", "Une agence de Lille")
    page.locator("#toasts form button").first.click()
    expect(card_in(page, "negotiation", deal)).to_be_visible()


def test_two_who_drag_the_same_card(page: Page, hugo: User, cast: dict[str, User]) -> None:
    deal = make_deal(hugo)
    page.goto(BOARD)
    move_deal(user=cast["manager"], deal=deal, to="proposal")
    drag(page, deal, "qualification")
    expect(page.locator(".dw-toast-error")).to_be_visible()
    expect(card_in(page, "proposal", deal)).to_be_visible()
    deal.refresh_from_db()
    assert deal.stage == "proposal"


def test_a_card_whose_right_has_gone_goes_back_with_a_word(
    page: Page, hugo: User, cast: dict[str, User]
) -> None:
    deal, given = make_deal(hugo), make_deal(hugo)
    page.goto(BOARD)
    change_deal(user=cast["admin"], deal=given, values={"owner": cast["sales2"]})
    drag(page, given, "proposal")
    expect(page.locator(".dw-toast-error")).to_be_visible()
    expect(page.locator(f'[data-card="{given.pk}"]')).to_have_count(0)
    settled(page)
    hugo.role.grants.filter(module="crm.deal", action="change").delete()  # type: ignore[union-attr]
    drag(page, deal, "proposal")
    expect(page.locator(".dw-toast-error")).to_have_count(2)
    expect(card_in(page, "discovery", deal)).to_be_visible()
    deal.refresh_from_db()
    assert deal.stage == "discovery"


def test_a_deal_is_added_in_a_column(page: Page, hugo: User) -> None:
    page.goto(BOARD)
    empty = page.locator("[data-board-empty]")
    expect(empty).to_be_visible()
    column = lane(page, "proposal")
    column.locator("[data-quick]").click()
    column.locator("input[name=title]").fill("Logo")
    column.locator("input[name=amount]").fill("douze")
    page.keyboard.press("Enter")
    expect(column.locator('[data-quick-error="amount"]')).to_be_visible()
    expect(column.locator("input[name=amount]")).to_be_focused()
    expect(page.locator("#toasts li")).to_have_count(0)
    column.locator("input[name=title]").fill("Logo")
    column.locator("input[name=amount]").fill("1 200,50")
    page.keyboard.press("Enter")
    expect(column.locator(".dw-kcard")).to_contain_text("Logo")
    expect(column.locator("[data-lane-count]")).to_have_text("1")
    expect(page.locator("#list-count")).to_have_text("1")
    expect(empty).to_have_count(0)
    expect(column.locator(".dw-field-error").first).to_be_hidden()
    expect(column.locator("input[name=title]")).to_be_focused()
    deal = Deal.objects.get()
    assert (str(deal.amount), deal.stage, deal.owner) == ("1200.50", "proposal", hugo)
    column.locator("input[name=title]").fill("Deux")
    column.locator("[data-quick-more]").click()
    drawer = page.locator("#drawer")
    expect(drawer.locator("input[name=title]")).to_have_value("Deux")
    expect(drawer.locator("select[name=stage]")).to_have_value("proposal")
    expect(drawer.locator("#field-lost_reason")).to_be_hidden()
    drawer.locator("select[name=stage]").select_option("lost")
    expect(drawer.locator("#field-lost_reason")).to_be_visible()


def test_the_stages_of_a_deals_page_are_clicked(page: Page, hugo: User) -> None:
    deal = make_deal(hugo)
    page.goto(deal.get_absolute_url())
    page.locator(".dw-stage-proposal button").click()
    expect(page.locator(".dw-stage-proposal.dw-stage-here")).to_be_visible()
    page.locator(".dw-stage-won button").click()
    expect(page.locator(".dw-stage-won.dw-stage-here")).to_be_visible()
    deal.refresh_from_db()
    assert deal.stage == "won"


def test_a_deal_is_made_from_a_contacts_page(page: Page, hugo: User) -> None:
    company = make_company(hugo, owner=hugo, name="Garage Alpin")
    contact = make_contact(hugo, owner=hugo, company=company)
    page.goto(contact.get_absolute_url())
    page.locator('[data-panel] a[href^="/crm/deals/new/"]').click()
    drawer = page.locator("#drawer")
    drawer.locator("input[name=title]").fill("Boutique en ligne")
    settled(page)
    page.keyboard.press("Control+Enter")
    expect(drawer).to_be_hidden()
    expect(page.locator("[data-panel]").filter(has_text="Boutique en ligne")).to_be_visible()
    deal = Deal.objects.get()
    assert (deal.contact, deal.company) == (contact, company)


def test_a_card_dragged_by_finger(new_page: Any, cast: dict[str, User], live_server: Any) -> None:
    deal = make_deal(cast["sales"], amount=1500)
    page = new_page(width=820, height=1100, has_touch=True)  # a tablet
    sign_in(page, cast["sales"], live_server)
    page.goto(BOARD)
    expect(page.locator("[data-kanban][data-ready]")).to_be_visible()
    card = page.locator(f'[data-card="{deal.pk}"]').bounding_box()
    target = lane(page, "qualification").bounding_box()
    assert card
    assert target
    start = (card["x"] + 40, card["y"] + 20)
    end = (target["x"] + 60, target["y"] + 120)
    touch = page.context.new_cdp_session(page)

    def finger(kind: str, *point: float) -> None:
        points = [{"x": point[0], "y": point[1]}] if point else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    finger("touchStart", *start)
    # Held for a moment: a finger that moves at once scrolls the board.
    expect(page.locator(f'[data-card="{deal.pk}"].is-held')).to_be_visible()
    for step in range(1, 11):
        finger("touchMove", *(a + (b - a) * step / 10 for a, b in zip(start, end, strict=True)))
        page.wait_for_timeout(20)
    finger("touchEnd")
    expect(card_in(page, "qualification", deal)).to_be_visible()
    expect(lane(page, "qualification").locator("[data-lane-total]")).to_have_text("1\u202f500\u00a0€")
    deal.refresh_from_db()
    assert deal.stage == "qualification"


def test_the_board_on_a_phone_loads_as_one_scrolls(
    new_page: Any, cast: dict[str, User], live_server: Any
) -> None:
    for number in range(20):
        make_deal(cast["sales"], title=f"N {number:02}")
    page = new_page(width=390)
    sign_in(page, cast["sales"], live_server)
    page.goto(BOARD)
    column = lane(page, "discovery")
    expect(column.locator(".dw-kcard")).to_have_count(12)
    column.locator(".dw-lane-more").scroll_into_view_if_needed()
    expect(column.locator(".dw-kcard")).to_have_count(20)
    assert not page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
    )

"""My day and the calendar, in Chromium: done, what next, undo, dragged to another day, on a phone."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm.models import Activity
from crm.services.activity import change_activity
from people.models import User
from tests.base import make_activity, make_cast, make_contact
from tests.browser.pages import settled, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY, CALENDAR = "/crm/activities/day/", "/crm/activities/calendar/"


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def hugo(page: Page, cast: dict[str, User], live_server: Any) -> User:
    sign_in(page, cast["sales"], live_server)
    return cast["sales"]


def at(day: date, hour: int = 14) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def today() -> date:
    return timezone.localdate()


def row(page: Page, subject: str) -> Any:
    return page.locator(".dw-day-row").filter(has_text=subject)


def cell(page: Page, day: date) -> Any:
    return page.locator(f'[data-day="{day}"]')


def undo(page: Page) -> None:
    page.locator("#toasts form button").first.click()


def test_one_click_does_it_and_the_toast_undoes_it(page: Page, hugo: User) -> None:
    make_activity(hugo, subject="Appeler le fleuriste", starts_at=at(today(), 23))
    page.goto(DAY)
    row(page, "fleuriste").locator("button.dw-tick").click()
    expect(page.locator(".dw-day-done")).to_contain_text("Appeler le fleuriste")
    assert Activity.objects.get().status == "done"
    undo(page)
    expect(row(page, "fleuriste").locator("button.dw-tick")).to_be_visible()
    assert Activity.objects.get().status == "planned"


def test_the_circle_stays_to_be_clicked(new_page: Any, cast: dict[str, User], live_server: Any) -> None:
    """It once shared its class with the tick of a saved fact, which fades away."""
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo)
    make_activity(hugo, subject="Appeler le fleuriste", starts_at=at(today(), 23), contact=contact)
    page = new_page(reduced_motion="no-preference")
    sign_in(page, hugo, live_server)
    for address in (DAY, "/", contact.get_absolute_url()):
        page.goto(address)
        tick = page.locator(".dw-tick").first
        expect(tick).to_be_visible()
        assert tick.evaluate("one => getComputedStyle(one).animationName") == "none", address


def test_what_next_is_asked_planned_and_undone_whole(page: Page, hugo: User) -> None:
    contact = make_contact(hugo, owner=hugo)
    make_activity(hugo, subject="Présenter le devis", starts_at=at(today(), 23), contact=contact)
    page.goto(DAY)
    row(page, "devis").locator("a[data-drawer]").click()
    drawer = page.locator("#drawer")
    drawer.locator("textarea[name=notes]").fill("Intéressés, à relancer")
    drawer.locator("[name=next_kind]").select_option("meeting")
    drawer.locator("[name=next_subject]").fill("Signer")
    drawer.locator("[name=next_at]").fill(f"{today() + timedelta(days=1)}T10:00")
    drawer.locator("form button[type=submit]").click()
    expect(drawer).to_be_hidden()
    expect(row(page, "Signer")).to_be_visible()
    signing = Activity.objects.get(subject="Signer")
    assert (signing.kind, signing.contact, signing.owner) == ("meeting", contact, hugo)
    assert Activity.objects.get(subject="Présenter le devis").notes == "Intéressés, à relancer"
    undo(page)
    expect(row(page, "Signer")).to_have_count(0)
    assert Activity.objects.get().status == "planned"


def test_a_call_is_planned_from_a_contacts_page(page: Page, hugo: User) -> None:
    contact = make_contact(hugo, owner=hugo)
    page.goto(contact.get_absolute_url())
    page.locator('[data-panel] a[href*="/crm/activities/new/"]').first.click()
    drawer = page.locator("#drawer")
    drawer.locator("input[name=subject]").fill("Prendre des nouvelles")
    settled(page)
    drawer.locator("form button[type=submit]").click()
    expect(drawer).to_be_hidden()
    expect(page.locator("[data-panel]").filter(has_text="Prendre des nouvelles")).to_be_visible()
    activity = Activity.objects.get()
    assert (activity.kind, activity.contact, activity.owner) == ("call", contact, hugo)


def test_an_activity_is_dragged_to_another_day_and_taken_back(page: Page, hugo: User) -> None:
    first = today().replace(day=8)
    activity = make_activity(hugo, subject="Déjeuner", starts_at=at(first))
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.goto(f"{CALENDAR}?date={first}")
    target = first + timedelta(days=3)
    cell(page, first).locator("[data-move]").drag_to(cell(page, target))
    expect(cell(page, target)).to_contain_text("Déjeuner")
    expect(page.locator("#toasts form button")).to_be_visible()
    activity.refresh_from_db()
    assert activity.starts_at == at(target)
    undo(page)
    expect(cell(page, first)).to_contain_text("Déjeuner")
    activity.refresh_from_db()
    assert activity.starts_at == at(first)


def test_what_somebody_changed_meanwhile_is_not_moved(page: Page, hugo: User, cast: dict[str, User]) -> None:
    first = today().replace(day=8)
    activity = make_activity(hugo, subject="Déjeuner", starts_at=at(first))
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.goto(f"{CALENDAR}?date={first}")
    change_activity(user=cast["manager"], activity=activity, values={"starts_at": at(first, 16)})
    cell(page, first).locator("[data-move]").drag_to(cell(page, first + timedelta(days=3)))
    expect(page.locator(".dw-toast-error")).to_be_visible()
    expect(cell(page, first)).to_contain_text("16:00")
    activity.refresh_from_db()
    assert activity.starts_at == at(first, 16)


def test_month_and_week_are_walked_without_javascript_and_by_keyboard(
    new_page: Any, cast: dict[str, User], live_server: Any
) -> None:
    hugo = cast["sales"]
    for hour in range(8, 15):
        make_activity(hugo, subject=f"Point de {hour} h", starts_at=at(date(2027, 3, 10), hour))
    page = new_page(javascript=False)
    sign_in(page, hugo, live_server)
    page.goto(f"{CALENDAR}?date=2027-02-10")
    page.locator('a[rel="next"]').click()
    day = cell(page, date(2027, 3, 10))
    expect(day.locator("li")).to_have_count(4)
    more = day.locator(".dw-cal-more")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr, .dw-row")).to_have_count(7)
    page.goto(f"{CALENDAR}?view=week&date=2027-03-10")
    expect(day.locator("li")).to_have_count(7)
    expect(page.locator("[data-day]")).to_have_count(7)
    expect(page.locator("thead")).to_contain_text("lundi")


@pytest.mark.parametrize("address", [DAY, CALENDAR, f"{CALENDAR}?view=week"])
def test_on_a_phone_everything_fits(
    new_page: Any, cast: dict[str, User], live_server: Any, address: str
) -> None:
    hugo = cast["sales"]
    long = "Réunion de préparation du salon des artisans de la région Auvergne-Rhône-Alpes"
    for hour in (9, 10, 11, 14, 15, 16):
        make_activity(hugo, subject=long, starts_at=at(today(), hour), priority="high")
    page = new_page(width=390, height=844)
    sign_in(page, hugo, live_server)
    page.goto(address)
    expect(page.get_by_text("Réunion de préparation").first).to_be_visible()
    assert not page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
    )

"""The matrix of a role, and a compulsory second factor, as people meet them."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from people.models import Role, User
from tests.base import PASSWORD, make_cast
from tests.browser.pages import settled, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


def test_an_action_brings_the_right_to_see(page: Page, cast: dict[str, User], live_server: Any) -> None:
    sign_in(page, cast["admin"], live_server)
    role = Role.objects.get(slug="am")
    page.goto(f"/settings/roles/{role.pk}/")
    box = page.locator("input[name='actions:crm.contact']")
    view, create = box.and_(page.locator("[value=view]")), box.and_(page.locator("[value=create]"))
    create.check()
    expect(view).to_be_checked()
    view.uncheck()
    expect(create).not_to_be_checked()


def test_the_page_of_a_compulsory_second_factor_keeps_its_key(
    page: Page, cast: dict[str, User], live_server: Any
) -> None:
    Role.objects.filter(slug="sales").update(mfa_required=True)
    page.goto("/accounts/login/")
    page.fill("input[name=login]", cast["sales"].email)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/2fa/totp/activate/")
    page.wait_for_load_state("networkidle")
    settled(page)
    expect(page.locator("input[name=code]")).to_have_count(1)  # the bell did not load the page into itself

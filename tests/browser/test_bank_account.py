"""The whole bank number on a screen: for a short while, and gone when one leaves."""

from typing import Any

import pytest
from django.urls import reverse

from tests.base import make_cast
from tests.browser.pages import sign_in
from tests.sales.accounts import french_iban, make_account

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_number_is_shown_copied_and_hidden_again(new_page: Any, live_server: Any) -> None:
    cast = make_cast()
    iban = french_iban(5_150)
    account = make_account(cast["sales"], iban=iban, bic="AGRIFRPP")
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.clock.install()
    sign_in(page, cast["admin"], live_server)
    page.goto(live_server.url + reverse("sales:bank_account_list") + "?all=1")
    page.locator(".dw-number button").click()
    page.wait_for_selector("[data-reveal]")
    assert page.locator("[data-reveal] .dw-iban-whole").first.inner_text().replace(" ", "").strip() == iban
    assert page.evaluate("document.activeElement.classList.contains('dw-iban-whole')")
    page.locator("[data-reveal] .dw-iban-whole").first.click()
    page.clock.run_for(31_000)
    page.wait_for_selector("[data-reveal]", state="detached")
    assert account.masked in page.locator(".dw-number").inner_text()
    assert iban[4:] not in page.content().replace(" ", "")
    # Leaving takes it away, too: the back button shows the mask.
    page.locator(".dw-number button").click()
    page.wait_for_selector("[data-reveal]")
    page.goto(live_server.url + account.get_absolute_url())
    page.go_back()
    page.wait_for_selector(".dw-number")
    assert page.locator("[data-reveal]").count() == 0

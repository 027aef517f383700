"""A day of documents in Chromium: an invoice from draft to credit note, a quote from editor to acceptance."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from people.models import User
from sales.models import Invoice, Quote
from sales.services.quote_link import link_of
from tests.base import make_cast
from tests.browser.pages import settled, sign_in
from tests.sales.invoices import make_buyer, make_invoice
from tests.sales.quotes import make_quote

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


def add_line(page: Page, label: str, price: str) -> None:
    """One more line of the editor, which the server draws."""
    rows = page.locator("[data-doc-lines] ol > li")
    before = rows.count()
    page.locator("[data-doc-add][value='add-item']").click()
    expect(rows).to_have_count(before + 1, timeout=20_000)
    page.locator("[name=lines_label]").last.fill(label)
    page.locator("[name=lines_unit_price]").last.fill(price)


def test_an_invoice_is_drafted_issued_sent_and_credited(
    page: Page, cast: dict[str, User], live_server: Any
) -> None:
    admin = cast["admin"]
    sign_in(page, admin, live_server)
    draft = make_invoice(admin, [], client=make_buyer(admin))
    page.goto(f"/sales/invoices/{draft.pk}/edit/")
    add_line(page, "Site vitrine", "1 000,50")
    add_line(page, "Logo", "400")
    expect(page.locator(".dw-lines-totals")).to_contain_text("1 400,50", timeout=20_000)
    page.locator(".dw-quote-foot .btn-primary").click()
    page.wait_for_url(f"**/sales/invoices/{draft.pk}/")
    page.locator(f"a[href='/sales/invoices/{draft.pk}/issue/']").click()
    expect(page.locator(".dw-issue-facts")).to_contain_text("1 680,60")
    page.locator(".dw-issue .btn-primary").click()
    page.wait_for_url(f"**/sales/invoices/{draft.pk}/")
    draft.refresh_from_db()
    assert draft.number
    expect(page.locator("h1")).to_contain_text(draft.number)
    # Its first page is drawn, and opens the PDF itself.
    picture = page.locator(".dw-page-picture img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 100
    address = page.locator(".dw-page-picture").get_attribute("href")
    answer = page.request.get(f"{live_server.url}{address}")
    assert answer.body().startswith(b"%PDF")
    page.locator(f"a[href='/sales/invoices/{draft.pk}/send/']").click()
    page.fill("[name=to]", "compta@example.org")
    page.locator(".dw-form-foot .btn-primary").click()
    page.wait_for_url(f"**/sales/invoices/{draft.pk}/")
    expect(page.locator("[aria-labelledby=invoice-messages]")).to_contain_text("compta@example.org")
    page.locator("details[data-menu] summary").last.click()
    page.locator(f"a[href='/sales/invoices/{draft.pk}/credit/']").click()
    page.locator(".dw-form-foot .btn-primary").click()
    page.wait_for_url("**/sales/invoices/*/")
    note = Invoice.objects.get(kind="credit_note")
    page.goto(f"/sales/invoices/{note.pk}/issue/")
    page.locator(".dw-issue .btn-primary").click()
    page.wait_for_url(f"**/sales/invoices/{note.pk}/")
    note.refresh_from_db()
    draft.refresh_from_db()
    assert (note.status, note.gross, draft.balance) == ("issued", draft.gross, 0)
    expect(page.locator("[aria-labelledby=invoice-neighbours]")).to_contain_text(str(draft.number))


def test_a_quote_goes_from_the_editor_to_the_clients_yes(
    page: Page, new_page: Any, cast: dict[str, User], live_server: Any
) -> None:
    hugo = cast["sales"]
    sign_in(page, hugo, live_server)
    quote = make_quote(hugo, lines=[], subject="Site vitrine")
    page.goto(f"/sales/quotes/{quote.pk}/edit/")
    add_line(page, "Site vitrine", "2 400")
    expect(page.locator(".dw-lines-totals")).to_contain_text("2 400,00")
    expect(page.locator("[data-autosave-told]")).to_contain_text("Enregistré à", timeout=15000)
    page.locator(".dw-quote-foot .btn-primary").click()
    page.wait_for_url(f"**/sales/quotes/{quote.pk}/")
    page.locator(f"a[href='/sales/quotes/{quote.pk}/send/']").click()
    page.fill("[name=to]", "emilie@example.org")
    page.locator(".dw-form-foot .btn-primary").click()
    page.wait_for_url(f"**/sales/quotes/{quote.pk}/")
    expect(page.locator("[aria-labelledby=quote-messages]")).to_contain_text("emilie@example.org")
    quote.refresh_from_db()
    public = new_page(width=390)
    public.goto("/" + link_of(quote).split("/", 3)[3])
    expect(public.locator("body")).to_contain_text("Site vitrine")
    public.fill("[name=name]", "Émilie Durand")
    public.fill("[name=email]", "emilie@example.org")
    public.check("[name=consent]")
    public.locator(".dw-public-yes").click()
    expect(public.locator(".dw-note")).to_contain_text("Accepté par Émilie Durand")
    page.reload()
    settled(page)
    expect(page.locator("[aria-labelledby=quote-neighbours]")).to_be_visible()
    found = Quote.objects.get(pk=quote.pk)
    assert (found.status, found.answer_name) == ("accepted", "Émilie Durand")

"""Received invoices in Chromium: files dropped, read, kept out; one opened, approved, paid."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from people.models import User
from sales.jobs import read_received_file
from sales.models import ReceivedFile, ReceivedInvoice
from tests.base import make_cast
from tests.browser.pages import sign_in
from tests.browser.test_documents import DROP, as_text
from tests.sales.received import make_received, pdf_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def alice(page: Page, live_server: Any, transactional_db: None) -> User:
    user = make_cast()["admin"]
    sign_in(page, user, live_server)
    return user


def work_off() -> None:
    """What a worker would do with the files that wait."""
    for received in ReceivedFile.objects.filter(state="waiting"):
        read_received_file(file_id=received.pk)


def test_files_are_dropped_read_and_filed_and_what_is_here_already_says_so(page: Page, alice: User) -> None:
    here = make_received(alice)
    page.goto("/sales/received/new/")
    again = here.file.open("rb").read()
    files = [
        ["bonne.pdf", "application/pdf", as_text(pdf_of(number="NEUVE-1"))],
        ["encore.xml", "text/xml", as_text(again)],
        ["scan.pdf", "application/pdf", as_text(b"%PDF-1.4 rien")],
        ["photo.pdf", "application/pdf", as_text(b"GIF89a")],
    ]
    page.locator("[data-upload-zone]").evaluate(DROP, files)
    # Not even kept: said beside the file.
    expect(page.locator("[data-upload-list] [data-state=bad]")).to_contain_text("photo.pdf")
    lines = page.locator(".dw-received-files li")
    expect(lines.filter(has_text="encore.xml").locator("a")).to_contain_text(here.number)
    expect(lines.filter(has_text="bonne.pdf")).to_be_visible()
    work_off()
    # The page asks by itself as long as something is being read.
    expect(lines.filter(has_text="bonne.pdf").locator("a")).to_contain_text("NEUVE-1", timeout=15000)
    expect(lines.filter(has_text="scan.pdf").locator(".dw-badge-red")).to_be_visible()
    lines.filter(has_text="bonne.pdf").locator("a").click()
    expect(page.locator("h1")).to_contain_text("NEUVE-1")
    expect(page.locator("iframe.dw-received-pdf")).to_be_visible()


def test_an_invoice_is_approved_then_paid_then_taken_back(page: Page, alice: User) -> None:
    record = make_received(alice)
    page.goto(record.get_absolute_url())
    page.locator(f"form[action$='/{record.pk}/approve/'] button").click()
    page.locator(f"a[href$='/{record.pk}/pay/']").click()
    page.locator("#drawer-body form button[type=submit]").click()
    expect(page.locator("h1 .dw-badge-green")).to_be_visible()
    record.refresh_from_db()
    assert record.status == ReceivedInvoice.Status.PAID
    page.locator(f"form[action$='/{record.pk}/reopen/'] button").click()
    expect(page.locator(f"a[href$='/{record.pk}/pay/']")).to_be_visible()


def test_refusing_wants_a_reason(page: Page, alice: User) -> None:
    record = make_received(alice)
    page.goto(record.get_absolute_url())
    page.locator(f"a[href$='/{record.pk}/refuse/']").click()
    submit = page.locator("#drawer-body form button[type=submit]")
    submit.click()
    expect(page.locator("#drawer-body .dw-field-error")).to_be_visible()
    page.locator("#drawer-body textarea").fill("Le prix ne correspond pas au devis.")
    submit.click()
    expect(page.locator(".dw-note-warn")).to_contain_text("Le prix ne correspond pas au devis.")

"""Documents in Chromium: dropped on a record, refused with a reason, shown small, opened, taken back."""

import base64
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.models import Contact
from people.models import User
from tests.base import make_cast, make_contact
from tests.browser.pages import settled, sign_in
from tests.timeline.documents import CSV, EXE, PDF, make_document, picture
from timeline.models import Document
from timeline.services.document_look import look_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DROP = """(zone, files) => {
  const data = new DataTransfer();
  for (const [name, type, text] of files) {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    data.items.add(new File([bytes], name, { type }));
  }
  for (const name of ["dragenter", "dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer: data }));
  }
}"""


@pytest.fixture
def hugo(page: Page, live_server: Any, transactional_db: None) -> User:
    user = make_cast()["sales"]
    sign_in(page, user, live_server)
    return user


@pytest.fixture
def contact(hugo: User) -> Contact:
    return make_contact(hugo, owner=hugo)


def as_text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_files_dropped_on_a_record_are_added_and_the_bad_one_says_why(
    page: Page, hugo: User, contact: Contact
) -> None:
    page.goto(contact.get_absolute_url())
    zone = page.locator("[data-upload-zone]")
    expect(zone).to_be_visible()
    files = [
        ["Cahier des charges.pdf", "application/pdf", as_text(PDF)],
        ["outil.pdf", "application/pdf", as_text(EXE)],
        ["prix.csv", "text/csv", as_text(CSV)],
    ]
    zone.evaluate(DROP, files)
    lines = page.locator(".dw-document-lines")
    expect(lines).to_contain_text("Cahier des charges.pdf")
    expect(lines).to_contain_text("prix.csv")
    left = page.locator("[data-upload-list] li")
    expect(left).to_have_count(1)
    expect(left).to_contain_text("outil.pdf")
    expect(page.locator("#timeline")).to_contain_text("prix.csv")
    assert sorted(one.name for one in Document.objects.all()) == ["Cahier des charges.pdf", "prix.csv"]


def test_a_file_is_chosen_by_keyboard_and_the_same_one_again_is_told(
    page: Page, hugo: User, contact: Contact
) -> None:
    page.goto(contact.get_absolute_url())
    chosen = page.locator("[data-upload] input[type=file]")
    file: Any = {"name": "Cahier.pdf", "mimeType": "application/pdf", "buffer": PDF}
    chosen.set_input_files(file)
    expect(page.locator(".dw-document-lines")).to_contain_text("Cahier.pdf")
    chosen.set_input_files({**file, "name": "Le même.pdf"})
    expect(page.locator("#toasts")).to_contain_text("Le même.pdf")
    expect(page.locator(".dw-document-lines li")).to_have_count(2)


def test_the_first_page_of_a_pdf_shows_and_the_file_opens(page: Page, hugo: User, contact: Contact) -> None:
    document = make_document(hugo, on=contact)
    look_at(document.pk)
    page.goto(document.get_absolute_url())
    shown = page.locator(".dw-document-preview img")
    expect(shown).to_be_visible()
    assert shown.evaluate("(img) => img.complete && img.naturalWidth > 100")
    with page.expect_download() as download:
        page.locator(".dw-record-actions a").first.click()
    assert download.value.suggested_filename == "Cahier des charges.pdf"


def test_a_picture_shows_by_itself_in_a_tab_of_its_own(page: Page, hugo: User, contact: Contact) -> None:
    document = make_document(hugo, on=contact, name="photo.png", content=picture(size=(300, 200)))
    look_at(document.pk)
    page.goto(document.get_absolute_url())
    with page.context.expect_page() as opened:
        page.locator(".dw-document-open a").click()
    tab = opened.value
    tab.wait_for_load_state()
    assert tab.locator("img").evaluate("(img) => img.naturalWidth") == 300
    tab.close()


def test_deleting_is_undone_from_the_toast(page: Page, hugo: User, contact: Contact) -> None:
    document = make_document(hugo, on=contact)
    page.goto(f"/documents/{document.pk}/delete/")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("#toasts")).to_contain_text("Cahier des charges.pdf")
    assert not Document.objects.exists()
    page.locator("#toasts form button").first.click()
    settled(page)
    expect(page.locator("#toasts, main").first).to_be_visible()
    page.goto(document.get_absolute_url())
    expect(page.locator("h1")).to_contain_text("Cahier des charges.pdf")


def test_without_a_script_a_plain_form_takes_several_files(
    new_page: Any, hugo: User, contact: Contact, live_server: Any
) -> None:
    plain = new_page(javascript=False)
    sign_in(plain, hugo, live_server)
    plain.goto(f"/documents/new/?subject=crm.contact:{contact.pk}")
    files: Any = [
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": PDF},
        {"name": "vide.txt", "mimeType": "text/plain", "buffer": b""},
    ]
    plain.locator("input[type=file]").set_input_files(files)
    plain.locator("main form button[type=submit]").click()
    expect(plain.locator("[role=alert]")).to_contain_text("vide.txt")
    assert Document.objects.get().name == "a.pdf"

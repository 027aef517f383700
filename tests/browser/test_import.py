"""An import as a salesperson does it: drop a file, look at the preview, import, read the report, undo."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.models import Contact, ContactImport
from people.models import User
from tests.base import make_cast, make_contact
from tests.browser.pages import settled, sign_in
from tests.crm.imports import NEW, table

pytestmark = [pytest.mark.browser, pytest.mark.worker, pytest.mark.django_db(transaction=True)]
ROWS = [
    "Camille,Roy,camille.roy@exemple.fr,06 12 34 56 78,Boulangerie Roy,Gérante,Nantes,France,Prospect,Salon",
    "Émilie,Lefèvre,emilie@exemple.fr,612345679,Atelier,Directrice,Rennes,France,Lead,",
    "Paul,Noël,paul(at)exemple.fr,02 40 12 34 56,,,,,,",
]
DROP = """
([selector, name, content]) => {
  const data = new DataTransfer();
  data.items.add(new File([content], name, { type: "text/csv" }));
  const zone = document.querySelector(selector);
  for (const kind of ["dragenter", "dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
  }
}
"""

WIDER = """
() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("main *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth && !one.closest(".dw-import-scroll"))
  .map((one) => `${one.tagName}.${one.className}`)
"""


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def hugo(page: Page, cast: dict[str, User], live_server: Any) -> User:
    sign_in(page, cast["sales"], live_server)
    return cast["sales"]


def test_a_dropped_file_is_previewed_imported_and_undone(page: Page, hugo: User, worker: Any) -> None:
    make_contact(hugo, email="emilie@exemple.fr", first_name="Émilie", last_name="Ancien", owner=hugo)
    worker()
    page.goto("/crm/contacts/?all=1")
    page.locator(f'.dw-head a[href="{NEW}"]').click()
    page.wait_for_url(f"**{NEW}")
    page.wait_for_load_state()
    page.evaluate(DROP, ["[data-drop-zone]", "salon.csv", table(*ROWS)])
    assert page.locator("input[type=file]").evaluate("field => field.files[0].name") == "salon.csv"
    page.locator(".dw-import-upload .btn-primary").click()

    preview = page.locator("#import-preview")
    expect(preview.locator("tbody tr")).to_have_count(3)
    expect(preview.locator("td.bad")).to_contain_text("paul(at)exemple.fr")
    expect(preview.locator("tbody tr").nth(1)).to_contain_text("06 12 34 56 79")
    page.locator("input[name=on_duplicate][value=update]").check()
    expect(preview.locator("tbody tr").nth(1).locator(".dw-badge-blue")).to_be_visible()
    page.locator("#id_column_5").select_option("")
    expect(preview).not_to_contain_text("Gérante")
    page.locator("input[name=assign][value=rule]").check()
    expect(page.locator("fieldset.dw-rules")).to_be_visible()
    page.locator("input[name=assign][value=me]").check()
    expect(page.locator("fieldset.dw-rules")).to_be_hidden()
    settled(page)
    page.locator("button[name=start]").click()

    figures = page.locator(".dw-import-figures strong")
    expect(figures.first).to_be_visible(timeout=30_000)
    assert figures.all_inner_texts() == ["1", "1", "0", "1"]
    page.locator('[data-figure="created"]').click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("Camille Roy")
    assert Contact.objects.get(email="emilie@exemple.fr").last_name == "Lefèvre"

    run = ContactImport.objects.get()
    page.goto(run.get_absolute_url())
    page.locator('a[href$="/undo/"]').click()
    page.locator(".dw-confirm button.btn-danger").click()
    expect(page.locator(".dw-import-undone")).to_be_visible(timeout=30_000)
    assert Contact.objects.get().last_name == "Ancien"


def test_the_wrong_file_says_so_beside_the_field(page: Page, hugo: User, tmp_path: Path) -> None:
    path = tmp_path / "photo.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    page.goto(NEW)
    page.locator("input[type=file]").set_input_files(path)
    page.locator(".dw-import-upload .btn-primary").click()
    expect(page.locator(".dw-field-error")).to_contain_text("PNG")
    assert not ContactImport.objects.exists()


def test_it_works_without_javascript(
    new_page: Any, cast: dict[str, User], live_server: Any, worker: Any
) -> None:
    page = new_page(javascript=False)
    sign_in(page, cast["sales"], live_server)
    worker()
    page.goto(NEW)
    content = table(*ROWS).encode()
    page.locator("input[type=file]").set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.locator(".dw-import-upload .btn-primary").click()
    page.locator("#id_column_5").select_option("")
    page.locator("button[name=preview]").click()
    expect(page.locator("#import-preview")).not_to_contain_text("Gérante")
    page.locator("button[name=start]").click()
    page.wait_for_url("**/crm/imports/*/")
    for _look in range(100):
        if ContactImport.objects.get().state == "done":
            break
        page.wait_for_timeout(100)
    page.reload()
    assert page.locator(".dw-import-figures strong").all_inner_texts() == ["2", "0", "0", "1"]


@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_is_wider_than_the_window(
    new_page: Any, cast: dict[str, User], live_server: Any, width: int
) -> None:
    page = new_page(width=width)
    sign_in(page, cast["sales"], live_server)
    long = "x" * 120
    rows = [*ROWS, f"{long},{long},{long}@exemple.fr,,{long},{long},{long},,,{long}"]
    page.goto(NEW)
    file = {"name": f"{long}.csv", "mimeType": "text/csv", "buffer": table(*rows).encode()}
    page.locator("input[type=file]").set_input_files(file)
    for look in ("upload", "setup"):
        assert page.evaluate(WIDER) == [], look
        if look == "upload":
            page.locator(".dw-import-upload .btn-primary").click()
            expect(page.locator("#import-preview tbody tr")).to_have_count(4)

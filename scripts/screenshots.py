"""`make screenshots`: the pictures of the README and the guides, taken of the demo in Debian's Chromium.

Starts the demo on a free port (its data is seeded, so the pictures are the same each time), signs in
and writes docs/images/*.png.
"""

import subprocess
import sys

from scripts import setup
from scripts.processes import (
    ROOT,
    Stopped,
    adopt_orphans,
    descendants,
    end_all,
    free_port,
    say,
    stop_on_signals,
)
from scripts.run import PASSWORD, Demo, only_one

# File → who, page, theme, and whether it is the first record of that list that is shown.
PICTURES = {
    "contacts-light": ("admin", "/crm/contacts/?all=1", "light", False),
    "contact-dark": ("sales", "/crm/contacts/?sort=-score&status=client", "dark", True),
    "deals-light": ("sales", "/crm/deals/?mode=kanban", "light", False),
    "map-light": ("manager", "/crm/map/?all=1", "light", False),
    "quote-light": ("admin", "/sales/quotes/?status=accepted", "light", True),
    "invoice-light": ("admin", "/sales/invoices/?status=issued&kind=final", "light", True),
    "pipeline-light": ("manager", "/sales/pipeline/", "light", False),
    "tracking-light": ("manager", "/sales/tracking/", "light", False),
}


def main() -> int:
    stop_on_signals()
    adopt_orphans()
    setup.ready("test")
    lock = only_one()
    demo = Demo(free_port())
    try:
        demo.start()
        lock.write(f"screenshots on port {demo.port}")
        argv = [str(setup.PYTHON), "-m", "scripts.screenshots", f"http://127.0.0.1:{demo.port}"]
        return subprocess.run(argv, cwd=ROOT, check=False).returncode
    except Stopped:
        return 130
    finally:
        demo.stop()
        end_all(descendants())


def take(address: str) -> None:
    """Inside the virtual environment, where Playwright is."""
    from playwright.sync_api import sync_playwright

    from tests.fixtures.browser import CHROMIUM, FLAGS

    folder = ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, (person, path, theme, first) in PICTURES.items():
            context = browser.new_context(
                base_url=address, viewport={"width": 1440, "height": 900}, locale="fr-FR",
                color_scheme="dark" if theme == "dark" else "light",
            )  # fmt: skip
            page = context.new_page()
            page.goto("/accounts/login/")
            page.fill("input[name=login]", f"{person}@digiweb.test")
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(lambda url: "/accounts/" not in url)
            page.goto(path)
            if first:
                page.click("tbody a.dw-name")
                page.wait_for_selector("[data-record]")
            page.wait_for_load_state("networkidle")
            page.screenshot(path=folder / f"{name}.png")
            say(f"  docs/images/{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        take(sys.argv[1])
    else:
        sys.exit(main())

"""Background jobs as people follow them: a salesperson's long work, an administrator's Monday morning."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from digiweb.jobs import enqueue
from digiweb.schedule import entry_named, run_entry
from people.models import User
from tests.base import make_cast
from tests.browser.pages import sign_in
from tests.digiweb import jobs as work
from timeline.models import JobRun

pytestmark = [pytest.mark.browser, pytest.mark.worker, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    return make_cast()


def ask(user: User, **values: Any) -> Any:
    return enqueue(work.add_departments, user=user, label="Import de salon.csv", **values)


def test_the_list_and_the_page_move_by_themselves_until_the_work_is_done(
    page: Page, cast: dict[str, User], live_server: Any, worker: Any
) -> None:
    sign_in(page, cast["sales"], live_server)
    run = enqueue(
        work.add_departments, user=cast["sales"], label="Import de salon.csv", count=80, seconds=0.1
    )
    page.goto("/jobs/?all=1")
    row = page.locator("tbody tr").filter(has_text="Import de salon.csv")
    expect(row).to_have_count(1)
    worker()
    expect(row.locator(".dw-job-cell")).to_contain_text("%", timeout=30_000)
    row.locator("a.dw-name").click()
    page.wait_for_url(f"**{run.get_absolute_url()}")
    expect(page.locator("#job .dw-job-state")).to_contain_text("%")
    page.go_back()
    expect(row.locator(".dw-badge-green")).to_be_visible(timeout=30_000)
    expect(page.locator("#jobs-live")).to_have_count(0)
    assert JobRun.objects.get().state == "done"


def test_work_that_was_stopped_is_taken_up_again_from_its_page(
    page: Page, cast: dict[str, User], live_server: Any, worker: Any
) -> None:
    sign_in(page, cast["sales"], live_server)
    run = enqueue(
        work.add_departments, user=cast["sales"], label="Import de salon.csv", count=40, seconds=0.05
    )
    worker()
    page.goto(run.get_absolute_url())
    expect(page.locator("#job .dw-job-state")).to_contain_text("%", timeout=30_000)
    page.locator(f'form[action="/jobs/{run.pk}/cancel/"] button').click()
    expect(page.locator("#job.dw-job-cancelled")).to_be_visible()
    expect(page.locator("#job-log")).to_contain_text("Hugo")
    page.locator(f'form[action="/jobs/{run.pk}/retry/"] button').click()
    expect(page.locator("#job.dw-job-done")).to_be_visible(timeout=30_000)
    expect(page.locator("#job-log li")).to_have_count(2)
    assert JobRun.objects.get().done == 40


def test_on_monday_an_administrator_learns_what_failed_and_has_it_done_again(
    page: Page, cast: dict[str, User], live_server: Any, worker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from digiweb import jobs as door

    entry = entry_named("purge_bin")
    assert entry is not None
    with monkeypatch.context() as broken:
        broken.setattr("timeline.services.bin.purge_bin", lambda: 1 / 0)
        run = run_entry(entry, user=None)
        door.run_job(run.pk)
    sign_in(page, cast["admin"], live_server)
    page.goto("/me/notifications/")
    page.locator("main").get_by_text(run.label).first.click()
    page.wait_for_url(f"**{run.get_absolute_url()}")
    expect(page.locator("#job.dw-job-failed .dw-job-error")).to_be_visible()
    page.goto("/settings/schedule/")
    line = page.locator("tbody tr").filter(has_text="purge_bin")
    expect(line.locator(".dw-badge-red")).to_be_visible()
    worker()
    line.locator("form button").click()
    expect(page.locator("#job.dw-job-done")).to_be_visible(timeout=30_000)
    page.goto("/settings/schedule/")
    expect(line.locator(".dw-badge-green")).to_be_visible()

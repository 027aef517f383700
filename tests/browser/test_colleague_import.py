"""The button: the import runs before one's eyes, and its page becomes the report."""

from typing import Any

import pytest
from playwright.sync_api import expect

from sales.models import Contract
from tests.base import make_cast
from tests.browser.pages import sign_in
from tests.fixtures.provider import Server
from tests.sync.importing.prospects import contract, prospect

pytestmark = [pytest.mark.browser, pytest.mark.worker]
PATH = "/api/prospects"


@pytest.mark.django_db(transaction=True)
def test_synchronise_now(
    page: Any, live_server: Any, worker: Any, provider_server: Server, settings: Any
) -> None:
    cast = make_cast()
    settings.EXTERNAL_API_URL = f"{provider_server.url}{PATH}"
    provider_server.answers[PATH] = [prospect(1), prospect(2, contract("CT-2", montant="beaucoup"))]
    worker(EXTERNAL_API_URL=settings.EXTERNAL_API_URL, PROVIDERS_PLAIN_HTTP="1")
    sign_in(page, cast["admin"], live_server)
    page.goto("/sync/runs/")
    page.locator("form[action='/sync/runs/start/'] button").click()
    expect(page.locator(".dw-run-counts")).to_be_visible(timeout=30_000)
    expect(page.locator(".dw-run-lines")).to_contain_text("Souscription[0].contrats[0].montant")
    assert Contract.objects.count() == 2

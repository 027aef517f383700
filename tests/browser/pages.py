"""What the browser tests share: a session as a cookie, and the pages that people stare at."""

from typing import Any

from django.conf import settings
from playwright.sync_api import Page, expect

from people.models import User
from tests.base import client_of


def sign_in(page: Page, user: User, server: Any) -> None:
    """Open the browser as `user`, without the form (tests/browser/test_sign_in.py uses the form)."""
    cookie = client_of(user).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])


def settled(page: Page) -> None:
    """Wait until htmx has nothing under way."""
    # No `wait_for_function`: where it must wait, it evaluates text, which our CSP refuses.
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)

"""Fixtures of the whole suite. Real things are real: database, Redis, worker, mail server, browser.

`digiweb.settings_test` gives every pytest process (xdist) its own database, Redis database and media
folder on the private servers of the run, so that tests in parallel never meet.
"""

import os
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import redis

# Playwright's event loop runs in this thread; Django would refuse the ORM beside it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytest_plugins = (
    "tests.fixtures.browser",
    "tests.fixtures.mail",
    "tests.fixtures.provider",
    "tests.fixtures.worker",
)


def pytest_sessionstart(session: pytest.Session) -> None:
    """The process that hands out the work empties the folder of artefacts; its helpers only fill it."""
    from django.conf import settings

    from tests.fixtures.browser import ARTEFACTS

    # WhiteNoise warns at each client where nothing was collected.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    if not hasattr(session.config, "workerinput") and not os.environ.get("KEEP_ARTEFACTS"):
        shutil.rmtree(ARTEFACTS, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    """Lets a fixture's ending know whether its test failed: `request.node.stash[failed]`."""
    report = yield
    from tests.fixtures.browser import failed

    item.stash[failed] = item.stash.get(failed, False) or report.failed
    return report


@pytest.fixture(scope="session")
def redis_connection() -> Iterator[redis.Redis]:
    """This process's own Redis database."""
    from django.conf import settings

    with redis.from_url(settings.REDIS_URL) as connection:
        yield connection


@pytest.fixture(autouse=True)
def empty_redis(redis_connection: redis.Redis) -> None:
    """No test meets another one's rate limits, cached values or queued jobs.

    Only the database of this process on the run's private server: the others go on undisturbed.
    """
    redis_connection.flushdb()


@pytest.fixture(autouse=True)
def fresh_rules() -> None:
    """No test reckons scores by the rules that another one set."""
    from crm.models.score_rule import forget_rules

    forget_rules()


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """Uploads of each test in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True, scope="session")
def mentions_stay() -> None:
    """Tests with real transactions empty all tables, the texts that a migration wrote too: they come back."""
    from django.apps import apps
    from django.db.models.signals import post_migrate

    names = ("0005_mentions", "0017_reminder_stages")
    writers = [import_module(f"sales.migrations.{name}").write for name in names]

    def put_back(**_told: Any) -> None:
        for write in writers:
            write(apps, None)

    post_migrate.connect(put_back, sender=apps.get_app_config("sales"), weak=False)


@pytest.fixture(autouse=True, scope="session")
def tables_can_be_emptied() -> Iterator[None]:
    """Tests with real transactions empty all tables; triggers that guard issued invoices would refuse.

    They are taken away for that moment; the `post_migrate` that follows puts them back (sales/triggers.py).
    """
    from django.db.backends.base.operations import BaseDatabaseOperations

    from sales import triggers

    plain = BaseDatabaseOperations.execute_sql_flush

    def emptied(self: Any, sql_list: list[str]) -> None:
        if any("sales_invoice" in statement for statement in sql_list):
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM sales_invoice WHERE status = 'issued' LIMIT 1")
                issued = cursor.fetchone()
            if issued:
                triggers.remove(self.connection)
        plain(self, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", emptied)
        yield


@pytest.fixture
def without_invoices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo whose invoices nobody looks at."""
    monkeypatch.setattr("sales.demo.build_invoices", lambda *given: None)

"""A colleague's endpoint on this machine, and runs of the import against it."""

from collections.abc import Callable
from typing import Any

import pytest

from digiweb.jobs import run_job
from people.models import User
from sync.models import ColleagueRun
from sync.services.colleague_run import start_run
from tests.base import make_cast
from tests.fixtures.provider import Server

PATH = "/api/prospects"


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def endpoint(provider_server: Server, settings: Any) -> Server:
    settings.EXTERNAL_API_URL = f"{provider_server.url}{PATH}"
    settings.EXTERNAL_API_TRIES = 2
    settings.EXTERNAL_API_PATIENCE_SECONDS = 1
    provider_server.answers[PATH] = []
    return provider_server


@pytest.fixture
def imported(endpoint: Server, redis_connection: Any) -> Callable[..., ColleagueRun]:
    """`imported([prospect, …])`: one run of the import of this list, in this process."""

    def run(answer: Any = None) -> ColleagueRun:
        if answer is not None:
            endpoint.answers[PATH] = answer
        made = start_run(user=None, origin=ColleagueRun.Origin.CLOCK)
        assert made.job is not None
        run_job(made.job.pk)
        made.refresh_from_db()
        return made

    return run

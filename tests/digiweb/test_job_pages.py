"""The page of a background job: whose it is, how far, how to stop it."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from digiweb.views.jobs import left_text
from people.models import User
from tests.base import client_of, make_cast
from timeline.models import JobRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def make_run(user: User | None, **values: Any) -> JobRun:
    values = {
        "label": "Import of salon.csv",
        "func": "crm.jobs.import_contacts",
        "state": "running",
        **values,
    }
    return JobRun.objects.create(user=user, **values)


def page_of(run: JobRun) -> str:
    return reverse("job_run", args=[run.pk])


def test_its_owner_sees_how_far_it_is(cast: dict[str, User]) -> None:
    run = make_run(cast["sales"], done=250, total=1000)
    answer = client_of(cast["sales"]).get(page_of(run))
    assert answer.status_code == 200
    assert "Import of salon.csv" in answer.content.decode()
    assert "25 %" in answer.content.decode()


def test_htmx_gets_the_fragment_that_asks_again_until_it_has_ended(cast: dict[str, User]) -> None:
    run = make_run(cast["sales"])
    browser = client_of(cast["sales"], **{"HX-Request": "true"})
    live = browser.get(page_of(run)).content.decode()
    assert "<html" not in live
    assert "every 1s" in live
    JobRun.objects.update(state="done", url="/crm/contacts/import/1/")
    ended = browser.get(page_of(run)).content.decode()
    assert "every 1s" not in ended
    assert "/crm/contacts/import/1/" in ended


@pytest.mark.parametrize("who", ["sales2", "manager", "stranger"])
def test_it_is_nobody_elses_business(cast: dict[str, User], who: str) -> None:
    run = make_run(cast["sales"])
    assert client_of(cast[who]).get(page_of(run)).status_code == 404
    assert client_of(cast[who]).post(reverse("job_cancel", args=[run.pk])).status_code == 404
    run.refresh_from_db()
    assert run.state == "running"


def test_nobody_is_asked_to_sign_in(cast: dict[str, User]) -> None:
    run = make_run(cast["sales"])
    answer = client_of(None).get(page_of(run))
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_its_owner_stops_it(cast: dict[str, User]) -> None:
    run = make_run(cast["sales"], key="import-1")
    answer = client_of(cast["sales"]).post(reverse("job_cancel", args=[run.pk]))
    assert answer["Location"] == page_of(run)
    run.refresh_from_db()
    assert (run.state, run.key) == ("cancelled", None)
    assert run.ended_at is not None


def test_what_has_ended_stays_as_it_is(cast: dict[str, User]) -> None:
    run = make_run(cast["sales"], state="done")
    client_of(cast["sales"]).post(reverse("job_cancel", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "done"


def test_the_time_left_is_told_at_the_pace_so_far(cast: dict[str, User]) -> None:
    run = make_run(cast["sales"], done=100, total=700, started_at=timezone.now() - timedelta(seconds=60))
    assert "6" in left_text(run)
    run.done = 0
    assert left_text(run) == ""
    run.done, run.started_at = 100, timezone.now()
    assert left_text(run) == ""
    # Taken up again at 600 of 700: fifty in a minute, so that two minutes are left.
    run.done, run.claimed_done, run.claimed_at = 600, 550, timezone.now() - timedelta(seconds=60)
    assert "2" in left_text(run)
    run.claimed_done = 650  # it began anew
    assert left_text(run) == ""

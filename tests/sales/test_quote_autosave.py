"""A quote that saves itself while one types: the log keeps each save, the time line shows one a sitting."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from people.models import User
from sales.models import Quote
from tests.base import client_of, make_cast
from tests.contracts.pages import sent
from tests.sales.quotes import LINE, make_quote
from tests.sales.test_quote import typed
from timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def save(user: User, quote: Quote, *, autosaved: bool = True, **values: Any) -> None:
    client = client_of(user)
    address = reverse("sales:quote_edit", args=[quote.pk])
    form = client.get(address).context["form"]
    headers = {"X-Autosave": "1", "HX-Request": "true"} if autosaved else {}
    answer = client.post(address, {**sent(form), **typed(LINE), **values}, headers=headers)
    assert answer.status_code == (200 if autosaved else 302), answer.content[:300]


def entries(user: User, quote: Quote) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client_of(user).get(quote.get_absolute_url()).context["timeline"]["entries"]
    return found


def test_the_saves_of_a_sitting_are_one_line_of_the_time_line(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    quote = make_quote(hugo, lines=[LINE], subject="Site")
    before = len(entries(hugo, quote))
    for subject in ("Site v", "Site vit", "Site vitrine"):
        save(hugo, quote, subject=subject)
    save(hugo, quote, autosaved=False, subject="Site vitrine complet")
    assert Event.objects.filter(subject_id=quote.pk, action="changed").count() == 4
    shown = entries(hugo, quote)
    assert len(shown) == before + 1
    (line,) = shown[0]["changes"]
    assert (line["before"], line["after"]) == ("Site", "Site vitrine complet")


def test_what_is_taken_back_within_a_sitting_shows_no_more(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    quote = make_quote(hugo, lines=[LINE], subject="Site")
    before = len(entries(hugo, quote))
    save(hugo, quote, subject="Autre")
    save(hugo, quote, subject="Site")
    assert len(entries(hugo, quote)) == before


def test_two_people_two_hours_or_two_buttons_are_two_lines(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    quote = make_quote(hugo, lines=[LINE], subject="Site")
    before = len(entries(hugo, quote))
    save(hugo, quote, subject="A")
    save(cast["manager"], quote, subject="B")
    assert len(entries(hugo, quote)) == before + 2
    Event.objects.filter(action="changed").update(at=timezone.now() - timedelta(hours=2))
    save(cast["manager"], quote, subject="C")
    assert len(entries(hugo, quote)) == before + 3
    save(hugo, quote, autosaved=False, subject="D")
    save(hugo, quote, autosaved=False, subject="E")
    assert len(entries(hugo, quote)) == before + 5


def test_a_long_sitting_does_not_fill_pages(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    quote = make_quote(hugo, lines=[LINE], subject="Site")
    before = len(entries(hugo, quote))
    for number in range(40):
        save(hugo, quote, subject=f"Site {number}")
    shown = entries(hugo, quote)
    assert len(shown) == before + 1
    assert shown[0]["changes"][0]["before"] == "Site"

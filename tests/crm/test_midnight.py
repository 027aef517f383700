"""Half past midnight in Paris is yesterday in UTC: what is counted by day is of the day in Paris."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from crm.models import ContactTally, Deal, DealMonth, ScoreLine
from crm.services.activity import complete_activity
from crm.services.deal import move_deal
from people.models import User
from tests.base import make_activity, make_cast, make_contact, make_deal

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
# In Paris the first of July has begun.
NIGHT = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
TODAY, MONTH = date(2026, 7, 1), date(2026, 7, 1)


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@time_machine.travel(NIGHT, tick=False)
def test_a_contact_is_counted_on_the_day_it_was_added(cast: dict[str, User]) -> None:
    make_contact(cast["sales"], owner=cast["sales"])
    assert ContactTally.objects.get().day == TODAY


@time_machine.travel(NIGHT, tick=False)
def test_a_deal_is_counted_in_the_month_it_was_made_and_won_in(cast: dict[str, User]) -> None:
    deal = make_deal(cast["sales"])
    move_deal(user=cast["sales"], deal=deal, to=Deal.Stage.WON)
    assert Deal.objects.get().closed_on == TODAY
    months = DealMonth.objects.filter(count__gt=0).values_list("kind", "month", "days")
    assert set(months) == {("created", MONTH, 0), ("won", MONTH, 0)}


@time_machine.travel(NIGHT, tick=False)
def test_a_call_counts_in_the_score_from_the_day_it_was_done(cast: dict[str, User]) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"])
    complete_activity(user=cast["sales"], activity=make_activity(cast["sales"], contact=contact))
    assert ScoreLine.objects.get(source_type="crm.activity").on == TODAY


@time_machine.travel(NIGHT, tick=False)
def test_a_deal_counts_in_the_score_from_the_day_it_was_made(cast: dict[str, User]) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"])
    make_deal(cast["sales"], contact=contact)
    assert ScoreLine.objects.get(source_type="crm.deal").on == TODAY

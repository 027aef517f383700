"""When which reminder leaves: days, working days, missed ones, pauses, disputes, payments."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sales.models import Invoice, ReminderPause, ReminderPlan, ReminderStage
from sales.services.dispute import dispute_invoice, settle_dispute
from sales.services.reminder_plan import Told, next_stage, replan, replan_all
from sales.working_days import easter, is_holiday, is_working, working_day
from tests.base import make_cast
from tests.sales.agencies import make_agency
from tests.sales.invoices import IBAN, issued
from tests.sales.reminders import owed, paid, plan_of, settled
from tests.sales.stages import ship_stages

State = ReminderPlan.State


@dataclass
class Stage:
    days: int
    is_formal: bool = False
    is_active: bool = True


SHIPPED = [Stage(-3), Stage(1), Stage(8), Stage(15), Stage(30, is_formal=True)]


def days_of(due: date, stages: Any = SHIPPED) -> list[tuple[int, date]]:
    """Each stage with its day, as they leave when the clock never stops."""
    left, told, today = [], None, due - timedelta(days=20)
    while today < due + timedelta(days=90):
        found = next_stage(due, stages, told, today)
        if is_working(today) and found is not None and found[1] <= today:
            left.append((found[0].days, today))
            told = Told(found[0].days, today)
        today += timedelta(days=1)
    return left


@pytest.mark.parametrize(
    ("due", "days"),
    [
        # A Wednesday: J−3 is a Sunday, so Monday.
        (date(2026, 9, 16), ["2026-09-14", "2026-09-17", "2026-09-24", "2026-10-01", "2026-10-16"]),
        # Clocks change on 25 October 2026 and 29 March 2026: days are days.
        (date(2026, 10, 24), ["2026-10-21", "2026-10-26", "2026-11-02", "2026-11-09", "2026-11-23"]),
        (date(2026, 3, 27), ["2026-03-24", "2026-03-30", "2026-04-07", "2026-04-13", "2026-04-27"]),
        # The last of January of a leap year.
        (date(2028, 1, 31), ["2028-01-28", "2028-02-01", "2028-02-08", "2028-02-15", "2028-03-01"]),
        # The last of the year: 1 January is a holiday.
        (date(2026, 12, 31), ["2026-12-28", "2027-01-04", "2027-01-08", "2027-01-15", "2027-02-01"]),
    ],
)
def test_each_stage_leaves_on_its_working_day(due: date, days: list[str]) -> None:
    assert [day.isoformat() for _stage, day in days_of(due)] == days


def test_before_the_due_date_it_leaves_until_then_or_not_at_all() -> None:
    """Due on a Sunday: J−1 is a Saturday, Monday is too late."""
    stages = [Stage(-1), Stage(1)]
    assert [days for days, _day in days_of(date(2026, 11, 22), stages)] == [1]


def test_after_a_week_without_a_server_one_leaves_not_three() -> None:
    due, today = date(2026, 9, 1), date(2026, 9, 21)
    found = next_stage(due, SHIPPED, None, today)
    assert found is not None
    assert found[0].days == 15
    # And the next keeps its distance.
    after = next_stage(due, SHIPPED, Told(15, date(2026, 9, 28)), date(2026, 9, 28))
    assert after is not None
    assert (after[0].days, after[1]) == (30, date(2026, 10, 5))


def test_a_formal_notice_is_never_the_first_word() -> None:
    found = next_stage(date(2026, 1, 5), SHIPPED, None, date(2026, 9, 21))
    assert found is not None
    assert found[0].days == 15


def test_where_it_is_the_only_stage_it_leaves() -> None:
    found = next_stage(date(2026, 9, 1), [Stage(30, is_formal=True)], None, date(2026, 10, 5))
    assert found is not None


def test_a_stage_out_of_use_is_left_out() -> None:
    stages = [Stage(1, is_active=False), Stage(8)]
    found = next_stage(date(2026, 9, 1), stages, None, date(2026, 9, 2))
    assert found is not None
    assert found[0].days == 8


@given(
    st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    st.lists(st.integers(-30, 90), min_size=1, max_size=6, unique=True),
    st.sets(st.integers(0, 140)),
)
def test_whatever_days_the_clock_stands_still(due: date, days: list[int], off: set[int]) -> None:
    """Stages leave in their order, none twice, on working days, the last one at last."""
    stages = [Stage(each) for each in sorted(days)]
    left: list[int] = []
    told = None
    start = due - timedelta(days=40)
    for number in range(200):
        today = start + timedelta(days=number)
        found = next_stage(due, stages, told, today)
        if number in off or not is_working(today) or found is None or found[1] > today:
            continue
        left.append(found[0].days)
        told = Told(found[0].days, today)
        assert found[0].days > 0 or today <= due
    assert left == sorted(set(left))
    if max(days) > 0:
        assert left[-1] == max(days)


@pytest.mark.parametrize(
    ("year", "day"), [(2024, "03-31"), (2026, "04-05"), (2028, "04-16"), (2038, "04-25")]
)
def test_easter(year: int, day: str) -> None:
    assert easter(year).isoformat() == f"{year}-{day}"


def test_nobody_works_on_holidays() -> None:
    for day in (
        date(2026, 5, 1),
        date(2026, 5, 14),
        date(2026, 5, 25),
        date(2026, 7, 14),
        date(2026, 11, 11),
    ):
        assert is_holiday(day), day
    assert working_day(date(2026, 12, 25)) == date(2026, 12, 28)
    assert is_working(date(2026, 11, 20))


# --- Kept in the table

pytestmark = pytest.mark.django_db


def test_an_issued_invoice_has_its_plan_and_a_draft_has_none() -> None:
    invoice = owed(make_cast()["sales"], due=timezone.localdate() + timedelta(days=20))
    plan = plan_of(invoice)
    assert (plan.state, plan.balance, plan.due_on) == (State.PLANNED, invoice.balance, invoice.due_on)
    assert plan.stage is not None
    assert plan.stage.days == -3
    assert plan.owner_id == invoice.owner_id


def test_paid_it_is_gone_and_paid_in_part_it_stays() -> None:
    invoice = owed(make_cast()["sales"], late=5)
    paid(invoice, 100)
    assert plan_of(invoice).balance == invoice.gross - 100
    paid(invoice, invoice.balance)
    assert not ReminderPlan.objects.exists()
    # Given back by the bank, it comes again.
    invoice.matches.all().delete()
    settled(invoice)
    assert plan_of(invoice).state == State.PLANNED


def test_a_credit_note_for_the_whole_ends_it() -> None:
    from sales.services.invoice_credit import cancel_invoice

    cast = make_cast()
    invoice = owed(cast["sales"], late=5)
    cancel_invoice(user=cast["admin"], invoice=invoice, reason="Erreur")
    assert not ReminderPlan.objects.exists()


def test_a_dispute_stops_it_and_its_end_goes_on() -> None:
    cast = make_cast()
    invoice = owed(cast["sales"], late=5)
    dispute_invoice(user=cast["sales"], invoice=invoice, reason="Livraison incomplète")
    assert plan_of(invoice).state == State.DISPUTED
    settle_dispute(user=cast["sales"], invoice=invoice)
    assert plan_of(invoice).state == State.PLANNED


def test_a_pause_of_the_client_holds_for_invoices_to_come_too() -> None:
    from sales.services.reminder import pause_client, resume_client

    cast = make_cast()
    invoice = owed(cast["sales"], late=5)
    client = invoice.client
    assert client is not None
    until = timezone.localdate() + timedelta(days=10)
    pause_client(user=cast["sales"], client=client, until=until)
    other = owed(cast["sales"], late=2, client=client)
    for each in (invoice, other):
        plan = plan_of(each)
        assert (plan.state, plan.leaves_on) == (State.PAUSED, working_day(until + timedelta(days=1)))
    resume_client(user=cast["sales"], client=client)
    assert {plan_of(each).state for each in (invoice, other)} == {State.PLANNED}
    assert not ReminderPause.objects.exists()


def test_without_an_address_it_is_a_problem_to_see() -> None:
    invoice = owed(make_cast()["sales"], late=5)
    Invoice.objects.filter(pk=invoice.pk).update(contact=None)
    invoice.company.email = ""  # type: ignore[union-attr]
    invoice.company.save()  # type: ignore[union-attr]
    replan([invoice.pk])
    assert plan_of(invoice).state == State.PLANNED  # the one that stands on the invoice
    assert plan_of(invoice).stage is not None


def test_what_we_collect_ourselves_is_not_asked_for() -> None:
    invoice = owed(make_cast()["sales"], late=5, payment_method="debit")
    assert plan_of(invoice).state == State.DEBIT
    payment = paid(invoice, invoice.gross, method="debit")
    payment.matches.update(amount="0.01")  # the bank took it back
    settled(invoice)
    assert plan_of(invoice).state == State.PLANNED


def test_an_agency_with_stages_of_its_own_uses_those_alone() -> None:
    ship_stages()
    cast = make_cast()
    agency = make_agency(code="BH", name="Be Hype", siren="443061841", vat_number="FR27443061841", iban=IBAN)
    texts = {"subject_fr": "x", "body_fr": "x", "subject_en": "x", "body_en": "x"}
    ReminderStage.objects.create(agency=agency, name="Seule", days=5, **texts)
    mine = owed(cast["sales"], late=2, agency=agency)
    plan = plan_of(mine)
    assert plan.stage is not None
    assert (plan.stage.name, str(plan_of(owed(cast["sales"], late=2)).stage)) == ("Seule", "Première relance")


def test_the_night_puts_right_what_is_wrong() -> None:
    cast = make_cast()
    invoice, other = owed(cast["sales"], late=5), issued(cast["sales"])
    before = list(
        ReminderPlan.objects.order_by("invoice").values_list("invoice", "state", "stage", "leaves_on")
    )
    ReminderPlan.objects.filter(invoice=invoice).delete()
    ReminderPlan.objects.filter(invoice=other).update(state="done", leaves_on=date(2000, 1, 1))
    assert replan_all() == 2
    after = list(
        ReminderPlan.objects.order_by("invoice").values_list("invoice", "state", "stage", "leaves_on")
    )
    assert before == after

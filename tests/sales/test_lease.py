"""Leases: who may, the steps, the reminders, the rules."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from crm.models import Activity
from people.models import User
from sales.models import Lease, LeaseTerms, Quote
from sales.services.lease import ask_lease, change_terms, judge, months_since, move_lease
from sales.services.quote_accepted import accept_quote
from tests.base import client_of, make_cast, make_company, make_contact, make_deal
from tests.contracts.pages import sent
from tests.sales.quotes import LINE, make_quote, make_sent
from timeline.models import Event

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)
OLD = date(2015, 1, 5)
GOOD: dict[str, Any] = {
    "is_firm": True, "siren": "732829320", "founded_on": OLD, "amount": Decimal(4000), "duration": 48,
}  # fmt: skip


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def quote(cast: dict[str, User]) -> Quote:
    company = make_company(cast["sales"], owner=cast["sales"], siren="732829320")
    deal = make_deal(cast["sales"], company=company)
    return make_sent(cast["sales"], company=company, deal=deal, lines=[LINE])


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, []),
        ({"is_firm": False}, ["no_firm"]),
        ({"siren": ""}, ["no_siren"]),
        ({"founded_on": None}, ["no_age"]),
        ({"founded_on": date(2024, 11, 22)}, ["too_young"]),
        ({"founded_on": date(2024, 11, 21)}, []),
        ({"amount": Decimal("499.99")}, ["too_small"]),
        ({"amount": Decimal(50001)}, ["too_large"]),
        ({"duration": 11}, ["too_short"]),
        ({"duration": 61, "siren": ""}, ["no_siren", "too_long"]),
    ],
)
def test_the_rules_say_what_stands_in_the_way(given: dict[str, Any], found: list[str]) -> None:
    assert judge(LeaseTerms(), **{**GOOD, **given}, today=TODAY) == found


def test_months_are_whole_ones() -> None:
    assert [months_since(date(2026, 10, day), TODAY) for day in (20, 21, 22)] == [1, 1, 0]


def test_a_lease_is_asked_about_on_the_quote_and_the_answer_is_kept(
    cast: dict[str, User], quote: Quote
) -> None:
    url, client = reverse("sales:quote_lease", args=[quote.pk]), client_of(cast["sales"])
    assert client.get(url).status_code == 200
    young = timezone.localdate() - timedelta(days=90)
    assert (
        client.post(url, {"duration": 48, "founded_on": young, "version": quote.version}).status_code == 302
    )
    lease = Lease.objects.get()
    assert lease.obstacles == ["too_young"]
    assert Activity.objects.count() == 0
    assert "trop récente" in client.get(quote.get_absolute_url()).content.decode()
    assert client.get(reverse("sales:quote_lease_step", args=[quote.pk])).status_code == 302
    with pytest.raises(ValidationError):
        move_lease(user=cast["sales"], quote=quote, to="agreed")
    assert client.post(url, {"duration": 48, "founded_on": OLD, "version": quote.version}).status_code == 302
    lease.refresh_from_db()
    assert (lease.is_eligible, lease.status) == (True, "study")
    task = Activity.objects.get()
    assert (task.owner, task.deal, task.kind) == (cast["sales"], quote.deal, "task")
    assert Event.objects.filter(action="lease_asked", subject_id=quote.pk).count() == 2


def test_the_steps_follow_each_other_and_our_contract_comes_first(
    cast: dict[str, User], quote: Quote
) -> None:
    ask_lease(user=cast["sales"], quote=quote, duration=48, founded_on=OLD)
    with pytest.raises(ValidationError):
        move_lease(user=cast["sales"], quote=quote, to="financed")
    move_lease(user=cast["sales"], quote=quote, to="papers", note="Kbis de moins de trois mois")
    move_lease(user=cast["sales"], quote=quote, to="agreed", reference="L-4711")
    with pytest.raises(ValidationError, match="d’abord notre devis"):
        move_lease(user=cast["sales"], quote=quote, to="signed")
    accept_quote(user=None, quote=quote, name="Paul")
    url, client = reverse("sales:quote_lease_step", args=[quote.pk]), client_of(cast["sales"])
    quote.refresh_from_db()
    data = {"to": "signed", "on": timezone.localdate(), "version": quote.version}
    assert str(client.get(url).context["form"]["on"].label) == "Date"
    assert client.post(url, {**data, "to": "financed"}).status_code == 422
    assert client.post(url, data).status_code == 302
    quote.contract.refresh_from_db()
    assert quote.contract.payment_method == "lease"
    for step in ("delivered", "financed"):
        lease = move_lease(user=cast["sales"], quote=quote, to=step)
    assert (lease.status, lease.reference, lease.next_steps) == ("financed", "L-4711", [])
    assert Activity.objects.count() == 5
    assert Event.objects.filter(action="lease_moved").count() == 5
    with pytest.raises(ValidationError):
        ask_lease(user=cast["sales"], quote=quote, duration=24, founded_on=OLD)


def test_a_person_or_a_draft_elsewhere(cast: dict[str, User]) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"], company=None)
    quote = make_quote(cast["sales"], contact=contact, lines=[LINE])
    lease = ask_lease(user=cast["sales"], quote=quote, duration=48, founded_on=None)
    assert "no_firm" in lease.obstacles
    for name in ("quote_lease", "quote_lease_step"):
        url = reverse(f"sales:{name}", args=[quote.pk])
        assert client_of(cast["stranger"]).get(url).status_code == 404
        assert client_of(cast["am"]).get(url).status_code == 403


def test_administrators_change_the_rules(cast: dict[str, User], quote: Quote) -> None:
    url, client = reverse("sales:lease_terms"), client_of(cast["admin"])
    assert client_of(cast["sales"]).get(url).status_code == 403
    values = {
        "lessor": "LOCAM", "asks_siren": "on", "least_age": 36, "least_amount": "2 000",
        "most_amount": "30 000",
        "least_duration": 24, "most_duration": 60, "reminder_days": 3,
    }  # fmt: skip
    assert client.post(url, {**values, "most_duration": 12}).status_code == 422
    assert client.post(url, values).status_code == 302
    terms = LeaseTerms.objects.get()
    assert (terms.least_age, terms.least_amount) == (36, 2000)
    assert client.post(url, {**values, "version": terms.version}).status_code == 302
    lease = ask_lease(user=cast["sales"], quote=quote, duration=12, founded_on=OLD)
    assert lease.obstacles == ["too_small", "too_short"]


def test_rules_that_somebody_saved_meanwhile_are_not_written_over(cast: dict[str, User]) -> None:
    client, address = client_of(cast["admin"]), reverse("sales:lease_terms")
    change_terms(user=cast["admin"], values={"least_age": 12})
    form = client.get(address).context["form"]
    data = {name: value for name, value in sent(form).items() if value is not None}
    change_terms(user=cast["admin"], values={"least_age": 18})
    assert client.post(address, {**data, "least_age": 24}).status_code == 422
    assert LeaseTerms.objects.get().least_age == 18

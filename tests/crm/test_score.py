"""The score: its ledger follows what happens, decays by night, and always adds up (SPEC C2)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import Contact, ContactTag, ScoreLine, ScoreRule, Tag
from crm.services import score
from crm.services.activity import complete_activity, delete_activities, reopen_activity
from crm.services.company_data import set_solvency
from crm.services.deal import change_deal
from crm.services.merge import merge_records, undo_merge
from crm.services.score import mend_scores, touch_scores
from crm.services.tag import create_tag
from people.models import User
from tests.base import (
    client_of,
    make_activity,
    make_cast,
    make_company,
    make_contact,
    make_deal,
    make_role,
    make_user,
)
from tests.contracts.api import caller
from tests.crm.imports import imported, table, undone
from timeline.models import BulkChange, Event

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def fresh(contact: Contact) -> Contact:
    return Contact.objects.get(pk=contact.pk)


# --- One by one


def test_a_call_counts_when_it_was_done_and_no_longer_when_it_was_not(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo)
    before = fresh(contact)
    activity = make_activity(hugo, contact=contact)
    assert fresh(contact).score == before.score
    events = Event.objects.filter(subject_id=contact.pk, subject_type="crm.contact").count()
    complete_activity(user=hugo, activity=activity)
    after = fresh(contact)
    assert after.score == before.score + 6
    assert after.last_contact_at is not None
    assert (after.version, after.updated_at) == (before.version, before.updated_at)
    assert Event.objects.filter(subject_id=contact.pk, subject_type="crm.contact").count() == events
    reopen_activity(user=hugo, activity=activity)
    assert (fresh(contact).score, fresh(contact).last_contact_at) == (before.score, None)


def test_two_calls_count_at_most_and_the_latest_ones(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo)
    now = timezone.now()
    made = [
        make_activity(hugo, contact=contact, status="done", starts_at=now - timedelta(days=days))
        for days in (1, 30, 20, 70)
    ]
    assert set(ScoreLine.objects.values_list("source_id", flat=True)) == {made[0].pk, made[2].pk}
    delete_activities(user=hugo, pks=[made[0].pk])
    assert set(ScoreLine.objects.values_list("source_id", flat=True)) == {made[1].pk, made[2].pk}


def test_completing_an_activity_costs_a_few_queries_more_whatever_there_was_before(
    cast: dict[str, User],
) -> None:
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo)
    costs = []
    for number in (1, 40):
        for _more in range(number):
            make_activity(hugo, contact=contact, status="done")
        activity = make_activity(hugo, contact=contact)
        touch_scores([contact.pk])
        with CaptureQueriesContext(connection) as queries:
            complete_activity(user=hugo, activity=activity)
        costs.append(len(queries))
    assert abs(costs[1] - costs[0]) <= 2
    with CaptureQueriesContext(connection) as queries:
        touch_scores([contact.pk])
    assert len(queries) <= 8


def test_a_score_is_held_within_its_ends_and_the_page_says_so(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    company = make_company(hugo, owner=hugo)
    contact = make_contact(
        hugo, owner=hugo, email="e@x.fr", phone="+33140205050", company=company, city="Lyon", job_title="Chef"
    )
    for kind in ("meeting", "video", "call"):
        for _twice in range(2):
            make_activity(hugo, contact=contact, kind=kind, status="done")
    make_deal(hugo, contact=contact, stage="negotiation")
    contact = fresh(contact)
    assert contact.score == 100
    page = client_of(hugo).get(contact.get_absolute_url())
    quality = page.context["quality"]
    shown = sum(line["points"] for group in quality["groups"] for line in group["lines"])
    assert quality["held"] == {"top": True, "text": f"−{shown - 100}"}
    assert quality["advice"] == []
    poor = make_contact(hugo, owner=None, first_name="", last_name="X")
    make_deal(hugo, contact=poor, stage="lost", lost_reason="price")
    assert fresh(poor).score == 0
    answer = caller(hugo).get(f"/api/v1/contacts/{poor.pk}/score/").json()
    assert (answer["score"], answer["held"]) == (0, 10)
    assert answer["score"] == answer["held"] + sum(line["points"] for line in answer["lines"])


def test_reading_a_score_writes_nothing(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo)
    make_activity(hugo, contact=contact, status="done")
    client = client_of(hugo)
    client.get(contact.get_absolute_url())
    ScoreLine.objects.update(expires_on=timezone.localdate() - timedelta(days=3))
    for address in (
        contact.get_absolute_url(),
        f"/api/v1/contacts/{contact.pk}/score/",
        "/crm/contacts/?sort=-score",
    ):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        writes = [
            query["sql"]
            for query in queries
            if not query["sql"]
            .lstrip("(")
            .upper()
            .startswith(("SELECT", "SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))
            and "people_listpreference" not in query["sql"]  # the list that was seen last
        ]
        assert writes == []


def test_who_may_not_see_the_deal_sees_its_points_but_neither_name_nor_link(cast: dict[str, User]) -> None:
    """The manager's contact has a deal of another salesperson, of whom Inès knows nothing."""
    contact = make_contact(cast["manager"], owner=None)
    deal = make_deal(cast["stranger"], contact=contact, title="Refonte confidentielle")
    page = client_of(cast["sales2"]).get(contact.get_absolute_url()).content.decode()
    assert "Refonte confidentielle" not in page
    assert deal.get_absolute_url() not in page
    mine = caller(cast["sales2"]).get(f"/api/v1/contacts/{contact.pk}/score/").json()
    theirs = caller(cast["stranger"]).get(f"/api/v1/contacts/{contact.pk}/score/").json()
    line = next(line for line in mine["lines"] if line["rule"] == "deal_open")
    assert (line["points"], line["source_id"]) == (10, None)
    assert next(line for line in theirs["lines"] if line["rule"] == "deal_open")["source_id"] == deal.pk
    assert mine["score"] == theirs["score"]


def test_what_would_raise_it_is_what_this_person_may_do(cast: dict[str, User]) -> None:
    reader = make_user("reader", role=make_role("reader", crm_contact=("all", ["view"])))
    contact = make_contact(cast["sales"], owner=cast["sales"])
    advice = client_of(cast["sales"]).get(contact.get_absolute_url()).context["quality"]["advice"]
    assert [one["points"] for one in advice] == [12, 10, 10]
    assert f"contact={contact.pk}" in advice[0]["url"]
    assert client_of(reader).get(contact.get_absolute_url()).context["quality"]["advice"] == []


def test_an_import_keeps_what_happened_and_its_undoing_too(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo, email="e@x.fr")
    make_activity(hugo, contact=contact, kind="meeting", status="done")
    before = fresh(contact).score
    row = "Émilie,Durand,e@x.fr,,Société,Chef,Nantes,France,Lead,Web"
    run = imported(hugo, table(row), on_duplicate="update")
    assert fresh(contact).score == before + 8 + 4 + 2
    assert mend_scores() == 0
    undone(hugo, run)
    assert fresh(contact).score == before
    assert mend_scores() == 0


def test_the_solvency_of_the_company_counts_for_its_contacts_for_a_year(
    cast: dict[str, User], time_machine: Any
) -> None:
    hugo = cast["sales"]
    company = make_company(hugo, owner=hugo, name="Société")
    contact = make_contact(hugo, owner=hugo, company=company)
    known = contact.score
    for value, points in ((9, 8), (5, 0), (0, -15), (None, 0), (7, 8)):
        set_solvency(company=company, value=value, on=timezone.localdate())
        assert fresh(contact).score == max(0, known + points), value
    line = caller(hugo).get(f"/api/v1/contacts/{contact.pk}/score/").json()["lines"][-1]
    assert (line["group"], line["source_type"], line["source_id"]) == ("solvency", "crm.company", company.pk)
    assert fresh(make_contact(hugo, owner=hugo, company=company)).score == known + 8
    run = imported(hugo, table("Zoé,Neuve,z@x.fr,,Société,,,France,Lead,Web"), on_duplicate="update")
    new = Contact.objects.get(email="z@x.fr")
    assert (new.company_id, ScoreLine.objects.filter(contact=new).count()) == (company.pk, 1)
    undone(hugo, run)
    time_machine.move_to(timezone.now() + timedelta(days=366))
    call_command("decay_scores")
    assert fresh(contact).score == known


def test_a_deal_that_changes_hands_counts_for_its_new_contact_alone(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    one, other = (make_contact(hugo, owner=hugo, last_name=name) for name in ("Petit", "Grand"))
    known = other.score
    deal = make_deal(hugo, contact=one)
    with_deal = fresh(one).score
    assert with_deal > known
    change_deal(user=hugo, deal=deal, values={"contact": other})
    assert (fresh(one).score, fresh(other).score) == (known, with_deal)
    change_deal(user=hugo, deal=deal, values={"contact": None})
    assert fresh(other).score == known


def test_the_merge_of_two_companies_gives_the_contacts_of_both_the_solvency_that_stays(
    cast: dict[str, User],
) -> None:
    admin = cast["admin"]
    kept, lost = make_company(admin, name="Garage"), make_company(admin, name="Garage SARL")
    contact = make_contact(admin, company=lost)
    known = contact.score
    set_solvency(company=lost, value=9, on=timezone.localdate())
    assert fresh(contact).score == known + 8
    merge = merge_records(user=admin, kept=kept, lost=lost, take=set())
    assert fresh(contact).score == known
    undo_merge(user=admin, merge=merge)
    assert fresh(contact).score == known + 8
    set_solvency(company=lost, value=None, on=None)
    set_solvency(company=kept, value=9, on=timezone.localdate())
    assert fresh(contact).score == known
    merge_records(user=admin, kept=kept, lost=lost, take=set())
    assert fresh(contact).score == known + 8


def test_the_merge_of_two_contacts_joins_what_happened_with_both(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    kept, lost = make_contact(hugo, owner=hugo, city="Lyon"), make_contact(hugo, owner=hugo)
    make_activity(hugo, contact=lost, kind="meeting", status="done")
    make_deal(hugo, contact=kept)
    apart = (fresh(kept).score, fresh(lost).score)
    merge = merge_records(user=hugo, kept=kept, lost=lost, take=set())
    assert fresh(kept).score == apart[0] + 12
    undo_merge(user=hugo, merge=merge)
    assert (fresh(kept).score, fresh(lost).score) == apart


# --- Night


def test_lines_expire_by_night_and_lists_and_copies_follow(cast: dict[str, User], time_machine: Any) -> None:
    hugo = cast["sales"]
    tag = create_tag(user=cast["admin"], tag=Tag(name="Salon"))
    contact = make_contact(hugo, owner=hugo, tags=[tag])
    known = contact.score
    make_activity(hugo, contact=contact, kind="meeting", status="done", starts_at=timezone.now())
    make_activity(hugo, contact=contact, kind="email", status="done", starts_at=timezone.now())
    assert fresh(contact).score == known + 15
    events = Event.objects.count()
    start = timezone.now()
    for days, expected in ((30, known + 15), (31, known + 12), (90, known + 12), (91, known)):
        time_machine.move_to(start + timedelta(days=days))
        call_command("decay_scores")
        assert fresh(contact).score == expected, days
        assert ContactTag.objects.get().score == expected
    assert Event.objects.count() == events
    assert fresh(contact).last_contact_at is not None


def test_a_night_that_is_interrupted_goes_on_where_it_was(
    cast: dict[str, User], time_machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hugo = cast["sales"]
    contacts = [make_contact(hugo, owner=hugo) for _time in range(6)]
    known = contacts[0].score
    for contact in contacts:
        make_activity(hugo, contact=contact, status="done", starts_at=timezone.now())
    time_machine.move_to(timezone.now() + timedelta(days=61))
    monkeypatch.setattr(score, "BATCH", 2)
    whole, calls = score.touch_scores, iter(range(100))

    def dies_the_second_time(*args: Any, **kwargs: Any) -> None:
        whole(*args, **kwargs)
        if next(calls) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(score, "touch_scores", dies_the_second_time)
    with pytest.raises(KeyboardInterrupt):
        score.decay_scores()
    assert ScoreLine.objects.count() == 2
    score.decay_scores()
    assert ScoreLine.objects.count() == 0
    assert set(Contact.objects.values_list("score", flat=True)) == {known}


def test_the_night_mends_what_was_written_by_other_hands(cast: dict[str, User]) -> None:
    contacts = [make_contact(cast["sales"], owner=cast["sales"], email=f"{n}@x.fr") for n in range(3)]
    assert mend_scores() == 0
    right = contacts[1].score
    Contact.objects.filter(pk=contacts[1].pk).update(score=99)
    assert mend_scores() == 1
    assert fresh(contacts[1]).score == right


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "a@x.fr"}, {"phone": "+33140205050"}, {"mobile": "+33612345678"}, {"first_name": ""},
        {"job_title": "Chef", "city": "Lyon"}, {"first_name": "", "last_name": "", "email": "b@x.fr"},
    ],
)  # fmt: skip
def test_the_database_reckons_a_score_as_the_model_does(
    cast: dict[str, User], fields: dict[str, str]
) -> None:
    make_contact(cast["sales"], owner=None, **fields)
    make_contact(cast["sales"], owner=cast["sales"], company=make_company(cast["sales"]), **fields)
    assert mend_scores() == 0


# --- Rating


def test_the_rating_is_given_by_a_click_and_taken_away_by_another(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo)
    quality, url = contact.score, reverse("crm:contact_rating", args=[contact.pk])
    client = client_of(hugo)
    assert client.post(url, {"rating": "4"}).status_code == 302
    assert (fresh(contact).rating, fresh(contact).score) == (4, quality)
    assert Event.objects.latest("id").changes["rating"] == [None, 4]
    answer = client.post(url, {"rating": ""}, headers={"HX-Request": "true"})
    assert (answer.status_code, fresh(contact).rating) == (200, None)
    for wrong in ("0", "6", "x", "-1", "4.5", "٤"):
        assert client.post(url, {"rating": wrong}).status_code == 422
    assert client_of(cast["stranger"]).post(url, {"rating": "1"}).status_code == 404
    reader = make_user("reader", role=make_role("reader", crm_contact=("all", ["view"])))
    assert client_of(reader).post(url, {"rating": "1"}).status_code == 403
    assert client.get(url).status_code == 405


def test_lists_are_narrowed_by_rating_and_by_silence(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    good = make_contact(hugo, owner=hugo, rating=5)
    poor = make_contact(hugo, owner=hugo, rating=1)
    never = make_contact(hugo, owner=hugo)
    now = timezone.now()
    make_activity(hugo, contact=good, status="done", starts_at=now - timedelta(days=10))
    make_activity(hugo, contact=poor, status="done", starts_at=now - timedelta(days=100))

    def found(query: str) -> set[int]:
        rows = client_of(hugo).get(f"/crm/contacts/?{query}").context["list"]["rows"]
        return {row["pk"] for row in rows}

    assert found("rating=4") == {good.pk}
    assert found("rating=1") == {good.pk, poor.pk}
    assert found("silent=30") == {poor.pk, never.pk}
    assert found("silent=180") == {never.pk}
    assert found("silent=ever") == {never.pk}
    assert client_of(hugo).get("/crm/contacts/?silent=12").status_code == 422


def test_many_are_rated_at_once_and_over_the_api(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    contacts = [make_contact(hugo, owner=hugo) for _twice in range(2)]
    pks = [contact.pk for contact in contacts]
    client_of(hugo).post("/crm/contacts/bulk/", {"action": "rate", "pk": pks, "rating": "3", "confirm": "1"})
    assert [fresh(contact).rating for contact in contacts] == [3, 3]
    change = BulkChange.objects.get()
    assert client_of(hugo).post(reverse("bulk_undo", args=[change.pk])).status_code == 302
    assert [fresh(contact).rating for contact in contacts] == [None, None]
    url = f"/api/v1/contacts/{pks[0]}/"
    answer = caller(hugo).patch(url, {"rating": 5}, content_type="application/json")
    assert (answer.status_code, answer.json()["rating"]) == (200, 5)
    assert caller(hugo).patch(url, {"rating": 9}, content_type="application/json").status_code == 422


def test_there_is_a_rule_for_every_subject() -> None:
    assert set(ScoreRule.objects.values_list("subject", flat=True)) == set(ScoreRule.Subject.values)
    facts = [rule for rule in ScoreRule.objects.all() if rule.is_a_fact]
    assert sum(rule.points for rule in facts) < 40

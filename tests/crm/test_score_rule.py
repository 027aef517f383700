"""Rules of the score: who sets them, what is shown before, and that it then happens so."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from crm.models import Contact, ContactTag, ScoreLine, ScoreRule, Tag
from crm.services.score import BATCH, recompute_scores, touch_scores, unapplied_rules
from crm.services.score_rule import band_of, change_rule, preview_rule
from crm.services.tag import create_tag
from digiweb.models import StaleVersion
from people.models import User
from tests.base import client_of, make_activity, make_cast, make_contact, make_deal, make_role, make_user
from tests.contracts.api import assert_problem, caller, fields_refused
from timeline.models import Event, JobRun

LIST, API = "/crm/score-rules/?all=1", "/api/v1/score-rules/"


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


def rule_of(subject: str) -> ScoreRule:
    return ScoreRule.objects.get(subject=subject)


def edit_url(rule: ScoreRule) -> str:
    return reverse("crm:score_rule_edit", args=[rule.pk])


def some_contacts(owner: User) -> list[Contact]:
    """Twelve: with e-mails and without, met never, once and twice, with a deal won and lost."""
    found = []
    for number in range(12):
        email = f"c{number}@exemple.fr" if number % 3 else ""
        contact = make_contact(owner, owner=owner, email=email, city="Lyon" if number % 2 else "")
        for _time in range(number % 4):
            make_activity(owner, contact=contact, kind="meeting", status="done")
        if number % 5 == 0:
            make_deal(owner, contact=contact, stage="won")
        if number % 7 == 0:
            make_deal(owner, contact=contact, stage="lost", lost_reason="price")
        found.append(contact)
    return found


def scores() -> dict[int, int]:
    return dict(Contact.objects.values_list("pk", "score"))


@pytest.mark.django_db
class TestPages:
    def test_administrators_only(self, cast: dict[str, User]) -> None:
        rule = rule_of("email")
        for key, user in cast.items():
            expected = 200 if key == "admin" else 403
            assert client_of(user).get(LIST).status_code == expected, key
            assert client_of(user).get(edit_url(rule)).status_code == expected, key
            if key != "admin":
                assert client_of(user).post(edit_url(rule), {"points": 1, "confirmed": 1}).status_code == 403
        assert client_of(None).get(LIST).status_code == 302
        reader = make_user("reader", role=make_role("reader", crm_scorerule=("all", ["view"])))
        assert client_of(reader).get(LIST).status_code == 200
        assert client_of(reader).post(edit_url(rule), {"points": 1, "confirmed": 1}).status_code == 403
        assert client_of(cast["admin"]).get(reverse("crm:score_rule_edit", args=[999_999])).status_code == 404

    def test_the_list_names_every_rule_and_finds_by_name(self, cast: dict[str, User]) -> None:
        client = client_of(cast["admin"])
        assert len(client.get(LIST).context["list"]["rows"]) == len(ScoreRule.Subject)
        wanted = client.get("/crm/score-rules/?q=GAGNE").context["list"]["rows"]
        assert [row["record"].subject for row in wanted] == ["deal_won"]

    def test_nothing_is_saved_before_the_effect_was_seen(
        self, cast: dict[str, User], django_capture_on_commit_callbacks: Any
    ) -> None:
        some_contacts(cast["sales"])
        rule, before = rule_of("meeting_done"), scores()
        client = client_of(cast["admin"])
        form = {"points": "50", "valid_days": "90", "limit": "2", "active": "on", "version": rule.version}
        page = client.post(edit_url(rule), form)
        assert page.status_code == 200
        preview = page.context["preview"]
        assert (preview.total, preview.changed) == (12, 9)
        assert (scores(), rule_of("meeting_done").points) == (before, 12)
        assert client.post(edit_url(rule), {**form, "back": "1"}).context["form"]["points"].value() == "50"
        answer = client.post(edit_url(rule), {**form, "confirmed": "1"})
        run = JobRun.objects.latest("pk")
        assert answer["Location"] == reverse("job_run", args=[run.pk])
        assert rule_of("meeting_done").points == 50
        assert Event.objects.latest("id").changes == {"points": [12, 50]}
        assert "calcul" in str(client.get(LIST).context["list"]["notice"])

    def test_a_wrong_value_is_told_beside_its_field(self, cast: dict[str, User]) -> None:
        rule, client = rule_of("meeting_done"), client_of(cast["admin"])
        for wrong in (
            {"points": "101"}, {"points": "-101"}, {"points": "x"}, {"points": ""}, {"valid_days": "0"},
            {"valid_days": "99999"}, {"limit": "0"}, {"limit": "21"},
        ):  # fmt: skip
            form = {"points": "5", "valid_days": "90", "limit": "2", "version": rule.version, **wrong}
            for confirmed in ({}, {"confirmed": "1"}):
                page = client.post(edit_url(rule), {**form, **confirmed})
                assert (page.status_code, set(page.context["form"].errors)) == (422, set(wrong)), wrong
        known = client.get(edit_url(rule_of("email"))).context["form"]
        assert list(known.fields) == ["points", "active", "version"]

    def test_the_second_of_two_editors_is_shown_what_changed(self, cast: dict[str, User]) -> None:
        rule, client = rule_of("email"), client_of(cast["admin"])
        form = {"active": "on", "version": rule.version, "confirmed": "1"}
        assert client.post(edit_url(rule), {**form, "points": "9"}).status_code == 302
        answer = client.post(edit_url(rule), {**form, "points": "11"})
        assert answer.status_code == 409
        assert [row["name"] for row in answer.context["conflict"]["rows"]] == ["points"]
        assert rule_of("email").points == 9

    def test_contacts_out_of_sight_have_no_name_in_the_preview(self, cast: dict[str, User]) -> None:
        make_contact(cast["stranger"], owner=cast["stranger"], last_name="Secret", email="s@x.fr")
        role = make_role("tuner", crm_scorerule=("all", ["view", "change"]), crm_contact=("own", ["view"]))
        rule = rule_of("email")
        form = {"points": "30", "active": "on", "version": rule.version}
        page = client_of(make_user("tuner", role=role)).post(edit_url(rule), form)
        assert (page.status_code, len(page.context["most"])) == (200, 1)
        assert "Secret" not in page.content.decode()


@pytest.mark.django_db
class TestPreview:
    @pytest.mark.parametrize(
        ("subject", "values"),
        [
            ("email", {"points": 40}),
            ("email", {"active": False}),
            ("city", {"points": -20}),
            ("meeting_done", {"points": 30}),
            ("meeting_done", {"limit": 3}),
            ("meeting_done", {"valid_days": None, "points": -5}),
            ("deal_won", {"points": 0}),
            ("deal_lost", {"limit": 5, "points": -40, "valid_days": 1}),
        ],
    )
    def test_what_it_shows_is_what_then_happens(
        self, cast: dict[str, User], subject: str, values: dict[str, Any]
    ) -> None:
        some_contacts(cast["sales"])
        tag = create_tag(user=cast["admin"], tag=Tag(name="Salon"))
        make_contact(cast["sales"], owner=None, email="t@x.fr", tags=[tag])
        before, rule = scores(), rule_of(subject)
        preview = preview_rule(rule, values)
        assert scores() == before
        change_rule(user=cast["admin"], rule=rule, values=values)
        recompute_scores()
        after = scores()
        changed = {pk: (before[pk], after[pk]) for pk in after if before[pk] != after[pk]}
        assert preview.changed == len(changed)
        assert {one.contact: (one.before, one.after) for one in preview.most}.items() <= changed.items()
        bands = [0, 40, 70]
        for counted, held in ((preview.before, before), (preview.after, after)):
            assert [counted[band] for band in bands] == [
                sum(1 for score in held.values() if band_of(score) == band) for band in bands
            ]
        assert ContactTag.objects.get().score == after[ContactTag.objects.get().contact_id]
        assert not unapplied_rules().exists()

    def test_of_very_many_contacts_a_sample_is_looked_at(
        self, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(60):
            make_contact(cast["sales"], owner=cast["sales"], email=f"{number}@x.fr")
        monkeypatch.setattr("crm.services.score_rule.LOOKED_AT", 30)
        monkeypatch.setattr("crm.services.score_rule.BATCH", 5)
        preview = preview_rule(rule_of("email"), {"points": 20})
        assert (preview.total, preview.looked_at, preview.is_sample) == (60, 30, True)
        assert preview.changed == 30


@pytest.mark.django_db
class TestChange:
    def test_a_stale_version_is_refused(self, cast: dict[str, User]) -> None:
        rule = rule_of("email")
        change_rule(user=cast["admin"], rule=rule, values={"points": 9})
        with pytest.raises(StaleVersion):
            change_rule(user=cast["admin"], rule=rule, values={"points": 10}, version=1)
        assert change_rule(user=cast["admin"], rule=rule, values={"points": 9}) is None

    def test_what_is_written_meanwhile_goes_by_the_new_rule(self, cast: dict[str, User]) -> None:
        change_rule(user=cast["admin"], rule=rule_of("meeting_done"), values={"points": 20})
        contact = make_contact(cast["sales"], owner=cast["sales"])
        make_activity(cast["sales"], contact=contact, kind="meeting", status="done")
        assert ScoreLine.objects.get().points == 20

    def test_a_rule_changed_while_scores_are_worked_out_counts_for_all_of_them(
        self, cast: dict[str, User]
    ) -> None:
        for number in range(3):
            make_contact(cast["sales"], owner=cast["sales"], email=f"{number}@x.fr")
        start = scores()
        change_rule(user=cast["admin"], rule=rule_of("email"), values={"points": 18})

        class Meddler:
            told = False

            def set(self, done: int, total: int) -> None:
                if not self.told:
                    self.told = True
                    change_rule(user=cast["admin"], rule=rule_of("email"), values={"points": 28})

        recompute_scores(Meddler())  # type: ignore[arg-type]
        assert scores() == {pk: score + 20 for pk, score in start.items()}
        assert not unapplied_rules().exists()


@pytest.mark.django_db
class TestAPI:
    def test_rules_are_read_and_changed_by_administrators(self, cast: dict[str, User]) -> None:
        client, rule = caller(cast["admin"]), rule_of("call_done")
        assert len(client.get(API).json()["results"]) == len(ScoreRule.Subject)
        url = f"{API}{rule.pk}/"
        assert client.get(url).json()["subject"] == "call_done"
        answer = client.patch(url, {"points": 7, "version": 1}, content_type="application/json")
        assert (answer.status_code, answer.json()["points"], answer.json()["version"]) == (200, 7, 2)
        assert JobRun.objects.filter(func="crm.jobs.recompute_scores").count() == 1
        assert_problem(client.patch(url, {"points": 8, "version": 1}, content_type="application/json"), 409)
        wrong = client.patch(url, {"points": 300, "limit": 0}, content_type="application/json")
        assert fields_refused(wrong) == {"points", "limit"}
        assert_problem(client.post(API, {"points": 1}, content_type="application/json"), 405)
        assert_problem(client.delete(url), 405)
        for key in ("sales", "manager", "marketing"):
            assert_problem(caller(cast[key]).get(API), 403)
        assert_problem(caller(None).get(API), 401)


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "It did not happen in time"
        time.sleep(0.01)


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_comes_to_the_same_end(worker: Any) -> None:
    cast = make_cast()
    Contact.objects.bulk_create(
        [Contact(last_name=f"Nom {n}", email=f"{n}@x.fr", owner=cast["sales"]) for n in range(30 * BATCH)],
        batch_size=1000,
    )
    contact = Contact.objects.order_by("-pk")[0]
    make_activity(cast["sales"], contact=contact, kind="meeting", status="done")
    with transaction.atomic():
        run = change_rule(user=cast["admin"], rule=rule_of("email"), values={"points": 21})
    first = worker(JOB_LEASE_SECONDS="2")
    until(lambda: JobRun.objects.get(pk=run.pk).done > 0)
    first.kill()
    assert 0 < JobRun.objects.get(pk=run.pk).done < 30 * BATCH
    assert JobRun.objects.get(pk=run.pk).state == "running"
    worker(JOB_LEASE_SECONDS="2")
    until(lambda: JobRun.objects.get(pk=run.pk).state == "done")
    assert set(Contact.objects.exclude(pk=contact.pk).values_list("score", flat=True)) == {23}
    assert Contact.objects.get(pk=contact.pk).score == 35
    assert not unapplied_rules().exists()
    before = scores()
    touch_scores(before)
    assert scores() == before

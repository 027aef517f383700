"""Pages and API of reminders, stages, rates, disputes and what is overdue."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from people.models import User
from sales.models import Invoice, PenaltyRate, Reminder, ReminderPlan, ReminderStage
from sales.overdue import overdue_widget
from sales.services.dispute import dispute_invoice
from tests.base import client_of, make_cast
from tests.contracts.api import APIContract, caller
from tests.contracts.pages import PageContract
from tests.sales.invoices import make_buyer
from tests.sales.reminders import make_plan, make_reminder, owed, paid, plan_of
from timeline.models import BinEntry

pytestmark = pytest.mark.django_db
NAMES = iter(range(1, 10_000))
TEXTS = {
    "subject_fr": "Facture {number}",
    "body_fr": "Il reste {left}.",
    "subject_en": "Invoice {number}",
    "body_en": "{left} is left.",
}


def make_stage(user: Any = None, **fields: Any) -> ReminderStage:
    number = next(NAMES)
    return ReminderStage.objects.create(
        **{"name": f"Étape {number}", "days": 31 + number % 300, **TEXTS, **fields}
    )


def make_rate(user: Any = None, **fields: Any) -> PenaltyRate:
    day = date(2030, 1, 1) + timedelta(days=next(NAMES))
    return PenaltyRate.objects.create(**{"kind": "ecb", "valid_from": day, "percent": "2.00", **fields})


class TestStagePages(PageContract):
    model = ReminderStage
    urls = "agencies:reminder_stage"
    make = staticmethod(make_stage)
    form = {"name": "Rappel", "days": "21", **TEXTS}
    change = {"name": "Rappel ferme"}
    owned = False
    list_queries = 10

    def test_what_nobody_can_fill_in_is_refused(self, cast: dict[str, User]) -> None:
        client = client_of(cast["admin"])
        for wrong in (
            {"body_fr": "Bonjour {nom}"},
            {"days": "8"},
            {"days": "400"},
            {"days": "-5", "is_formal": "on"},
        ):
            answer = client.post(self.url("new"), {**self.form, **wrong})
            assert answer.status_code == 422, wrong
            assert set(answer.context["form"].errors) == {next(iter(wrong))}

    def test_one_that_reminders_left_by_stays(self, cast: dict[str, User]) -> None:
        stage = make_reminder(cast["sales"]).stage
        client_of(cast["admin"]).post(self.url("delete", stage.pk))
        assert ReminderStage.objects.filter(pk=stage.pk).exists()

    def test_one_that_is_planned_goes_to_the_bin_and_comes_back(self, cast: dict[str, User]) -> None:
        plan = make_plan(cast["sales"])
        client_of(cast["admin"]).post(self.url("delete", plan.stage_id))
        assert BinEntry.objects.exists()
        assert ReminderPlan.objects.filter(pk=plan.pk).exists()

    def test_it_is_shown_on_a_real_invoice(self, cast: dict[str, User]) -> None:
        invoice = owed(cast["sales"], late=3)
        stage = ReminderStage.objects.get(days=8, agency=None)
        client = client_of(cast["admin"])
        page = client.get(self.url("preview", stage.pk)).content.decode()
        assert str(invoice.number) in page
        assert "Second reminder" not in page
        english = client.get(self.url("preview", stage.pk) + "?language=en")
        assert "despite our first message" in english.content.decode()
        assert "script" not in english["Content-Security-Policy"]


class TestStageAPI(APIContract):
    model = ReminderStage
    path = "reminder-stages"
    make = staticmethod(make_stage)
    body = {"name": "Rappel", "days": 21, **TEXTS}
    change = {"name": "Rappel ferme"}
    owned = False
    listed_by = {"active": "no"}
    found_by = staticmethod(lambda: {"is_active": False})
    wrong = {"days": 900, "agency": 999_999, "subject_fr": ""}
    list_queries = 4

    @pytest.fixture
    def cast(self, db: None) -> dict[str, User]:
        ReminderStage.objects.all().delete()  # those that are there from the beginning
        return make_cast()


class TestRatePages(PageContract):
    model = PenaltyRate
    urls = "agencies:penalty_rate"
    make = staticmethod(make_rate)
    form = {"kind": "legal", "valid_from": "2029-07-01", "percent": "2,62"}
    change = {"source": "Arrêté"}
    shown = "source"
    owned = False
    list_queries = 10


class TestRateAPI(APIContract):
    model = PenaltyRate
    path = "penalty-rates"
    make = staticmethod(make_rate)
    body = {"kind": "legal", "valid_from": "2029-07-01", "percent": "2.62"}
    change = {"source": "Arrêté"}
    owned = False
    listed_by = {"kind": "legal"}
    wrong = {"percent": "99", "kind": "xx", "valid_from": "31/12/2026"}
    list_queries = 4

    @pytest.fixture
    def cast(self, db: None) -> dict[str, User]:
        PenaltyRate.objects.all().delete()
        return make_cast()


def test_the_list_pages_through_all_by_every_sort_and_filter() -> None:
    cast = make_cast()
    plans = {make_plan(cast["sales"], client=make_buyer(cast["sales"])).pk for _number in range(4)}
    client = client_of(cast["sales"])
    url = reverse("sales:reminder_list")
    for sort in client.get(url + "?all=1").context["view_sorts"]:
        rows = client.get(f"{url}?sort={sort}").context["list"]["rows"]
        assert {row["pk"] for row in rows} == plans, sort
    today = timezone.localdate()
    for query in (f"due_before={today}", "state=planned", "q=boulangerie", "owner=me"):
        assert len(client.get(f"{url}?{query}").context["list"]["rows"]) == 4, query
    assert client.get(f"{url}?state=disputed").context["list"]["rows"] == []
    assert len(client_of(cast["manager"]).get(url + "?all=1").context["list"]["rows"]) == 4
    assert client_of(cast["stranger"]).get(url + "?all=1").context["list"]["rows"] == []
    for kind in ("csv", "xlsx"):
        assert client.get(f"{url}?all=1&export={kind}").status_code == 200
    one = Invoice.objects.get(reminder_plan=min(plans))
    within = client.get(f"{url}?client={one.client_id}&within=client").context["list"]["rows"]
    assert [row["pk"] for row in within] == [min(plans)]


def test_the_history_too() -> None:
    cast = make_cast()
    one = make_reminder(cast["sales"])
    client = client_of(cast["sales"])
    url = reverse("sales:reminder_sent_list")
    for sort in client.get(url + "?all=1").context["view_sorts"]:
        assert [row["pk"] for row in client.get(f"{url}?sort={sort}").context["list"]["rows"]] == [one.pk]
    assert client.get(f"{url}?formal=yes").context["list"]["rows"] == []
    assert client.get(one.get_absolute_url()).status_code == 200
    assert "Bonjour" in client.get(reverse("sales:reminder_sent_mail", args=[one.pk])).content.decode()
    assert client_of(cast["stranger"]).get(one.get_absolute_url()).status_code == 404


def test_the_owner_of_the_invoice_sees_its_reminders() -> None:
    from sales.services.invoice import change_invoices

    cast = make_cast()
    plan, one = make_plan(cast["sales"]), make_reminder(cast["sales"])
    pks = [plan.invoice_id, one.invoice_id]
    change_invoices(user=cast["admin"], pks=pks, values={"owner": cast["stranger"]})
    assert ReminderPlan.objects.visible_to(cast["stranger"]).count() == 2
    assert Reminder.objects.visible_to(cast["stranger"]).count() == 1
    assert not ReminderPlan.objects.visible_to(cast["sales"]).exists()


def test_buttons_do_what_they_say() -> None:
    cast = make_cast()
    plan = make_plan(cast["sales"])
    client = client_of(cast["sales"])
    page = client.get(plan.get_absolute_url())
    assert page.context["message"].to == "compta@lefevre.test"
    mail = client.get(reverse("sales:reminder_mail", args=[plan.pk]))
    assert page.context["message"].body.splitlines()[0] in mail.content.decode()
    until = timezone.localdate() + timedelta(days=9)
    client.post(reverse("sales:reminder_pause", args=[plan.pk]), {"until": until, "version": plan.version})
    plan.refresh_from_db()
    assert (plan.state, plan.paused_until) == ("paused", until)
    client.post(reverse("sales:reminder_resume", args=[plan.pk]))
    client.post(reverse("sales:reminder_skip", args=[plan.pk]))
    url = reverse("sales:reminder_send", args=[plan.pk])
    plan.refresh_from_db()
    assert f'name="stage" value="{plan.stage_id}"' in client.get(url).content.decode()
    client.post(url, {"stage": plan.stage_id + 1})  # another one is next by now
    assert plan.invoice.reminders.filter(state="waiting").count() == 0
    client.post(url, {"stage": plan.stage_id})
    found = Reminder.objects.filter(invoice=plan.invoice).order_by("pk").values_list("state", "days")
    assert list(found) == [("skipped", 1), ("waiting", 8)]
    assert client.get(plan.invoice.get_absolute_url()).context["dunning"]["gone"]


def test_an_invoice_is_disputed_from_its_page_and_found_by_it() -> None:
    cast = make_cast()
    invoice = owed(cast["sales"], late=3)
    client = client_of(cast["sales"])
    url = reverse("sales:invoice_dispute", args=[invoice.pk])
    answer = client.post(url, {"reason": "Non conforme", "version": invoice.version})
    assert answer.status_code == 302
    rows = client.get(reverse("sales:invoice_list") + "?disputed=yes").context["list"]["rows"]
    assert [row["pk"] for row in rows] == [invoice.pk]
    assert plan_of(invoice).state == "disputed"
    client.post(reverse("sales:invoice_settle", args=[invoice.pk]))
    assert client.get(reverse("sales:invoice_list") + "?disputed=yes").context["list"]["rows"] == []


def test_the_api_pauses_sends_and_disputes() -> None:
    cast = make_cast()
    plan = make_plan(cast["sales"])
    hugo = caller(cast["sales"])
    url = f"/api/v1/reminders/{plan.pk}/"
    until = (timezone.localdate() + timedelta(days=5)).isoformat()
    answer = hugo.post(f"{url}pause/", {"until": until}, content_type="application/json")
    assert (answer.status_code, answer.json()["paused_until"]) == (200, until)
    assert hugo.post(f"{url}send/").status_code == 422
    assert hugo.post(f"{url}resume/").json()["state"] == "planned"
    assert hugo.post(f"{url}send/").status_code == 202
    assert hugo.get("/api/v1/sent-reminders/").json()["results"][0]["state"] == "waiting"
    path = f"/api/v1/invoices/{plan.invoice_id}/dispute/"
    body = {"reason": "Non conforme"}
    assert hugo.post(path, body, content_type="application/json").json()["disputed"] == "Non conforme"
    assert caller(cast["stranger"]).post(path, body, content_type="application/json").status_code == 404


def test_what_is_overdue_opens_exactly_its_rows() -> None:
    cast = make_cast()
    old, gone = owed(cast["sales"], late=45), owed(cast["sales"], late=9)
    late = owed(cast["sales"], late=3)
    owed(cast["sales"], due=timezone.localdate())
    paid(gone)
    dispute_invoice(user=cast["sales"], invoice=late, reason="x")
    widget = overdue_widget(cast["sales"])
    assert widget is not None
    client = client_of(cast["sales"])
    wanted = [{old.pk, late.pk}, {old.pk}, {late.pk}]
    for figure, rows in zip(widget["figures"], wanted, strict=True):
        page = client.get(figure["url"])
        assert {row["pk"] for row in page.context["list"]["rows"]} == rows, figure
    assert client.get("/").status_code == 200

"""Pages of recurring invoices, mandates and direct debits as people use them."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from lxml import html

from digiweb.jobs import runs
from people.models import User
from sales.models import BillingPlan, Debit, DebitBatch, Invoice, Mandate, SubscriptionPrice
from sales.services.debit import approve_batch
from sales.services.mandate import revoke_mandate
from tests.base import client_of, make_cast, make_role, make_user
from tests.contracts.api import caller
from tests.sales.billing import make_plan
from tests.sales.debits import debit_invoice, debiting_agency, make_batch, make_mandate, sent_batch
from tests.sales.invoices import agency_for_invoices, make_buyer
from tests.sales.records import make_subscription
from tests.sales.test_debit_answers import pain002
from timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def cast() -> dict[str, User]:
    people = make_cast()
    for person in people.values():
        person.language = "en"
        person.save(update_fields=["language"])
    return people


def text_of(response: Any) -> str:
    return str(response.content.decode())


# --- Recurring invoices


def test_from_a_subscription_to_its_plan(cast: dict[str, User]) -> None:
    agency = agency_for_invoices()
    subscription = make_subscription(
        cast["sales"], client=make_buyer(cast["sales"]), started_on=timezone.localdate().replace(day=1)
    )
    client = client_of(cast["sales"])
    page = client.get(subscription.get_absolute_url())
    url = f"{reverse('sales:billing_plan_new')}?subscription={subscription.pk}"
    assert url in text_of(page)
    form = client.get(url).context["form"]
    assert form.initial["starts_on"] == subscription.started_on
    data = {
        "subscription": subscription.pk, "agency": agency.pk, "period": "month", "timing": "advance",
        "day": 1, "starts_on": subscription.started_on, "payment_method": "transfer",
    }  # fmt: skip
    assert client.post(reverse("sales:billing_plan_new"), data).status_code == 302
    plan = BillingPlan.objects.get()
    assert (plan.client_id, plan.next_on) == (subscription.client_id, subscription.started_on)
    assert client.post(reverse("sales:billing_plan_new"), data).status_code == 422
    assert plan.get_absolute_url() in text_of(client.get(subscription.get_absolute_url()))
    assert "Next invoices" in text_of(client.get(plan.get_absolute_url()))


def test_scopes_of_plans(cast: dict[str, User]) -> None:
    plan = make_plan(cast["sales"])
    for scope, code in (("own", 404), ("team", 404), ("all", 200)):
        person = make_user(f"p-{scope}", role=make_role(f"r-{scope}", sales_billingplan=(scope, ["view"])))
        assert client_of(person).get(plan.get_absolute_url()).status_code == code
    assert client_of(cast["manager"]).get(plan.get_absolute_url()).status_code == 200
    none = make_user("p-none", role=make_role("r-none", crm_contact=("all", ["view"])))
    assert client_of(none).get(reverse("sales:billing_plan_list") + "?all=1").status_code == 403


def test_the_list_tells_faults_and_what_it_comes_to(cast: dict[str, User]) -> None:
    make_plan(cast["sales"], client=make_buyer(cast["sales"], address=""))
    page = text_of(client_of(cast["sales"]).get(reverse("sales:billing_plan_list") + "?all=1"))
    assert "is not complete: address" in page
    assert "1 invoice to come" in page


@pytest.mark.parametrize("action", ["prepare", "issue"])
def test_many_are_prepared_and_issued_by_a_job(cast: dict[str, User], action: str) -> None:
    plan = make_plan(cast["sales"], started_on=timezone.localdate().replace(day=1))
    url = reverse("sales:billing_plan_bulk")
    data = {"action": action, "pk": [plan.pk], "confirm": "1", "until": timezone.localdate().isoformat()}
    client = client_of(cast["admin"])
    assert client.post(url, {**data, "until": "2199-01-01"}).status_code in (302, 422)
    assert runs().count() == 0
    asked = client.post(url, {name: value for name, value in data.items() if name != "confirm"})
    assert f"{plan.client} · {plan}" in text_of(asked)
    answer = client.post(url, data)
    run = runs().get()
    assert run.func == "sales.jobs.bill_plans"
    # « the report comes when it is done »: where it comes.
    assert answer["Location"] == run.get_absolute_url()
    assert client.get(answer["Location"]).status_code == 200
    assert client.get(reverse("sales:billing_plan_list") + "?export=csv").status_code == 200


def test_another_price_from_a_day(cast: dict[str, User]) -> None:
    plan = make_plan(cast["sales"], started_on=timezone.localdate().replace(day=1))
    url = reverse("sales:subscription_price", args=[plan.subscription_id])
    client = client_of(cast["sales"])
    version = plan.subscription.version  # type: ignore[union-attr]
    day = timezone.localdate() + timedelta(days=40)
    data = {"starts_on": day.isoformat(), "price": "150", "version": version}
    assert client.post(url, data).status_code == 302
    assert client.post(url, data).status_code == 422
    assert SubscriptionPrice.objects.get().before is None
    assert client.post(url, {**data, "price": "-1"}).status_code == 422


def test_it_is_stopped_deleted_and_taken_out_of_the_bin(cast: dict[str, User]) -> None:
    plan = make_plan(cast["sales"])
    client = client_of(cast["sales"])
    assert client.post(reverse("sales:billing_plan_stop", args=[plan.pk])).status_code == 302
    plan.refresh_from_db()
    assert plan.status == "stopped"
    assert client.post(reverse("sales:billing_plan_delete", args=[plan.pk])).status_code == 302
    assert not BillingPlan.objects.exists()


# --- Mandates


def test_a_mandate_is_written_down_and_revoked(cast: dict[str, User]) -> None:
    mandate = make_mandate(cast["sales"])
    account, agency, buyer = mandate.account, mandate.agency, mandate.client
    Mandate.objects.all().delete()
    data = {
        "client": buyer.pk, "agency": agency.pk, "signed_on": "2026-11-02", "scheme": "CORE",
        "frequency": "recurring", "notice_days": 14,
    }  # fmt: skip
    client = client_of(cast["sales"])
    assert client.post(reverse("sales:mandate_new"), data).status_code == 302
    mandate = Mandate.objects.get()
    assert mandate.account == account
    page = text_of(client.get(mandate.get_absolute_url()))
    assert account.masked in page
    assert account.iban not in page
    assert account.iban not in text_of(client.get(reverse("sales:mandate_list") + "?all=1&export=csv"))
    assert client.post(reverse("sales:mandate_new"), data).status_code == 422
    revoke = {"reason": "Asked for", "version": mandate.version}
    assert client.post(reverse("sales:mandate_revoke", args=[mandate.pk]), revoke).status_code == 403
    admin = client_of(cast["admin"])
    assert admin.post(reverse("sales:mandate_revoke", args=[mandate.pk]), revoke).status_code == 302
    mandate.refresh_from_db()
    assert (mandate.status, mandate.revoked_because) == ("revoked", "Asked for")


def test_mandates_in_the_api(cast: dict[str, User]) -> None:
    mandate = make_mandate(cast["sales"])
    told = caller(cast["sales"]).get(f"/api/v1/mandates/{mandate.pk}/")
    assert told.status_code == 200
    assert mandate.account.iban not in told.content.decode()
    assert caller(cast["stranger"]).get(f"/api/v1/mandates/{mandate.pk}/").status_code == 404
    answer = caller(cast["admin"]).post(
        f"/api/v1/mandates/{mandate.pk}/revoke/", "{}", content_type="application/json"
    )
    assert (answer.status_code, answer.json()["status"]) == (200, "revoked")
    plans = caller(cast["sales"]).get("/api/v1/billing-plans/")
    assert plans.status_code == 200


# --- Direct debits


def test_from_the_invoice_to_the_money_and_back(cast: dict[str, User]) -> None:
    invoice, client = debit_invoice(cast["sales"]), client_of(cast["admin"])
    page = client.get(reverse("sales:debit_batch_new"))
    (group,) = page.context["groups"]
    data = {
        "agency": invoice.agency_id, "scheme": "CORE", "collect_on": group.day.isoformat(),
        "invoice": [invoice.pk],
    }  # fmt: skip
    assert client.post(reverse("sales:debit_batch_new"), {**data, "invoice": []}).status_code == 422
    assert client.post(reverse("sales:debit_batch_new"), data).status_code == 302
    batch = DebitBatch.objects.get()
    assert client.get(reverse("sales:debit_batch_file", args=[batch.pk])).status_code == 404
    assert client.post(reverse("sales:debit_batch_approve", args=[batch.pk])).status_code == 302
    file = client.get(reverse("sales:debit_batch_file", args=[batch.pk]))
    assert file["Cache-Control"] == "private, no-store"
    assert b"pain.008.001.08" in file.content
    assert Event.objects.filter(action="debit_file_read").count() == 1
    assert client.post(reverse("sales:debit_batch_send", args=[batch.pk])).status_code == 302
    collect = reverse("sales:debit_batch_collect", args=[batch.pk])
    assert client.post(collect, {"on": batch.collect_on, "version": 99}).status_code in (409, 422)
    DebitBatch.objects.filter(pk=batch.pk).update(collect_on=timezone.localdate())
    batch.refresh_from_db()
    data = {"on": timezone.localdate().isoformat(), "version": batch.version}
    assert client.post(collect, data).status_code == 302
    invoice.refresh_from_db()
    assert invoice.settlement == "paid"
    back = reverse("sales:debit_return", args=[Debit.objects.get().pk])
    assert client.get(back).status_code == 200
    assert client.post(back, {"on": timezone.localdate().isoformat(), "reason": "XXXX"}).status_code == 422
    assert client.post(back, {"on": timezone.localdate().isoformat(), "reason": "MD06"}).status_code == 302
    invoice.refresh_from_db()
    assert invoice.settlement == "pending"
    page = text_of(client.get(batch.get_absolute_url()))
    assert "MD06 – The debtor asks for the money back" in page
    assert Debit.objects.get().mandate.account.iban not in page


def test_what_was_chosen_stays_chosen_when_it_is_refused(cast: dict[str, User]) -> None:
    """Thirty invoices unticked are not ticked again because the day was a Sunday."""
    mandate = make_mandate(cast["sales"])
    invoices = [debit_invoice(cast["sales"], mandate=mandate) for _turn in range(3)]
    client, url = client_of(cast["admin"]), reverse("sales:debit_batch_new")
    (group,) = client.get(url).context["groups"]
    sunday = group.day + timedelta(days=7)
    while sunday.weekday() != 6:
        sunday += timedelta(days=1)
    data = {
        "agency": mandate.agency_id, "scheme": "CORE", "group": group.key,
        "collect_on": sunday.isoformat(), "invoice": [invoices[1].pk],
    }  # fmt: skip
    answer = client.post(url, data)
    assert answer.status_code == 422
    page = html.fromstring(answer.content)
    ticked = page.xpath("//input[@name='invoice'][@checked]/@value")
    assert ticked == [str(invoices[1].pk)]
    assert page.xpath("//input[@name='collect_on']/@value") == [sunday.isoformat()]
    # None at all is no reason to tick them all.
    nothing = html.fromstring(client.post(url, {**data, "invoice": []}).content)
    assert nothing.xpath("//input[@name='invoice'][@checked]") == []


def test_the_page_tells_what_is_not_as_it_was(cast: dict[str, User]) -> None:
    invoice, client = debit_invoice(cast["sales"]), client_of(cast["admin"])
    batch = make_batch(None, [invoice])
    approve_batch(user=None, batch=batch)
    page = text_of(client.get(batch.get_absolute_url()))
    assert "its mandate may not be used" not in page
    assert reverse("sales:debit_batch_file", args=[batch.pk]) in page
    revoke_mandate(user=None, mandate=Mandate.objects.get())
    assert "its mandate may not be used" in text_of(client.get(batch.get_absolute_url()))
    file = client.get(reverse("sales:debit_batch_file", args=[batch.pk]))
    assert file.status_code == 302
    assert not Event.objects.filter(action="debit_file_read").exists()


def test_a_file_of_the_bank_is_uploaded(cast: dict[str, User]) -> None:
    invoice, client = debit_invoice(cast["sales"]), client_of(cast["admin"])
    sent_batch(None, [invoice])
    url = reverse("sales:debit_batch_answers")

    def upload(content: bytes) -> Any:
        file = io.BytesIO(content)
        file.name = "retours.xml"
        return client.post(url, {"file": file})

    assert upload(b"<!DOCTYPE a><a/>").status_code == 422
    assert client.post(url, {}).status_code == 422
    answer = upload(pain002((str(invoice.number), "AM04")))
    assert answer.status_code == 200
    assert str(invoice.number) in text_of(answer)
    assert Debit.objects.get().reason == "AM04"


def test_one_is_taken_out_and_the_batch_is_given_up(cast: dict[str, User]) -> None:
    invoices, client = [debit_invoice(cast["sales"]) for _turn in range(2)], client_of(cast["admin"])
    batch = make_batch(None, invoices)
    first = batch.debits.order_by("pk").first()
    assert client.post(reverse("sales:debit_remove", args=[first.pk])).status_code == 302
    batch.refresh_from_db()
    assert batch.count == 1
    assert client.post(reverse("sales:debit_batch_cancel", args=[batch.pk])).status_code == 302
    assert not Debit.objects.filter(live_key__isnull=False).exists()


def test_whom_the_grant_lacks_sees_nothing_of_it(cast: dict[str, User]) -> None:
    for name in ("debit_batch_list", "debit_batch_new", "debit_batch_answers"):
        assert client_of(cast["sales"]).get(reverse(f"sales:{name}") + "?all=1").status_code == 403
    debiting_agency()
    viewer = make_user("debit-viewer", role=make_role("debit-viewer", sales_debit=("all", ["view"])))
    batch = make_batch(None, [debit_invoice(cast["sales"])])
    assert client_of(viewer).get(batch.get_absolute_url()).status_code == 200
    assert client_of(viewer).post(reverse("sales:debit_batch_approve", args=[batch.pk])).status_code == 403


def test_an_invoice_of_a_debit_names_the_mandate(cast: dict[str, User]) -> None:
    invoice = debit_invoice(cast["sales"])
    mandate = Mandate.objects.get()
    assert Invoice.objects.get(pk=invoice.pk).facts["debit"]["mandate"] == mandate.rum  # type: ignore[index]


def test_numbers_and_files_that_are_none_are_told(cast: dict[str, User]) -> None:
    client, agency = client_of(cast["admin"]), debiting_agency()
    body = {
        "agency": agency.pk,
        "scheme": "CORE",
        "collect_on": "2026-12-10",
        "invoice": ["9" * 5000, "²", "x"],
    }
    assert client.post(reverse("sales:debit_batch_new"), body).status_code == 422
    url = f"{reverse('sales:billing_plan_new')}?subscription={'9' * 5000}"
    assert client.get(url).status_code in (200, 404)
    large = io.BytesIO(b"<a/>" + b" " * 5 * 1024 * 1024)
    large.name = "large.xml"
    page = client.post(reverse("sales:debit_batch_answers"), {"file": large})
    assert page.status_code == 422
    assert "too large" in text_of(page)

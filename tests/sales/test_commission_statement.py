"""Statements of commissions: adjusted, closed, paid; their pages and who may what."""

import hashlib
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse

from people.models import User
from sales import jobs
from sales.models import CommissionStatement, CommissionTerms
from sales.services.commission import adjust_statement, recount_commissions, remove_adjustment
from sales.services.commission_closing import (
    close_many,
    close_statement,
    pay_statement,
    prepare_commissions,
    unpay_statement,
)
from sales.services.commission_paper import pdf_of
from tests.base import client_of, make_cast
from tests.sales.commissions import BEFORE, LAST, TODAY, D, closed, rate, signed, statement_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_day")]


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    CommissionTerms.objects.create(counts_from=BEFORE)
    return make_cast()


@pytest.fixture
def hugo(cast: dict[str, User]) -> User:
    return cast["sales"]


# --- By hand


def test_adjustments_have_a_reason_and_survive_counting(cast: dict[str, User], hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    recount_commissions()
    statement = statement_of(hugo, LAST)
    with pytest.raises(ValidationError):
        adjust_statement(user=cast["admin"], statement=statement, amount=D(10), note=" ")
    with pytest.raises(ValidationError):
        adjust_statement(user=cast["admin"], statement=statement, amount=D(0), note="Prime")
    with pytest.raises(PermissionDenied):
        adjust_statement(user=hugo, statement=statement, amount=D(10), note="Prime")
    line = adjust_statement(user=cast["admin"], statement=statement, amount=D("-12.50"), note="Avance")
    recount_commissions()
    statement.refresh_from_db()
    assert (statement.earned, statement.adjusted, statement.total) == (D(50), D("-12.50"), D("37.50"))
    with pytest.raises(ValidationError):
        remove_adjustment(user=cast["admin"], line=statement.lines.get(kind="sale"))
    remove_adjustment(user=cast["admin"], line=line)
    statement.refresh_from_db()
    assert statement.total == D(50)


# --- Closing and paying


def test_a_closed_statement_is_numbered_kept_and_sent_once(cast: dict[str, User], hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    statement = closed(hugo, LAST, by=cast["admin"])
    assert statement.number == f"RC-{LAST.year}-00001"
    assert hashlib.sha256(pdf_of(statement)).hexdigest() == statement.pdf_sha256
    jobs.send_commission_statement(statement_id=statement.pk)
    jobs.send_commission_statement(statement_id=statement.pk)
    (message,) = mail.outbox
    assert message.to == [hugo.email]
    assert message.attachments[0][0] == f"{statement.number}.pdf"
    for refused in (
        lambda: close_statement(user=cast["admin"], statement=statement),
        lambda: adjust_statement(user=cast["admin"], statement=statement, amount=D(1), note="Prime"),
    ):
        with pytest.raises(ValidationError):
            refused()


def test_months_are_closed_in_their_order_and_once_they_are_over(cast: dict[str, User], hugo: User) -> None:
    rate()
    for day in (BEFORE, LAST, TODAY):
        signed(hugo, day)
    recount_commissions()
    for month in (TODAY.replace(day=1), LAST):
        with pytest.raises(ValidationError):
            close_statement(user=None, statement=statement_of(hugo, month))
    statements = CommissionStatement.objects.values_list("pk", flat=True)
    assert close_many(cast["admin"].pk, list(statements)) == (2, 1)
    assert close_many(cast["admin"].pk, list(statements)) == (0, 1)
    numbers = CommissionStatement.objects.filter(number__isnull=False).order_by("month")
    assert len({one.number for one in numbers}) == 2


def test_nobody_closes_what_they_did_not_see(hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    recount_commissions()
    statement = statement_of(hugo, LAST)
    signed(hugo, LAST, 400)
    with pytest.raises(ValidationError, match="70"):
        close_statement(user=None, statement=statement, total=statement.total)
    statement.refresh_from_db()
    assert (statement.status, statement.total) == ("draft", D(70))
    close_statement(user=None, statement=statement, total=D(70))


def test_paying_and_taking_the_mark_back(cast: dict[str, User], hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    recount_commissions()
    statement = statement_of(hugo, LAST)
    with pytest.raises(ValidationError):
        pay_statement(user=cast["admin"], statement=statement)
    closed(hugo, LAST)
    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=1)):
        with pytest.raises(ValidationError):
            pay_statement(user=cast["admin"], statement=statement, on=day)
    assert pay_statement(user=cast["admin"], statement=statement).paid_on == TODAY
    assert unpay_statement(user=cast["admin"], statement=statement).paid_on is None


def test_those_who_close_are_told_once_a_month(cast: dict[str, User], hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    assert prepare_commissions() == 1
    prepare_commissions()
    told = cast["admin"].notifications.filter(kind="sales.commission_ready")
    assert told.count() == 1
    assert not hugo.notifications.filter(kind="sales.commission_ready").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_at_once_one_is_told() -> None:
    CommissionTerms.objects.create(counts_from=BEFORE)
    people = make_cast()
    rate()
    signed(people["sales"], LAST)
    recount_commissions()
    statement = statement_of(people["sales"], LAST)
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def shut() -> None:
        mine = CommissionStatement.objects.get(pk=statement.pk)
        gate.wait()
        try:
            close_statement(user=None, statement=mine)
            outcomes.append("done")
        except ValidationError as error:
            outcomes.append(error.code or "")
        finally:
            connection.close()

    threads = [threading.Thread(target=shut) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # « closed » is also the code of the refusal: the second is told that it is closed.
    assert sorted(outcomes) == ["closed", "done"]
    statement.refresh_from_db()
    assert statement.number == f"RC-{LAST.year}-00001"


# --- Pages and rights


def test_pages_show_ones_own_and_each_figure_opens_its_rows(cast: dict[str, User], hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    signed(cast["stranger"], LAST, 800)
    recount_commissions()
    page = client_of(hugo).get(reverse("sales:commission_list") + "?all=1").content.decode()
    assert "50,00" in page
    assert "40,00" not in page
    statement = statement_of(hugo, LAST)
    url = reverse("sales:commission_line_list") + f"?statement={statement.pk}&kind=sale"
    assert url.replace("&", "&amp;") in page or url in page
    assert "50,00" in client_of(hugo).get(url).content.decode()
    assert client_of(hugo).get(statement.get_absolute_url()).status_code == 200
    pdf = client_of(hugo).get(reverse("sales:commission_pdf", args=[statement.pk]))
    assert pdf.content.startswith(b"%PDF")
    for name in ("detail", "pdf"):
        address = reverse(f"sales:commission_{name}", args=[statement.pk])
        assert client_of(cast["stranger"]).get(address).status_code == 404
        assert client_of(cast["manager"]).get(address).status_code == 200


def test_who_may_not_change_neither_closes_nor_adjusts(cast: dict[str, User], hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    recount_commissions()
    statement = statement_of(hugo, LAST)
    for name in ("close", "adjust", "pay", "unpay"):
        address = reverse(f"sales:commission_{name}", args=[statement.pk])
        assert client_of(hugo).post(address, {"total": "50", "amount": "5"}).status_code == 403
        assert client_of(cast["stranger"]).post(address).status_code in (403, 404)
    statement.refresh_from_db()
    assert statement.is_draft


def test_the_administrator_adjusts_closes_and_pays_from_the_page(cast: dict[str, User], hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    recount_commissions()
    statement = statement_of(hugo, LAST)
    client = client_of(cast["admin"])

    def post(name: str, **data: Any) -> int:
        statement.refresh_from_db()
        given = {"version": statement.version, **data}
        return client.post(reverse(f"sales:commission_{name}", args=[statement.pk]), given).status_code

    assert post("adjust", amount="25", note="Prime") == 302
    assert post("close", total="shells") == 422
    assert post("close", total="1.00") == 302
    statement.refresh_from_db()
    assert (statement.status, statement.total) == ("draft", D(75))
    assert post("close", total="75.00") == 302
    assert post("pay", paid_on=TODAY.isoformat()) == 302
    statement.refresh_from_db()
    assert statement.status == "paid"
    assert client.get(statement.get_absolute_url()).status_code == 200
    assert client.get(reverse("sales:commission_list") + "?export=csv").status_code == 200
    assert client.post(reverse("sales:commission_recount")).status_code == 302

"""The leases of the demo: a year of them at every step, as the services would have written them."""

from collections import Counter
from datetime import date, datetime, time
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Activity, Company, Deal
from crm.services.next_activity import refresh_next_activity
from sales.models import Contract, Invoice, Lease, LeaseTerms, Payment, PaymentRecord, Quote
from sales.services.lease import judge, words_of
from timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
DAY = date(2026, 11, 1)
S = Lease.Status


@pytest.fixture
def year(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[Lease]:
    """The demo with hardly any other invoice than those of leases: each is really issued."""
    settings.DEMO_MODE = True
    monkeypatch.setattr("sales.demo.invoices.QUOTES", 1)
    monkeypatch.setattr("sales.demo.invoices.SUBSCRIPTIONS", 0)
    monkeypatch.setattr("sales.demo.invoices.DRAFTS", 1)
    call_command("seed_demo", today=DAY, stdout=StringIO())
    around = ("quote__contract", "quote__deal", "quote__company", "quote__agency", "quote__contact")
    return list(Lease.objects.select_related(*around, "quote__owner").order_by("pk"))


def test_a_year_of_leases(year: list[Lease]) -> None:
    check_statuses(year)
    for lease in year:
        check_rules(lease)
        check_history(lease)
        check_quote(lease)
    check_tasks(year)
    check_money(year)


def check_statuses(year: list[Lease]) -> None:
    """Every step is there, one that may not be, and refused ones that went on otherwise or were lost."""
    states = Counter(lease.status for lease in year if lease.is_eligible)
    assert set(states) == set(S)
    assert 8 <= len(year) <= 14
    assert states["financed"] >= 4
    assert [lease.obstacles for lease in year if lease.obstacles] == [["too_young"]]
    refused = {str(lease.quote.status) for lease in year if lease.status == S.REFUSED}
    assert refused == {"accepted", "refused"}
    assert len({(lease.status_on.year, lease.status_on.month) for lease in year}) >= 5


def check_rules(lease: Lease) -> None:
    """What the rules would have said on the day of the asking; the lessor's company is a firm of the book."""
    terms, firm = LeaseTerms.objects.get(), lease.quote.company
    assert terms.company is not None
    terms.company.full_clean()
    assert firm is not None
    assert lease.obstacles == judge(
        terms,
        is_firm=True,
        siren=firm.siren,
        founded_on=lease.founded_on,
        amount=lease.quote.net,
        duration=lease.duration,
        today=timezone.localdate(lease.quote.created_at),
    )
    lease.full_clean()


def check_history(lease: Lease) -> None:
    """One step after the other, none before the quote was written, the last one is where it is."""
    events = Event.objects.filter(subject_type="sales.quote", subject_id=lease.quote_id).order_by("at", "pk")
    asked, *moved = events.filter(action__in=("lease_asked", "lease_moved"))
    allowed = _("The client may rent, over %(n)s months.") % {"n": lease.duration}
    told = " ".join(words_of(lease.obstacles)) or allowed
    assert (asked.action, asked.data["remark"]) == ("lease_asked", told)
    assert asked.at > lease.quote.created_at
    before, answered = str(S.STUDY), lease.quote.answered_at
    for event in moved:
        first, after = event.data["remark"].split(" · ")[0].split(" → ")
        step = next(str(status) for status in S if str(status.label) == after)
        assert str(S(before).label) == first
        assert step in Lease.NEXT[before]
        if step == S.SIGNED:
            assert answered is not None
            assert event.at > answered
        if step == S.REFUSED and answered:
            assert event.at < answered
        before = step
    assert (before, timezone.localdate((moved or [asked])[-1].at)) == (lease.status, lease.status_on)
    assert lease.status_on < DAY


def check_quote(lease: Lease) -> None:
    quote, contract = lease.quote, lease.quote.contract
    assert quote.facts["terms"] == quote.terms, "what the client reads is frozen so"
    assert Decimal(quote.facts["deposit_percent"]) == quote.deposit_percent
    signed = lease.is_signed
    if signed:
        assert quote.deposit_percent == 0
        assert f"{lease.duration} mois" in quote.terms
        assert contract is not None
        assert (quote.status, quote.deal and quote.deal.stage) == (Quote.Status.ACCEPTED, Deal.Stage.WON)
        assert contract.signed_on is not None
        assert contract.signed_on < lease.status_on
    if contract is not None:
        assert (contract.payment_method == "lease") == signed
        paid = PaymentRecord.objects.filter(contract=contract, method="lease")
        assert paid.count() == (lease.status == S.FINANCED)


def check_tasks(year: list[Lease]) -> None:
    """What a step waits for is planned; what is over was done."""
    deals = [lease.quote.deal_id for lease in year]
    tasks = Activity.objects.filter(deal__in=deals, subject__startswith="Location d")
    waiting = [lease for lease in year if lease.is_eligible and lease.status not in (S.REFUSED, S.FINANCED)]
    planned = tasks.filter(status=Activity.Status.PLANNED)
    assert sorted(planned.values_list("deal_id", flat=True)) == sorted(
        lease.quote.deal_id for lease in waiting
    )
    assert not tasks.filter(
        status=Activity.Status.DONE, done_at__gte=timezone.make_aware(datetime.combine(DAY, time()))
    ).exists()
    kept = dict(Deal.objects.filter(pk__in=deals).values_list("pk", "next_activity_at"))
    refresh_next_activity(deals)
    assert dict(Deal.objects.filter(pk__in=deals).values_list("pk", "next_activity_at")) == kept


def check_money(year: list[Lease]) -> None:
    """The lessor is invoiced with the client as place of delivery; what is financed, it has paid."""
    leased = Contract.objects.filter(payment_method="lease").count()
    assert leased == sum(lease.is_signed for lease in year)
    lessor = LeaseTerms.objects.get().company
    for lease in year:
        mine = Invoice.objects.filter(quote=lease.quote)
        if lease.status not in (S.DELIVERED, S.FINANCED):
            assert not mine.filter(company=lessor).exists()
            continue
        invoice = mine.get()
        assert (invoice.status, invoice.company, invoice.delivery) == ("issued", lessor, lease.quote.company)
        assert (invoice.net, invoice.payment_method) == (lease.quote.net, "lease")
        assert invoice.order_reference == lease.reference
        assert invoice.delivered_on is not None
        assert invoice.issued_on is not None
        assert invoice.delivered_on < invoice.issued_on
        assert invoice.owner == lease.quote.owner
        assert Company.objects.visible_to(invoice.owner).filter(pk=invoice.company_id).exists()
        payments = Payment.objects.filter(matches__invoice=invoice)
        if lease.status == S.FINANCED:
            assert invoice.balance == Decimal(0)
            assert [payment.received_on for payment in payments] == [lease.status_on]
            assert [payment.amount for payment in payments] == [invoice.gross]
        else:
            assert (invoice.balance, payments.count()) == (invoice.gross, 0)

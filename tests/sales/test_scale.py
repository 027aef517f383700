"""What `seed_scale` sells is what models and services would make."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from crm.models import Client, Deal
from people.models import User
from sales.amounts import sums_of
from sales.models import Contract, Invoice, PaymentRecord, Quote, Series, Subscription
from sales.services.contract_totals import recount_contracts
from sales.services.document_facts import buyer_facts, mention_codes, mentions_of, seller_facts
from sales.services.settlement import settlement_of
from sales.services.subscription import refresh_revenue

DERIVED = {
    Contract: ("signed_key", "sort_name", "search_text"),
    PaymentRecord: ("paid_key", "owner_id"),
    Subscription: ("owner_id",),
}
DOCUMENTS = {
    Quote: ("quoted_key", "sort_name", "search_text"),
    Invoice: ("issued_key", "due_key", "sort_name", "search_text"),
}


@pytest.mark.django_db(transaction=True)
def test_many_contracts_are_those_that_models_and_services_would_make() -> None:
    call_command("seed_scale", contacts=1000, contracts=1500, verbosity=0, stdout=StringIO())
    for model, names in DERIVED.items():
        for record in model.objects.select_related("client__company", "client__contact"):
            for name in names:
                assert getattr(record, name) == getattr(record, f"derive_{name}")(), (record.pk, name)
            record.clean()
    assert Contract.objects.count() == PaymentRecord.objects.count() == 1500
    assert set(Contract.objects.values_list("status", flat=True)) == set(Contract.Status.values)
    assert set(PaymentRecord.objects.values_list("status", flat=True)) == set(PaymentRecord.Status.values)
    assert set(Subscription.objects.values_list("status", flat=True)) == set(Subscription.Status.values)
    assert recount_contracts() == 0
    assert refresh_revenue(Client.objects.values_list("pk", flat=True)) == 0
    few, many = (User.objects.get(email=f"bench-{who}@digiweb.test") for who in ("few", "many"))
    assert 180 <= Client.objects.count() <= 220
    for model in (Contract, PaymentRecord):
        theirs = [model.objects.filter(owner_id=who.pk).count() for who in (few, many)]
        assert theirs == [Client.objects.filter(owner=few).count(), 375]


@pytest.mark.django_db(transaction=True)
def test_many_documents_are_those_that_models_and_services_would_make() -> None:
    call_command("seed_scale", contacts=1000, deals=300, invoices=1500, verbosity=0, stdout=StringIO())
    for model, names in DOCUMENTS.items():
        assert model.objects.count() == 1500
        for record in model.objects.select_related("company", "contact", "client", "deal", "agency"):
            for name in names:
                assert getattr(record, name) == getattr(record, f"derive_{name}")(), (record.pk, name)
            if record.facts is not None:
                assert record.facts["buyer"] == buyer_facts(record)
            assert (record.company_id, record.contact_id) == (
                record.client.company_id,
                record.client.contact_id,
            )
            assert record.client.owner_id in (record.owner_id, None)
            assert record.deal is None or record.client.company_id in (record.deal.company_id, None)
            assert [line.net for line in record.lines.all()] == [record.net]
    assert set(Quote.objects.values_list("status", flat=True)) == set(Quote.Status.values)
    assert set(Invoice.objects.values_list("kind", flat=True)) == set(Invoice.Kind.values)
    assert set(Invoice.objects.values_list("settlement", flat=True)) == set(Invoice.Settlement.values)
    for invoice in Invoice.objects.filter(status="issued").select_related("agency", "corrects"):
        sums = sums_of([line.counted() for line in invoice.lines.all()])
        assert (sums.net, sums.vat, sums.gross) == (invoice.net, invoice.vat, invoice.gross)
        rates = [(rate.rate, rate.base, rate.vat) for rate in invoice.rates.all()]
        assert rates == [(rate.rate, rate.base, rate.vat) for rate in sums.rates]
        assert invoice.facts["seller"] == seller_facts(invoice.agency)
        codes = mention_codes(invoice.agency, invoice, is_firm=invoice.facts["buyer"]["is_firm"])
        held = mentions_of(invoice.agency, codes, timezone.localdate(), "fr")
        assert invoice.facts["mentions"] == held
        if invoice.is_credit_note:
            assert (invoice.corrects.client_id, invoice.corrects.gross) == (invoice.client_id, invoice.gross)
            assert invoice.balance == invoice.gross - invoice.credited
        else:
            assert invoice.balance == invoice.gross - invoice.paid - invoice.credited
            assert invoice.settlement == settlement_of(invoice.gross, invoice.paid, invoice.credited)
    for series in Series.objects.all():
        model = Quote if series.kind == "quote" else Invoice
        prefix = str(series).rpartition("-")[0] + "-"
        found = model.objects.filter(number__startswith=prefix).exclude(number__endswith="-v2")
        numbers = list(found.order_by("pk").values_list("number", flat=True))
        assert numbers == [series.number(place) for place in range(1, series.last_number + 1)]


@pytest.mark.django_db(transaction=True)
def test_many_deals_went_through_their_stages() -> None:
    call_command("seed_scale", contacts=300, deals=300, verbosity=0, stdout=StringIO())
    for deal in Deal.objects.prefetch_related("steps"):
        steps = sorted(deal.steps.all(), key=lambda step: step.pk)
        assert (steps[-1].stage, steps[-1].entered_at, steps[-1].left_at) == (
            deal.stage,
            deal.stage_since,
            None,
        )
        assert [step.left_at for step in steps[:-1]] == [step.entered_at for step in steps[1:]]
        assert max(Deal.RANK[step.stage] for step in steps if step.stage in Deal.OPEN) == deal.furthest
